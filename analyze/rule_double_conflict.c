/* SPDX-License-Identifier: BSD-2-Clause */
/* resp-double-conflict: two responses to one query that contradict each other. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_double_conflict = {.kind = GW_KIND_RESP_DOUBLE_CONFLICT};
