/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is found and what is not, kind by kind. Most stories begin with a base: for seven days, five
 * resolvers ask the four servers of "example" every six hours, and all tell the same.
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
#define PARENTS   4u
#define DAYS      7.0
#define H         GW_OBSERVE_H
#define DAY       GW_OBSERVE_DAY
#define KINDS     GW_KIND_COUNT

#define TRUE_REFERRAL \
    "foo.example: ns1.foo.example=192.0.2.11,2001:db8::11 ns2.foo.example=192.0.2.12"
#define FORGED_REFERRAL \
    "foo.example: ns1.foo.example=203.0.113.66,2001:db8::11 ns2.foo.example=192.0.2.12"

static struct gw_observe_run run;
static uint64_t chance;

static void
tell(double at_s, uint32_t resolver, uint32_t parent, const char *says)
{
    char to[32];
    char from[32];

    snprintf(to, sizeof(to), "198.18.%u.53", resolver);
    snprintf(from, sizeof(from), "192.0.2.%u", parent);
    gw_observe_tell(
        &run, &(struct gw_told){.at_s = at_s, .server = from, .resolver = to, .says = says});
}

static uint32_t
any(uint32_t bound)
{
    return (uint32_t)(gw_observe_next(&chance) % bound);
}

/* Everybody asks every six hours from `from_s` to `to_s`, and is told `says`. */
static void
ask_around(double from_s, double to_s, const char *says)
{
    for (double at_s = from_s; at_s < to_s; at_s += 6 * H)
        for (uint32_t resolver = 1; resolver <= RESOLVERS; resolver++)
            tell(at_s + resolver * 60, resolver, 1 + any(PARENTS), says);
}

static void
open_lab(void)
{
    chance = 1;
    gw_observe_open(&run, 1);
    for (uint32_t i = 1; i <= PARENTS; i++) {
        char server[32];

        snprintf(server, sizeof(server), "192.0.2.%u", i);
        gw_observe_authority(&run, 0, server, "example");
    }
}

static void
open_base(void)
{
    open_lab();
    ask_around(0, DAYS * DAY, TRUE_REFERRAL);
}

/* What a story must bring about: a finding, or nothing of medium severity. */
struct story {
    const char *shows;
    void (*play)(void);
    enum gw_kind kind; /* KINDS: nothing is to be found at or above `severity` */
    const char *name;
    enum gw_severity severity; /* of the finding, at least */
    double confidence;         /* likewise */
    uint64_t messages;         /* 0: not looked at */
    const char *term;          /* one that it must have, or NULL */
};

static void
one_forged_and_truth_after(void)
{
    open_base();
    tell(DAYS * DAY, 1, 1, FORGED_REFERRAL);
    tell(DAYS * DAY + 0.04, 1, 1, TRUE_REFERRAL);
    ask_around(DAYS * DAY + 60, DAYS * DAY + 12 * H, TRUE_REFERRAL);
}

static void
truth_only(void)
{
    open_base();
    tell(DAYS * DAY, 1, 1, TRUE_REFERRAL);
    ask_around(DAYS * DAY + 60, DAYS * DAY + 12 * H, TRUE_REFERRAL);
}

static void
ns_taken_over_and_back(void)
{
    open_base();
    ask_around(DAYS * DAY, DAYS * DAY + 1,
        "foo.example: ns1.evil.test=203.0.113.66 ns2.evil.test=203.0.113.67");
    ask_around(DAYS * DAY + 2 * H, DAYS * DAY + 2 * DAY, TRUE_REFERRAL);
}

static void
glue_taken_over(void)
{
    open_base();
    ask_around(DAYS * DAY, DAYS * DAY + 2 * H, FORGED_REFERRAL);
    gw_observe_truth(&run, DAYS * DAY + 2 * H, "ns1.foo.example=192.0.2.11");
    ask_around(DAYS * DAY + 2 * H, DAYS * DAY + 2 * DAY, FORGED_REFERRAL);
}

static void
glue_moved_after_the_child_was_heard(void)
{
    open_base();
    gw_observe_truth(&run, DAYS * DAY - 60, "ns1.foo.example=192.0.2.11");
    ask_around(DAYS * DAY, DAYS * DAY + 2 * DAY, FORGED_REFERRAL);
}

static void
glue_moved_and_the_child_agrees(void)
{
    open_base();
    gw_observe_truth(&run, DAYS * DAY, "ns1.foo.example=203.0.113.66");
    ask_around(DAYS * DAY, DAYS * DAY + 2 * DAY, FORGED_REFERRAL);
}

static void
one_parent_lies(void)
{
    open_base();
    for (double at_s = DAYS * DAY; at_s < (DAYS + 1) * DAY; at_s += H)
        for (uint32_t resolver = 1; resolver <= RESOLVERS; resolver++) {
            const uint32_t parent = 1 + any(PARENTS);

            tell(at_s + resolver, resolver, parent, parent == 3 ? FORGED_REFERRAL : TRUE_REFERRAL);
        }
}

static void
one_resolver_is_lied_to(void)
{
    open_base();
    for (double at_s = DAYS * DAY; at_s < DAYS * DAY + 3 * H; at_s += H / 4)
        for (uint32_t resolver = 1; resolver <= RESOLVERS; resolver++)
            tell(at_s + resolver, resolver, 1 + any(PARENTS),
                resolver == 1 ? FORGED_REFERRAL : TRUE_REFERRAL);
}

static void
two_of_five_are_lied_to_by_two_parents(void)
{
    open_base();
    for (double at_s = DAYS * DAY; at_s < DAYS * DAY + 3 * H; at_s += H / 4)
        for (uint32_t resolver = 1; resolver <= RESOLVERS; resolver++)
            tell(at_s + resolver, resolver, 1 + any(2),
                resolver <= 2 ? FORGED_REFERRAL : TRUE_REFERRAL);
}

static void
one_extra_address(void)
{
    open_base();
    tell(DAYS * DAY, 1, 1,
        "foo.example: ns1.foo.example=192.0.2.11,203.0.113.66,2001:db8::11 "
        "ns2.foo.example=192.0.2.12");
    ask_around(DAYS * DAY + 60, DAYS * DAY + DAY, TRUE_REFERRAL);
}

/* Both addresses in one message, so that they seem to belong together; then the lie alone. */
static void
a_bridge_and_then_a_lie(void)
{
    open_base();
    tell(DAYS * DAY, 1, 1,
        "foo.example: ns1.foo.example=192.0.2.11,203.0.113.66,2001:db8::11 "
        "ns2.foo.example=192.0.2.12");
    tell(DAYS * DAY + 60, 1, 1, FORGED_REFERRAL);
    tell(DAYS * DAY + 61, 1, 2, FORGED_REFERRAL);
    ask_around(DAYS * DAY + 120, DAYS * DAY + DAY, TRUE_REFERRAL);
}

static void
a_server_is_added(void)
{
    open_base();
    ask_around(DAYS * DAY, DAYS * DAY + 2 * DAY,
        "foo.example: ns1.foo.example=192.0.2.11,203.0.113.7,2001:db8::11 "
        "ns2.foo.example=192.0.2.12 ns3.foo.example=203.0.113.8");
}

static void
vendors_of_four_styles(void)
{
    open_lab();
    for (double at_s = 0; at_s < 3 * DAY; at_s += 3 * H)
        for (uint32_t resolver = 1; resolver <= RESOLVERS; resolver++) {
            static const char *const styles[] = {TRUE_REFERRAL,
                ("foo.example: ns2.foo.example=192.0.2.12 "
                 "ns1.foo.example=2001:db8::11,192.0.2.11"),
                TRUE_REFERRAL,
                "foo.example: ns1.foo.example=192.0.2.11 ns2.foo.example=192.0.2.12"};
            const uint32_t parent = 1 + any(PARENTS);

            tell(at_s + resolver, resolver, parent, styles[parent - 1]);
        }
}

static void
clipped_and_truncated(void)
{
    static const uint32_t facts[] = {GW_FACT_CLIPPED, GW_FACT_TC};

    open_base();
    for (uint32_t i = 0; i < 20; i++)
        gw_observe_tell(
            &run, &(struct gw_told){.at_s = DAYS * DAY + i,
                      .server = "192.0.2.2",
                      .resolver = "198.18.2.53",
                      .says = i % 3 == 0 ? "foo.example: ns1.foo.example=192.0.2.11 ns2.foo.example"
                                         : "foo.example: ns2.foo.example",
                      .facts = facts[i % 2]});
}

static void
sibling_address_sent_by_some(void)
{
    open_lab();
    for (double at_s = 0; at_s < 3 * DAY; at_s += 3 * H)
        for (uint32_t resolver = 1; resolver <= RESOLVERS; resolver++) {
            const uint32_t parent = 1 + any(PARENTS);

            tell(at_s + resolver, resolver, parent,
                parent == 1   ? "foo.example: ns1.host.example ns2.host.example"
                : parent == 3 ? "foo.example: ns1.host.example=192.0.2.11 ns2.host.example"
                              : "foo.example: ns1.host.example=192.0.2.11,2001:db8::11 "
                                "ns2.host.example=192.0.2.12");
        }
}

static void
renumbered_within_forty_minutes(void)
{
    open_base();
    for (double at_s = DAYS * DAY; at_s < (DAYS + 1) * DAY; at_s += 300)
        for (uint32_t resolver = 1; resolver <= RESOLVERS; resolver++) {
            const uint32_t parent = 1 + any(PARENTS);
            const bool moved = at_s - DAYS * DAY > parent * 600;

            tell(at_s + resolver, resolver, parent,
                moved ? "foo.example: ns1.foo.example=192.0.2.21,2001:db8::21 "
                        "ns2.foo.example=192.0.2.12"
                      : TRUE_REFERRAL);
        }
    gw_observe_truth(&run, (DAYS + 1) * DAY, "ns1.foo.example=192.0.2.21");
}

static void
five_hundred_move_to_one_provider(void)
{
    char says[128];

    open_lab();
    for (uint32_t round = 0; round < 12; round++)
        for (uint32_t i = 0; i < 500; i++) {
            snprintf(says, sizeof(says),
                round < 10 ? "m%u.example: ns1.m%u.example=192.0.2.11"
                           : "m%u.example: ns1.host%u.example=203.0.113.7",
                i, round < 10 ? i : 1);
            tell(round * 12 * H + i * 6, 1 + any(RESOLVERS), 1 + any(PARENTS), says);
        }
}

static void
one_witness_is_told_this_and_that(void)
{
    open_base();
    for (uint32_t i = 0; i < 6; i++)
        tell(DAYS * DAY + i * 600, 1, 1, i % 2 == 0 ? FORGED_REFERRAL : TRUE_REFERRAL);
}

static void
the_only_resolver_is_told_this_and_that(void)
{
    open_lab();
    for (uint32_t i = 0; i < 30; i++)
        tell(i * 600, 1, 1, i > 20 && i % 2 == 0 ? FORGED_REFERRAL : TRUE_REFERRAL);
}

static void
four_addresses_one_at_a_time(void)
{
    char says[64];

    open_lab();
    for (uint32_t i = 0; i < 400; i++) {
        snprintf(says, sizeof(says), "foo.example: ns1.foo.example=192.0.2.%u", 20 + any(4));
        tell(i * 60, 1, 1, says);
    }
}

static void
one_of_three_at_random_for_a_week(void)
{
    char says[64];

    open_lab();
    for (double at_s = 0; at_s < 14 * DAY; at_s += 6 * H)
        for (uint32_t resolver = 1; resolver <= RESOLVERS; resolver++) {
            snprintf(says, sizeof(says), "foo.example: ns1.foo.example=192.0.2.%u", 20 + any(3));
            tell(at_s + resolver * 60, resolver, 1 + any(PARENTS), says);
        }
}

/* Referrals for `count` delegations, with the usual TTL. */
static void
tell_of_many(uint32_t count)
{
    char says[128];

    for (uint32_t round = 0; round < 4; round++)
        for (uint32_t i = 0; i < count; i++) {
            snprintf(
                says, sizeof(says), "m%u.example: ns1.m%u.example=192.0.2.%u", i, i, 1 + i % 200);
            tell(round * 12 * H + i * 6, 1 + any(RESOLVERS), 1 + any(PARENTS), says);
        }
}

static void
long_ttl_with_another_address(void)
{
    open_base();
    tell_of_many(250);
    gw_observe_tell(&run, &(struct gw_told){.at_s = DAYS * DAY,
                              .server = "192.0.2.1",
                              .resolver = "198.18.1.53",
                              .says = FORGED_REFERRAL,
                              .ttl_s = 604800});
}

static void
all_ttls_change(void)
{
    open_lab();
    tell_of_many(250);
    for (uint32_t i = 0; i < 1000; i++) {
        char says[128];

        snprintf(says, sizeof(says), "m%u.example: ns1.m%u.example=192.0.2.%u", i % 250, i % 250,
            1 + i % 250 % 200);
        gw_observe_tell(&run, &(struct gw_told){.at_s = 3 * DAY + i * 6,
                                  .server = i % 2 == 0 ? "192.0.2.1" : "192.0.2.2",
                                  .resolver = i % 3 == 0 ? "198.18.1.53" : "198.18.2.53",
                                  .says = says,
                                  .ttl_s = 18000});
    }
}

/* The name servers of 30 delegations become one address; `at_s` after the beginning. */
static void
thirty_become_one(bool child_agrees)
{
    char says[128];

    tell_of_many(60);
    for (uint32_t i = 0; i < 30; i++) {
        snprintf(says, sizeof(says), "ns1.m%u.example=203.0.113.66", i);
        if (child_agrees)
            gw_observe_truth(&run, 3 * DAY + i * 60, says);
        snprintf(says, sizeof(says), "m%u.example: ns1.m%u.example=203.0.113.66", i, i);
        tell(3 * DAY + i * 60 + 1, 1 + any(RESOLVERS), 1 + any(PARENTS), says);
    }
}

static void
many_are_taken_over(void)
{
    open_lab();
    thirty_become_one(false);
}

static void
many_are_moved_by_their_hoster(void)
{
    open_lab();
    thirty_become_one(true);
}

static void
cohosted_glue_in_many(void)
{
    char says[128];

    open_lab();
    for (uint32_t i = 1; i <= PARENTS; i++) {
        snprintf(says, sizeof(says), "192.0.2.%u", i);
        gw_observe_authority(&run, 0, says, "test");
    }
    for (uint32_t i = 0; i < 300; i++) {
        snprintf(says, sizeof(says), "c%u.example: ns1.host%u.test=192.0.2.%u", i, i % 40, i % 40);
        for (uint32_t round = 0; round < 3; round++)
            tell(i * 60 + round * DAY, 1 + any(RESOLVERS), 1 + any(PARENTS), says);
    }
}

static void
eight_of_twelve_rotate(void)
{
    open_lab();
    for (double at_s = 0; at_s < 3 * DAY; at_s += 2 * H)
        for (uint32_t resolver = 1; resolver <= RESOLVERS; resolver++) {
            char says[256] = "foo.example: ns1.foo.example";
            const uint32_t start = any(12);

            for (uint32_t i = 0; i < 8; i++)
                snprintf(says + strlen(says), sizeof(says) - strlen(says), "%c192.0.%u.11",
                    i == 0 ? '=' : ',', 10 + (start + i) % 12);
            tell(at_s + resolver, resolver, 1 + any(PARENTS), says);
        }
}

static void
delegated_to_nowhere(void)
{
    open_lab();
    ask_around(0, 2 * DAY, "foo.example: .");
}

static void
private_addresses_from_first_sight(void)
{
    open_lab();
    ask_around(0, 2 * DAY, "foo.example: ns1.foo.example=10.1.2.3");
}

static void
a_private_address_after_a_public_one(void)
{
    open_base();
    tell(DAYS * DAY, 1, 1, "foo.example: ns1.foo.example=10.1.2.3 ns2.foo.example=192.0.2.12");
}

static void
loopback_from_first_sight(void)
{
    open_lab();
    ask_around(0, 2 * DAY, "foo.example: ns1.foo.example=127.0.0.1");
}

static void
unspecified_then_loopback(void)
{
    open_base();
    tell(DAYS * DAY, 1, 1, "foo.example: ns1.foo.example=0.0.0.0 ns2.foo.example=192.0.2.12");
    tell(DAYS * DAY + 60, 1, 1, "foo.example: ns1.foo.example=127.0.0.1 ns2.foo.example");
}

static void
loopback_after_a_public_one(void)
{
    open_base();
    tell(DAYS * DAY, 1, 1, "foo.example: ns1.foo.example=::1 ns2.foo.example=192.0.2.12");
}

static void
both_loopback_and_public_at_first_sight(void)
{
    open_lab();
    tell(0, 1, 1, "foo.example: ns1.foo.example=127.0.0.1,192.0.2.11");
}

static void
unrelated_with_another_address_known(void)
{
    open_base();
    gw_observe_authority(&run, DAY, "192.0.2.77", "test");
    tell(DAYS * DAY, 1, 77, "bank.test: ns.bank.test=192.0.2.20");
    tell(DAYS * DAY + 60, 1, 1, "foo.example: ns.bank.test=203.0.113.66");
}

static void
unrelated_with_the_same_address(void)
{
    open_base();
    gw_observe_authority(&run, DAY, "192.0.2.77", "test");
    tell(DAYS * DAY, 1, 77, "bank.test: ns.bank.test=192.0.2.20");
    tell(DAYS * DAY + 60, 1, 1, "bar.example: ns.bank.test=192.0.2.20");
}

static void
unrelated_and_never_heard_of(void)
{
    open_base();
    tell(DAYS * DAY, 1, 1, "bar.example: ns.bank.test=203.0.113.66");
}

static void
stray_with_another_address_known(void)
{
    open_base();
    tell(DAYS * DAY, 1, 1, "bar.example: ns1.bar.example=192.0.2.30 +ns1.foo.example=203.0.113.66");
}

static void
stray_never_heard_of(void)
{
    open_base();
    tell(DAYS * DAY, 1, 1, "bar.example: ns1.bar.example=192.0.2.30 +www.bar.example=192.0.2.31");
}

static void
strays_as_a_habit(void)
{
    char says[128];

    open_lab();
    for (uint32_t i = 0; i < 100; i++) {
        snprintf(says, sizeof(says),
            "b%u.example: ns1.b%u.example=192.0.2.30 +p1.nic.example=192.0.2.1", i, i);
        tell(i, 1, 1, says);
    }
}

static void
ns_sets_diverge(void)
{
    open_base();
    for (uint32_t i = 0; i < 20; i++)
        tell(DAYS * DAY + i * 600, 1 + any(RESOLVERS), 1 + i % PARENTS,
            i % PARENTS == 2 ? "foo.example: ns1.evil.test" : TRUE_REFERRAL);
}

static void
ns_set_grows_at_one_parent(void)
{
    open_base();
    for (uint32_t i = 0; i < 40; i++)
        tell(DAYS * DAY + i * 600, 1 + any(RESOLVERS), 1 + i % PARENTS,
            i % PARENTS == 2 ? TRUE_REFERRAL " ns3.foo.example=192.0.2.13" : TRUE_REFERRAL);
}

static void
private_within_an_inner_network(void)
{
    open_lab();
    gw_observe_authority(&run, 0, "10.0.0.1", "inner");
    gw_observe_tell(&run, &(struct gw_told){.at_s = 1,
                              .server = "10.0.0.1",
                              .resolver = "198.18.1.53",
                              .says = "foo.inner: ns1.foo.inner=10.1.2.3"});
}

static void
as_many_addresses_as_some_servers_send(void)
{
    open_lab();
    tell(1, 1, 1,
        "foo.example: ns1.foo.example=192.0.2.11 ns1.foo.example=192.0.2.12 "
        "ns2.foo.example=192.0.2.13 ns2.foo.example=192.0.2.14 ns3.foo.example=192.0.2.15 "
        "ns3.foo.example=192.0.2.16 ns4.foo.example=192.0.2.17 ns4.foo.example=192.0.2.18 "
        "ns5.foo.example=192.0.2.19 ns5.foo.example=192.0.2.20 ns6.foo.example=192.0.2.21 "
        "ns6.foo.example=192.0.2.22 ns7.foo.example");
}

static void
required_glue_is_missing(void)
{
    open_lab();
    ask_around(0, 2 * DAY, "foo.example: ns1.foo.example ns2.bar.example");
}

static void
required_glue_is_sent_by_others(void)
{
    open_base();
    tell(DAYS * DAY, 1, 1, "foo.example: ns1.foo.example ns2.foo.example=192.0.2.12");
}

static const struct story stories[] = {
    {"A01: one forged referral, the truth after it", one_forged_and_truth_after,
        GW_KIND_GLUE_ADDR_MINORITY, "ns1.foo.example", GW_MEDIUM, 0.7, 1, "resolver-groups"},
    {"A02: the forged one comes to nothing", truth_only, KINDS, NULL, GW_INFO, 0, 0, NULL},
    {"A15: the NS set is taken over for two hours", ns_taken_over_and_back, GW_KIND_NS_SET_CHANGED,
        "foo.example", GW_INFO, 0.2, 5, "stable-history"},
    {"A16: glue replaced for all, the child still says the old", glue_taken_over,
        GW_KIND_GLUE_CHANGED_AFTER_STABLE, "ns1.foo.example", GW_MEDIUM, 0.7, 0, "child-still-old"},
    {"A17: one parent's server lies to all", one_parent_lies, GW_KIND_GLUE_ADDR_CONFLICT,
        "ns1.foo.example", GW_MEDIUM, 0.9, 0, "servers"},
    {"A18: one resolver is lied to from every parent", one_resolver_is_lied_to,
        GW_KIND_GLUE_ADDR_CONFLICT, "ns1.foo.example", GW_MEDIUM, 0.9, 0, "resolver-groups"},
    {"two of five resolvers are lied to by two parents", two_of_five_are_lied_to_by_two_parents,
        GW_KIND_GLUE_ADDR_CONFLICT, "ns1.foo.example", GW_MEDIUM, 0.9, 0, "stable-history"},
    {"one address more, once", one_extra_address, GW_KIND_GLUE_ADDR_MINORITY, "ns1.foo.example",
        GW_MEDIUM, 0.7, 1, NULL},
    {"an address smuggled in beside the true one, then alone", a_bridge_and_then_a_lie,
        GW_KIND_GLUE_ADDR_CONFLICT, "ns1.foo.example", GW_MEDIUM, 0.7, 0, NULL},
    {"A25: 0.0.0.0, then 127.0.0.1", unspecified_then_loopback, GW_KIND_GLUE_LOOPBACK,
        "ns1.foo.example", GW_HIGH, 0.9, 0, "other-address-known"},
    {"::1 where there was another address", loopback_after_a_public_one, GW_KIND_GLUE_LOOPBACK,
        "ns1.foo.example", GW_HIGH, 0.9, 1, "other-address-known"},
    {"127.0.0.1 from first sight", loopback_from_first_sight, GW_KIND_GLUE_LOOPBACK,
        "ns1.foo.example", GW_MEDIUM, 0.9, 0, "base"},
    {"a private address from first sight", private_addresses_from_first_sight, GW_KIND_GLUE_BOGON,
        "ns1.foo.example", GW_LOW, 0.8, 0, "base"},
    {"a private address where there was another", a_private_address_after_a_public_one,
        GW_KIND_GLUE_BOGON, "ns1.foo.example", GW_MEDIUM, 0.9, 1, "other-address-known"},
    {"unrelated glue for a name known with another address", unrelated_with_another_address_known,
        GW_KIND_GLUE_UNRELATED, "ns.bank.test", GW_HIGH, 0.8, 1, "other-address-known"},
    {"an unasked address for a name known with another", stray_with_another_address_known,
        GW_KIND_GLUE_UNREFERENCED, "ns1.foo.example", GW_HIGH, 0.9, 1, "other-address-known"},
    {"an unasked address of an unknown name", stray_never_heard_of, GW_KIND_GLUE_UNREFERENCED,
        "www.bar.example", GW_LOW, 0.5, 1, "base"},
    {"one parent gives another NS set", ns_sets_diverge, GW_KIND_NS_SET_DIVERGENCE, "foo.example",
        GW_MEDIUM, 0.9, 5, "disjoint"},
    {"no address for an in-domain name server", required_glue_is_missing,
        GW_KIND_REQUIRED_GLUE_MISSING, "ns1.foo.example", GW_LOW, 0.8, 0, "base"},
    {"an address is missing that others send", required_glue_is_sent_by_others,
        GW_KIND_REQUIRED_GLUE_MISSING, "ns1.foo.example", GW_LOW, 0.5, 1, "sent-elsewhere"},
    {"private glue that a private server gives: an inner network", private_within_an_inner_network,
        GW_KIND_GLUE_BOGON, "ns1.foo.inner", GW_INFO, 0.4, 0, "inner-network"},
    {"private glue that a private server gives: no alarm", private_within_an_inner_network, KINDS,
        NULL, GW_LOW, 0, 0, NULL},
    {"twelve addresses, and a name server without one", as_many_addresses_as_some_servers_send,
        KINDS, NULL, GW_INFO, 0, 0, NULL},
    {"glue moves, and what the child said before is no contradiction",
        glue_moved_after_the_child_was_heard, KINDS, NULL, GW_MEDIUM, 0, 0, NULL},
    {"glue moves and the child agrees", glue_moved_and_the_child_agrees,
        GW_KIND_GLUE_CHANGED_AFTER_STABLE, "ns1.foo.example", GW_INFO, 0.01, 0, "child-agrees"},

    {"glue moves and the child agrees: no alarm", glue_moved_and_the_child_agrees, KINDS, NULL,
        GW_LOW, 0, 0, NULL},
    {"A15 is no conflict", ns_taken_over_and_back, KINDS, NULL, GW_HIGH, 0, 0, NULL},
    {"loopback beside a public address at first sight is no contradiction",
        both_loopback_and_public_at_first_sight, KINDS, NULL, GW_HIGH, 0, 0, NULL},
    {"a name server and an address are added", a_server_is_added, KINDS, NULL, GW_MEDIUM, 0, 0,
        NULL},
    {"unrelated glue with the known address", unrelated_with_the_same_address, KINDS, NULL, GW_LOW,
        0, 0, NULL},
    {"unrelated glue of an unknown name", unrelated_and_never_heard_of, KINDS, NULL, GW_LOW, 0, 0,
        NULL},
    {"unasked addresses as a habit", strays_as_a_habit, KINDS, NULL, GW_MEDIUM, 0, 0, NULL},
    {"one parent has a name server more", ns_set_grows_at_one_parent, KINDS, NULL, GW_MEDIUM, 0, 0,
        NULL},
    {"B01: four vendors' styles", vendors_of_four_styles, KINDS, NULL, GW_INFO, 0, 0, NULL},
    {"B02, B03: clipped and truncated", clipped_and_truncated, KINDS, NULL, GW_INFO, 0, 0, NULL},
    {"B04: sibling addresses sent by some", sibling_address_sent_by_some, KINDS, NULL, GW_INFO, 0,
        0, NULL},
    {"B05: renumbered within forty minutes", renumbered_within_forty_minutes, KINDS, NULL, GW_LOW,
        0, 0, NULL},
    {"one witness is told this and that", one_witness_is_told_this_and_that, GW_KIND_GLUE_ADDR_FLAP,
        "ns1.foo.example", GW_MEDIUM, 0.7, 0, "returns"},
    {"the only resolver is told this and that", the_only_resolver_is_told_this_and_that,
        GW_KIND_GLUE_ADDR_FLAP, "ns1.foo.example", GW_MEDIUM, 0.7, 0, "returns"},
    {"four addresses, one at a time", four_addresses_one_at_a_time, KINDS, NULL, GW_MEDIUM, 0, 0,
        NULL},
    {"one of three addresses at random", one_of_three_at_random_for_a_week, KINDS, NULL, GW_MEDIUM,
        0, 0, NULL},
    {"a long TTL with another address", long_ttl_with_another_address, GW_KIND_GLUE_TTL_OUTLIER,
        "ns1.foo.example", GW_LOW, 0.5, 1, "new-address"},
    {"B18: all TTLs change", all_ttls_change, KINDS, NULL, GW_LOW, 0, 0, NULL},
    {"A27: the name servers of thirty delegations become one address", many_are_taken_over,
        GW_KIND_GLUE_FANIN_SURGE, "ns1.m29.example", GW_MEDIUM, 0.8, 0, "domains"},
    {"a hoster moves thirty delegations, and their zones agree", many_are_moved_by_their_hoster,
        KINDS, NULL, GW_MEDIUM, 0, 0, NULL},
    {"B06: 500 delegations move to one provider", five_hundred_move_to_one_provider, KINDS, NULL,
        GW_MEDIUM, 0, 0, NULL},
    {"B14: cohosted glue in 300 delegations", cohosted_glue_in_many, KINDS, NULL, GW_LOW, 0, 0,
        NULL},
    {"B17: eight of twelve, rotating", eight_of_twelve_rotate, KINDS, NULL, GW_INFO, 0, 0, NULL},
    {"B19: private addresses, always", private_addresses_from_first_sight, KINDS, NULL, GW_MEDIUM,
        0, 0, NULL},
    {"B25: delegated to the root name", delegated_to_nowhere, KINDS, NULL, GW_INFO, 0, 0, NULL},
};

static bool
has_term(const struct gw_finding *finding, const char *name)
{
    for (uint32_t i = 0; i < finding->term_count; i++)
        if (strcmp(finding->term[i].name, name) == 0)
            return true;
    return false;
}

static bool
is_told(const struct story *story)
{
    const struct gw_finding *finding;

    if (story->kind == KINDS)
        return gw_observe_count(&run, story->severity, 0) == 0;
    finding = gw_observe_find(&run, story->kind, story->name);
    return finding != NULL && finding->severity >= story->severity &&
           finding->confidence >= story->confidence &&
           (story->messages == 0 || finding->message_count == story->messages) &&
           (story->term == NULL || has_term(finding, story->term));
}

static void
attacks_are_found_and_mess_is_not(void **state)
{
    uint32_t wrong = 0;

    (void)state;
    for (uint32_t i = 0; i < GW_ARRAY_LEN(stories); i++) {
        stories[i].play();
        gw_observe_finish(&run, 0, 0);
        if (!is_told(&stories[i])) {
            print_message("%s\n", stories[i].shows);
            gw_observe_print(&run);
            wrong++;
        }
        gw_observe_close(&run);
    }
    assert_int_equal(wrong, 0);
}

static void
every_kind_has_a_story_and_a_near_miss(void **state)
{
    (void)state;
    /* Those about what referrals say; the others have tests of their own. */
    for (uint32_t kind = 0; kind <= GW_KIND_GLUE_FANIN_SURGE; kind++) {
        bool told = false;

        for (uint32_t i = 0; i < GW_ARRAY_LEN(stories); i++)
            told = told || stories[i].kind == kind;
        assert_true(told);
    }
}

/* What holds for every finding of every story. */
static void
findings_keep_their_bounds_and_laws(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < GW_ARRAY_LEN(stories); i++) {
        const struct gw_finding_stats *stats = &run.stats.finding;
        const struct gw_finding *finding;
        double sum;

        stories[i].play();
        gw_observe_finish(&run, 0, GW_CAVEAT_RESPONSES_ONLY);
        assert_int_equal(stats->raised, stats->emitted + stats->aggregated + stats->suppressed_low +
                                            stats->suppressed_full + stats->suppressed_rate);
        for (uint32_t j = 0; (finding = gw_analyzer_finding(run.analyzer, j)) != NULL; j++) {
            assert_int_equal(finding->sequence, j + 1);
            assert_in_range(finding->term_count, 1, GW_TERMS_MAX);
            sum = 0;
            for (uint32_t k = 1; k < finding->term_count; k++)
                sum += finding->term[k].points;
            assert_true(sum <= 7.0);
            assert_true(finding->confidence >= 0.01 && finding->confidence <= 0.99);
            assert_true(finding->first_ns <= finding->last_ns);
            assert_true(finding->last_ns <= run.last_ns + 100000000);
            assert_true(finding->message_count >= 1);
            for (uint32_t k = 0; k < finding->set_count; k++) {
                const struct gw_finding_set *set = &finding->set[k];

                assert_true(set->address_count + set->name_count <= set->member_total);
                assert_true(set->witness_count <= set->witness_total);
                assert_true(set->member_total > 0);
                for (uint32_t w = 0; w < set->witness_count; w++) {
                    assert_true(set->witness[w].first_ns <= set->witness[w].last_ns);
                    assert_true(set->witness[w].count >= 1);
                    assert_in_range(set->witness[w].frame, 1, run.frame);
                }
            }
        }
        gw_observe_close(&run);
    }
}

static void
an_identity_outlives_runs_and_evidence(void **state)
{
    uint8_t id[16];

    (void)state;
    one_forged_and_truth_after();
    gw_observe_finish(&run, 0, 0);
    memcpy(id, gw_observe_find(&run, GW_KIND_GLUE_ADDR_MINORITY, "ns1.foo.example")->id, 16);
    gw_observe_close(&run);

    one_resolver_is_lied_to();
    gw_observe_finish(&run, 0, 0);
    assert_memory_equal(
        gw_observe_find(&run, GW_KIND_GLUE_ADDR_CONFLICT, "ns1.foo.example")->id, id, 16);
    gw_observe_close(&run);

    a_private_address_after_a_public_one();
    gw_observe_finish(&run, 0, 0);
    assert_memory_not_equal(
        gw_observe_find(&run, GW_KIND_GLUE_BOGON, "ns1.foo.example")->id, id, 16);
    gw_observe_close(&run);
}

static void
what_is_told_again_is_counted_in_one_finding(void **state)
{
    const struct gw_finding *finding;

    (void)state;
    open_lab();
    for (uint32_t i = 0; i < 17; i++) {
        char says[96];

        snprintf(says, sizeof(says), "foo.example: ns1.foo.example=10.1.2.3 ns%u.bar.example", i);
        tell(i, 1, 1, says);
    }
    gw_observe_finish(&run, 0, 0);
    finding = gw_observe_find(&run, GW_KIND_GLUE_BOGON, "ns1.foo.example");
    assert_non_null(finding);
    assert_int_equal(finding->message_count, 17);
    assert_int_equal(run.stats.finding.aggregated, 16);
    gw_observe_close(&run);
}

/* Clocks that jump by years and packets out of order end no run and make no alarm. */
static void
a_broken_clock_does_no_harm(void **state)
{
    static const double jumps[] = {-1e9, 1e9, -4e9, 7e9, 0, 1e8, -1e8, 1};

    (void)state;
    open_lab();
    for (uint32_t i = 0; i < 400; i++)
        tell(i * 600 + (i % 10 == 0 ? jumps[i / 10 % GW_ARRAY_LEN(jumps)] : 0), 1 + any(RESOLVERS),
            1 + any(PARENTS), TRUE_REFERRAL);
    gw_observe_finish(&run, 0, 0);
    assert_int_equal(gw_observe_count(&run, GW_INFO, 0), 0);
    gw_observe_close(&run);
}

/* One name server of a thousand delegations: a lie told with one of them is seen through all. */
static void
a_lie_about_a_shared_name_server_is_seen_through_all_its_delegations(void **state)
{
    char says[96];

    (void)state;
    open_lab();
    for (uint32_t round = 0; round < 6; round++)
        for (uint32_t i = 0; i < 1000; i++) {
            snprintf(says, sizeof(says), "c%u.example: ns1.host.example=192.0.2.11", i);
            tell(round * H + i, 1 + i % RESOLVERS, 1 + i % PARENTS, says);
            if (round == 3 && i == 500)
                tell(round * H + i + 0.5, 2, 3, "c77.example: ns1.host.example=203.0.113.66");
        }
    gw_observe_finish(&run, 0, 0);

    const struct gw_finding *finding =
        gw_observe_find(&run, GW_KIND_GLUE_ADDR_MINORITY, "ns1.host.example");

    assert_non_null(finding);
    assert_int_equal(finding->severity, GW_MEDIUM);
    assert_int_equal(finding->message_count, 1);
    gw_observe_close(&run);
}

/* 64 addresses or witnesses that nobody vouches for must not keep the truth, or the lie, out. */
static void
filled_places_do_not_blind(void **state)
{
    (void)state;
    open_lab();
    for (uint32_t i = 0; i < 100; i++) {
        char server[32];
        char says[96];

        snprintf(server, sizeof(server), "198.51.100.%u", i);
        snprintf(says, sizeof(says), "foo.example: ns1.foo.example=100.0.0.%u ns2.foo.example", i);
        for (uint32_t j = 0; j < 3; j++)
            gw_observe_tell(&run, &(struct gw_told){.at_s = i / 100.0 - 2 * DAY,
                                      .server = server,
                                      .resolver = "203.0.113.9",
                                      .says = says});
    }
    ask_around(0, DAYS * DAY, TRUE_REFERRAL);
    tell(DAYS * DAY, 1, 1, FORGED_REFERRAL);
    tell(DAYS * DAY + 0.04, 1, 1, TRUE_REFERRAL);
    ask_around(DAYS * DAY + 60, DAYS * DAY + 12 * H, TRUE_REFERRAL);
    gw_observe_finish(&run, 0, 0);

    const struct gw_finding *finding =
        gw_observe_find(&run, GW_KIND_GLUE_ADDR_MINORITY, "ns1.foo.example");

    assert_non_null(finding);
    assert_memory_equal(finding->set[1].address[0].octet, ((const uint8_t[]){203, 0, 113, 66}), 4);
    gw_observe_close(&run);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attacks_are_found_and_mess_is_not),
        cmocka_unit_test(every_kind_has_a_story_and_a_near_miss),
        cmocka_unit_test(findings_keep_their_bounds_and_laws),
        cmocka_unit_test(an_identity_outlives_runs_and_evidence),
        cmocka_unit_test(what_is_told_again_is_counted_in_one_finding),
        cmocka_unit_test(a_broken_clock_does_no_harm),
        cmocka_unit_test(a_lie_about_a_shared_name_server_is_seen_through_all_its_delegations),
        cmocka_unit_test(filled_places_do_not_blind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
