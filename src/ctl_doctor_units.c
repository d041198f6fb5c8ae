/* SPDX-License-Identifier: GPL-3.0-or-later */
/* costwrightctl doctor under systemd: what comes up after a boot, what runs, where sockets listen.
 */
#include "ctl_doctor.h"

#include "arena.h"
#include "buf.h"
#include "ctl.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define SYSTEMCTL "/usr/bin/systemctl"

/* systemctl VERB --quiet UNIT. */
static bool holds(const char *verb, const char *unit)
{
    struct buf out = {0};
    const char *const arguments[] = {"systemctl", verb, "--quiet", unit, NULL};
    int status = doctor_run(SYSTEMCTL, arguments, &out);
    buf_clear(&out);
    return status == 0;
}

bool doctor_has_units(void)
{
    static const char *const files[] = {
        "/lib/systemd/system/costwright.service",
        "/usr/local/lib/systemd/system/costwright.service",
        "/etc/systemd/system/costwright.service",
    };
    if (access("/run/systemd/system", F_OK) || access(SYSTEMCTL, X_OK))
        return false;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (!access(files[i], F_OK))
            return true;
    return false;
}

bool doctor_is_active(const char *unit)
{
    return holds("is-active", unit);
}

const char *doctor_listens_at(struct doctor *doctor, const char *pool)
{
    if (!doctor_has_units())
        return NULL;
    struct buf out = {0};
    const char *unit = arena_printf(doctor->ctl->arena, "costwright-%s.socket", pool);
    const char *const arguments[] = {"systemctl", "show", "-P", "Listen", unit, NULL};
    int status = doctor_run(SYSTEMCTL, arguments, &out);
    const char *text = buf_text(&out);
    const char *address =
        status || !*text || !doctor_is_active(unit)
            ? NULL
            : arena_printf(doctor->ctl->arena, "%.*s", (int)strcspn(text, " \n"), text);
    buf_clear(&out);
    return address;
}

void doctor_check_units(struct doctor *doctor)
{
    static const char *const units[] = {"costwright-light.socket", "costwright-heavy.socket",
                                        "costwright.service", "costwright-purge.timer"};
    struct buf disabled = {0}, down = {0};
    if (!doctor_has_units())
        return;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (!holds("is-enabled", units[i]))
            buf_printf(&disabled, " %s", units[i]);
        else if (!holds("is-active", units[i]))
            buf_printf(&down, " %s", units[i]);
    }
    struct arena *arena = doctor->ctl->arena;
    if (disabled.len)
        doctor_fault(doctor, "units",
                     arena_printf(arena, "systemctl enable --now%s", buf_text(&disabled)),
                     "not started by a boot:%s", buf_text(&disabled));
    if (down.len)
        doctor_fault(doctor, "units",
                     arena_printf(arena, "systemctl start%s; journalctl -u costwright tells why",
                                  buf_text(&down)),
                     "not running:%s", buf_text(&down));
    if (!disabled.len && !down.len)
        doctor_ok(doctor, "units", "running, and started by a boot");
    buf_clear(&disabled);
    buf_clear(&down);
}
