/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does the active calibration still hold? Running statistics as observations arrive. */
#ifndef COSTWRIGHT_DRIFT_H
#define COSTWRIGHT_DRIFT_H

#include "request.h"
#include "store_evidence.h"

/* Compares rows, by natural key, that have just been stored with the active run of their metric:
   updates the state of every bin they are in and raises alerts. Rows that were stored before and
   said the same are passed over; known: there may be such. Inside a transaction that holds the
   metric's slot. Without an active run, of machine_choice and of the platform nothing is done. */
enum err drift_observe(struct request *request, struct uuid org, struct uuid env,
                       enum metric metric, const struct evidence *rows, size_t n, bool known);

#endif
