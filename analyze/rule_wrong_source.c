/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * resp-wrong-source: a response that fits a query in everything but where it comes from. A server
 * with several addresses may answer so always; resolvers drop such responses (RFC 5452 section 9).
 */
#include "analyze/race.h"

/* So often by the same two, and it is how that server answers. */
#define HABIT_LEAST 5u

static void
judge(const struct gw_rule_event *event)
{
    const struct gw_exchange *exchange = event->exchange;
    const uint32_t habit = event->context->servers->latest.pair_habit;
    struct gw_finding finding;

    if (!gw_race_is_judged(event) || exchange->fit != GW_FIT_WRONG_SOURCE || exchange->degraded ||
        !gw_resolver_health(event->context->resolvers, exchange).both_ways)
        return;

    const bool near = gw_race_near_question(event->context->races, exchange);

    gw_rule_begin_exchange(event, GW_KIND_RESP_WRONG_SOURCE, &finding);
    gw_rule_term(&finding, "base", -1.0);
    gw_rule_term(&finding, "race-nearby", near ? 3.0 : 0.0);
    gw_rule_term(&finding, "server-habit", habit >= HABIT_LEAST ? -3.0 : 0.0);
    finding.severity = near && habit < HABIT_LEAST ? GW_MEDIUM : GW_INFO;
    gw_race_conclude(event, &finding,
        &(struct gw_race_key){.resolver = &exchange->asked, .server = &exchange->server});
}

const struct gw_rule gw_rule_wrong_source = {.kind = GW_KIND_RESP_WRONG_SOURCE, .exchange = judge};
