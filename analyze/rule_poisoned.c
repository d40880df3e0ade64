/* SPDX-License-Identifier: BSD-2-Clause */
/* poisoned-answer-suspected: clients get other answers after suspect glue. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_poisoned = {.kind = GW_KIND_POISONED_ANSWER_SUSPECTED};
