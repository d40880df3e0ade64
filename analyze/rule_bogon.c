/* SPDX-License-Identifier: BSD-2-Clause */
/* glue-bogon: glue in a special-purpose address block that is not globally reachable. */
#include "analyze/rules.h"

static const struct gw_rule_block_judgement bogon = {
    .kind = GW_KIND_GLUE_BOGON,
    .class = GW_BLOCK_SPECIAL,
    .base = 2.0,
    .severity = GW_LOW,
    .graver = GW_MEDIUM,
};

static void
judge(const struct gw_rule_event *event)
{
    gw_rule_judge_blocks(event, &bogon);
}

const struct gw_rule gw_rule_bogon = {.kind = GW_KIND_GLUE_BOGON, .message = judge};
