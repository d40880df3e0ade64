/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kinds about the shape of responses: what brings them about, what nearly does, and what servers
 * do every day that must stay silent. In the base, five resolvers ask the servers of "example"
 * (192.0.2.1 to 4) for foo.example, whose servers (192.0.2.11 and 12) answer.
 */
#include "analyze/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/observe.h"

#define RESOLVERS 5u
#define H         GW_OBSERVE_H
#define DAY       GW_OBSERVE_DAY
#define KINDS     GW_KIND_COUNT
#define NOW       (7 * DAY)

#define TRUE_REFERRAL "foo.example: ns1.foo.example=192.0.2.11 ns2.foo.example=192.0.2.12"
#define P1            "192.0.2.1"
#define C1            "192.0.2.11"
#define C2            "192.0.2.12"
#define R1            "198.18.1.53"
#define EVIL          "ns.evil.test=203.0.113.66"

#define PROMISC (GW_FACT_PROMISCUOUS)
#define ANSWER  (GW_FACT_AA | GW_FACT_ANSWERED)

static struct gw_observe_run run;

static const struct gw_told_more upstream = {
    .kind = GW_OBSERVATION_DELEGATION, .leg = GW_LEG_UPSTREAM};

/* Tell of a response; the class and facts say what it is. */
static void
say(double at_s, const char *server, const char *says, const char *qname, enum gw_class class,
    uint32_t facts, uint32_t facts_off, const struct gw_told_more *more)
{
    gw_observe_tell_more(&run,
        &(struct gw_told){.at_s = at_s,
            .server = server,
            .resolver = R1,
            .says = says,
            .qname = qname,
            .class = class,
            .facts = facts,
            .facts_off = facts_off},
        more);
}

static void
refer(double at_s, uint32_t resolver, const char *server, const char *says)
{
    char to[32];

    snprintf(to, sizeof(to), "198.18.%u.53", resolver);
    gw_observe_tell(
        &run, &(struct gw_told){.at_s = at_s, .server = server, .resolver = to, .says = says});
}

/* An authoritative answer for www.foo.example, without anything beside it. */
static void
answer(double at_s, const char *server)
{
    const struct gw_told_more more = {.kind = GW_OBSERVATION_ADDRESS, .leg = GW_LEG_UPSTREAM};

    say(at_s, server, ".: www.foo.example=203.0.113.80", "www.foo.example", GW_CLASS_ANSWER,
        GW_FACT_AA | GW_FACT_ADDRESS | GW_FACT_ANSWERED, GW_OBSERVE_FACTS, &more);
}

static void
deny(double at_s, const char *server, const char *qname, uint8_t rcode)
{
    const struct gw_told_more more = {
        .kind = GW_OBSERVATION_ERROR, .leg = GW_LEG_UPSTREAM, .rcode = rcode};

    say(at_s, server, ".:", qname, GW_CLASS_ERROR, 0, GW_OBSERVE_FACTS, &more);
}

static void
open_base(void)
{
    gw_observe_open(&run, 1);
    for (uint32_t i = 1; i <= 4; i++) {
        char server[32];

        snprintf(server, sizeof(server), "192.0.2.%u", i);
        gw_observe_authority(&run, 0, server, "example");
    }
    for (uint32_t day = 0; day < 7; day++)
        for (uint32_t resolver = 1; resolver <= RESOLVERS; resolver++) {
            char server[32];

            snprintf(server, sizeof(server), "192.0.2.%u", 1 + (day + resolver) % 4);
            refer(day * DAY + resolver, resolver, server, TRUE_REFERRAL);
            answer(day * DAY + resolver + 1, resolver % 2 ? C1 : C2);
        }
}

struct story {
    const char *shows;
    void (*play)(void);
    enum gw_kind kind;
    const char *variant;
    enum gw_severity least, most; /* of the finding; most INFO with kind KINDS: nothing above */
    double confidence;            /* at least */
};

static void
nothing_more(void)
{
}

/* promiscuous-ns */

static void
own_denial_with_other_ns(void)
{
    const struct gw_told_more more = {
        .kind = GW_OBSERVATION_DELEGATION, .leg = GW_LEG_UPSTREAM, .rcode = 3};

    say(NOW, C1, "foo.example: " EVIL, "q.foo.example", GW_CLASS_NEGATIVE, PROMISC | GW_FACT_AA, 0,
        &more);
}

static void
own_denial_with_own_ns(void)
{
    const struct gw_told_more more = {
        .kind = GW_OBSERVATION_DELEGATION, .leg = GW_LEG_UPSTREAM, .rcode = 3};

    say(NOW, C1, TRUE_REFERRAL, "q.foo.example", GW_CLASS_NEGATIVE, PROMISC | GW_FACT_AA, 0, &more);
}

static void
answer_with_parents_ns(void)
{
    say(NOW, C1, "example: " EVIL, "www.foo.example", GW_CLASS_DELEGATION, ANSWER, 0, &upstream);
}

static void
answer_with_own_ns(void)
{
    say(NOW, C1, TRUE_REFERRAL, "www.foo.example", GW_CLASS_DELEGATION, ANSWER, 0, &upstream);
}

static void
answer_with_other_own_ns(void)
{
    for (uint32_t i = 0; i < 5; i++)
        say(NOW + i, C1, TRUE_REFERRAL, "www.foo.example", GW_CLASS_DELEGATION, ANSWER, 0,
            &upstream);
    say(NOW + 9, C1, "foo.example: " EVIL, "www.foo.example", GW_CLASS_DELEGATION, ANSWER, 0,
        &upstream);
}

static void
child_always_names_others(void)
{
    for (uint32_t i = 0; i < 9; i++)
        say(NOW + i, C1, "foo.example: ns.provider.test", "www.foo.example", GW_CLASS_DELEGATION,
            ANSWER, 0, &upstream);
}

static void
negative_with_ns(void)
{
    const struct gw_told_more more = {
        .kind = GW_OBSERVATION_DELEGATION, .leg = GW_LEG_UPSTREAM, .rcode = 3};

    say(NOW, P1, "foo.example: " EVIL, "q.foo.example", GW_CLASS_NEGATIVE, PROMISC, 0, &more);
}

static void
negative_with_known_ns(void)
{
    const struct gw_told_more more = {
        .kind = GW_OBSERVATION_DELEGATION, .leg = GW_LEG_UPSTREAM, .rcode = 3};

    say(NOW, P1, TRUE_REFERRAL, "q.foo.example", GW_CLASS_NEGATIVE, PROMISC, 0, &more);
}

static void
yxdomain_with_ns(void)
{
    const struct gw_told_more more = {
        .kind = GW_OBSERVATION_DELEGATION, .leg = GW_LEG_UPSTREAM, .rcode = 6};

    say(NOW, P1, "foo.example: " EVIL, "q.foo.example", GW_CLASS_NEGATIVE, PROMISC, 0, &more);
}

static void
nodata_with_ns(void)
{
    say(NOW, P1, "foo.example: " EVIL, "foo.example", GW_CLASS_NODATA,
        PROMISC | GW_FACT_AA | GW_FACT_SOA, 0, &upstream);
}

static void
error_with_root_ns(void)
{
    const struct gw_told_more more = {
        .kind = GW_OBSERVATION_DELEGATION, .leg = GW_LEG_UPSTREAM, .rcode = 5};

    say(NOW, C1, ".: a.root-servers.net b.root-servers.net", "www.foo.example", GW_CLASS_ERROR,
        PROMISC, 0, &more);
}

static void
over_tcp(void)
{
    say(NOW, P1, "foo.example: " EVIL, "foo.example", GW_CLASS_NODATA,
        PROMISC | GW_FACT_AA | GW_FACT_SOA | GW_FACT_TCP, 0, &upstream);
}

static void
forwarded(const char *says, const char *qname, enum gw_leg leg)
{
    const struct gw_told_more more = {.kind = GW_OBSERVATION_ANSWER, .leg = leg};

    say(NOW, "198.18.9.53", says, qname, GW_CLASS_RECURSIVE_ANSWER,
        GW_FACT_RD | GW_FACT_RA | GW_FACT_ANSWERED, GW_FACT_UNDER_CUT, &more);
}

static void
forwarder_with_tld(void)
{
    forwarded("com: " EVIL, "www.fwd.test", GW_LEG_FORWARD);
}

static void
forwarder_with_known_zone(void)
{
    forwarded("foo.example: " EVIL, "www.foo.example", GW_LEG_FORWARD);
}

static void
forwarder_with_its_cache(void)
{
    forwarded("com: a.gtld-servers.net", "www.bank.com", GW_LEG_FORWARD);
    forwarded(".: a.root-servers.net", "www.fwd.test", GW_LEG_FORWARD);
    forwarded(TRUE_REFERRAL, "www.foo.example", GW_LEG_FORWARD);
}

static void
resolver_to_its_client(void)
{
    forwarded("com: " EVIL, "www.fwd.test", GW_LEG_CLIENT);
    forwarded("com: " EVIL, "www.fwd.test", GW_LEG_UNKNOWN);
}

static void
host_address_with_its_ns(void)
{
    say(NOW, P1, "bar.example: ns1.bar.example=192.0.2.31", "ns1.bar.example", GW_CLASS_DELEGATION,
        GW_FACT_ANSWERED | GW_FACT_ADDRESS, 0, &upstream);
}

static void
parent_that_also_serves_the_child(void)
{
    say(NOW, P1, "bar.example: ns1.bar.example=192.0.2.1", "www.bar.example", GW_CLASS_DELEGATION,
        ANSWER, 0, &upstream);
    say(NOW + 1, P1, "example: ns1.example=192.0.2.1", "bar.example", GW_CLASS_DELEGATION, ANSWER,
        0, &upstream);
}

/* referral-upward, -sideways, cut-overlap */

static void
upward_to_the_root(void)
{
    for (uint32_t day = 0; day < 9; day++)
        say(NOW + day * DAY, C1, ".: a.root-servers.net b.root-servers.net", "www.foo.example",
            GW_CLASS_DELEGATION, 0, 0, &upstream);
}

static void
upward_to_others(void)
{
    refer(NOW, 1, "192.0.2.91", "example: ns1.example=192.0.2.1 ns2.example=192.0.2.2");
    refer(NOW, 2, "192.0.2.92", "example: ns1.example=192.0.2.1 ns2.example=192.0.2.2");
    refer(NOW, 3, "192.0.2.93", "example: ns1.example=192.0.2.1 ns2.example=192.0.2.2");
    gw_observe_authority(&run, NOW + 1, C1, "foo.example");
    say(NOW + 2, C1, "example: " EVIL, "www.foo.example", GW_CLASS_DELEGATION, 0, 0, &upstream);
}

static void
sideways_to_sibling(void)
{
    refer(NOW, 1, P1, "bar.example: ns1.bar.example=192.0.2.31");
    refer(NOW, 2, P1, "bar.example: ns1.bar.example=192.0.2.31");
    refer(NOW, 3, P1, "bar.example: ns1.bar.example=192.0.2.31");
    say(NOW + 1, P1, "bar.example: " EVIL, "www.foo.example", GW_CLASS_DELEGATION, 0,
        GW_FACT_UNDER_CUT, &upstream);
}

static void
sideways_unknown(void)
{
    say(NOW + 1, P1, "bar.test: " EVIL, "www.foo.example", GW_CLASS_DELEGATION, 0,
        GW_FACT_UNDER_CUT, &upstream);
}

static void
two_owners(void)
{
    const struct gw_told_more more = {
        .kind = GW_OBSERVATION_DELEGATION, .leg = GW_LEG_UPSTREAM, .other = "example"};

    say(NOW, P1, "foo.example: " EVIL, "www.foo.example", GW_CLASS_MULTI_CUT, GW_FACT_MULTI_CUT, 0,
        &more);
}

static void
two_owners_as_known(void)
{
    const struct gw_told_more more = {
        .kind = GW_OBSERVATION_DELEGATION, .leg = GW_LEG_UPSTREAM, .other = "example"};

    say(NOW, P1, TRUE_REFERRAL, "www.foo.example", GW_CLASS_MULTI_CUT, GW_FACT_MULTI_CUT, 0, &more);
}

static void
past_a_cut(void)
{
    refer(NOW, 1, P1, TRUE_REFERRAL);
    refer(NOW + 1, 1, P1, TRUE_REFERRAL);
    refer(NOW + 2, 1, P1, "deep.foo.example: ns1.deep.foo.example=192.0.2.51");
}

static void
past_a_cut_long_ago(void)
{
    refer(NOW + 2 * DAY, 1, P1, "deep.foo.example: ns1.deep.foo.example=192.0.2.51");
}

static void
child_refers_deeper(void)
{
    refer(NOW, 1, P1, TRUE_REFERRAL);
    refer(NOW + 2, 1, C1, "deep.foo.example: ns1.deep.foo.example=192.0.2.51");
}

/* delegation-not-served */

static void
refuses_three_names(void)
{
    deny(NOW, C2, "a.foo.example", 5);
    deny(NOW + 1, C2, "b.foo.example", 5);
    deny(NOW + 2, C2, "c.foo.example", 5);
}

static void
refuses_two_names_often(void)
{
    for (uint32_t i = 0; i < 12; i++)
        deny(NOW + i, C2, i % 2 ? "a.foo.example" : "b.foo.example", 5);
}

static void
refuses_one_name(void)
{
    for (uint32_t i = 0; i < 20; i++)
        deny(NOW + i, C2, "a.foo.example", 5);
}

static void
refuses_and_answers(void)
{
    for (uint32_t i = 0; i < 20; i++) {
        char qname[32];

        snprintf(qname, sizeof(qname), "n%u.foo.example", i);
        deny(NOW + i, C2, qname, 5);
        if (i % 2 == 1)
            answer(NOW + i + 0.5, C2);
    }
}

static void
fails_for_a_day(void)
{
    for (uint32_t i = 0; i < 5; i++)
        deny(NOW + i * 6.5 * H, C2, "a.foo.example", 2);
}

static void
stranger_refuses(void)
{
    deny(NOW, "203.0.113.9", "a.foo.example", 5);
    deny(NOW + 1, "203.0.113.9", "b.foo.example", 5);
    deny(NOW + 2, "203.0.113.9", "c.foo.example", 5);
}

static void
refers_to_itself(void)
{
    for (uint32_t i = 0; i < 3; i++) {
        char qname[32];

        snprintf(qname, sizeof(qname), "n%u.foo.example", i);
        say(NOW + i, C1, "foo.example: ns1.foo.example=192.0.2.11", qname, GW_CLASS_DELEGATION, 0,
            0, &upstream);
    }
}

static void
answers_from_a_cache(void)
{
    const struct gw_told_more more = {.kind = GW_OBSERVATION_ERROR, .leg = GW_LEG_UPSTREAM};

    for (uint32_t i = 0; i < 3; i++) {
        char qname[32];

        snprintf(qname, sizeof(qname), "n%u.foo.example", i);
        say(NOW + i, C1, ".:", qname, GW_CLASS_ANSWER, GW_FACT_RA | GW_FACT_ANSWERED,
            GW_OBSERVE_FACTS, &more);
    }
}

static void
dark(double days)
{
    for (double day = 0; day < days; day += 0.5) {
        deny(NOW + day * DAY, C1, "a.foo.example", 5);
        deny(NOW + day * DAY + 1, C2, "b.foo.example", 5);
    }
}

static void
revived(void)
{
    dark(10);
    answer(NOW + 10 * DAY, C2);
}

static void
revived_too_soon(void)
{
    dark(5);
    answer(NOW + 5 * DAY, C2);
}

static void
revived_by_others(void)
{
    dark(10);
    refer(NOW + 10 * DAY, 1, P1, "foo.example: ns1.new.example=192.0.2.12");
    answer(NOW + 10 * DAY + 1, C2);
}

/* ns-target-invalid */

static void
target_is_an_address(void)
{
    refer(NOW, 1, P1, "bar.example: 192.0.2.99");
    refer(NOW, 1, P1, "baz.example: 192.0.2.99.baz.example");
}

static void
target_is_no_host(void)
{
    refer(NOW, 1, P1, "bar.example: ns_1.bar.example=192.0.2.31");
}

static void
target_is_odd_but_right(void)
{
    refer(NOW, 1, P1, "bar.example: .");
    refer(NOW, 1, P1, "baz.example: 300.1.2.3.baz.example=192.0.2.31 1.2.3.baz.example=192.0.2.32");
    refer(NOW, 1, P1, "zab.example: xn--abc-1.zab.example=192.0.2.31");
}

static void
alias(const char *owner)
{
    const struct gw_told_more more = {
        .kind = GW_OBSERVATION_ALIAS, .leg = GW_LEG_UPSTREAM, .other = owner};

    say(NOW, C1, ".: real.foo.example", "real.foo.example", GW_CLASS_ANSWER,
        GW_FACT_AA | GW_FACT_ALIAS, GW_OBSERVE_FACTS, &more);
}

static void
target_is_an_alias(void)
{
    alias("ns1.foo.example");
}

static void
other_name_is_an_alias(void)
{
    alias("www.foo.example");
}

/* ns-fanout */

static void
referral_of(double at_s, const char *cut, uint32_t targets, const char *domain)
{
    static char text[GW_MESSAGE_MAX];
    uint32_t kept = targets < GW_TARGETS_MAX ? targets : GW_TARGETS_MAX;
    const struct gw_told_more more = {.kind = GW_OBSERVATION_DELEGATION,
        .leg = GW_LEG_UPSTREAM,
        .target_total = (uint16_t)targets};
    int len = snprintf(text, sizeof(text), "%s:", cut);

    for (uint32_t i = 0; i < kept; i++)
        len += snprintf(text + len, sizeof(text) - (size_t)len, " x%u-%.0f.%s", i, at_s, domain);
    say(at_s, "192.0.2.21", text, NULL, GW_CLASS_DELEGATION, 0, 0, &more);
}

static void
evil_zone(void)
{
    refer(NOW, 1, P1, "evil.example: ns.evil.example=192.0.2.21");
}

static void
one_large_referral(void)
{
    evil_zone();
    referral_of(NOW + 1, "r1.evil.example", 60, "victim.test");
}

static void
one_huge_referral(void)
{
    referral_of(NOW + 1, "evil.example", 1500, "victim.test");
}

static void
many_large_referrals(void)
{
    evil_zone();
    for (uint32_t i = 0; i < 12; i++) {
        char cut[32];

        snprintf(cut, sizeof(cut), "r%u.evil.example", i);
        referral_of(NOW + 1 + i, cut, 60, "victim.test");
    }
}

static void
asks(double from_s, const char *domain)
{
    for (uint32_t i = 0; i < 40; i++) {
        char qname[48];

        snprintf(qname, sizeof(qname), "x%u-1.%s", i, domain);
        gw_observe_query(&run, from_s + i * 0.05, R1, "203.0.113.200", qname);
    }
}

static void
large_referral_and_burst(void)
{
    one_large_referral();
    asks(NOW + 1.1, "victim.test");
}

static void
large_referral_and_other_queries(void)
{
    one_large_referral();
    asks(NOW + 1.1, "other.test");
    asks(NOW + 60, "victim.test");
}

static void
thirteen_elsewhere(void)
{
    evil_zone();
    for (uint32_t i = 0; i < 20; i++) {
        char cut[32];

        snprintf(cut, sizeof(cut), "r%u.evil.example", i);
        referral_of(NOW + 1 + i, cut, 13, "provider.test");
    }
}

static void
thirty_of_its_own(void)
{
    evil_zone();
    referral_of(NOW + 1, "r1.evil.example", 30, "ns.evil.example");
}

/* glue-unreferenced, beside records out of place */

static void
answer_with_mx(const char *says, uint32_t facts)
{
    const struct gw_told_more more = {
        .kind = GW_OBSERVATION_ADDRESS, .leg = GW_LEG_UPSTREAM, .other = "foo.example"};

    say(NOW, C1, says, "www.foo.example", GW_CLASS_ANSWER,
        GW_FACT_AA | GW_FACT_ADDRESS | GW_FACT_ANSWERED | facts, GW_OBSERVE_FACTS, &more);
}

static void
mx_in_authority(void)
{
    gw_observe_authority(&run, NOW - 1, "192.0.2.77", "test");
    refer(NOW - 1, 1, "192.0.2.77", "bank.test: ns1.bank.test=192.0.2.78");
    answer_with_mx(
        ".: www.foo.example=203.0.113.80 +www.bank.test=203.0.113.66", GW_FACT_WRONG_SECTION);
}

static void
mx_in_its_place(void)
{
    gw_observe_authority(&run, NOW - 1, "192.0.2.77", "test");
    refer(NOW - 1, 1, "192.0.2.77", "bank.test: ns1.bank.test=192.0.2.78");
    answer_with_mx(".: www.foo.example=203.0.113.80 +www.bank.test=203.0.113.66", 0);
}

static void
child_rewrites_its_parent(void)
{
    gw_observe_authority(&run, NOW, "192.0.2.91", ".");
    refer(NOW, 1, "192.0.2.91", "example: ns1.example=192.0.2.1 ns2.example=192.0.2.2");
    refer(NOW + 1, 1, C1, "sub.foo.example: ns1.example=203.0.113.66");
}

static const struct story stories[] = {
    {"the base itself is silent", nothing_more, KINDS, NULL, GW_INFO, GW_INFO, 0},
    {"answer with NS of the parent zone, with glue", answer_with_parents_ns, GW_KIND_PROMISCUOUS_NS,
        "answer", GW_MEDIUM, GW_HIGH, 0.7},
    {"answer with its own NS: courtesy", answer_with_own_ns, KINDS, NULL, GW_INFO, GW_INFO, 0},
    {"its own NS, unlike all before", answer_with_other_own_ns, GW_KIND_PROMISCUOUS_NS, "apex",
        GW_LOW, GW_LOW, 0.7},
    {"a child that always names others", child_always_names_others, KINDS, NULL, GW_LOW, GW_LOW, 0},
    {"NXDOMAIN of the zone's own server with other NS", own_denial_with_other_ns,
        GW_KIND_PROMISCUOUS_NS, "negative", GW_MEDIUM, GW_MEDIUM, 0.8},
    {"NXDOMAIN of the zone's own server with its NS", own_denial_with_own_ns, KINDS, NULL, GW_INFO,
        GW_INFO, 0},
    {"NXDOMAIN with other NS of a child", negative_with_ns, GW_KIND_PROMISCUOUS_NS, "negative",
        GW_MEDIUM, GW_HIGH, 0.7},
    {"NXDOMAIN with the known NS", negative_with_known_ns, KINDS, NULL, GW_INFO, GW_INFO, 0},
    {"YXDOMAIN with other NS", yxdomain_with_ns, GW_KIND_PROMISCUOUS_NS, "yxdomain", GW_MEDIUM,
        GW_HIGH, 0.7},
    {"no data with other NS", nodata_with_ns, GW_KIND_PROMISCUOUS_NS, "nodata", GW_MEDIUM, GW_HIGH,
        0.7},
    {"REFUSED with the root's NS", error_with_root_ns, KINDS, NULL, GW_INFO, GW_INFO, 0},
    {"the same over TCP is no more than low", over_tcp, KINDS, NULL, GW_INFO, GW_LOW, 0},
    {"forwarder with NS of a TLD not asked for", forwarder_with_tld, GW_KIND_PROMISCUOUS_NS,
        "forwarder", GW_CRITICAL, GW_CRITICAL, 0.7},
    {"forwarder with other NS of a known zone", forwarder_with_known_zone, GW_KIND_PROMISCUOUS_NS,
        "forwarder", GW_HIGH, GW_HIGH, 0.7},
    {"forwarder that adds what it has in cache", forwarder_with_its_cache, KINDS, NULL, GW_INFO,
        GW_INFO, 0},
    {"resolvers' answers to clients", resolver_to_its_client, KINDS, NULL, GW_INFO, GW_INFO, 0},
    {"a host's address with the referral beside it", host_address_with_its_ns, KINDS, NULL, GW_INFO,
        GW_INFO, 0},
    {"one server of parent and child", parent_that_also_serves_the_child, KINDS, NULL, GW_INFO,
        GW_INFO, 0},
    {"upward to the root, every day", upward_to_the_root, GW_KIND_REFERRAL_UPWARD, "known-servers",
        GW_INFO, GW_INFO, 0.7},
    {"upward to other servers than known", upward_to_others, GW_KIND_REFERRAL_UPWARD,
        "other-servers", GW_MEDIUM, GW_MEDIUM, 0.7},
    {"sideways to a sibling, with other servers", sideways_to_sibling, GW_KIND_REFERRAL_SIDEWAYS,
        "sibling", GW_MEDIUM, GW_MEDIUM, 0.7},
    {"sideways to what nobody knows", sideways_unknown, GW_KIND_REFERRAL_SIDEWAYS, "foreign",
        GW_LOW, GW_LOW, 0.5},
    {"NS of two owners, other servers", two_owners, GW_KIND_CUT_OVERLAP, "several-owners",
        GW_MEDIUM, GW_MEDIUM, 0.7},
    {"NS of two owners, as known", two_owners_as_known, GW_KIND_CUT_OVERLAP, "several-owners",
        GW_LOW, GW_LOW, 0.7},
    {"a referral past a cut", past_a_cut, GW_KIND_CUT_OVERLAP, "past-a-cut", GW_LOW, GW_LOW, 0.5},
    {"past a cut of two days ago", past_a_cut_long_ago, KINDS, NULL, GW_INFO, GW_INFO, 0},
    {"the child refers deeper", child_refers_deeper, KINDS, NULL, GW_INFO, GW_INFO, 0},
    {"three names refused", refuses_three_names, GW_KIND_DELEGATION_NOT_SERVED, "refused", GW_LOW,
        GW_LOW, 0.7},
    {"two names refused again and again", refuses_two_names_often, GW_KIND_DELEGATION_NOT_SERVED,
        "refused", GW_LOW, GW_LOW, 0.7},
    {"one name refused again and again", refuses_one_name, KINDS, NULL, GW_INFO, GW_INFO, 0},
    {"refused now and then", refuses_and_answers, KINDS, NULL, GW_INFO, GW_INFO, 0},
    {"SERVFAIL for a day", fails_for_a_day, GW_KIND_DELEGATION_NOT_SERVED, "servfail", GW_INFO,
        GW_INFO, 0.3},
    {"refused by a server of something else", stranger_refuses, KINDS, NULL, GW_INFO, GW_INFO, 0},
    {"refers to itself, at its own address", refers_to_itself, GW_KIND_DELEGATION_NOT_SERVED,
        "self-pointing", GW_LOW, GW_LOW, 0.7},
    {"answers out of a cache", answers_from_a_cache, GW_KIND_DELEGATION_NOT_SERVED,
        "nonaa-recursive", GW_LOW, GW_LOW, 0.7},
    {"dark for ten days, then served", revived, GW_KIND_DELEGATION_NOT_SERVED, "revived", GW_MEDIUM,
        GW_MEDIUM, 0.7},
    {"dark for five days only", revived_too_soon, KINDS, NULL, GW_INFO, GW_LOW, 0},
    {"served again under another delegation", revived_by_others, KINDS, NULL, GW_INFO, GW_LOW, 0},
    {"an address for a name", target_is_an_address, GW_KIND_NS_TARGET_INVALID, "address-like",
        GW_LOW, GW_LOW, 0.9},
    {"no host name", target_is_no_host, GW_KIND_NS_TARGET_INVALID, "non-host", GW_INFO, GW_INFO,
        0.9},
    {"odd names that are right", target_is_odd_but_right, KINDS, NULL, GW_INFO, GW_INFO, 0},
    {"an alias for a name server", target_is_an_alias, GW_KIND_NS_TARGET_INVALID, "alias", GW_LOW,
        GW_LOW, 0.9},
    {"an alias that is no name server", other_name_is_an_alias, KINDS, NULL, GW_INFO, GW_INFO, 0},
    {"one large referral", one_large_referral, GW_KIND_NS_FANOUT, "large-referral", GW_MEDIUM,
        GW_MEDIUM, 0.7},
    {"one huge referral", one_huge_referral, GW_KIND_NS_FANOUT, "huge-referral", GW_MEDIUM,
        GW_MEDIUM, 0.7},
    {"twelve of them in a minute", many_large_referrals, GW_KIND_NS_FANOUT, "many-referrals",
        GW_HIGH, GW_HIGH, 0.7},
    {"and the resolver asks for them", large_referral_and_burst, GW_KIND_NS_FANOUT, "query-burst",
        GW_HIGH, GW_HIGH, 0.9},
    {"queries for others, or too late", large_referral_and_other_queries, GW_KIND_NS_FANOUT,
        "large-referral", GW_MEDIUM, GW_MEDIUM, 0.7},
    {"thirteen servers elsewhere, many times", thirteen_elsewhere, KINDS, NULL, GW_INFO, GW_INFO,
        0},
    {"thirty servers of its own", thirty_of_its_own, KINDS, NULL, GW_INFO, GW_LOW, 0},
    {"MX in AUTHORITY and an address of others", mx_in_authority, GW_KIND_GLUE_UNREFERENCED,
        "wrong-section", GW_HIGH, GW_HIGH, 0.7},
    {"an address beside an answer", mx_in_its_place, KINDS, NULL, GW_INFO, GW_INFO, 0},
    {"a child rewrites its parent's server", child_rewrites_its_parent, GW_KIND_GLUE_UNRELATED,
        "parent-server", GW_HIGH, GW_HIGH, 0.7},
};

static bool
is_as_told(const struct story *story)
{
    const struct gw_finding *finding = NULL;

    if (story->kind == KINDS) {
        const uint32_t above = gw_observe_count(&run, (enum gw_severity)(story->most + 1), 0.0);

        return above == 0 && (story->most != GW_INFO || gw_observe_count(&run, GW_INFO, 0.0) == 0);
    }
    finding = gw_observe_variant(&run, story->kind, story->variant);
    return finding != NULL && finding->severity >= story->least &&
           finding->severity <= story->most && finding->confidence >= story->confidence;
}

static void
each_story_ends_as_told(void **state)
{
    bool all = true;

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(stories); i++) {
        open_base();
        stories[i].play();
        gw_observe_finish(&run, 0, 0);
        if (!is_as_told(&stories[i])) {
            print_message("%s:\n", stories[i].shows);
            gw_observe_print(&run);
            all = false;
        }
        gw_observe_close(&run);
    }
    assert_true(all);
}

/* One finding for each server and zone, however often it refers upward. */
static void
what_goes_on_every_day_is_told_once(void **state)
{
    const struct gw_finding *finding = NULL;
    uint32_t count = 0;

    (void)state;
    open_base();
    upward_to_the_root();
    gw_observe_finish(&run, 0, 0);
    while ((finding = gw_analyzer_finding(run.analyzer, count)) != NULL)
        count++;
    assert_int_equal(count, 2); /* upward, and not served */
    finding = gw_observe_variant(&run, GW_KIND_REFERRAL_UPWARD, NULL);
    assert_int_equal(finding->message_count, 9);
    gw_observe_close(&run);
}

/* The order of rows is: who would have believed it. */
static void
who_would_have_believed_it(void **state)
{
    static const struct {
        const char *shows;
        void (*play)(void);
        enum gw_kind kind;
        uint8_t accept;
    } rows[] = {
        {"glue outside of the zone: nobody", child_rewrites_its_parent, GW_KIND_GLUE_UNRELATED, 0},
        {"NS beside an answer over UDP: nobody", answer_with_parents_ns, GW_KIND_PROMISCUOUS_NS, 0},
        {"two NS owners: BIND drops the message", two_owners, GW_KIND_CUT_OVERLAP,
            GW_ACCEPT_UNBOUND | GW_ACCEPT_KNOT | GW_ACCEPT_POWERDNS},
        {"a zone not asked for: nobody", sideways_to_sibling, GW_KIND_REFERRAL_SIDEWAYS, 0},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        const struct gw_finding *finding = NULL;

        open_base();
        rows[i].play();
        gw_observe_finish(&run, 0, 0);
        finding = gw_observe_variant(&run, rows[i].kind, NULL);
        assert_non_null(finding);
        if (!finding->accept_known || finding->accept != rows[i].accept)
            fail_msg("%s: %u", rows[i].shows, finding->accept);
        gw_observe_close(&run);
    }
}

/* The address decides, too: who asks no loopback address would not ask that. */
static void
glue_is_believed_by_its_owner_and_address(void **state)
{
    static const struct {
        const char *shows;
        const char *says;
        enum gw_kind kind;
        uint8_t accept;
    } rows[] = {
        {"in-domain, loopback", "bar.example: ns1.bar.example=127.0.0.1", GW_KIND_GLUE_LOOPBACK,
            GW_ACCEPT_BIND},
        {"in-domain, private", "bar.example: ns1.bar.example=10.0.0.1", GW_KIND_GLUE_BOGON,
            GW_ACCEPT_BIND | GW_ACCEPT_UNBOUND | GW_ACCEPT_KNOT},
        {"sibling one label up, private", "bar.example: ns1.baz.example=10.0.0.1",
            GW_KIND_GLUE_BOGON, GW_ACCEPT_BIND | GW_ACCEPT_UNBOUND | GW_ACCEPT_KNOT},
        {"sibling two labels up, private", "a.bar.example: ns1.baz.example=10.0.0.1",
            GW_KIND_GLUE_BOGON, GW_ACCEPT_UNBOUND | GW_ACCEPT_KNOT},
        {"unrelated, private", "bar.example: ns1.baz.test=10.0.0.1", GW_KIND_GLUE_BOGON, 0},
        {"multicast", "bar.example: ns1.bar.example=224.0.0.1", GW_KIND_GLUE_BOGON,
            GW_ACCEPT_UNBOUND | GW_ACCEPT_KNOT},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        const struct gw_finding *finding = NULL;

        open_base();
        refer(NOW, 1, P1, rows[i].says);
        gw_observe_finish(&run, 0, 0);
        finding = gw_observe_variant(&run, rows[i].kind, NULL);
        assert_non_null(finding);
        if (!finding->accept_known || finding->accept != rows[i].accept)
            fail_msg("%s: %u", rows[i].shows, finding->accept);
        gw_observe_close(&run);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_story_ends_as_told),
        cmocka_unit_test(what_goes_on_every_day_is_told_once),
        cmocka_unit_test(who_would_have_believed_it),
        cmocka_unit_test(glue_is_believed_by_its_owner_and_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
