/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Annotators: invitations, magic links, sessions. */
#include "api.h"
#include "arena.h"
#include "label_shapes.h"
#include "labeling.h"
#include "store_label_assignment.h"
#include "store_label_queue.h"

#include <string.h>

struct invitation {
    const void *assignment; /* struct store_label_assignment */
    const char *magic_link_token;
};

static const struct field invitation_fields[] = {
    {FIELD_OF(struct invitation, assignment), .kind = FIELD_OBJECT,
     .shape = &shape_label_assignment},
    {FIELD_OF(struct invitation, magic_link_token), .kind = FIELD_TEXT,
     .help = "Shown once; redeemed once within 7 days. A link carries it in its fragment."},
};

const struct shape shape_label_invited = {.name = "CampaignAssignmentCreated",
                                          SHAPE_OF(struct invitation, invitation_fields),
                                          .nulls = SHAPE_NO_NULLS};

struct session {
    const char *annotator_token, *display_name;
    int64_t expires_at;
    struct uuid campaign_id, assignment_id;
};

static const struct field session_fields[] = {
    {FIELD_OF(struct session, annotator_token), .kind = FIELD_TEXT,
     .help = "Authorization: Bearer of the calls that take and answer tasks; shown once."},
    {FIELD_OF(struct session, expires_at), .kind = FIELD_TIME,
     .help = "Moves on with use, 12 hours at a time, for at most 30 days."},
    {FIELD_OF(struct session, campaign_id), .kind = FIELD_UUID},
    {FIELD_OF(struct session, assignment_id), .kind = FIELD_UUID},
    {FIELD_OF(struct session, display_name), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE},
};

const struct shape shape_label_session = {
    .name = "AnnotatorSession", SHAPE_OF(struct session, session_fields), .nulls = SHAPE_NO_NULLS};

/* Account of the address: the tenant's, else, in projects that use the pool, a platform one; nil
   where there is none yet. */
static enum err find_account(struct request *request, const struct store_label_campaign *campaign,
                             const char *email, struct uuid *account)
{
    const struct uuid org = request->caller.org;
    struct store_label_project project;
    enum err err = store_label_account_find(request->db, org, email, false, account);
    if (err != ERR_NOT_FOUND)
        return err;
    *account = (struct uuid){{0}};
    if (uuid_is_nil(&campaign->project_id))
        return ERR_OK;
    err = store_label_project_get(request->db, request->arena, org, campaign->project_id, &project);
    if (err || project.uses_platform_pool != 1)
        return err;
    err = store_label_account_find(request->db, org, email, true, account);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err label_assignment_create(struct request *request)
{
    const struct label_invitation *invitation = request->body;
    const struct uuid org = request->caller.org;
    const char *email = arena_lower(request->arena, invitation->email);
    struct store_label_assignment assignment;
    struct store_label_campaign campaign;
    enum err err = store_label_campaign_get(request->db, request->arena, org, request->id[0],
                                            STORE_SHARE, &campaign);
    if (!err)
        err = labeling_check_open(request, &campaign);
    if (err)
        return err;
    err = store_label_assignment_find(request->db, request->arena, org, campaign.id, email,
                                      &assignment);
    bool known = !err;
    if (err == ERR_NOT_FOUND) {
        assignment = (struct store_label_assignment){.id = uuid_v7(),
                                                     .org_id = org,
                                                     .campaign_id = campaign.id,
                                                     .annotator_email = email,
                                                     .status = "invited"};
        err = find_account(request, &campaign, email, &assignment.annotator_account_id);
    }
    if (err)
        return err;
    if (!strcmp(assignment.status, "revoked"))
        assignment.status = "invited";
    if (invitation->display_name)
        assignment.display_name = invitation->display_name;
    assignment.invited_at = request->now;
    assignment.link_expires_at = request->now + LABEL_LINK_LIFE;
    char *token = arena_alloc(request->arena, APIKEY_TEXT);
    uint8_t digest[APIKEY_DIGEST];
    token_make(token);
    apikey_digest(request->pepper, token, digest);
    err = known ? store_label_assignment_update(request->db, &assignment, digest)
                : store_label_assignment_insert(request->db, &assignment, digest);
    if (err)
        return err == ERR_DUPLICATE ? ERR_RETRY : err;
    const struct invitation answer = {&assignment, token};
    return api_answer(request, &answer);
}

enum err label_assignment_list(struct request *request)
{
    const struct store_page *page = request->query;
    const struct uuid org = request->caller.org;
    struct store_label_campaign campaign;
    struct store_label_assignment *list;
    struct counted_list answer;
    enum err err = store_label_campaign_get(request->db, request->arena, org, request->id[0],
                                            STORE_READ, &campaign);
    if (!err)
        err = store_label_assignment_list(request->db, request->arena, org, campaign.id, page,
                                          &list, &answer.data.n, &answer.count);
    if (err)
        return err;
    answer.data.at = list;
    return api_answer(request, &answer);
}

enum err label_assignment_revoke(struct request *request)
{
    const struct uuid org = request->caller.org;
    struct store_label_assignment assignment;
    enum err err = store_label_assignment_get(request->db, request->arena, org, request->id[0],
                                              request->id[1], &assignment);
    if (err)
        return err;
    assignment.status = "revoked";
    assignment.link_expires_at = TIME_NONE;
    err = store_label_assignment_update(request->db, &assignment, NULL);
    if (!err)
        err = store_label_session_end(request->db, org, assignment.id, request->now);
    if (!err && !uuid_is_nil(&assignment.annotator_account_id)) {
        const struct store_label_actor actor = {org, assignment.campaign_id,
                                                assignment.annotator_account_id, false};
        err = store_label_release(request->db, &actor);
    }
    return err ? err : api_answer(request, &assignment);
}

/* The account that answers are filed under, made on first use. */
static enum err ensure_account(struct request *request, struct store_label_assignment *assignment)
{
    if (!uuid_is_nil(&assignment->annotator_account_id))
        return ERR_OK;
    enum err err =
        store_label_account_find(request->db, assignment->org_id, assignment->annotator_email,
                                 false, &assignment->annotator_account_id);
    if (err != ERR_NOT_FOUND)
        return err;
    const struct store_label_account account = {.id = uuid_v7(),
                                                .email = assignment->annotator_email,
                                                .display_name = assignment->display_name,
                                                .created_at = request->now};
    assignment->annotator_account_id = account.id;
    err = store_label_account_insert(request->db, assignment->org_id, &account);
    return err == ERR_DUPLICATE ? ERR_RETRY : err;
}

enum err annotator_session_create(struct request *request)
{
    const struct label_redemption *redemption = request->body;
    uint8_t digest[APIKEY_DIGEST];
    struct store_label_assignment assignment;
    apikey_digest(request->pepper, redemption->token, digest);
    enum err err = store_label_assignment_by_link(request->db, request->arena, digest, &assignment);
    if (err == ERR_NOT_FOUND || (!err && (assignment.link_expires_at == TIME_NONE ||
                                          assignment.link_expires_at <= request->now)))
        return request_fail(request, ERR_INVALID_API_KEY,
                            "The link was used already, is void or has expired; ask for another.");
    if (!err)
        err = ensure_account(request, &assignment);
    if (err)
        return err;
    assignment.status = "active";
    assignment.link_expires_at = TIME_NONE;
    const struct uuid id = uuid_v7();
    char *token = arena_alloc(request->arena, APIKEY_TEXT);
    token_make(token);
    apikey_digest(request->pepper, token, digest);
    err = store_label_assignment_update(request->db, &assignment, NULL);
    if (!err)
        err = store_label_session_insert(request->db, assignment.org_id, id, assignment.id, digest,
                                         request->now);
    const struct session answer = {token, assignment.display_name,
                                   request->now + LABEL_SESSION_IDLE, assignment.campaign_id,
                                   assignment.id};
    return err ? err : api_answer(request, &answer);
}
