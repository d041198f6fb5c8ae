/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that the master and its workers share, and the revocation epoch of the host. */
#include "shared.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const pool_names[POOL_COUNT] = {[POOL_LIGHT] = "light", [POOL_HEAVY] = "heavy"};

struct shared *shared_new(void)
{
    void *p = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                   -1, 0);
    if (p == MAP_FAILED) {
        fputs("no shared memory\n", stderr);
        abort();
    }
    return p; /* zeroed by the kernel: every slot free */
}

void shared_free(struct shared *shared)
{
    if (shared)
        munmap(shared, sizeof *shared);
}

/* costwrightctl may make the file as root before the service ran: it belongs to the directory's
   owner then, or the service could not open it. */
static void give_to_owner(int fd, const char *state_dir)
{
    struct stat dir;
    if (geteuid() == 0 && stat(state_dir, &dir) == 0 && fchown(fd, dir.st_uid, dir.st_gid) != 0)
        return; /* then the service's cached keys just expire */
}

_Atomic uint64_t *shared_epoch_open(const char *state_dir)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/epoch", state_dir);
    if (len < 0 || (size_t)len >= sizeof path)
        return NULL;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return NULL;
    void *p = MAP_FAILED;
    struct stat file;
    if (fstat(fd, &file) == 0 &&
        (file.st_size >= (off_t)sizeof(uint64_t) || ftruncate(fd, sizeof(uint64_t)) == 0)) {
        give_to_owner(fd, state_dir);
        p = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    close(fd);
    return p == MAP_FAILED ? NULL : p;
}

bool shared_epoch_raise(const char *state_dir)
{
    _Atomic uint64_t *epoch = shared_epoch_open(state_dir);
    if (epoch)
        atomic_fetch_add(epoch, 1);
    return epoch;
}
