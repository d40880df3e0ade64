/* SPDX-License-Identifier: BSD-2-Clause */
/* glue-bogon: glue in a special-purpose address block that is not globally reachable. */
#include "analyze/rules.h"

static void
judge_glue(const struct gw_rule_event *event, const struct gw_observation_glue *glue)
{
    const struct gw_rule_block block = gw_rule_block_of(&glue->addr, event->lab);
    struct gw_finding finding;

    if (block.class != GW_BLOCK_SPECIAL)
        return;

    const struct gw_table_name name = gw_rule_glue_owner(event->seen, glue);
    const struct gw_host *host = gw_table_host(event->table, &name);
    const bool is_new = host != NULL && gw_rule_contradicts(event, host, &glue->addr);

    gw_rule_begin(event, GW_KIND_GLUE_BOGON, &name, &finding);
    gw_rule_term(&finding, "base", 2.0);
    gw_rule_term(&finding, "other-address-known", is_new ? 1.0 : 0.0);
    gw_rule_add_address(event, glue, &finding);
    if (is_new)
        gw_rule_add_known(event, host, &finding);
    finding.block = block.name;
    finding.severity = is_new ? GW_MEDIUM : GW_LOW;
    gw_rule_conclude(event, &finding, &glue->addr, sizeof(glue->addr));
}

static void
judge(const struct gw_rule_event *event)
{
    for (uint32_t i = 0; i < event->seen->glue_count; i++)
        if (event->seen->glue[i].target != GW_NO_TARGET)
            judge_glue(event, &event->seen->glue[i]);
}

const struct gw_rule gw_rule_bogon = {.kind = GW_KIND_GLUE_BOGON, .message = judge};
