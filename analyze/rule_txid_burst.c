/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * resp-txid-burst: responses that guess at the message ID, many to one query, or few to each of
 * many queries.
 */
#include "analyze/race.h"

#define WINDOW_NS (600 * GW_NS_PER_S)

/* Responses with a wrong ID to one query, below which reuse and lateness explain them. */
#define BURST_LEAST 3u

/* With so many there is no doubt. */
#define BURST_SURE 8u

/* Queries with a wrong response in ten minutes, for the slow form. */
#define SLOW_LEAST 20u

/* Of a resolver's responses, so many parts of a hundred with wrong IDs are its usual way. */
#define USUAL_PARTS 2u

/* Open queries for one question, for the birthday form. */
#define BIRTHDAY_LEAST 8u

/* Spacing that no path and no server, but a loop makes. */
#define EVEN_NS 100000

/* A resolver that gives up on UDP does so soon. */
#define RETRY_NS (10 * GW_NS_PER_S)

enum shape {
    SHAPE_BURST,
    SHAPE_SLOW,
    SHAPE_LONE,
};

static void
enter_window(struct gw_race_pair *pair, int64_t time_ns)
{
    if (pair->burst_ns != 0 && time_ns - pair->burst_ns < WINDOW_NS && time_ns >= pair->burst_ns)
        return;
    pair->burst_ns = time_ns;
    pair->burst_count = 0;
    pair->burst_worst = 0;
    pair->burst_retried = false;
    pair->burst_even = false;
    pair->burst_birthday = false;
}

static bool
is_even(const struct gw_exchange *exchange)
{
    const uint32_t count = exchange->wrong_count;

    if (count < BURST_LEAST)
        return false;
    return exchange->wrong_steps >= count / 2 ||
           exchange->time_ns - exchange->first_wrong_ns < (int64_t)EVEN_NS * (count - 1);
}

/* What answers with a fixed wrong ID, again and again, does not guess. */
static bool
guesses(const struct gw_exchange *exchange)
{
    return exchange->fit == GW_FIT_WRONG_QUESTION || exchange->wrong_ids >= BURST_LEAST;
}

/* A NAT in between may rewrite IDs all the time. */
static bool
is_usual_here(const struct gw_rule_event *event)
{
    const struct gw_resolver *resolver =
        gw_resolver_find(event->context->resolvers, &event->exchange->resolver);

    if (resolver == NULL || resolver->replies < GW_RESOLVER_REPLIES)
        return false;

    const uint32_t lately = gw_resolver_mismatches(resolver, event->exchange->time_ns);

    return 100 * (resolver->mismatched - lately) > USUAL_PARTS * resolver->replies;
}

static double
burst_points(uint32_t worst)
{
    const double more = (double)worst - BURST_LEAST;

    return 0.5 * (more < 8.0 ? more : 8.0);
}

static void
tell(const struct gw_rule_event *event, const struct gw_race_pair *pair, enum shape shape)
{
    const struct gw_exchange *exchange = event->exchange;
    struct gw_finding finding;

    gw_rule_begin_exchange(event, GW_KIND_RESP_TXID_BURST, &finding);
    gw_rule_term(&finding, "base", -0.5);
    if (shape == SHAPE_SLOW) {
        const struct gw_resolver *resolver =
            gw_resolver_find(event->context->resolvers, &exchange->resolver);
        const uint32_t queries = gw_resolver_mismatches(resolver, exchange->time_ns) + 1;
        const double more = 0.1 * (queries - SLOW_LEAST);

        gw_rule_term(&finding, "queries-with-mismatches", 1.5 + (more < 2.5 ? more : 2.5));
        finding.variant = "slow";
    } else {
        gw_rule_term(&finding, "wrong-ids", burst_points(pair->burst_worst));
        gw_rule_term(&finding, "even-spacing", pair->burst_even ? 1.0 : 0.0);
        gw_rule_term(&finding, "many-open-queries", pair->burst_birthday ? 1.0 : 0.0);
        finding.variant = shape == SHAPE_LONE    ? "single"
                          : pair->burst_birthday ? "birthday"
                                                 : "burst";
    }
    gw_rule_term(&finding, "tcp-retry", pair->burst_retried ? 1.0 : 0.0);
    gw_rule_term(&finding, "usual-here", is_usual_here(event) ? -3.0 : 0.0);
    if (exchange->class == GW_CLASS_QUERY)
        finding.transport_facts = pair->burst_transport;
    finding.transport_facts.wrong_count = pair->burst_worst;
    finding.first_ns = pair->burst_ns;
    finding.message_count = pair->burst_count;
    if (shape == SHAPE_LONE)
        finding.severity = GW_INFO;
    else if (shape == SHAPE_BURST && pair->burst_worst < BURST_SURE)
        finding.severity = GW_LOW;
    else
        finding.severity = pair->burst_birthday ? GW_HIGH : GW_MEDIUM;
    gw_race_conclude(event, &finding,
        &(struct gw_race_key){.resolver = &exchange->resolver,
            .server = &exchange->server,
            .period = pair->burst_ns,
            .shape = shape == SHAPE_LONE ? 1 : 0});
}

static void
judge_wrong(const struct gw_rule_event *event)
{
    const struct gw_exchange *exchange = event->exchange;
    const struct gw_resolver *resolver =
        gw_resolver_find(event->context->resolvers, &exchange->resolver);

    /* Before the first response that fits, nobody knows whether any would. */
    if (resolver == NULL || resolver->replies == 0)
        return;

    struct gw_race_pair *pair =
        gw_race_pair_meet(event->context->races, &exchange->resolver, &exchange->server);
    const uint32_t lately = gw_resolver_mismatches(resolver, exchange->time_ns);

    enter_window(pair, exchange->time_ns);
    if (pair->burst_count++ == 0 && exchange->first_wrong_ns < pair->burst_ns &&
        exchange->wrong_count > 1)
        pair->burst_ns = exchange->first_wrong_ns;
    pair->burst_qname = exchange->qname_hash;
    pair->burst_last_ns = exchange->time_ns;
    pair->burst_transport = (struct gw_finding_transport){.fit = exchange->fit,
        .leg = exchange->leg,
        .has_query = exchange->has_query,
        .rtt_ns = exchange->rtt_ns,
        .query_id = exchange->query_id,
        .query_frame = exchange->query_frame,
        .query_input = exchange->query_input};
    if (guesses(exchange) && exchange->wrong_count > pair->burst_worst) {
        pair->burst_worst = exchange->wrong_count;
        pair->burst_even |= is_even(exchange);
        pair->burst_birthday |= exchange->same_question >= BIRTHDAY_LEAST;
    }

    /* Guesses at one of many equal queries are few for each. */
    const bool birthday =
        exchange->same_question >= BIRTHDAY_LEAST && pair->burst_count >= BURST_SURE;

    if (birthday && !pair->burst_birthday)
        pair->burst_birthday = true;
    if (birthday && pair->burst_worst < pair->burst_count)
        pair->burst_worst =
            pair->burst_count < UINT16_MAX ? (uint32_t)pair->burst_count : UINT16_MAX;
    if (pair->burst_worst >= BURST_LEAST)
        tell(event, pair, SHAPE_BURST);
    else if (lately + (exchange->wrong_count <= 1) >= SLOW_LEAST)
        tell(event, pair, SHAPE_SLOW);
}

/* Two families of resolvers ask over TCP as soon as one response does not fit. */
static void
judge_retry(const struct gw_rule_event *event)
{
    const struct gw_exchange *exchange = event->exchange;
    struct gw_race_pair *pair =
        gw_race_pair_find(event->context->races, &exchange->resolver, &exchange->server);

    if (pair == NULL || pair->burst_count == 0 || pair->burst_qname != exchange->qname_hash ||
        exchange->time_ns - pair->burst_last_ns > RETRY_NS)
        return;
    pair->burst_retried = true;
    tell(event, pair, pair->burst_worst >= BURST_LEAST ? SHAPE_BURST : SHAPE_LONE);
}

static void
judge(const struct gw_rule_event *event)
{
    const struct gw_exchange *exchange = event->exchange;

    if (exchange->leg == GW_LEG_CLIENT)
        return;
    if (exchange->class == GW_CLASS_QUERY) {
        if (exchange->reply_facts & GW_REPLY_TCP_RETRY)
            judge_retry(event);
        return;
    }
    if (exchange->transport == GW_TRANSPORT_UDP &&
        (exchange->fit == GW_FIT_WRONG_ID || exchange->fit == GW_FIT_WRONG_QUESTION))
        judge_wrong(event);
}

const struct gw_rule gw_rule_txid_burst = {.kind = GW_KIND_RESP_TXID_BURST, .exchange = judge};
