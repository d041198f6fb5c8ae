/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tools of costwrightctl doctor: its lines, and trying something as another user. */
#ifndef COSTWRIGHT_CTL_DOCTOR_H
#define COSTWRIGHT_CTL_DOCTOR_H

#include <stdbool.h>

struct buf;
struct ctl;

struct doctor {
    struct ctl *ctl;
    int faults;
};

/* One line on standard output. mend says how. Never pass a secret. */
void doctor_ok(struct doctor *doctor, const char *area, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void doctor_fault(struct doctor *doctor, const char *area, const char *mend, const char *format,
                  ...) __attribute__((format(printf, 4, 5)));

/* Runs body as user: here, when that is who runs this, else in a process of its own, for which this
   one must be root. The faults it finds count; that it cannot be tried is a fault of the area. */
void doctor_as(struct doctor *doctor, const char *area, const char *user,
               void (*body)(void *context), void *context);

/* Runs a program without a shell, what it writes to both its outputs goes into out; its exit
   status, -1 when it could not be run. */
int doctor_run(const char *program, const char *const *arguments, struct buf *out);

/* Are the units installed on a host that systemd runs? */
bool doctor_has_units(void);
bool doctor_is_active(const char *unit);
/* The units are enabled and active: one line, none where there are no units. */
void doctor_check_units(struct doctor *doctor);
/* Where the pool's socket unit listens: a path, or an address; NULL: it is not active. */
const char *doctor_listens_at(struct doctor *doctor, const char *pool);

/* 0 or an errno: connects to a unix socket and closes it again. */
int doctor_connect(const char *path);

#endif
