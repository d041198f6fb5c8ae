/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the connection waits for an answer. */
#include "store_db_private.h"

#include <errno.h>
#include <ma_pvio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/* Connector/C reads at once, finds nothing yet, polls and reads again. A read that waits is one
   call of the kernel instead of three; the socket's own limit ends it. */
static ssize_t read_waiting(MARIADB_PVIO *pvio, uchar *buffer, size_t length)
{
    ssize_t n;
    do
        n = recv((int)mysql_get_socket(pvio->mysql), buffer, length, 0);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EAGAIN)
        errno = ETIMEDOUT;
    return n;
}

void db_wait_in_read(MYSQL *mysql, unsigned seconds)
{
    static PVIO_METHODS methods;
    MARIADB_PVIO *pvio = mysql->net.pvio;
    const struct timeval limit = {.tv_sec = seconds};
    /* the struct is that of the header, not of another release found at run time */
    if (mysql_get_client_version() / 100 != MARIADB_PACKAGE_VERSION_ID / 100 || pvio->ctls ||
        setsockopt((int)mysql_get_socket(mysql), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit))
        return;
    memcpy(&methods, pvio->methods, sizeof methods);
    methods.read = read_waiting;
    pvio->methods = &methods;
}
