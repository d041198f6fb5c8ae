/* SPDX-License-Identifier: GPL-3.0-or-later */
/* costwrightctl doctor: is all there that the service needs? Root tries as the users concerned. */
#include "ctl_doctor.h"
#include "apikey.h"
#include "arena.h"
#include "buf.h"
#include "ctl.h"
#include "settings.h"
#include "store_db.h"
#include "store_grants.h"
#include "store_schema.h"
#include "store_server.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PACKAGE_SITE "/etc/nginx/sites-available/costwright"

enum { SERVICE_USER, WEB_USER, NGINX_CONF };

static const char *option(const struct doctor *doctor, size_t i, const char *otherwise)
{
    return doctor->ctl->options[i] ? doctor->ctl->options[i] : otherwise;
}

static void check_configuration(struct doctor *doctor)
{
    struct stat file;
    const char *name = doctor->ctl->file;
    if (!name && doctor_has_units())
        doctor_fault(doctor, "configuration",
                     "touch " CTL_DEFAULT_FILE ", and put into it what was set",
                     "there is no " CTL_DEFAULT_FILE ", which costwright.service names");
    else if (!name)
        doctor_ok(doctor, "configuration", "no file: every setting has its default");
    else if (stat(name, &file) || !S_ISREG(file.st_mode))
        doctor_fault(doctor, "configuration", "make it a plain file", "%s is none", name);
    else if (file.st_mode & S_IWOTH)
        doctor_fault(doctor, "configuration",
                     arena_printf(doctor->ctl->arena, "chmod o-w %s", name),
                     "%s can be written by all", name);
    else
        doctor_ok(doctor, "configuration", "%s", name);
}

/* The directory of the file keeps others out, too: a copy made there by hand is as private. */
static void check_pepper_access(struct doctor *doctor, const char *name)
{
    struct stat file;
    char directory[PATH_MAX];
    snprintf(directory, sizeof directory, "%.*s", (int)(strrchr(name, '/') - name), name);
    if (!stat(name, &file) && file.st_mode & (S_IRWXG | S_IRWXO))
        doctor_fault(doctor, "pepper", arena_printf(doctor->ctl->arena, "chmod 0600 %s", name),
                     "others than its owner may use %s", name);
    else if (!stat(directory, &file) && file.st_mode & S_IRWXO)
        doctor_fault(doctor, "pepper", arena_printf(doctor->ctl->arena, "chmod 0700 %s", directory),
                     "everybody may look into %s", directory);
    else
        doctor_ok(doctor, "pepper", "there, long enough, private");
}

static void check_pepper(struct doctor *doctor)
{
    const char *name = doctor->ctl->settings->pepper_file;
    struct pepper pepper;
    enum err err = pepper_load(doctor->ctl->settings, &pepper);
    if (!err)
        pepper_clear(&pepper);
    if (err == ERR_NOT_FOUND)
        doctor_fault(
            doctor, "pepper",
            arena_printf(doctor->ctl->arena,
                         "put back the one from the backup, without it no key works; at a "
                         "first installation: (umask 077; head -c 32 /dev/urandom | base64 "
                         ">%s)",
                         name),
            "there is neither credential key.pepper nor %s", name);
    else if (err == ERR_VALIDATION_ERROR)
        doctor_fault(doctor, "pepper", "see costwright.conf(5), pepper_file",
                     "it is shorter than 32 bytes");
    else if (err)
        doctor_fault(doctor, "pepper", "run doctor as root", "%s cannot be read", name);
    else if (!strchr(name, '/'))
        doctor_ok(doctor, "pepper", "there, long enough");
    else
        check_pepper_access(doctor, name);
}

struct database {
    struct doctor *doctor;
    const char *area, *user;
    enum db_role role;
    const char *const *privileges;
};

static void check_schema(struct doctor *doctor, struct db *db)
{
    int version, needed = store_schema_needed();
    if (store_schema_version(db, &version))
        doctor_fault(doctor, "schema", "costwrightctl migrate", "its version cannot be read: %u %s",
                     db_error(db), db_error_text(db));
    else if (version < needed)
        doctor_fault(doctor, "schema", "costwrightctl migrate", "version %d, this program needs %d",
                     version, needed);
    else
        doctor_ok(doctor, "schema", "version %d", version);
}

static const char *mend_grants(const struct database *database, const char *privileges)
{
    const struct ctl *ctl = database->doctor->ctl;
    return arena_printf(ctl->arena, "mariadb -e 'GRANT %s ON `%s`.* TO %s@localhost'", privileges,
                        ctl->settings->db_name, database->user);
}

/* Numbers of the client library and of the server: no server, no database, no right, no such
 * account. */
static const char *mend_connection(const struct database *database, unsigned error)
{
    struct arena *arena = database->doctor->ctl->arena;
    if (error >= 2000 && error < 3000)
        return "systemctl start mariadb, or let db_socket or db_host name where it listens";
    if (error == 1049)
        return "costwrightctl migrate";
    if (error == 1044) {
        struct buf all = {0};
        for (size_t i = 0; database->privileges[i]; i++)
            buf_printf(&all, "%s%s", i ? ", " : "", database->privileges[i]);
        const char *mend = mend_grants(database, buf_text(&all));
        buf_clear(&all);
        return mend;
    }
    return arena_printf(arena,
                        "mariadb -e 'CREATE USER IF NOT EXISTS %s@localhost IDENTIFIED VIA "
                        "unix_socket', or the password in the file that the settings name",
                        database->user);
}

static void check_log(struct doctor *doctor, struct db *db)
{
    bool statements;
    if (store_server_logs_statements(db, &statements))
        doctor_fault(doctor, "binary log", "try again; is MariaDB going down?",
                     "its format cannot be read: %u %s", db_error(db), db_error_text(db));
    else if (statements)
        doctor_fault(doctor, "binary log",
                     "binlog_format = ROW in MariaDB's configuration, then restart it",
                     "statements are logged: a replica or a replay refuses them (error 1292)");
}

/* What the page on scaling asks for: all workers of all hosts, and some for operators. */
static void check_room(struct doctor *doctor, struct db *db)
{
    const struct settings *settings = doctor->ctl->settings;
    int64_t most, workers = settings->hosts * (settings->workers_light + settings->workers_heavy);
    int64_t needed = workers + 20;
    if (store_server_connections(db, &most))
        doctor_fault(doctor, "connections", "try again; is MariaDB going down?",
                     "their number cannot be read: %u %s", db_error(db), db_error_text(db));
    else if (most < needed)
        doctor_fault(doctor, "connections",
                     arena_printf(doctor->ctl->arena,
                                  "max_connections = %lld in MariaDB's configuration, then "
                                  "restart it",
                                  (long long)needed),
                     "max_connections is %lld, for %lld workers and 20 more", (long long)most,
                     (long long)workers);
}

static void check_database(void *context)
{
    const struct database *database = context;
    struct doctor *doctor = database->doctor;
    const char *name = doctor->ctl->settings->db_name;
    struct db *db = db_open(doctor->ctl->settings, database->role);
    struct buf missing = {0};
    if (!db_ping(db)) {
        doctor_fault(doctor, database->area, mend_connection(database, db_error(db)),
                     "no connection as %s: %u %s", database->user, db_error(db), db_error_text(db));
    } else if (store_grants_missing(db, name, database->privileges, &missing)) {
        doctor_fault(doctor, database->area, "SHOW GRANTS must work for the account",
                     "grants cannot be read: %u %s", db_error(db), db_error_text(db));
    } else if (missing.len) {
        doctor_fault(doctor, database->area, mend_grants(database, buf_text(&missing)),
                     "%s lacks %s", database->user, buf_text(&missing));
    } else {
        doctor_ok(doctor, database->area, "%s connects and has its grants", database->user);
        if (database->role == DB_SERVICE) {
            check_schema(doctor, db);
            check_log(doctor, db);
            check_room(doctor, db);
        }
    }
    buf_clear(&missing);
    db_close(db);
}

/* With a password anybody who can read it may try; without one only the user itself. */
static void check_databases(struct doctor *doctor)
{
    static const char *const service[] = {"SELECT", "INSERT", "UPDATE", "DELETE", NULL};
    static const char *const admin[] = {"SELECT", "INSERT", "UPDATE", "DELETE",     "CREATE",
                                        "DROP",   "ALTER",  "INDEX",  "REFERENCES", NULL};
    const struct settings *settings = doctor->ctl->settings;
    struct database databases[] = {
        {doctor, "database", settings->db_user, DB_SERVICE, service},
        {doctor, "migrations", settings->db_admin_user, DB_ADMIN, admin},
    };
    for (size_t i = 0; i < 2; i++) {
        struct buf password = {0};
        bool has = !settings_db_password(settings, databases[i].role == DB_ADMIN, &password) &&
                   password.len;
        buf_wipe(&password);
        if (has)
            check_database(&databases[i]);
        else
            doctor_as(doctor, databases[i].area, databases[i].user, check_database, &databases[i]);
    }
}

struct place {
    struct doctor *doctor;
    const char *path, *user, *area;
};

static void try_socket(void *context)
{
    const struct place *place = context;
    int error = doctor_connect(place->path);
    if (!error)
        doctor_ok(place->doctor, place->area, "%s, and %s connects", place->path, place->user);
    else if (error == EACCES)
        doctor_fault(place->doctor, place->area, "SocketUser=, SocketGroup= of the socket unit",
                     "%s may not connect to %s", place->user, place->path);
    else
        doctor_fault(place->doctor, place->area,
                     "systemctl restart costwright-light.socket costwright-heavy.socket "
                     "costwright.service",
                     "%s: %s", place->path, strerror(error));
}

static void check_socket(struct doctor *doctor, const char *area, const char *path)
{
    struct stat file;
    struct place place = {doctor, path, option(doctor, WEB_USER, "www-data"), area};
    const char *at = doctor_listens_at(doctor, area);
    if (at && *at != '/') {
        doctor_ok(doctor, area, "systemd listens at %s, for nginx on another host", at);
        return;
    }
    if (at && strcmp(at, path))
        path = place.path = at;
    if (stat(path, &file))
        doctor_fault(doctor, area,
                     "systemctl restart costwright-light.socket costwright-heavy.socket, or "
                     "start costwrightd",
                     "%s: %s", path, strerror(errno));
    else if (!S_ISSOCK(file.st_mode))
        doctor_fault(doctor, area, "move it away and start the socket units", "%s is not a socket",
                     path);
    else if (file.st_mode & S_IWOTH)
        doctor_fault(
            doctor, area,
            arena_printf(doctor->ctl->arena,
                         "chmod 0660 %s, and SocketMode=0660 in its unit: FastCGI knows no "
                         "password",
                         path),

            "everybody may connect to %s", path);
    else
        doctor_as(doctor, area, place.user, try_socket, &place);
}

static void try_state(void *context)
{
    const struct place *place = context;
    if (access(place->path, R_OK | W_OK | X_OK))
        doctor_fault(place->doctor, place->area,
                     "systemctl restart costwright (it makes it for its user)", "%s as %s: %s",
                     place->path, place->user, strerror(errno));
    else
        doctor_ok(place->doctor, place->area, "%s can be written by %s", place->path, place->user);
}

static void check_state(struct doctor *doctor)
{
    struct place place = {doctor, doctor->ctl->settings->state_dir,
                          option(doctor, SERVICE_USER, "costwright"), "state"};
    doctor_as(doctor, place.area, place.user, try_state, &place);
}

static void check_nginx(struct doctor *doctor)
{
    struct buf out = {0};
    const char *conf = doctor->ctl->options[NGINX_CONF];
    const char *program = !access("/usr/sbin/nginx", X_OK) ? "/usr/sbin/nginx" : NULL;
    const char *const arguments[] = {"nginx", "-T", conf ? "-c" : NULL, conf, NULL};
    if (!program) {
        doctor_ok(doctor, "nginx", "not on this host");
        return;
    }
    int status = doctor_run(program, arguments, &out);
    const char *text = buf_text(&out);
    const char *emerg = strstr(text, "[emerg]");
    if (status)
        doctor_fault(doctor, "nginx", "nginx -t tells the file and line", "%.*s",
                     emerg ? (int)strcspn(emerg, "\n") : 24,
                     emerg ? emerg : "nginx -T does not end well");
    else if (!strstr(text, "costwright_light"))
        doctor_fault(doctor, "nginx",
                     access(PACKAGE_SITE, F_OK)
                         ? "include the costwright.conf that make install left in "
                           "share/costwright/nginx at the level of http { }"
                         : "ln -s ../sites-available/costwright /etc/nginx/sites-enabled/ && "
                           "systemctl reload nginx",
                     "its configuration does not lead to the service");
    else if (!conf && doctor_has_units() && !doctor_is_active("nginx.service"))
        doctor_fault(doctor, "nginx", "systemctl enable --now nginx", "it does not run");
    else
        doctor_ok(doctor, "nginx", "its configuration is good and has the site");
    buf_clear(&out);
}

static int run_doctor(struct ctl *ctl)
{
    struct doctor doctor = {.ctl = ctl};
    check_configuration(&doctor);
    check_pepper(&doctor);
    check_databases(&doctor);
    check_socket(&doctor, "light", ctl->settings->listen_light);
    check_socket(&doctor, "heavy", ctl->settings->listen_heavy);
    check_state(&doctor);
    doctor_check_units(&doctor);
    check_nginx(&doctor);
    if (doctor.faults)
        return ctl_fail("%d fault%s", doctor.faults, doctor.faults > 1 ? "s" : "");
    return CTL_OK;
}

const struct ctl_command ctl_doctor = {
    .name = "doctor",
    .summary = "Check everything that the service needs, and say how to mend it.",
    .help =
        "Configuration, pepper, database as both users, grants, schema, sockets, state\n"
        "directory, units, nginx: a line each, ok or fault. Run it as root: it then tries as the\n"
        "users concerned. It changes nothing. Exit status 1 when there is a fault, 78 when\n"
        "the settings cannot be read.",
    .need = CTL_SETTINGS,
    .run = run_doctor,
    .options = {{"user", "USER", "Who the service runs as; default costwright.", CTL_MAY},
                {"web-user", "USER", "Who nginx runs as; default www-data.", CTL_MAY},
                {"nginx-conf", "FILE", "nginx's main file; default: its own.", CTL_MAY}},
};
