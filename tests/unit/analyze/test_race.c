/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is found of races and transport, kind by kind, and what is not. Most stories begin with a
 * base: five resolvers ask four servers of "example" for a week, and all goes well.
 */
#include "analyze/race.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/observe.h"

#define RESOLVERS 5u
#define PARENTS   4u
#define H         GW_OBSERVE_H
#define DAY       GW_OBSERVE_DAY
#define NOW       (7 * DAY)
#define KINDS     GW_KIND_COUNT

#define R1 "198.18.1.53"
#define P1 "192.0.2.1"
#define P2 "192.0.2.2"

#define TRUE_REFERRAL   "foo.example: ns1.foo.example=192.0.2.11 ns2.foo.example=192.0.2.12"
#define FORGED_REFERRAL "foo.example: ns1.foo.example=203.0.113.66 ns2.foo.example=192.0.2.12"
#define FORGED_SECOND   "foo.example: ns1.foo.example=192.0.2.11 ns2.foo.example=203.0.113.66"

static struct gw_observe_run run;
static struct gw_sighting sighting;
static uint64_t seed = 1;

/* One query that is answered as ever; the path's TTL is 52, its round trip 80 ms. */
static void
ask_as(const struct gw_fitted *like, const char *says)
{
    struct gw_fitted fitted = *like;

    fitted.query_facts |= GW_QUERY_OPT | GW_QUERY_MIXED_CASE;
    fitted.facts |= GW_FACT_OPT;
    fitted.ip_ttl = fitted.ip_ttl == 0 ? 52 : fitted.ip_ttl;
    fitted.rtt_s = fitted.rtt_s == 0 ? 0.08 : fitted.rtt_s;
    gw_observe_answered(&run, &fitted,
        &(struct gw_told){.at_s = fitted.at_s,
            .server = fitted.server,
            .resolver = fitted.resolver,
            .says = says,
            .qname = fitted.qname});
}

static void
ask(double at_s, const char *resolver, const char *server)
{
    ask_as(
        &(struct gw_fitted){.at_s = at_s, .resolver = resolver, .server = server}, TRUE_REFERRAL);
}

/* Everybody asks everybody every six hours until `until_s`. */
static void
ask_around(double from_s, double until_s)
{
    for (double at_s = from_s; at_s < until_s; at_s += 6 * H)
        for (uint32_t i = 0; i < RESOLVERS * PARENTS; i++) {
            char resolver[32];
            char server[32];

            snprintf(resolver, sizeof(resolver), "198.18.%u.53", 1 + i % RESOLVERS);
            snprintf(server, sizeof(server), "192.0.2.%u", 1 + i / RESOLVERS);
            ask(at_s + i, resolver, server);
        }
}

static void
open_base(void)
{
    gw_observe_open(&run, seed);
    for (uint32_t i = 1; i <= PARENTS; i++) {
        char server[32];

        snprintf(server, sizeof(server), "192.0.2.%u", i);
        gw_observe_authority(&run, -10, server, "example");
    }
    ask_around(0, NOW);
}

/* Some exchanges only, in a few seconds, as in a laboratory. */
static void
open_short(void)
{
    gw_observe_open(&run, seed);
    gw_observe_authority(&run, NOW - 30, P1, "example");
    for (uint32_t i = 0; i < 25; i++)
        ask(NOW - 20 + i * 0.5, R1, P1);
}

/* A response to R1 that claims to come from P1. */
static struct gw_fitted
odd(double at_s, enum gw_fit fit)
{
    return (struct gw_fitted){
        .at_s = at_s, .fit = fit, .resolver = R1, .server = P1, .ip_ttl = 52, .rtt_s = 0.001};
}

static void
guess_ids(double at_s, uint32_t count, double apart_s)
{
    struct gw_fitted fitted = odd(at_s, GW_FIT_WRONG_ID);

    gw_observe_asking(&run, at_s, R1, P1);
    for (uint32_t i = 1; i <= count; i++) {
        fitted.at_s = at_s + i * apart_s;
        fitted.id = (uint16_t)(1000 + i);
        fitted.wrong = (uint16_t)i;
        fitted.steps = (uint16_t)(i - 1);
        fitted.first_wrong_s = (i - 1) * apart_s;
        gw_observe_fitted(&run, &fitted);
    }
}

/* The first response says one thing, the second another. */
static void
answer_twice(const struct gw_fitted *first, const char *says, double gap_s, uint8_t ip_ttl,
    const struct gw_told *second)
{
    struct gw_fitted fitted = *first;
    struct gw_told told = *second;

    ask_as(first, says);
    fitted.at_s += gap_s;
    fitted.rtt_s = (first->rtt_s == 0 ? 0.08 : first->rtt_s) + gap_s;
    fitted.first_s = gap_s;
    fitted.first_ip_ttl = first->ip_ttl == 0 ? 52 : first->ip_ttl;
    fitted.ip_ttl = ip_ttl;
    fitted.query_facts |= GW_QUERY_OPT | GW_QUERY_MIXED_CASE;
    fitted.facts |= GW_FACT_OPT;
    told.at_s = fitted.at_s;
    told.server = first->server;
    told.resolver = first->resolver;
    gw_observe_second(&run, &fitted, &told);
}

/* What a story must bring about: a finding, or nothing of `severity` and above. */
struct story {
    const char *shows;
    void (*play)(void);
    enum gw_kind kind; /* KINDS: nothing is to be found */
    const char *variant;
    enum gw_severity severity;
    enum gw_severity most; /* of the finding */
    double confidence;
    uint64_t messages; /* 0: not looked at */
    uint32_t count;    /* findings of the kind; 0: not looked at */
};

/* --- resp-txid-burst */

static void
burst_of_400(void)
{
    open_base();
    guess_ids(NOW, 400, 0.000005);
    ask(NOW + 0.08, R1, P1);
}

static void
burst_in_a_short_capture(void)
{
    open_short();
    guess_ids(NOW, 40, 0.00002);
    ask(NOW + 0.08, R1, P1);
}

static void
two_wrong_ids(void)
{
    open_base();
    guess_ids(NOW, 2, 0.0001);
    ask(NOW + 0.08, R1, P1);
}

static void
one_id_again_and_again(void)
{
    struct gw_fitted fitted = odd(NOW, GW_FIT_WRONG_ID);

    open_base();
    gw_observe_asking(&run, NOW, R1, P1);
    for (uint32_t i = 1; i <= 10; i++) {
        fitted.at_s = NOW + 0.1 * i;
        fitted.wrong = 1; /* distinct IDs are what gives guesses away */
        gw_observe_fitted(&run, &fitted);
    }
}

static void
one_wrong_id_to_each_of_many(void)
{
    open_base();
    for (uint32_t i = 0; i < 500; i++) {
        guess_ids(NOW + i * 3.6, 1, 0.001);
        ask(NOW + i * 3.6 + 0.08, R1, P1);
    }
}

static void
birthday(void)
{
    struct gw_fitted fitted = odd(NOW, GW_FIT_WRONG_ID);

    open_base();
    for (uint32_t i = 0; i < 64; i++)
        gw_observe_asking(&run, NOW, R1, P1);
    for (uint32_t i = 1; i <= 300; i++) {
        fitted.at_s = NOW + 0.00001 * i;
        fitted.id = (uint16_t)(i * 7919u);
        fitted.wrong = (uint16_t)(1 + i / 64);
        fitted.same_question = 64;
        gw_observe_fitted(&run, &fitted);
    }
}

static void
one_wrong_id_and_tcp(void)
{
    open_base();
    guess_ids(NOW, 1, 0.001);
    gw_observe_fitted(&run, &(struct gw_fitted){.at_s = NOW + 0.01,
                                .fit = GW_FIT_QUERY,
                                .resolver = R1,
                                .server = P1,
                                .transport = GW_TRANSPORT_TCP,
                                .reply_facts = GW_REPLY_TCP_RETRY});
}

static void
guesses_at_a_client(void)
{
    struct gw_fitted fitted = odd(NOW, GW_FIT_WRONG_ID);

    open_base();
    fitted.leg = GW_LEG_CLIENT;
    for (uint32_t i = 1; i <= 40; i++) {
        fitted.wrong = (uint16_t)i;
        gw_observe_fitted(&run, &fitted);
    }
}

/* --- resp-unsolicited */

static void
spray(uint32_t ports, bool icmp)
{
    struct gw_fitted fitted = odd(NOW, GW_FIT_UNSOLICITED);

    open_base();
    for (uint32_t i = 0; i < ports; i++) {
        fitted.at_s = NOW + i * 5.0 / ports;
        fitted.port = (uint16_t)(1024 + i);
        gw_observe_fitted(&run, &fitted);
        if (!icmp || i % 100 != 0)
            continue;
        sighting = (struct gw_sighting){.kind = GW_SIGHTING_UNREACHABLE,
            .time_ns = GW_OBSERVE_EPOCH_NS + (int64_t)(fitted.at_s * 1e9),
            .source = gw_observe_addr(P1),
            .destination = gw_observe_addr(R1)};
        gw_analyzer_sighting(run.analyzer, &sighting);
    }
}

static void
ports_swept(void)
{
    spray(10000, true);
}

static void
few_ports(void)
{
    spray(150, false);
}

static void
backscatter(void)
{
    struct gw_fitted fitted = odd(NOW, GW_FIT_UNSOLICITED);
    char server[32];

    open_base();
    for (uint32_t i = 0; i < 10000; i++) {
        snprintf(server, sizeof(server), "203.%u.%u.%u", i / 60000, i / 250 % 250, i % 250);
        fitted.server = server;
        fitted.at_s = NOW + i * 0.1;
        fitted.port = (uint16_t)(1024 + i * 37 % 60000);
        gw_observe_fitted(&run, &fitted);
    }
}

/* Two of three queries were not seen: their responses seem unasked for. */
static void
queries_lost(void)
{
    struct gw_fitted fitted = odd(NOW, GW_FIT_UNSOLICITED);

    open_base();
    for (uint32_t i = 0; i < 1000; i++) {
        ask(NOW + i * 0.009, R1, P1);
        fitted.at_s = NOW + i * 0.009;
        fitted.port = (uint16_t)(1024 + i);
        gw_observe_fitted(&run, &fitted);
        fitted.port = (uint16_t)(9024 + i);
        gw_observe_fitted(&run, &fitted);
    }
}

static void
no_queries_at_all(void)
{
    struct gw_fitted fitted = odd(NOW, GW_FIT_UNSOLICITED);

    gw_observe_open(&run, seed);
    for (uint32_t i = 0; i < 5000; i++) {
        fitted.at_s = NOW + i * 0.001;
        fitted.port = (uint16_t)(1024 + i);
        gw_observe_fitted(&run, &fitted);
    }
}

/* --- resp-double-conflict */

static const struct gw_fitted to_r1 = {.at_s = NOW, .resolver = R1, .server = P1};

static void
forged_then_true(void)
{
    open_base();
    answer_twice(
        &(struct gw_fitted){
            .at_s = NOW, .resolver = R1, .server = P1, .rtt_s = 0.005, .ip_ttl = 64},
        FORGED_REFERRAL, 0.075, 52, &(struct gw_told){.says = TRUE_REFERRAL});
}

static void
true_then_forged(void)
{
    open_base();
    answer_twice(&to_r1, TRUE_REFERRAL, 0.001, 52, &(struct gw_told){.says = FORGED_REFERRAL});
}

static void
forged_without_a_base(void)
{
    open_short();
    answer_twice(&to_r1, FORGED_REFERRAL, 0.03, 52, &(struct gw_told){.says = TRUE_REFERRAL});
}

static const struct gw_told forged_answer = {.says = ".: www.foo.example=203.0.113.80",
    .class = GW_CLASS_ANSWER,
    .facts = GW_FACT_AA | GW_FACT_ADDRESS | GW_FACT_ANSWERED,
    .facts_off = GW_FACT_NS | GW_FACT_UNDER_CUT};

static void
answer_beside_referrals(void)
{
    open_base();
    for (uint32_t i = 0; i < 40; i++) {
        char qname[32];
        struct gw_fitted first = to_r1;
        struct gw_told second = forged_answer;
        char says[128];

        snprintf(qname, sizeof(qname), "www.n%u.example", i);
        snprintf(says, sizeof(says), "n%u.example: ns1.n%u.example=192.0.2.33", i, i);
        first.at_s = NOW + i;
        first.qname = qname;
        second.qname = qname;
        answer_twice(&first, says, 0.001, 64, &second);
    }
}

static void
three_forged(void)
{
    char says[128];

    open_base();
    ask(NOW, R1, P1);
    for (uint32_t i = 1; i <= 3; i++) {
        struct gw_fitted fitted = odd(NOW + i * 0.01, GW_FIT_SECOND);

        snprintf(says, sizeof(says),
            "foo.example: ns1.foo.example=203.0.113.%u ns2.foo.example=192.0.2.12", 60 + i);
        gw_observe_second(&run, &fitted,
            &(struct gw_told){.at_s = fitted.at_s, .server = P1, .resolver = R1, .says = says});
    }
}

static void
other_order(void)
{
    open_base();
    answer_twice(&to_r1, TRUE_REFERRAL, 0.01, 52,
        &(struct gw_told){
            .says = "foo.example: ns2.foo.example=192.0.2.12 ns1.foo.example=192.0.2.11"});
}

static void
one_is_a_part(void)
{
    open_base();
    answer_twice(&to_r1, TRUE_REFERRAL, 0.01, 52,
        &(struct gw_told){.says = "foo.example: ns1.foo.example=192.0.2.11 ns2.foo.example"});
}

static void
truncated_then_whole(void)
{
    open_base();
    answer_twice(&to_r1, TRUE_REFERRAL, 0.01, 52,
        &(struct gw_told){.says = FORGED_REFERRAL, .facts = GW_FACT_TC});
}

static void
servfail_then_answer(void)
{
    open_base();
    answer_twice(&to_r1, TRUE_REFERRAL, 0.01, 52,
        &(struct gw_told){.says = "foo.example:", .class = GW_CLASS_ERROR});
}

/* A pool of which each response shows one member. */
static void
two_of_a_pool(void)
{
    open_base();
    for (uint32_t i = 0; i < 20; i++) {
        char says[128];
        struct gw_fitted fitted = {.at_s = NOW - 100 + i, .resolver = R1, .server = P2};

        snprintf(says, sizeof(says), "bar.example: ns1.bar.example=203.%u.113.1", i % 4);
        ask_as(&fitted, says);
        fitted.server = P1;
        fitted.resolver = "198.18.2.53";
        ask_as(&fitted, says);
    }
    answer_twice(&to_r1, "bar.example: ns1.bar.example=203.1.113.1", 0.01, 52,
        &(struct gw_told){.says = "bar.example: ns1.bar.example=203.2.113.1"});
}

/* --- resp-case-mismatch, resp-wrong-source, resp-bad-checksum */

static void
case_lost_once(void)
{
    open_base();
    ask_as(
        &(struct gw_fitted){
            .at_s = NOW, .resolver = R1, .server = P1, .reply_facts = GW_REPLY_CASE_DIFFERS},
        TRUE_REFERRAL);
}

static void
case_never_echoed(void)
{
    open_base();
    for (uint32_t i = 0; i < 50; i++)
        ask_as(&(struct gw_fitted){.at_s = NOW + i,
                   .resolver = R1,
                   .server = "192.0.2.77",
                   .reply_facts = GW_REPLY_CASE_DIFFERS},
            TRUE_REFERRAL);
}

static void
answered_by_another(uint32_t times)
{
    struct gw_fitted fitted = odd(NOW, GW_FIT_WRONG_SOURCE);

    fitted.asked = P1;
    fitted.server = "192.0.2.9";
    for (uint32_t i = 0; i < times; i++) {
        fitted.at_s = NOW + 1 + i;
        gw_observe_asking(&run, fitted.at_s - 0.02, R1, P1);
        gw_observe_fitted(&run, &fitted);
    }
}

static void
always_from_a_second_address(void)
{
    open_base();
    answered_by_another(30);
}

static void
another_answers_in_a_race(void)
{
    open_base();
    guess_ids(NOW, 50, 0.00001);
    answered_by_another(1);
}

static void
check_sums(uint32_t good, uint32_t bad)
{
    for (uint32_t i = 0; i < good + bad; i++)
        ask_as(&(struct gw_fitted){.at_s = NOW + i,
                   .resolver = R1,
                   .server = P1,
                   .payload_flags = i < good ? GW_PAYLOAD_SUM_GOOD : GW_PAYLOAD_SUM_BAD},
            TRUE_REFERRAL);
}

static void
one_bad_sum(void)
{
    open_base();
    check_sums(300, 1);
}

static void
sums_left_to_the_card(void)
{
    open_base();
    check_sums(90, 300);
}

/* --- resp-fragment-glue */

static void
in_fragments(double at_s, const char *resolver, uint16_t flags, const char *says)
{
    ask_as(&(struct gw_fitted){.at_s = at_s,
               .resolver = resolver,
               .server = P1,
               .payload_flags = (uint16_t)(GW_PAYLOAD_FRAGMENTED | flags),
               .fragments = 2,
               .from_fragment = 1},
        says);
}

static void
forged_fragment(void)
{
    open_base();
    in_fragments(NOW, R1, 0, FORGED_SECOND);
}

static void
fragment_twice(void)
{
    open_base();
    in_fragments(NOW, R1, GW_PAYLOAD_FRAG_CONFLICT, FORGED_SECOND);
}

static void
fragment_then_another(void)
{
    open_base();
    in_fragments(NOW, R1, 0, FORGED_SECOND);
    sighting = (struct gw_sighting){.kind = GW_SIGHTING_FRAG_CONFLICT,
        .time_ns = GW_OBSERVE_EPOCH_NS + (int64_t)(NOW * 1e9) + 50000000,
        .source = gw_observe_addr(P1),
        .destination = gw_observe_addr(R1)};
    gw_analyzer_sighting(run.analyzer, &sighting);
}

static void
large_referrals(void)
{
    open_base();
    for (uint32_t i = 0; i < 20; i++) {
        char resolver[32];

        snprintf(resolver, sizeof(resolver), "198.18.%u.53", 1 + i % RESOLVERS);
        in_fragments(NOW + i, resolver, 0, "large.example: ns1.large.example=192.0.2.44");
    }
}

static void
orphans(const char *server, uint32_t count)
{
    open_base();
    for (uint32_t i = 0; i < count; i++) {
        sighting = (struct gw_sighting){.kind = GW_SIGHTING_FRAG_ORPHAN,
            .time_ns = GW_OBSERVE_EPOCH_NS + (int64_t)(NOW * 1e9) + i * 1000000,
            .source = gw_observe_addr(server),
            .destination = gw_observe_addr(R1),
            .ip_id = 500 + i};
        gw_analyzer_sighting(run.analyzer, &sighting);
    }
}

static void
planted_fragments(void)
{
    orphans(P1, 64);
}

static void
few_orphans(void)
{
    orphans(P1, 7);
}

static void
orphans_of_others(void)
{
    orphans("203.0.113.9", 64);
}

/* --- resp-path-outlier */

static void
quick_and_unlike(void)
{
    open_base();
    ask_as(
        &(struct gw_fitted){
            .at_s = NOW, .resolver = R1, .server = P1, .rtt_s = 0.005, .ip_ttl = 64},
        TRUE_REFERRAL);
}

static void
other_way_other_content(void)
{
    open_base();
    for (uint32_t i = 0; i < 12; i++)
        ask_as(
            &(struct gw_fitted){
                .at_s = NOW + i * 900, .resolver = R1, .server = P1, .rtt_s = 0.032, .ip_ttl = 48},
            FORGED_REFERRAL);
}

static void
route_change(void)
{
    open_base();
    for (uint32_t i = 0; i < 30; i++)
        ask_as(
            &(struct gw_fitted){.at_s = NOW + i * 900, .resolver = R1, .server = P1, .ip_ttl = 49},
            TRUE_REFERRAL);
}

static void
anycast(void)
{
    open_base();
    for (uint32_t i = 0; i < 60; i++)
        ask_as(&(struct gw_fitted){.at_s = NOW + i * 900,
                   .resolver = R1,
                   .server = P1,
                   .ip_ttl = i % 2 == 0 ? 52 : 57},
            TRUE_REFERRAL);
}

/* A resolver elsewhere sees the same servers at another distance. */
static void
resolver_elsewhere(void)
{
    open_base();
    for (uint32_t i = 0; i < 30; i++)
        ask_as(&(struct gw_fitted){.at_s = NOW + i * 60,
                   .resolver = "198.18.77.53",
                   .server = P1,
                   .rtt_s = 0.15,
                   .ip_ttl = 44},
            TRUE_REFERRAL);
}

static void
nothing_odd(void)
{
    open_base();
}

#define NONE KINDS, NULL, GW_LOW, GW_CRITICAL, 0.0, 0, 0

static const struct story stories[] = {
    {"a quiet week is silent", nothing_odd, KINDS, NULL, GW_INFO, GW_CRITICAL, 0, 0, 0},
    {"400 guesses at one query are one finding", burst_of_400, GW_KIND_RESP_TXID_BURST, "burst",
        GW_MEDIUM, GW_MEDIUM, 0.95, 400, 1},
    {"so are 40 in a capture of 20 seconds", burst_in_a_short_capture, GW_KIND_RESP_TXID_BURST,
        "burst", GW_MEDIUM, GW_MEDIUM, 0.9, 40, 1},
    {"two wrong IDs are nothing", two_wrong_ids, NONE},
    {"one wrong ID again and again is no guess", one_id_again_and_again, NONE},
    {"one guess at each of 500 queries is told as slow", one_wrong_id_to_each_of_many,
        GW_KIND_RESP_TXID_BURST, "slow", GW_MEDIUM, GW_MEDIUM, 0.7, 0, 3},
    {"300 guesses at 64 equal queries are a birthday", birthday, GW_KIND_RESP_TXID_BURST,
        "birthday", GW_HIGH, GW_HIGH, 0.9, 300, 1},
    {"one wrong ID and a retry over TCP is noted", one_wrong_id_and_tcp, GW_KIND_RESP_TXID_BURST,
        "single", GW_INFO, GW_INFO, 0, 1, 1},
    {"what clients are sent is left out", guesses_at_a_client, NONE},
    {"a sweep over 10,000 ports is one finding", ports_swept, GW_KIND_RESP_UNSOLICITED,
        "port-spray", GW_MEDIUM, GW_MEDIUM, 0.9, 10000, 1},
    {"150 ports are not", few_ports, NONE},
    {"backscatter is one note an hour", backscatter, GW_KIND_RESP_UNSOLICITED, "backscatter",
        GW_INFO, GW_INFO, 0, 10000, 1},
    {"where queries are lost, nothing is unasked for", queries_lost, NONE},
    {"nor where none are seen", no_queries_at_all, NONE},
    {"a forged referral before the true one", forged_then_true, GW_KIND_RESP_DOUBLE_CONFLICT,
        "addresses", GW_HIGH, GW_HIGH, 0.95, 1, 1},
    {"a forged referral after the true one", true_then_forged, GW_KIND_RESP_DOUBLE_CONFLICT,
        "addresses", GW_HIGH, GW_HIGH, 0.9, 1, 1},
    {"the same in a capture of 20 seconds", forged_without_a_base, GW_KIND_RESP_DOUBLE_CONFLICT,
        "addresses", GW_HIGH, GW_HIGH, 0.7, 1, 1},
    {"an answer beside each of 40 referrals: 32 names, and one for the rest",
        answer_beside_referrals, GW_KIND_RESP_DOUBLE_CONFLICT, NULL, GW_HIGH, GW_HIGH, 0.9, 0,
        GW_RACE_FINDINGS_DAY + 1},
    {"three forged ones are one finding", three_forged, GW_KIND_RESP_DOUBLE_CONFLICT, "addresses",
        GW_HIGH, GW_HIGH, 0.8, 3, 1},
    {"another order is no conflict", other_order, NONE},
    {"a part is no conflict", one_is_a_part, NONE},
    {"a truncated response conflicts with nothing", truncated_then_whole, NONE},
    {"an error and an answer are a cluster's", servfail_then_answer, NONE},
    {"two members of a known pool are hardly one", two_of_a_pool, KINDS, NULL, GW_MEDIUM,
        GW_CRITICAL, 0, 0, 0},
    {"case lost by a server that keeps it", case_lost_once, GW_KIND_RESP_CASE_MISMATCH, "break",
        GW_MEDIUM, GW_MEDIUM, 0.7, 1, 1},
    {"a server that never keeps it is noted once", case_never_echoed, GW_KIND_RESP_CASE_MISMATCH,
        "style", GW_INFO, GW_INFO, 0, 0, 1},
    {"a server that answers from elsewhere is noted once", always_from_a_second_address,
        GW_KIND_RESP_WRONG_SOURCE, NULL, GW_INFO, GW_INFO, 0, 30, 1},
    {"the same amid guesses", another_answers_in_a_race, GW_KIND_RESP_WRONG_SOURCE, NULL, GW_MEDIUM,
        GW_MEDIUM, 0.8, 1, 1},
    {"one wrong checksum of 300 is noted", one_bad_sum, GW_KIND_RESP_BAD_CHECKSUM, NULL, GW_INFO,
        GW_INFO, 0, 1, 1},
    {"many wrong ones are the capture's", sums_left_to_the_card, NONE},
    {"a later fragment that contradicts what all others were told", forged_fragment,
        GW_KIND_RESP_FRAGMENT_GLUE, "minority", GW_MEDIUM, GW_MEDIUM, 0.8, 1, 1},
    {"and that came twice with other octets", fragment_twice, GW_KIND_RESP_FRAGMENT_GLUE,
        "conflict", GW_HIGH, GW_HIGH, 0.95, 1, 1},
    {"the true fragment after the forged one", fragment_then_another, GW_KIND_RESP_FRAGMENT_GLUE,
        "conflict", GW_HIGH, GW_HIGH, 0.95, 0, 1},
    {"large referrals in fragments are noted once for a server", large_referrals,
        GW_KIND_RESP_FRAGMENT_GLUE, "plain", GW_INFO, GW_INFO, 0, 0, 1},
    {"fragments planted ahead", planted_fragments, GW_KIND_RESP_FRAGMENT_GLUE, "orphan", GW_LOW,
        GW_LOW, 0.5, 64, 1},
    {"seven later fragments alone are loss", few_orphans, KINDS, NULL, GW_INFO, GW_CRITICAL, 0, 0,
        0},
    {"fragments of other hosts are not about DNS", orphans_of_others, KINDS, NULL, GW_INFO,
        GW_CRITICAL, 0, 0, 0},
    {"quicker and with another TTL", quick_and_unlike, GW_KIND_RESP_PATH_OUTLIER, NULL, GW_INFO,
        GW_INFO, 0.7, 1, 1},
    {"another path with another content", other_way_other_content, GW_KIND_RESP_PATH_OUTLIER, NULL,
        GW_MEDIUM, GW_MEDIUM, 0.8, 0, 0},
    {"a new route is noted once", route_change, GW_KIND_RESP_PATH_OUTLIER, "route-change", GW_INFO,
        GW_INFO, 0, 0, 1},
    {"anycast takes turns in silence", anycast, KINDS, NULL, GW_INFO, GW_CRITICAL, 0, 0, 0},
    {"another resolver's path is its own", resolver_elsewhere, KINDS, NULL, GW_LOW, GW_CRITICAL, 0,
        0, 0},
};

static bool
is_about_races(enum gw_kind kind)
{
    return kind >= GW_KIND_RESP_UNSOLICITED && kind <= GW_KIND_RESP_PATH_OUTLIER;
}

/* The gravest of the kind, and how many there are of it, or of any of severity `severity`. */
static const struct gw_finding *
find(const struct story *story, uint32_t *ret_count)
{
    const struct gw_finding *found = NULL;
    const struct gw_finding *finding;

    *ret_count = 0;
    for (uint32_t i = 0; (finding = gw_analyzer_finding(run.analyzer, i)) != NULL; i++) {
        if (story->kind == KINDS) {
            *ret_count += is_about_races(finding->kind) && finding->severity >= story->severity;
            continue;
        }
        if (finding->kind != story->kind)
            continue;
        ++*ret_count;
        if (found == NULL || finding->severity > found->severity)
            found = finding;
    }
    return found;
}

static bool
is_as_told(const struct story *story)
{
    uint32_t count;
    const struct gw_finding *found = find(story, &count);

    if (story->kind == KINDS)
        return count == 0;
    return found != NULL && found->severity >= story->severity && found->severity <= story->most &&
           found->confidence >= story->confidence &&
           (story->messages == 0 || found->message_count == story->messages) &&
           (story->count == 0 || count == story->count) &&
           (story->variant == NULL ||
               (found->variant != NULL && strcmp(found->variant, story->variant) == 0));
}

static void
every_story_ends_as_told(void **state)
{
    uint32_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(stories); i++) {
        stories[i].play();
        gw_observe_finish(&run, NOW + DAY, 0);
        if (!is_as_told(&stories[i])) {
            printf("not so: %s\n", stories[i].shows);
            gw_observe_print(&run);
            wrong++;
        }
        gw_observe_close(&run);
    }
    assert_int_equal(wrong, 0);
}

/* The order and ids of findings must not depend on the secret. */
static void
findings_do_not_depend_on_the_secret(void **state)
{
    uint8_t id[64][16];
    uint32_t count = 0;
    const struct gw_finding *finding;

    (void)state;
    answer_beside_referrals();
    gw_observe_finish(&run, NOW + DAY, 0);
    for (; count < 64 && (finding = gw_analyzer_finding(run.analyzer, count)) != NULL; count++)
        memcpy(id[count], finding->id, 16);
    gw_observe_close(&run);
    assert_true(count > GW_RACE_FINDINGS_DAY);
    for (seed = 2; seed < 4; seed++) {
        answer_beside_referrals();
        gw_observe_finish(&run, NOW + DAY, 0);
        for (uint32_t i = 0; i < count; i++)
            assert_memory_equal(gw_analyzer_finding(run.analyzer, i)->id, id[i], 16);
        gw_observe_close(&run);
    }
    seed = 1;
}

static void
a_conflict_names_both_sides_and_the_delegation(void **state)
{
    uint8_t wire[GW_NAME_MAX];
    const uint8_t len = gw_observe_name("foo.example", wire);
    const struct gw_addr forged = gw_observe_addr("203.0.113.66");
    uint32_t count;

    (void)state;
    forged_then_true();
    gw_observe_finish(&run, NOW + DAY, 0);

    const struct gw_finding *found =
        find(&(struct story){.kind = GW_KIND_RESP_DOUBLE_CONFLICT}, &count);

    assert_non_null(found);
    assert_int_equal(found->cut.len, len);
    assert_memory_equal(found->cut.wire, wire, len);
    assert_int_equal(found->set_count, 2);
    assert_int_equal(found->set[1].role, GW_SET_CONTRARY);
    assert_memory_equal(&found->set[1].address[0], &forged, sizeof(forged));
    assert_true(found->transport_facts.has_rival);
    assert_int_equal(found->transport_facts.usual_ip_ttl, 52);
    gw_observe_close(&run);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_story_ends_as_told),
        cmocka_unit_test(findings_do_not_depend_on_the_secret),
        cmocka_unit_test(a_conflict_names_both_sides_and_the_delegation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
