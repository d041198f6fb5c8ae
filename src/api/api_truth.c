/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ground truth: datasets and their items. */
#include "api.h"
#include "arena.h"
#include "export.h"
#include "store_db.h"
#include "store_truth.h"

static const struct field dataset_list_fields[] = {
    API_COUNTED(&shape_truth_dataset, "Of all pages.")};
const struct shape shape_truth_dataset_list = {.name = "GroundTruthDatasetList",
                                               SHAPE_OF(struct counted_list, dataset_list_fields),
                                               .nulls = SHAPE_NO_NULLS};

static const struct field item_list_fields[] = {API_COUNTED(&shape_truth_item, "Of all pages.")};
const struct shape shape_truth_item_list = {.name = "GroundTruthItemList",
                                            SHAPE_OF(struct counted_list, item_list_fields),
                                            .nulls = SHAPE_NO_NULLS};

enum err truth_dataset_list(struct request *request)
{
    const struct store_page *page = request->query;
    struct store_truth_dataset *list;
    struct counted_list answer;
    enum err err = store_truth_dataset_list(request->db, request->arena, request->caller.org, page,
                                            &list, &answer.data.n, &answer.count);
    answer.data.at = list;
    return err ? err : api_answer(request, &answer);
}

enum err truth_dataset_show(struct request *request)
{
    struct store_truth_dataset dataset;
    enum err err = store_truth_dataset_get(request->db, request->arena, request->caller.org,
                                           request->id[0], &dataset);
    return err ? err : api_answer(request, &dataset);
}

static enum err take(void *context, const struct store_truth_item *item)
{
    return export_item(context, item);
}

static enum err list_items(void *context)
{
    struct request *request = context;
    struct store_page page = *(const struct store_page *)request->query;
    struct store_truth_dataset dataset;
    struct export export;
    struct uuid org = request->caller.org;
    enum err err =
        store_truth_dataset_get(request->db, request->arena, org, request->id[0], &dataset);
    if (err)
        return err;
    export_begin(&export, request, &shape_truth_item);
    if (export.form == EXPORT_PAGE && page.limit == INT_NONE)
        page.limit = 100;
    err = store_truth_item_each(request->db, org, dataset.id, &page, take, &export);
    export_end(&export, dataset.item_count);
    return err;
}

enum err truth_item_list(struct request *request)
{
    return db_snapshot(request->db, list_items, request);
}
