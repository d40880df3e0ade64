/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * resp-unsolicited: responses that nobody asked for. Many ports of one claimed server in a short
 * time look for the one that is open; the rest is noise, told once an hour when there is much.
 */
#include "analyze/race.h"

#define SPRAY_NS    (10 * GW_NS_PER_S)
#define SPRAY_PORTS 200u

/* Sprayed responses outnumber those that were asked for: else queries were not seen. */
#define SPRAY_RATIO 4u

/* What was asked before the first query that was seen, or sent late, is not unsolicited. */
#define START_NS (5 * GW_NS_PER_S)

#define HOUR_NS      (3600 * GW_NS_PER_S)
#define HOUR_COUNT   100u
#define HOUR_SOURCES 20u

/* Of a hundred responses, so many more than the tap's usual losses explain. */
#define HOUR_SHARE 20u

static void
enter_window(struct gw_race_pair *pair, int64_t time_ns)
{
    if (pair->spray_ns != 0 && time_ns - pair->spray_ns < SPRAY_NS && time_ns >= pair->spray_ns)
        return;
    pair->spray_ns = time_ns;
    pair->spray_count = 0;
    pair->spray_ports = 0;
    pair->spray_first = 0;
    pair->unreachable = 0;
    for (uint32_t i = 0; i < GW_RACE_PORT_BITS / 64; i++)
        pair->spray_port[i] = 0;
}

static void
count_port(struct gw_race_pair *pair, uint16_t port)
{
    uint64_t *word = &pair->spray_port[port % GW_RACE_PORT_BITS / 64];
    const uint64_t bit = 1ull << (port % 64);

    pair->spray_ports += (*word & bit) == 0;
    *word |= bit;
    pair->spray_count++;
}

static double
at_most(double value, double most)
{
    return value < most ? value : most;
}

static void
tell_spray(const struct gw_rule_event *event, const struct gw_race_pair *pair)
{
    const struct gw_exchange *exchange = event->exchange;
    struct gw_finding finding;

    if (pair->spray_ports < SPRAY_PORTS || pair->spray_count < SPRAY_RATIO * pair->spray_first)
        return;
    gw_rule_begin_exchange(event, GW_KIND_RESP_UNSOLICITED, &finding);
    gw_rule_term(&finding, "base", 0.0);
    gw_rule_term(&finding, "ports", at_most(pair->spray_ports / (double)SPRAY_PORTS, 3.0));
    gw_rule_term(&finding, "unreachable", pair->unreachable != 0 ? 1.0 : 0.0);
    finding.variant = "port-spray";
    finding.severity = GW_MEDIUM;
    finding.first_ns = pair->spray_ns;
    finding.message_count = pair->spray_count;
    finding.transport_facts.port_count = pair->spray_ports;
    finding.transport_facts.wrong_count = pair->spray_count;
    gw_race_conclude(event, &finding,
        &(struct gw_race_key){.resolver = &exchange->resolver,
            .server = &exchange->server,
            .period = exchange->time_ns / HOUR_NS,
            .shape = 1});
}

static void
tell_hour(const struct gw_rule_event *event, const struct gw_resolver *resolver)
{
    struct gw_finding finding;
    const uint32_t count = resolver->hour_unsolicited + 1;

    if (count < HOUR_COUNT || resolver->hour_sources < HOUR_SOURCES ||
        resolver->hour_no != event->exchange->time_ns / HOUR_NS ||
        100ull * count < (uint64_t)HOUR_SHARE * (count + resolver->hour_first))
        return;
    gw_rule_begin_exchange(event, GW_KIND_RESP_UNSOLICITED, &finding);
    gw_rule_term(&finding, "base", -3.0);
    finding.variant = "backscatter";
    finding.severity = GW_INFO;
    finding.first_ns = resolver->hour_begin_ns;
    finding.message_count = count;
    finding.transport_facts.wrong_count = count;
    gw_race_conclude(event, &finding,
        &(struct gw_race_key){.resolver = &event->exchange->resolver,
            .period = event->exchange->time_ns / HOUR_NS,
            .shape = 2});
}

static void
judge_unsolicited(const struct gw_rule_event *event)
{
    const struct gw_exchange *exchange = event->exchange;
    const struct gw_resolver *resolver =
        gw_resolver_find(event->context->resolvers, &exchange->resolver);
    const struct gw_resolver_health health =
        gw_resolver_health(event->context->resolvers, exchange);

    if (resolver == NULL || !health.both_ways || health.degraded ||
        exchange->time_ns < resolver->first_ns + START_NS)
        return;

    struct gw_race_pair *pair =
        gw_race_pair_meet(event->context->races, &exchange->resolver, &exchange->server);

    enter_window(pair, exchange->time_ns);
    count_port(pair, exchange->resolver_port);
    tell_spray(event, pair);
    tell_hour(event, resolver);
}

static void
judge(const struct gw_rule_event *event)
{
    const struct gw_exchange *exchange = event->exchange;

    if (!gw_race_is_judged(event) || exchange->transport != GW_TRANSPORT_UDP)
        return;
    if (exchange->fit == GW_FIT_UNSOLICITED) {
        judge_unsolicited(event);
    } else if (exchange->fit == GW_FIT_FIRST) {
        struct gw_race_pair *pair =
            gw_race_pair_find(event->context->races, &exchange->resolver, &exchange->server);

        if (pair != NULL)
            pair->spray_first++;
    }
}

/* A resolver says that a port is closed: what was sent there was no answer to it. */
static void
judge_sighting(const struct gw_rule_event *event, const struct gw_sighting *sighting)
{
    if (sighting->kind != GW_SIGHTING_UNREACHABLE)
        return;

    struct gw_race_pair *pair =
        gw_race_pair_find(event->context->races, &sighting->destination, &sighting->source);

    if (pair != NULL && sighting->time_ns - pair->spray_ns < SPRAY_NS)
        pair->unreachable++;
}

const struct gw_rule gw_rule_unsolicited = {
    .kind = GW_KIND_RESP_UNSOLICITED, .exchange = judge, .sighting = judge_sighting};
