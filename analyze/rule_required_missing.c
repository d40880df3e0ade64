/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * required-glue-missing: an in-domain name server came without any address (RFC 9471 section
 * 3.1).
 */
#include "analyze/rules.h"

static void
judge_target(const struct gw_rule_event *event, const struct gw_observation_target *target)
{
    const struct gw_table_name name = gw_zone_name(event->seen, &target->name);
    const struct gw_host *host = gw_table_host(event->table, &name);
    const bool others_send = host != NULL && host->subject.claim_count != 0;
    struct gw_finding finding;

    gw_rule_begin(event, GW_KIND_REQUIRED_GLUE_MISSING, &name, &finding);
    gw_rule_term(&finding, "base", 2.0);
    gw_rule_term(&finding, "sent-elsewhere", others_send ? -2.0 : 0.0);
    finding.severity = GW_LOW;
    gw_rule_conclude(event, &finding, NULL, 0);
}

/* Some servers of large zones never send more addresses than about so many, however much room there
 * is. */
#define USUAL_LIMIT 12u

/* Absence means something only in a message that had room and was kept whole. */
static bool
absence_counts(const struct gw_observation *seen)
{
    return !(seen->facts & (GW_FACT_TC | GW_FACT_CLIPPED)) && seen->glue_count < USUAL_LIMIT &&
           seen->target_total == seen->target_count && seen->glue_total == seen->glue_count;
}

static void
judge(const struct gw_rule_event *event)
{
    if (!absence_counts(event->seen))
        return;
    for (uint32_t i = 0; i < event->seen->target_count; i++) {
        const struct gw_observation_target *target = &event->seen->target[i];

        if (target->in_domain && !target->has_a && !target->has_aaaa)
            judge_target(event, target);
    }
}

const struct gw_rule gw_rule_required_missing = {
    .kind = GW_KIND_REQUIRED_GLUE_MISSING, .message = judge};
