/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * glue-loopback: glue that makes a resolver ask itself: 127/8, ::1, 0/8, :: and their mapped
 * forms.
 */
#include "analyze/rules.h"

static void
judge_glue(const struct gw_rule_event *event, const struct gw_observation_glue *glue)
{
    const struct gw_rule_block block = gw_rule_block_of(&glue->addr, event->lab);
    struct gw_finding finding;

    if (block.class != GW_BLOCK_SELF)
        return;

    const struct gw_table_name name = gw_rule_glue_owner(event->seen, glue);
    const struct gw_host *host = gw_table_host(event->table, &name);
    const bool is_new = host != NULL && gw_rule_contradicts(event, host, &glue->addr);

    gw_rule_begin(event, GW_KIND_GLUE_LOOPBACK, &name, &finding);
    gw_rule_term(&finding, "base", 2.5);
    gw_rule_term(&finding, "other-address-known", is_new ? 1.0 : 0.0);
    gw_rule_add_address(event, glue, &finding);
    if (is_new)
        gw_rule_add_known(event, host, &finding);
    finding.block = block.name;
    finding.severity = is_new || block.unspecified ? GW_HIGH : GW_MEDIUM;
    gw_rule_conclude(event, &finding, &glue->addr, sizeof(glue->addr));
}

static void
judge(const struct gw_rule_event *event)
{
    for (uint32_t i = 0; i < event->seen->glue_count; i++)
        if (event->seen->glue[i].target != GW_NO_TARGET)
            judge_glue(event, &event->seen->glue[i]);
}

const struct gw_rule gw_rule_loopback = {.kind = GW_KIND_GLUE_LOOPBACK, .message = judge};
