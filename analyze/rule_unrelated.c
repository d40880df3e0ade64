/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * glue-unrelated: the address of a name server outside the parent zone, from a server not its
 * own.
 */
#include "analyze/rules.h"

#include "analyze/normal.h"

static void
judge_glue(const struct gw_rule_event *event, const struct gw_observation_glue *glue)
{
    const struct gw_table_name name = gw_rule_glue_owner(event->seen, glue);
    const struct gw_host *host = gw_table_host(event->table, &name);
    const bool contradicts = host != NULL && gw_rule_contradicts(event, host, &glue->addr);
    const enum gw_normal_policy policy =
        gw_normal_policy_of(event->context->normal, event->zone.id);
    struct gw_finding finding;

    gw_rule_begin(event, GW_KIND_GLUE_UNRELATED, &name, &finding);
    gw_rule_term(&finding, "base", -1.0);
    gw_rule_term(&finding, "zone-by-glue-only", event->zone.sure ? 0.0 : -0.5);
    gw_rule_term(&finding, "narrow-policy", policy == GW_NORMAL_NARROW ? 1.0 : 0.0);
    gw_rule_term(&finding, "wide-policy", policy == GW_NORMAL_WIDE ? -4.0 : 0.0);
    gw_rule_term(&finding, "other-address-known", contradicts ? 3.0 : 0.0);
    gw_rule_add_address(event, glue, &finding);
    if (contradicts)
        gw_rule_add_known(event, host, &finding);
    finding.severity = contradicts ? GW_HIGH : GW_LOW;
    gw_rule_conclude(event, &finding, &glue->addr, sizeof(glue->addr));
}

static void
judge(const struct gw_rule_event *event)
{
    const struct gw_observation *seen = event->seen;

    for (uint32_t i = 0; i < seen->target_count; i++) {
        const struct gw_observation_target *target = &seen->target[i];

        if ((!target->has_a && !target->has_aaaa) ||
            gw_zone_relate(event->table, seen, &event->zone, &target->name) != GW_ZONE_FOREIGN)
            continue;
        for (uint32_t j = 0; j < seen->glue_count; j++)
            if (seen->glue[j].target == i)
                judge_glue(event, &seen->glue[j]);
    }
}

const struct gw_rule gw_rule_unrelated = {.kind = GW_KIND_GLUE_UNRELATED, .message = judge};
