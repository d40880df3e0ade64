/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * resp-bad-checksum: a response that the resolver's system will drop, at a tap where checksums are
 * right. Captures on the sender itself see wrong ones all the time: there the rule is silent.
 */
#include "analyze/race.h"

/* Checksums that must have been right, and of how many one may be wrong. */
#define SAMPLES    100u
#define ONE_OF_ALL 100u

static bool
are_right(const struct gw_server_habit *sum_bad)
{
    return sum_bad->could >= SAMPLES && sum_bad->did <= sum_bad->could / ONE_OF_ALL;
}

static void
judge(const struct gw_rule_event *event)
{
    const struct gw_exchange *exchange = event->exchange;
    const struct gw_server_table *servers = event->context->servers;
    const struct gw_server_habit *own = &servers->latest.habits.sum_bad;
    const bool in_fragments = (exchange->payload_flags & GW_PAYLOAD_FRAGMENTED) != 0;
    struct gw_finding finding;

    if (!gw_race_is_judged(event) || !(exchange->payload_flags & GW_PAYLOAD_SUM_BAD) ||
        (exchange->fit != GW_FIT_FIRST && exchange->fit != GW_FIT_SECOND) ||
        !are_right(&servers->sum_bad) || own->did > 1 + own->could / ONE_OF_ALL)
        return;

    const bool near = gw_race_near_question(event->context->races, exchange);

    gw_rule_begin_exchange(event, GW_KIND_RESP_BAD_CHECKSUM, &finding);
    gw_rule_term(&finding, "base", -2.0);
    gw_rule_term(&finding, "race-nearby", near ? 3.0 : 0.0);
    gw_rule_term(&finding, "in-fragments", in_fragments ? 2.0 : 0.0);
    finding.severity = GW_INFO;
    gw_race_conclude(event, &finding, &(struct gw_race_key){.server = &exchange->server});
}

const struct gw_rule gw_rule_bad_checksum = {.kind = GW_KIND_RESP_BAD_CHECKSUM, .exchange = judge};
