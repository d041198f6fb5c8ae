/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Health of the process and of what it needs. */
#include "api.h"

#include "store_db.h"
#include "store_schema.h"

enum err service_healthz(struct request *request)
{
    json_object(request->out);
    json_put_text(request->out, "status", "ok");
    json_object_end(request->out);
    return ERR_OK;
}

enum err service_readyz(struct request *request)
{
    int version = 0;
    if (!db_ping(request->db) || store_schema_version(request->db, &version))
        return request_fail(request, ERR_UNAVAILABLE, "The database does not answer.");
    if (version < store_schema_needed())
        return request_fail(request, ERR_UNAVAILABLE,
                            "The database schema is older than this program; run costwrightctl "
                            "migrate.");
    json_object(request->out);
    json_put_text(request->out, "status", "ready");
    json_put_int(request->out, "schema", version);
    json_object_end(request->out);
    return ERR_OK;
}
