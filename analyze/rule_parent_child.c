/* SPDX-License-Identifier: BSD-2-Clause */
/* parent-child-mismatch: parent zone and child zone disagree. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_parent_child = {.kind = GW_KIND_PARENT_CHILD_MISMATCH};
