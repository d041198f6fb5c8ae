/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of calibrating requests on their way to evidence: revisions, quotes, dates. */
#ifndef COSTWRIGHT_CALIBRATION_INPUT_H
#define COSTWRIGHT_CALIBRATION_INPUT_H

#include "calibration.h"
#include "store_calculation.h"

/* where nothing is said: as a quote takes them, and as the calibrating calls do */
#define INPUT_ANNUAL_VOLUME 500
#define INPUT_LOT_SIZE      50
#define INPUT_ALPHA         0.1
#define INPUT_HOLDOUT       0.2

/* What rows say was predicted for a revision, and the newest quote that said so. */
struct input_prediction {
    size_t revision; /* in the revisions' ids */
    double predicted;
    struct store_quoted quote; /* id nil: there is none */
};

/* The revisions that a call names, distinct and sorted, with what is known of each. */
struct input_revisions {
    struct uuid *ids;
    size_t n;
    struct uuid *parts;  /* nil: unknown, or not asked for */
    struct uuid *quoted; /* the parts; nil: also where there is no quote in the environment */
    struct input_prediction *predictions; /* distinct, by revision and number */
    size_t n_predictions;
    size_t *first; /* [n + 1] where a revision's predictions begin; NULL: not asked for */
    bool *missed;  /* set by input_* where a row of it could not be matched */
};

/* The ids alone. first: the revision id of the first of n rows, stride apart; nil ids are passed
   over. */
void input_distinct(struct arena *arena, const void *first, size_t stride, size_t n,
                    struct input_revisions *out);
enum input_need {
    INPUT_PARTS = 1,
    INPUT_QUOTED = 2, /* of input_priced */
    INPUT_QUOTES = 4, /* of input_quoted, beside the parts */
};
/* Ids, and what else rows need: a set of input_need. predicted: of the first row, for
   INPUT_QUOTES; NAN in a row: it is not matched. */
enum err input_revisions(struct request *request, struct uuid env, const void *first,
                         const double *predicted, size_t stride, size_t n, unsigned need,
                         struct input_revisions *out);
/* Where an id that was among the rows is; a nil id is nowhere. */
size_t input_revision_at(const struct input_revisions *revisions, const struct uuid *id);

/* An evidence row with nothing but its source, version and time. */
struct evidence_new input_row(const struct request *request, const char *source, size_t index);
void input_date(struct evidence_new *new, int32_t date);

/* The row is to be priced on its day: part and revision. False: unknown, or never quoted here. */
bool input_priced(struct input_revisions *revisions, const struct uuid *revision,
                  struct evidence_new *row);
/* The row is what the newest quote said that predicted this unit cost, within 0.5 %: its part,
   revision, lot and uncalibrated components. False: no quote did. */
bool input_quoted(struct input_revisions *revisions, const struct uuid *revision, double predicted,
                  struct evidence_new *row);

/* Revisions that were missed, for unmatched_part_ids. */
struct field_list input_missed(struct arena *arena, const struct input_revisions *revisions);

/* Fills what every calibrating call has; rows has room for n. */
void input_begin(struct request *request, struct calibration_call *call, const char *kind,
                 const char *source, const char *list, size_t n);

/* ERR_NOT_FOUND: the environment in the path. */
enum err input_environment(struct request *request);

#endif
