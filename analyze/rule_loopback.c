/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * glue-loopback: glue that makes a resolver ask itself: 127/8, ::1, 0/8, :: and their mapped
 * forms.
 */
#include "analyze/rules.h"

static const struct gw_rule_block_judgement loopback = {
    .kind = GW_KIND_GLUE_LOOPBACK,
    .class = GW_BLOCK_SELF,
    .base = 2.5,
    .severity = GW_MEDIUM,
    .graver = GW_HIGH,
};

static void
judge(const struct gw_rule_event *event)
{
    gw_rule_judge_blocks(event, &loopback);
}

const struct gw_rule gw_rule_loopback = {.kind = GW_KIND_GLUE_LOOPBACK, .message = judge};
