/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose evidence a call is about. */
#include "scope.h"

#include "api.h"
#include "calibration_result.h"
#include "store_environment.h"
#include "store_run.h"

#include <string.h>

static enum err lacks(struct request *request, const char *required)
{
    request->fail_details = required;
    return request_fail(request, ERR_INSUFFICIENT_SCOPE, NULL);
}

enum err scope_place(struct request *request, const char *scope, struct uuid env_id,
                     struct scope_place *place)
{
    unsigned scopes = request->caller.scopes;
    if (!strcmp(scope, SCOPE_TEXT_PLATFORM)) {
        *place = (struct scope_place){store_platform_org, store_platform_env, true};
        return scopes & SCOPE_ADMIN ? ERR_OK : lacks(request, "{\"required\":\"platform:admin\"}");
    }
    if (!(scopes & SCOPE_WRITE))
        return lacks(request, "{\"required\":\"parts:write\"}");
    *place = (struct scope_place){request->caller.org, env_id, false};
    if (uuid_is_nil(&env_id)) {
        request_flaw(request, "env_id", "missing", "is required unless scope is platform");
        return ERR_VALIDATION_ERROR;
    }
    struct store_environment environment;
    return api_unknown_reference(request, "env_id",
                                 store_environment_get(request->db, request->arena, place->org,
                                                       place->env, STORE_SHARE, &environment));
}
