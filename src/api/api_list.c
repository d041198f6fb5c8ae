/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers that are bare arrays. */
#include "api.h"

enum err api_answer_list(struct request *request, const void *items, size_t n, int64_t total)
{
    const struct shape *shape = request->operation->answer;
    json_array(request->out);
    for (size_t i = 0; i < n; i++)
        field_write(request->out, shape, (const char *)items + i * shape->size);
    json_array_end(request->out);
    request->total = total;
    return ERR_OK;
}
