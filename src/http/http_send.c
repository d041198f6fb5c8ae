/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of any length, sent in pieces while they are made. */
#include "http_private.h"

#include "when.h"

#include <sys/socket.h>

enum err http_send(struct request *request)
{
    struct exchange *exchange = http_exchange_of(request);
    struct http *http = exchange->http;
    struct buf *out = request->out;
    FCGX_Stream *stream = exchange->fcgi->out;
    if (!exchange->sending) {
        /* no Content-Length: nginx makes chunks of it, and knows the end by FastCGI's own mark */
        http_head(exchange, ERR_OK);
        buf_adds(&http->head, "\r\n");
        FCGX_PutStr(http->head.data, (int)http->head.len, stream);
        exchange->sending = true;
    }
    exchange->gone = FCGX_PutStr(out->data, (int)out->len, stream) < 0;
    exchange->sent += (int64_t)out->len;
    buf_reset(out, out->cap);
    atomic_store(&http->slot->busy_since, time_monotonic()); /* what goes on is not stuck */
    return exchange->gone ? ERR_UNAVAILABLE : ERR_OK;
}

enum err http_send_end(struct exchange *exchange, enum err err)
{
    if (!err && exchange->request.out->len)
        err = http_send(&exchange->request);
    if (!err)
        return ERR_OK;
    /* without the mark nginx breaks its own answer off: the last chunk never comes */
    shutdown(exchange->fcgi->ipcFd, SHUT_RDWR);
    if (exchange->gone)
        return ERR_OK;
    exchange->request.status = err_status(err);
    return err;
}
