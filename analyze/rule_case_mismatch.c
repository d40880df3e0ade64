/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * resp-case-mismatch: a question in mixed case, echoed in another case. Some servers always do
 * that, which is told once; from one that always echoed it, it is a sign that the response was
 * made without the query at hand.
 */
#include "analyze/race.h"

/* Of a hundred questions, so many must have been echoed for a server to be one that echoes. */
#define ECHO_SHARE 95u

/* Not echoed so often, and never otherwise: its style. */
#define STYLE_LEAST 5u

static bool
echoes(const struct gw_server_habit *echo)
{
    return echo->could >= GW_SERVER_SAMPLES &&
           100ull * echo->did >= (uint64_t)ECHO_SHARE * echo->could;
}

static void
tell_style(const struct gw_rule_event *event, const struct gw_server_habit *echo)
{
    struct gw_finding finding;

    gw_rule_begin_exchange(event, GW_KIND_RESP_CASE_MISMATCH, &finding);
    gw_rule_term(&finding, "base", -2.0);
    finding.variant = "style";
    finding.severity = GW_INFO;
    finding.message_count = echo->could + 1ull;
    gw_race_conclude(
        event, &finding, &(struct gw_race_key){.server = &event->exchange->server, .shape = 1});
}

static void
tell_break(const struct gw_rule_event *event)
{
    const struct gw_exchange *exchange = event->exchange;
    const bool near = gw_race_near_question(event->context->races, exchange);
    const uint32_t others =
        event->context->servers->latest.breaks & ~(uint32_t)GW_SERVER_BREAK_CASE;
    struct gw_finding finding;

    gw_rule_begin_exchange(event, GW_KIND_RESP_CASE_MISMATCH, &finding);
    gw_rule_term(&finding, "base", -2.0);
    gw_rule_term(&finding, "echoed-before", 3.0);
    gw_rule_term(&finding, "race-nearby", near ? 3.0 : 0.0);
    gw_rule_term(&finding, "unlike-its-server", others != 0 ? 1.0 : 0.0);
    finding.variant = "break";
    finding.severity = GW_MEDIUM;
    gw_race_conclude(event, &finding,
        &(struct gw_race_key){.resolver = &exchange->resolver, .server = &exchange->server});
}

static void
judge(const struct gw_rule_event *event)
{
    const struct gw_exchange *exchange = event->exchange;

    if (!gw_race_is_judged(event) || exchange->transport != GW_TRANSPORT_UDP ||
        (exchange->fit != GW_FIT_FIRST && exchange->fit != GW_FIT_SECOND) ||
        !(exchange->query_facts & GW_QUERY_MIXED_CASE) ||
        !(exchange->reply_facts & GW_REPLY_CASE_DIFFERS))
        return;

    const struct gw_server_habit *echo = &event->context->servers->latest.habits.echo;

    if (echoes(echo))
        tell_break(event);
    else if (echo->could >= STYLE_LEAST && echo->did == 0)
        tell_style(event, echo);
}

const struct gw_rule gw_rule_case_mismatch = {
    .kind = GW_KIND_RESP_CASE_MISMATCH, .exchange = judge};
