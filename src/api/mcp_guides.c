/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What agents are told in words: instructions and guides. */
#include "mcp_private.h"

const char mcp_instructions[] =
    "Costwright prices manufactured parts and learns from what they really cost. The loop: find "
    "the environment (environment_list), see what it has learned (calibration_status), send actual "
    "costs (calibration_auto for costs by part revision, calibration_from_erp for finished work "
    "orders), read the answer: status activated means the next quote uses it. Before sending rows "
    "for good, dry_run: true says what would change. Give an idempotency_key with everything that "
    "changes something. Errors name each argument that is wrong and what to do. Guides: "
    "costwright://guides/calibrate, /quote, /label.";

const struct mcp_guide mcp_guides[] = {
    {"calibrate", "From actual costs to a calibrated environment",
     "Which call takes which data, what its answer means, when not to trust it.",
     "# From actual costs to a calibrated environment\n\n"
     "1. `environment_list` shows the environments; money is in the environment's `currency`.\n"
     "2. What the shop has books of decides the call:\n"
     "   - cost of a piece by part revision that was quoted here: `calibration_auto`;\n"
     "   - finished work orders (part number, quantity, total cost): `calibration_from_erp`; no "
     "quote is needed;\n"
     "   - predictions with their actuals, costs or times: `calibration_teach`.\n"
     "3. First with `dry_run: true`: `matched`, `unknown_part_numbers` and `unmatched_part_ids` "
     "say what did not fit. Then for good, with an `idempotency_key`.\n"
     "4. Read the answer:\n"
     "   - `status` activated: the next quote uses it. not_improved: held-out rows were not "
     "predicted better, the former calibration stays. insufficient_data: more rows are needed.\n"
     "   - `holdout_mape`: mean relative error on rows that the first fit never saw; 0.08 is 8 %.\n"
     "   - `holdout_coverage` beside `1 - alpha`: share of those rows inside their interval.\n"
     "   - `fit`: what was learned of each cost driver and bin, with intervals.\n"
     "5. `external_ref` (or `work_order_id`) makes a row sent again replace itself instead of "
     "counting twice.\n\n"
     "Do not trust a fit of few rows, of one kind of part only, or whose coverage lies far below "
     "1 - alpha; the interval widens where there is little history.\n"},
    {"quote", "From a part to a price", "Parts, revisions, environments and quotes.",
     "# From a part to a price\n\n"
     "1. `part_list` with `part_number` finds a part; `part_create` and `revision_create`, or "
     "`part_import` for many, bring new ones with their process plan.\n"
     "2. `calculation_quote` prices a revision in an environment at a lot size. `unit_cost` is "
     "calibrated, `uncalibrated_unit_cost` is not; `interval` holds the low and high end; `costs` "
     "add up to the unit cost.\n"
     "3. A calculation with status failed names what is missing in `error`: a rate, a machine of "
     "that class, a value of the plan. Nothing missing is taken as zero.\n"
     "4. `rate_create` sets a rate from a day on; quotes take the rates of their day.\n"},
    {"label", "Labels by people", "Campaigns, tasks, agreement, promotion to ground truth.",
     "# Labels by people\n\n"
     "A project holds campaigns, a campaign tasks, a task submissions. `label_next_task` leases a "
     "task, `label_task_submit` answers it: confirm, reject, correct (with `corrected_value`) or "
     "unsure. Agreement is Krippendorff's alpha; a campaign is promoted to ground truth when alpha "
     "reaches its `acceptance_alpha`.\n"},
};
const size_t mcp_n_guides = sizeof mcp_guides / sizeof *mcp_guides;
