/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one settings table: name, default, range, help. File format: `name = value`, '#' comments. */
#ifndef COSTWRIGHT_SETTINGS_H
#define COSTWRIGHT_SETTINGS_H

#include "err.h"

#include <stddef.h>
#include <stdint.h>

struct buf;

/* X(member, kind, default, min, max, help): kind TEXT or INT; a TEXT with choices lists them in
 * help. */
#define SETTINGS_TABLE(X)                                                                          \
    X(listen_light, TEXT, "/run/costwright/light.sock", 0, 107,                                    \
      "Unix socket of the light pool; ignored under socket activation.")                           \
    X(listen_heavy, TEXT, "/run/costwright/heavy.sock", 0, 107,                                    \
      "Unix socket of the heavy pool (calibration, imports); ignored under socket activation.")    \
    X(workers_light, INT, 4, 1, 128, "Processes of the light pool.")                               \
    X(workers_heavy, INT, 2, 1, 128,                                                               \
      "Processes of the heavy pool; where several organisations call, one may have all but one "   \
      "of them.")                                                                                  \
    X(worker_requests, INT, 20000, 1, 100000000,                                                   \
      "A worker leaves after this many requests and is replaced.")                                 \
    X(worker_memory_mib, INT, 256, 16, 65536,                                                      \
      "A worker leaves when its resident memory is above this after a request.")                   \
    X(request_seconds, INT, 50, 1, 3600,                                                           \
      "Deadline of one request; a stuck worker is killed 10 s later. nginx gives up after 65 s.")  \
    X(drain_seconds, INT, 60, 1, 3600,                                                             \
      "How long TERM waits for requests that are being answered; less than the unit's "            \
      "TimeoutStopSec=, which is 90 s.")                                                           \
    X(queue_seconds, INT, 10, 1, 600,                                                              \
      "A request that waited longer than this is answered 503 unread.")                            \
    X(backlog, INT, 1024, 1, 65535,                                                                \
      "Listen backlog of the sockets; ignored under socket activation.")                           \
    X(body_bytes, INT, 16777216, 1024, 1073741824,                                                 \
      "Largest request body; nginx takes none above 16 MiB.")                                      \
    X(db_socket, TEXT, "/run/mysqld/mysqld.sock", 0, 107,                                          \
      "Unix socket of MariaDB; empty: db_host and db_port.")                                       \
    X(db_host, TEXT, "", 0, 255, "Host names of MariaDB, comma-separated, tried in order.")        \
    X(db_port, INT, 3306, 1, 65535, "TCP port of MariaDB.")                                        \
    X(db_ca, TEXT, "", 0, 1024, "CA file: TLS to MariaDB with verification.")                      \
    X(db_name, TEXT, "costwright", 1, 64, "Database.")                                             \
    X(db_user, TEXT, "costwright", 1, 80, "Database user of the service.")                         \
    X(db_password_file, TEXT, "", 0, 1024,                                                         \
      "File with the password; empty: credential db.password if there is one, else unix-socket "   \
      "authentication.")                                                                           \
    X(db_admin_user, TEXT, "costwright_migrate", 1, 80, "Database user of costwrightctl migrate.") \
    X(db_admin_password_file, TEXT, "", 0, 1024, "File with its password; empty: as above.")       \
    X(pepper_file, TEXT, "/etc/costwright/credentials/key.pepper", 0, 1024,                        \
      "File with the secret (at least 32 bytes) that keys are hashed under; credential "           \
      "key.pepper wins.")                                                                          \
    X(key_kind, TEXT, "live", 1, 8, "Kind of the keys that are made: live or test.")               \
    X(state_dir, TEXT, "/run/costwright-state", 1, 90,                                             \
      "Directory shared by service and costwrightctl on this host (revocation epoch).")            \
    X(log_format, TEXT, "text", 1, 8, "Form of the log lines: text or json.")                      \
    X(log_level, TEXT, "info", 1, 8,                                                               \
      "Least severity that is logged: debug, info, warning or error.")                             \
    X(rate_key_per_minute, INT, 1200, 0, 100000000,                                                \
      "Requests a minute of one API key; 0 = no limit.")                                           \
    X(rate_org_per_minute, INT, 6000, 0, 100000000,                                                \
      "Requests a minute of one organisation; 0 = no limit, nor one on its share of the heavy "    \
      "pool.")                                                                                     \
    X(rate_session_per_minute, INT, 240, 0, 100000000,                                             \
      "Requests a minute of one annotator session; 0 = no limit.")                                 \
    X(hosts, INT, 1, 1, 10000,                                                                     \
      "Hosts that share the traffic: each allows an organisation limit/hosts.")                    \
    X(lease_seconds, INT, 600, 1, 86400, "How long an annotator keeps a task.")                    \
    X(evidence_rows, INT, 200000, 100, 10000000, "Newest rows of evidence that a fit uses.")       \
    X(mcp_origins, TEXT, "", 0, 2000,                                                              \
      "Web origins, comma-separated, whose pages may call the agent endpoint, such as "            \
      "https://agents.example.org; pages served on this machine always may.")

struct settings {
#define TEXT                                       const char *
#define INT                                        int64_t
#define X(member, kind, otherwise, min, max, help) kind member;
    SETTINGS_TABLE(X)
#undef X
#undef TEXT
#undef INT
};

/* Defaults, then the file (NULL: defaults only), then NAME=VALUE overrides. Every fault is written
   to faults as a line "file:line: what is wrong"; any fault gives ERR_VALIDATION_ERROR. Texts live
   until settings_clear. */
enum err settings_load(struct settings *settings, const char *file, const char *const *overrides,
                       size_t n_overrides, struct buf *faults);
void settings_clear(struct settings *settings);
/* One paragraph per setting with default and range, for --help. */
void settings_help(struct buf *out);
/* The secret in credential `name` ($CREDENTIALS_DIRECTORY) or, where there is none, in file; its
   trailing newline dropped; into out, which the caller wipes. ERR_NOT_FOUND where neither exists.
 */
enum err settings_secret(const char *credential, const char *file, struct buf *out);
/* The same of the password of db_user, or of db_admin_user. */
enum err settings_db_password(const struct settings *settings, bool admin, struct buf *out);

#endif
