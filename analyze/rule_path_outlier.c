/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * resp-path-outlier: a response that came another way than its server's do, or does not look like
 * them. One sign alone is silent (routes change, anycast alternates) and speaks in other rules
 * only; a new path that holds is told once, as a change of route.
 */
#include "analyze/race.h"

/* Signs in one response that are worth telling. */
#define SIGNS_LEAST 2u

static uint32_t
other_breaks(uint32_t breaks)
{
    return (uint32_t)__builtin_popcount(
        breaks & (GW_SERVER_BREAK_DF | GW_SERVER_BREAK_IP_ID | GW_SERVER_BREAK_CASE));
}

static bool
breaks_edns(uint32_t breaks)
{
    return (breaks & (GW_SERVER_BREAK_OPT | GW_SERVER_BREAK_COOKIE)) != 0;
}

static void
add_terms(const struct gw_server_judgement *judgement, bool contradicts, struct gw_finding *finding)
{
    const uint32_t breaks = judgement->breaks;

    gw_rule_term(finding, "base", -1.0);
    gw_rule_term(finding, "ip-ttl", breaks & GW_SERVER_BREAK_TTL ? 1.0 : 0.0);
    gw_rule_term(finding, "round-trip", breaks & GW_SERVER_BREAK_RTT ? 1.0 : 0.0);
    gw_rule_term(finding, "edns", breaks_edns(breaks) ? 1.5 : 0.0);
    gw_rule_term(finding, "looks", other_breaks(breaks));
    gw_rule_term(finding, "contradicts-baseline", contradicts ? 1.0 : 0.0);
    finding->transport_facts.usual_ip_ttl = judgement->usual_ip_ttl;
    finding->transport_facts.usual_rtt_ns = judgement->usual_rtt_ns;
}

static enum gw_severity
severity_of(const struct gw_exchange *exchange, uint32_t breaks, bool contradicts)
{
    const bool several = (uint32_t)__builtin_popcount(breaks) >= SIGNS_LEAST;

    if (several && (contradicts || (breaks_edns(breaks) && (breaks & GW_SERVER_BREAKS_PATH))))
        return GW_MEDIUM;
    return contradicts || exchange->fit == GW_FIT_SECOND ? GW_LOW : GW_INFO;
}

static void
tell_shift(const struct gw_rule_event *event, const struct gw_server_judgement *judgement)
{
    struct gw_finding finding;

    gw_rule_begin_exchange(event, GW_KIND_RESP_PATH_OUTLIER, &finding);
    add_terms(judgement, false, &finding);
    gw_rule_term(&finding, "holds", -3.0);
    finding.variant = "route-change";
    finding.severity = GW_INFO;
    gw_race_conclude(event, &finding,
        &(struct gw_race_key){.resolver = &event->exchange->resolver,
            .server = &event->exchange->server,
            .shape = 1});
}

static void
judge(const struct gw_rule_event *event)
{
    const struct gw_exchange *exchange = event->exchange;
    const struct gw_server_judgement *judgement = &event->context->servers->latest;
    const uint32_t breaks = judgement->breaks;
    struct gw_finding finding;

    if (!gw_race_is_judged(event) || breaks == 0)
        return;
    if (judgement->shifted) {
        tell_shift(event, judgement);
        return;
    }
    if ((uint32_t)__builtin_popcount(breaks) < SIGNS_LEAST)
        return;
    gw_rule_begin_exchange(event, GW_KIND_RESP_PATH_OUTLIER, &finding);
    add_terms(judgement, false, &finding);
    finding.severity = severity_of(exchange, breaks, false);
    gw_race_conclude(event, &finding,
        &(struct gw_race_key){.resolver = &exchange->resolver, .server = &exchange->server});
}

/* An address that contradicts what is known of its name server, or NULL. */
static const struct gw_observation_glue *
contrary_glue(const struct gw_rule_event *event)
{
    for (uint32_t i = 0; i < event->seen->glue_count; i++) {
        const struct gw_observation_glue *glue = &event->seen->glue[i];

        if (glue->target >= event->seen->target_count)
            continue;

        const struct gw_table_name name = gw_rule_glue_owner(event->seen, glue);

        if (gw_race_address_standing(event->table, &name, &glue->addr, event->seen) ==
            GW_RACE_OTHER)
            return glue;
    }
    return NULL;
}

/* What came another way and says something else. */
static void
judge_content(const struct gw_rule_event *event)
{
    const struct gw_exchange *exchange = event->exchange;
    const struct gw_server_judgement *judgement =
        gw_server_latest(event->context->servers, exchange);
    struct gw_finding finding;

    if (judgement == NULL || !(judgement->breaks & GW_SERVER_BREAKS_PATH) ||
        !gw_race_is_judged(event))
        return;

    const struct gw_observation_glue *glue = contrary_glue(event);

    if (glue == NULL)
        return;

    const struct gw_table_name name = gw_rule_glue_owner(event->seen, glue);

    gw_rule_begin(event, GW_KIND_RESP_PATH_OUTLIER, &name, &finding);
    add_terms(judgement, true, &finding);
    gw_rule_add_address(event, glue, &finding);
    finding.caveats = 0;
    finding.severity = severity_of(exchange, judgement->breaks, true);
    gw_race_conclude(event, &finding,
        &(struct gw_race_key){.resolver = &exchange->resolver, .server = &exchange->server});
}

const struct gw_rule gw_rule_path_outlier = {
    .kind = GW_KIND_RESP_PATH_OUTLIER, .message = judge_content, .exchange = judge};
