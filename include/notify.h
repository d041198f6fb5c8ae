/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages to the service manager (the sd_notify protocol); without $NOTIFY_SOCKET nothing happens.
 */
#ifndef COSTWRIGHT_NOTIFY_H
#define COSTWRIGHT_NOTIFY_H

#include <stdint.h>

/* Reads and removes $NOTIFY_SOCKET and $WATCHDOG_USEC, so that workers do not inherit them. */
void notify_setup(void);
/* For example "READY=1" or "STOPPING=1". */
void notify_send(const char *message);
/* "RELOADING=1" with the monotonic moment, as systemd asks. */
void notify_reloading(void);
/* Microseconds between WATCHDOG=1 messages; 0 = nobody watches. */
int64_t notify_watchdog(void);

#endif
