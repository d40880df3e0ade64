/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What came of it: who followed suspect glue, what clients were answered, what stays in use though
 * its parent denies it, and where parent and child part. Most stories begin with a base of eight
 * days: five resolvers ask the servers of "example" every six hours, then those of foo.example.
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
#define BASE      (8 * DAY)
#define SUSPECT   "203.0.113.66"

#define TRUE_REFERRAL   "foo.example: ns1.foo.example=192.0.2.11 ns2.foo.example=192.0.2.12"
#define FORGED_REFERRAL "foo.example: ns1.foo.example=203.0.113.66 ns2.foo.example=192.0.2.12"
#define EVIL_REFERRAL   "evil.example: ns1.evil.example=198.51.100.1"

static struct gw_observe_run run;
static char addresses[4][32];
static uint32_t next_address;

static const char *
resolver_addr(uint32_t resolver)
{
    char *text = addresses[next_address++ % 4];

    snprintf(text, sizeof(addresses[0]), "198.18.%u.53", resolver);
    return text;
}

static const char *
parent_addr(uint32_t parent)
{
    char *text = addresses[next_address++ % 4];

    snprintf(text, sizeof(addresses[0]), "192.0.2.%u", parent);
    return text;
}

static void
refer(double at_s, uint32_t resolver, uint32_t parent, const char *says)
{
    gw_observe_tell(&run, &(struct gw_told){.at_s = at_s,
                              .server = parent_addr(parent),
                              .resolver = resolver_addr(resolver),
                              .says = says});
}

static void
ask(double at_s, uint32_t resolver, const char *server, const char *qname)
{
    gw_observe_contact(&run, at_s, resolver_addr(resolver), server, qname);
}

static void
own_address(double at_s, const char *server, const char *resolver, const char *says,
    const char *qname, uint32_t reply_facts)
{
    gw_observe_fact(&run, GW_OBSERVATION_ADDRESS, 0, reply_facts,
        &(struct gw_told){.at_s = at_s,
            .server = server,
            .resolver = resolver,
            .says = says,
            .qname = qname,
            .class = GW_CLASS_ANSWER,
            .facts = GW_FACT_AA | GW_FACT_ADDRESS});
}

static void
answer_client(double at_s, uint32_t resolver, const char *client, const char *says)
{
    gw_observe_fact(&run, GW_OBSERVATION_ANSWER, 0, 0,
        &(struct gw_told){.at_s = at_s,
            .server = resolver_addr(resolver),
            .resolver = client,
            .says = says,
            .qname = "www.foo.example",
            .class = GW_CLASS_RECURSIVE_ANSWER,
            .facts = GW_FACT_RD | GW_FACT_RA});
}

static void
own_ns_to(double at_s, const char *server, uint32_t resolver, const char *says)
{
    gw_observe_fact(&run, GW_OBSERVATION_AUTHORITY, 0, 0,
        &(struct gw_told){.at_s = at_s,
            .server = server,
            .resolver = resolver_addr(resolver),
            .says = says,
            .class = GW_CLASS_AUTH_NS,
            .facts = GW_FACT_AA});
}

static void
deny(double at_s, uint32_t resolver, uint32_t parent, const char *qname)
{
    gw_observe_fact(&run, GW_OBSERVATION_DENIAL, 3, 0,
        &(struct gw_told){.at_s = at_s,
            .server = parent_addr(parent),
            .resolver = resolver_addr(resolver),
            .says = "example",
            .qname = qname,
            .class = GW_CLASS_NEGATIVE,
            .facts = GW_FACT_AA | GW_FACT_SOA,
            .facts_off = GW_FACT_NS});
}

static void
ask_around(double from_s, double to_s, const char *says, const char *truth)
{
    for (double at_s = from_s; at_s < to_s; at_s += 6 * H)
        for (uint32_t resolver = 1; resolver <= RESOLVERS; resolver++) {
            const double now_s = at_s + resolver * 60;

            refer(now_s, resolver, 1 + ((uint32_t)(at_s / H) + resolver) % 4, says);
            ask(now_s + 1, resolver, "192.0.2.11", "www.foo.example");
            if (truth != NULL)
                own_address(
                    now_s + 2, "192.0.2.12", resolver_addr(resolver), truth, "ns1.foo.example", 0);
        }
}

static void
open_lab(void)
{
    gw_observe_open(&run, 1);
    for (uint32_t i = 1; i <= 4; i++)
        gw_observe_authority(&run, 0, parent_addr(i), "example");
}

static void
open_base(void)
{
    open_lab();
    ask_around(0, BASE, TRUE_REFERRAL, ".: ns1.foo.example=192.0.2.11");
}

/* One forged referral reaches the first resolver; the truth follows. */
static void
lie_once(void)
{
    refer(BASE, 1, 1, FORGED_REFERRAL);
    refer(BASE + 0.04, 1, 1, TRUE_REFERRAL);
}

static void
followed_after_the_finding(void)
{
    open_base();
    lie_once();
    ask(BASE + 1, 1, SUSPECT, "www.foo.example");
    gw_observe_contact_reply(&run, BASE + 1.02, resolver_addr(1), SUSPECT, "www.foo.example");
}

/* Told over IPv6 alone: which of the IPv4 groups is that resolver? */
static void
followed_over_the_other_family(void)
{
    open_base();
    gw_observe_tell(&run, &(struct gw_told){.at_s = BASE,
                              .server = "2001:db8:53::1",
                              .resolver = "2001:db8:100::53",
                              .says = FORGED_REFERRAL});
    ask(BASE + 1, 1, SUSPECT, "www.foo.example");
    for (uint32_t resolver = 1; resolver <= RESOLVERS; resolver++)
        refer(BASE + 3 * H + resolver, resolver, 1 + resolver % 4, TRUE_REFERRAL);
}

static void
followed_before_the_finding(void)
{
    open_base();
    refer(BASE, 1, 1, FORGED_REFERRAL);
    ask(BASE + 0.01, 1, SUSPECT, "www.foo.example");
    refer(BASE + 0.04, 1, 1, TRUE_REFERRAL);
    ask(BASE + 1, 2, "192.0.2.11", "www.foo.example");
}

static void
followed_and_the_capture_ends(void)
{
    open_base();
    refer(BASE, 1, 1, FORGED_REFERRAL);
    ask(BASE + 0.01, 1, SUSPECT, "www.foo.example");
    refer(BASE + 0.04, 1, 1, TRUE_REFERRAL);
}

static void
followed_from_the_cache(void)
{
    open_base();
    lie_once();
    ask(BASE + 1800, 1, SUSPECT, "www.foo.example");
}

static void
followed_under_another_delegation_of_the_server(void)
{
    open_base();
    refer(BASE - 10, 1, 1, "bar.example: ns1.foo.example=192.0.2.11");
    lie_once();
    ask(BASE + 1, 1, SUSPECT, "www.bar.example");
}

static void
not_asked(void)
{
    open_base();
    lie_once();
    ask(BASE + 1, 1, "192.0.2.11", "www.foo.example");
}

static void
asked_by_one_who_was_not_told(void)
{
    open_base();
    lie_once();
    ask(BASE + 1, 2, SUSPECT, "www.foo.example");
}

static void
asked_for_another_zone(void)
{
    open_base();
    lie_once();
    ask(BASE + 1, 1, SUSPECT, "www.bank.test");
}

static void
asked_after_the_glue_ran_out(void)
{
    open_base();
    lie_once();
    ask(BASE + 3700, 1, SUSPECT, "www.foo.example");
}

static void
always_asked_that_address(void)
{
    open_base();
    ask(BASE - 6 * DAY, 1, SUSPECT, "www.bank.test");
    lie_once();
    ask(BASE + 1, 1, SUSPECT, "www.foo.example");
}

static void
renumbered_and_everybody_follows(void)
{
    open_base();
    for (double at_s = BASE; at_s < BASE + DAY; at_s += 300)
        for (uint32_t resolver = 1; resolver <= RESOLVERS; resolver++) {
            const uint32_t parent = 1 + (uint32_t)(at_s / 300 + resolver) % 4;
            const bool moved = at_s - BASE > parent * 600;

            refer(at_s + resolver, resolver, parent, moved ? FORGED_REFERRAL : TRUE_REFERRAL);
            ask(at_s + resolver + 0.1, resolver, moved ? SUSPECT : "192.0.2.11", "www.foo.example");
            own_address(at_s + resolver + 0.2, "192.0.2.12", resolver_addr(resolver),
                ".: ns1.foo.example=203.0.113.66", "ns1.foo.example", 0);
        }
}

/* One parent server still gives the address that the others gave up. */
static void
a_server_lags_and_its_glue_is_asked(void)
{
    open_lab();
    for (uint32_t resolver = 1; resolver <= RESOLVERS; resolver++)
        refer(resolver, resolver, 1 + resolver % 4, FORGED_REFERRAL);
    for (double at_s = H; at_s < DAY; at_s += 600)
        for (uint32_t resolver = 1; resolver <= RESOLVERS; resolver++) {
            const uint32_t parent = 1 + (uint32_t)(at_s / 600 + resolver) % 4;

            refer(at_s + resolver, resolver, parent, parent == 3 ? FORGED_REFERRAL : TRUE_REFERRAL);
            ask(at_s + resolver + 0.1, resolver, parent == 3 ? SUSPECT : "192.0.2.11",
                "www.foo.example");
        }
}

static void
clients_are_answered_otherwise(void)
{
    followed_after_the_finding();
    own_address(BASE + 1.02, SUSPECT, resolver_addr(1), ".: www.foo.example=203.0.113.80",
        "www.foo.example", 0);
    own_address(BASE + 2, "192.0.2.11", resolver_addr(2), ".: www.foo.example=192.0.2.80",
        "www.foo.example", 0);
    answer_client(BASE + 3, 1, "198.19.0.1", ".: www.foo.example=203.0.113.80");
    answer_client(BASE + 4, 2, "198.19.0.2", ".: www.foo.example=192.0.2.80");
    answer_client(BASE + 5, 3, "198.19.0.3", ".: www.foo.example=192.0.2.80");
    answer_client(BASE + 6, 1, "198.19.0.4", ".: www.foo.example=203.0.113.80");
}

static void
others_are_answered_after_that(void)
{
    followed_after_the_finding();
    answer_client(BASE + 3, 1, "198.19.0.1", ".: www.foo.example=203.0.113.80");
    answer_client(BASE + 4, 1, "198.19.0.4", ".: www.foo.example=203.0.113.80");
    answer_client(BASE + 5, 2, "198.19.0.2", ".: www.foo.example=192.0.2.80");
}

static void
one_client_only(void)
{
    followed_after_the_finding();
    answer_client(BASE + 3, 2, "198.19.0.2", ".: www.foo.example=192.0.2.80");
    answer_client(BASE + 4, 1, "198.19.0.1", ".: www.foo.example=203.0.113.80");
    answer_client(BASE + 5, 1, "198.19.0.1", ".: www.foo.example=203.0.113.80");
}

static void
answers_by_region(void)
{
    followed_after_the_finding();
    answer_client(BASE + 2, 2, "198.19.0.2", ".: www.foo.example=192.0.2.80");
    answer_client(BASE + 3, 3, "198.19.0.3", ".: www.foo.example=192.0.2.81");
    answer_client(BASE + 4, 1, "198.19.0.1", ".: www.foo.example=192.0.2.82");
    answer_client(BASE + 5, 1, "198.19.0.4", ".: www.foo.example=192.0.2.82");
}

static void
served_stale(void)
{
    open_base();
    answer_client(BASE - 2 * DAY, 2, "198.19.0.2", ".: www.foo.example=192.0.2.79");
    lie_once();
    ask(BASE + 1, 1, SUSPECT, "www.foo.example");
    answer_client(BASE + 2, 2, "198.19.0.2", ".: www.foo.example=192.0.2.80");
    answer_client(BASE + 4, 1, "198.19.0.1", ".: www.foo.example=192.0.2.79");
    answer_client(BASE + 5, 1, "198.19.0.4", ".: www.foo.example=192.0.2.79");
}

static void
the_resolver_never_followed(void)
{
    not_asked();
    answer_client(BASE + 2, 2, "198.19.0.2", ".: www.foo.example=192.0.2.80");
    answer_client(BASE + 4, 1, "198.19.0.1", ".: www.foo.example=203.0.113.80");
    answer_client(BASE + 5, 1, "198.19.0.4", ".: www.foo.example=203.0.113.80");
}

static void
the_parent_moves_and_the_child_does_not(void)
{
    open_base();
    ask_around(BASE, BASE + 2 * DAY, FORGED_REFERRAL, ".: ns1.foo.example=192.0.2.11");
}

static void
glue_is_stale_from_first_sight(void)
{
    open_lab();
    ask_around(0, BASE, TRUE_REFERRAL, ".: ns1.foo.example=192.0.2.99");
}

static void
the_child_answers_by_region(void)
{
    open_base();
    for (double at_s = BASE; at_s < BASE + 2 * DAY; at_s += H)
        own_address(at_s, "192.0.2.12", resolver_addr(1 + (uint32_t)(at_s / H) % 2),
            (uint32_t)(at_s / H) % 2 == 0 ? ".: ns1.foo.example=192.0.2.97"
                                          : ".: ns1.foo.example=192.0.2.98",
            "ns1.foo.example", 0);
}

static void
the_child_answers_by_client_subnet(void)
{
    open_lab();
    ask_around(0, DAY, TRUE_REFERRAL, NULL);
    for (double at_s = 0; at_s < DAY; at_s += H)
        own_address(at_s, "192.0.2.12", resolver_addr(1), ".: ns1.foo.example=192.0.2.97",
            "ns1.foo.example", GW_REPLY_ECS);
}

static void
the_child_lags_a_little(void)
{
    open_base();
    ask_around(BASE, BASE + DAY, FORGED_REFERRAL, NULL);
    own_address(BASE + H, "192.0.2.12", resolver_addr(1), ".: ns1.foo.example=192.0.2.11",
        "ns1.foo.example", 0);
    own_address(BASE + DAY, "192.0.2.12", resolver_addr(1), ".: ns1.foo.example=203.0.113.66",
        "ns1.foo.example", 0);
}

static void
the_child_names_more_servers(void)
{
    open_base();
    for (uint32_t i = 0; i < 20; i++)
        own_ns_to(BASE + i * H, "192.0.2.11", 1 + i % 5,
            "foo.example: ns1.foo.example ns2.foo.example ns3.foo.example");
}

static void
the_child_names_the_same_servers(void)
{
    open_base();
    for (uint32_t i = 0; i < 20; i++)
        own_ns_to(
            BASE + i * H, "192.0.2.11", 1 + i % 5, "foo.example: ns2.foo.example ns1.foo.example");
}

static void
ns_sets_part(bool parent_goes_on)
{
    open_base();
    for (uint32_t i = 0; i < 32; i++)
        own_ns_to(i * 6 * H + 600, "192.0.2.11", 1 + i % 5,
            "foo.example: ns1.foo.example ns2.foo.example");
    for (uint32_t i = 0; i < 8; i++) {
        if (parent_goes_on)
            refer(BASE + i * H + 60, 1 + i % 5, 1 + i % 4, TRUE_REFERRAL);
        own_ns_to(BASE + i * H + 120, "192.0.2.11", 1 + i % 5,
            "foo.example: ns1.other.test ns2.other.test");
    }
}

static void
the_ns_sets_part_after_long(void)
{
    ns_sets_part(true);
}

static void
the_ns_sets_part_and_the_parent_is_silent(void)
{
    ns_sets_part(false);
}

/* Two days of evil.example, then the parent denies it to the second resolver. */
static void
take_down(void)
{
    open_lab();
    for (double at_s = 0; at_s < 2 * DAY; at_s += 3 * H)
        for (uint32_t resolver = 1; resolver <= RESOLVERS; resolver++)
            refer(at_s + resolver, resolver, 1 + resolver % 4, EVIL_REFERRAL);
    deny(2 * DAY, 2, 1, "www.evil.example");
}

static void
a_ghost_with_a_new_name(void)
{
    take_down();
    for (uint32_t i = 1; i <= 36; i++)
        own_ns_to(2 * DAY + i * 2 * H, "198.51.100.1", 1, "evil.example: ns7.evil.example");
}

static void
a_ghost_that_is_only_used(void)
{
    take_down();
    own_address(2 * DAY + 7 * H, "198.51.100.1", resolver_addr(1),
        ".: www.evil.example=198.51.100.9", "www.evil.example", 0);
}

static void
a_deep_ghost(void)
{
    take_down();
    refer(2 * DAY + H, 1, 9, "a.evil.example: ns1.evil.example=198.51.100.1");
    refer(2 * DAY + 2 * H, 1, 9, "b.a.evil.example: ns1.evil.example=198.51.100.1");
    refer(2 * DAY + 3 * H, 1, 9, "c.b.a.evil.example: ns1.evil.example=198.51.100.1");
    own_ns_to(3 * DAY, "198.51.100.1", 1, "c.b.a.evil.example: ns1.evil.example");
}

static void
used_within_its_lifetime(void)
{
    take_down();
    own_ns_to(2 * DAY + 6000, "198.51.100.1", 1, "evil.example: ns7.evil.example");
}

static void
denied_and_delegated_again(void)
{
    take_down();
    refer(2 * DAY + H, 1, 1, EVIL_REFERRAL);
    own_ns_to(3 * DAY, "198.51.100.1", 1, "evil.example: ns7.evil.example");
}

static void
denied_by_a_stranger(void)
{
    open_lab();
    for (double at_s = 0; at_s < 2 * DAY; at_s += 3 * H)
        refer(at_s, 1, 1, EVIL_REFERRAL);
    deny(2 * DAY, 2, 77, "www.evil.example");
    own_ns_to(4 * DAY, "198.51.100.1", 1, "evil.example: ns7.evil.example");
}

static void
no_ds_is_no_denial(void)
{
    open_lab();
    for (double at_s = 0; at_s < 2 * DAY; at_s += 3 * H)
        refer(at_s, 1, 1, EVIL_REFERRAL);
    gw_observe_fact(&run, GW_OBSERVATION_DENIAL, 0, 0,
        &(struct gw_told){.at_s = 2 * DAY,
            .server = "192.0.2.1",
            .resolver = "198.18.2.53",
            .says = "example",
            .qname = "evil.example",
            .qtype = 43,
            .class = GW_CLASS_NODATA,
            .facts = GW_FACT_AA | GW_FACT_SOA});
    own_ns_to(4 * DAY, "198.51.100.1", 1, "evil.example: ns7.evil.example");
}

static void
a_name_server_below_nothing(void)
{
    open_lab();
    ask_around(0, DAY, "bar.example: ns9.gone.example=192.0.2.90", NULL);
    deny(DAY, 1, 1, "ns9.gone.example");
}

static void
its_domain_was_denied_before(void)
{
    open_lab();
    deny(0, 1, 1, "gone.example");
    refer(60, 2, 1, "bar.example: ns9.gone.example=192.0.2.90");
}

static void
an_address_below_nothing(void)
{
    its_domain_was_denied_before();
    own_address(120, "192.0.2.1", resolver_addr(1), ".: ns9.gone.example=192.0.2.90",
        "ns9.gone.example", 0);
}

static void
a_name_server_of_its_own_domain(void)
{
    open_lab();
    ask_around(0, DAY, "gone.example: ns9.gone.example=192.0.2.90", NULL);
    deny(DAY, 1, 1, "ns9.gone.example");
}

static void
only_the_host_is_denied(void)
{
    open_lab();
    ask_around(0, DAY, "bar.example: ns9.example=192.0.2.90", NULL);
    deny(DAY, 1, 1, "ns9.example");
}

/* The registry's own hosts: "nic.example" is no zone cut, and never was one. */
static void
hosts_below_an_empty_name(void)
{
    open_lab();
    ask_around(0, DAY, "bar.example: c1.nic.example=192.0.2.90", NULL);
    gw_observe_fact(&run, GW_OBSERVATION_AUTHORITY, 0, 0,
        &(struct gw_told){.at_s = DAY,
            .server = "192.0.2.1",
            .resolver = "198.18.1.53",
            .says = "example",
            .qname = "nic.example",
            .class = GW_CLASS_NODATA,
            .facts = GW_FACT_AA | GW_FACT_SOA});
    own_address(DAY + 60, "192.0.2.1", resolver_addr(1), ".: c1.nic.example=192.0.2.90",
        "c1.nic.example", 0);
}

static void
a_host_below_a_delegation_that_is_gone(void)
{
    open_lab();
    ask_around(0, DAY, "gone.example: ns9.gone.example=192.0.2.90", NULL);
    ask_around(0, DAY, "bar.example: ns9.gone.example=192.0.2.90", NULL);
    gw_observe_fact(&run, GW_OBSERVATION_AUTHORITY, 0, 0,
        &(struct gw_told){.at_s = DAY,
            .server = "192.0.2.1",
            .resolver = "198.18.1.53",
            .says = "example",
            .qname = "gone.example",
            .class = GW_CLASS_NODATA,
            .facts = GW_FACT_AA | GW_FACT_SOA});
    own_address(DAY + 60, "192.0.2.1", resolver_addr(1), ".: ns9.gone.example=192.0.2.90",
        "ns9.gone.example", 0);
}

static void
delegated_again_since(void)
{
    open_lab();
    deny(0, 1, 1, "gone.example");
    refer(60, 2, 1, "gone.example: ns9.gone.example=192.0.2.90");
    refer(120, 2, 1, "bar.example: ns9.gone.example=192.0.2.90");
}

static void
denied_two_weeks_ago(void)
{
    open_lab();
    deny(0, 1, 1, "gone.example");
    refer(14 * DAY, 2, 1, "bar.example: ns9.gone.example=192.0.2.90");
}

#define FOLLOWED GW_KIND_SUSPECT_GLUE_FOLLOWED
#define POISONED GW_KIND_POISONED_ANSWER_SUSPECTED
#define MISMATCH GW_KIND_PARENT_CHILD_MISMATCH
#define GHOST    GW_KIND_GHOST_DELEGATION
#define ORPHAN   GW_KIND_GLUE_ORPHAN
#define NONE     GW_SEVERITY_COUNT

static const struct {
    const char *shows;
    void (*play)(void);
    enum gw_kind kind;
    const char *name;
    enum gw_severity severity; /* exactly; NONE: the kind must not be found */
    double confidence;         /* at least */
    const char *term;          /* one that it must have, or NULL */
    const char *variant;       /* or NULL */
} stories[] = {
    {"a resolver asks the address it was told, and is answered", followed_after_the_finding,
        FOLLOWED, "ns1.foo.example", GW_HIGH, 0.9, "server-answers", NULL},
    {"told over IPv6, it asks over IPv4", followed_over_the_other_family, FOLLOWED,
        "ns1.foo.example", GW_HIGH, 0.3, "other-family", NULL},
    {"it asks before the truth shows the contradiction", followed_before_the_finding, FOLLOWED,
        "ns1.foo.example", GW_HIGH, 0.8, "never-asked-before", NULL},
    {"the same, and nothing follows", followed_and_the_capture_ends, FOLLOWED, "ns1.foo.example",
        GW_HIGH, 0.8, "never-asked-before", NULL},
    {"it asks half an hour later, from its cache", followed_from_the_cache, FOLLOWED,
        "ns1.foo.example", GW_HIGH, 0.5, "asked-later", NULL},
    {"it asks for a name under another delegation of the name server",
        followed_under_another_delegation_of_the_server, FOLLOWED, "ns1.foo.example", GW_HIGH, 0.8,
        NULL, NULL},
    {"nobody asks the address", not_asked, FOLLOWED, "ns1.foo.example", NONE, 0, NULL, NULL},
    {"a resolver asks that was told the truth", asked_by_one_who_was_not_told, FOLLOWED,
        "ns1.foo.example", NONE, 0, NULL, NULL},
    {"a name of another zone is asked for", asked_for_another_zone, FOLLOWED, "ns1.foo.example",
        NONE, 0, NULL, NULL},
    {"the glue cannot be in the cache any more", asked_after_the_glue_ran_out, FOLLOWED,
        "ns1.foo.example", NONE, 0, NULL, NULL},
    {"the resolver asked the address days before", always_asked_that_address, FOLLOWED,
        "ns1.foo.example", NONE, 0, NULL, NULL},
    {"a renumbering is followed by everybody", renumbered_and_everybody_follows, FOLLOWED,
        "ns1.foo.example", NONE, 0, NULL, NULL},
    {"a lagging server's old glue is followed", a_server_lags_and_its_glue_is_asked, FOLLOWED,
        "ns1.foo.example", NONE, 0, NULL, NULL},

    {"clients are answered otherwise than elsewhere", clients_are_answered_otherwise, POISONED,
        "foo.example", GW_CRITICAL, 0.9, "address-never-seen", NULL},
    {"the answers elsewhere come after that", others_are_answered_after_that, POISONED,
        "foo.example", GW_HIGH, 0.8, "address-never-seen", NULL},
    {"one client asks twice", one_client_only, POISONED, "foo.example", NONE, 0, NULL, NULL},
    {"every resolver answers otherwise", answers_by_region, POISONED, "foo.example", GW_LOW, 0.3,
        "answers-vary", NULL},
    {"the answer is what was true two days ago", served_stale, POISONED, "foo.example", NONE, 0,
        NULL, NULL},
    {"the resolver never asked the suspect address", the_resolver_never_followed, POISONED,
        "foo.example", NONE, 0, NULL, NULL},

    {"the parent moves, and the child still says the old address",
        the_parent_moves_and_the_child_does_not, MISMATCH, "ns1.foo.example", GW_MEDIUM, 0.8,
        "agreed-before", "addr"},
    {"glue is stale from the first sight on", glue_is_stale_from_first_sight, MISMATCH,
        "ns1.foo.example", GW_INFO, 0.8, NULL, "addr"},
    {"the child's answers depend on who asks", the_child_answers_by_region, MISMATCH,
        "ns1.foo.example", NONE, 0, NULL, NULL},
    {"the child's answer is for a client subnet", the_child_answers_by_client_subnet, MISMATCH,
        "ns1.foo.example", NONE, 0, NULL, NULL},
    {"the child follows a little later", the_child_lags_a_little, MISMATCH, "ns1.foo.example", NONE,
        0, NULL, NULL},
    {"the child names one name server more", the_child_names_more_servers, MISMATCH, "foo.example",
        GW_INFO, 0.8, NULL, "ns-superset"},
    {"the child names the same in another order", the_child_names_the_same_servers, MISMATCH,
        "foo.example", NONE, 0, NULL, NULL},
    {"the NS sets part after eight days", the_ns_sets_part_after_long, MISMATCH, "foo.example",
        GW_MEDIUM, 0.7, "agreed-before", "ns-disjoint"},
    {"the NS sets part, and the parent was not heard since",
        the_ns_sets_part_and_the_parent_is_silent, MISMATCH, "foo.example", NONE, 0, NULL, NULL},

    {"a delegation lives on for three days under a new name", a_ghost_with_a_new_name, GHOST,
        "evil.example", GW_MEDIUM, 0.9, "new-name-servers", "denied"},
    {"a delegation is still used", a_ghost_that_is_only_used, GHOST, "evil.example", GW_MEDIUM, 0.7,
        "lifetimes-since", "denied"},
    {"a delegation lives on in others below it", a_deep_ghost, GHOST, "evil.example", GW_MEDIUM,
        0.7, "lifetimes-since", "deep"},
    {"resolvers may hold it for its TTL", used_within_its_lifetime, GHOST, "evil.example", NONE, 0,
        NULL, NULL},
    {"the parent delegates it again", denied_and_delegated_again, GHOST, "evil.example", NONE, 0,
        NULL, NULL},
    {"one that serves nothing denies it", denied_by_a_stranger, GHOST, "evil.example", NONE, 0,
        NULL, NULL},
    {"an insecure delegation has no DS", no_ds_is_no_denial, GHOST, "evil.example", NONE, 0, NULL,
        NULL},

    {"a name server is under no delegation", a_name_server_below_nothing, ORPHAN,
        "ns9.gone.example", GW_LOW, 0.9, "named-elsewhere", "abandoned"},
    {"its domain was denied before it was named", its_domain_was_denied_before, ORPHAN,
        "ns9.gone.example", GW_LOW, 0.9, "domain-denied", "abandoned"},
    {"a TLD's server gives the address of one", an_address_below_nothing, ORPHAN,
        "ns9.gone.example", GW_LOW, 0.9, "named-elsewhere", NULL},
    {"a TLD's server gives the address below a former delegation",
        a_host_below_a_delegation_that_is_gone, ORPHAN, "ns9.gone.example", GW_LOW, 0.9,
        "named-elsewhere", "served"},
    {"a registry's own hosts lie below a name without data", hosts_below_an_empty_name, ORPHAN,
        "c1.nic.example", NONE, 0, NULL, NULL},
    {"the domain is delegated again", delegated_again_since, ORPHAN, "ns9.gone.example", NONE, 0,
        NULL, NULL},
    {"nobody else uses it", a_name_server_of_its_own_domain, ORPHAN, "ns9.gone.example", NONE, 0,
        NULL, NULL},
    {"a host right under the zone is denied", only_the_host_is_denied, ORPHAN, "ns9.example", NONE,
        0, NULL, NULL},
    {"the denial is two weeks old", denied_two_weeks_ago, ORPHAN, "ns9.gone.example", NONE, 0, NULL,
        NULL},
};

static bool
has_term(const struct gw_finding *finding, const char *term)
{
    for (uint32_t i = 0; i < finding->term_count; i++)
        if (strcmp(finding->term[i].name, term) == 0)
            return true;
    return false;
}

static bool
is_as_told(size_t i, const struct gw_finding *finding)
{
    if (stories[i].severity == NONE || finding == NULL)
        return (stories[i].severity == NONE) == (finding == NULL);
    return finding->severity == stories[i].severity &&
           finding->confidence >= stories[i].confidence &&
           (stories[i].term == NULL || has_term(finding, stories[i].term)) &&
           (stories[i].variant == NULL || strcmp(finding->variant, stories[i].variant) == 0);
}

static void
what_came_of_it_is_told(void **state)
{
    uint32_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(stories); i++) {
        stories[i].play();
        gw_observe_finish(&run, 0, 0);

        if (!is_as_told(i, gw_observe_find(&run, stories[i].kind, stories[i].name))) {
            printf("%s:\n", stories[i].shows);
            gw_observe_print(&run);
            wrong++;
        }
        gw_observe_close(&run);
    }
    assert_int_equal(wrong, 0);
}

/* The same findings, octet for octet but for pointers, whatever the hash secret is. */
static void
clients_are_never_told_of(void **state)
{
    const struct gw_finding *finding;
    const struct gw_addr clients[] = {gw_observe_addr("198.19.0.1"), gw_observe_addr("198.19.0.4")};

    (void)state;
    clients_are_answered_otherwise();
    gw_observe_finish(&run, 0, 0);
    finding = gw_observe_find(&run, POISONED, "foo.example");
    assert_non_null(finding);
    for (size_t i = 0; i < GW_ARRAY_LEN(clients); i++) {
        assert_memory_not_equal(&finding->resolver, &clients[i], sizeof(clients[i]));
        assert_memory_not_equal(&finding->server, &clients[i], sizeof(clients[i]));
        for (uint32_t set = 0; set < finding->set_count; set++)
            for (uint32_t j = 0; j < finding->set[set].witness_count; j++) {
                assert_memory_not_equal(
                    &finding->set[set].witness[j].resolver, &clients[i], sizeof(clients[i]));
                assert_memory_not_equal(
                    &finding->set[set].witness[j].server, &clients[i], sizeof(clients[i]));
            }
    }
    assert_int_equal(finding->resolver_port, 0);
    gw_observe_close(&run);
}

/* How many hang on a name server is said in every finding about it. */
static void
delegations_on_the_name_server_are_counted(void **state)
{
    char says[64];
    const struct gw_finding *finding;

    (void)state;
    open_base();
    for (uint32_t i = 0; i < 30; i++) {
        snprintf(says, sizeof(says), "m%u.example: ns1.foo.example=192.0.2.11", i);
        refer(BASE - 100 + i, 1, 1, says);
    }
    lie_once();
    gw_observe_finish(&run, 0, 0);
    finding = gw_observe_find(&run, GW_KIND_GLUE_ADDR_MINORITY, "ns1.foo.example");
    assert_non_null(finding);
    assert_int_equal(finding->delegation_count, 31);
    gw_observe_close(&run);
}

/* Mismatches that were always there are told of up to a bound, and the rest is counted. */
static void
old_mismatches_do_not_fill_the_report(void **state)
{
    char says[96];
    char name[32];
    uint32_t found = 0;

    (void)state;
    open_lab();
    for (uint32_t i = 0; i < 300; i++) {
        snprintf(says, sizeof(says), "m%u.example: ns1.m%u.example=192.0.2.11", i, i);
        refer(i, 1 + i % 5, 1, says);
        snprintf(says, sizeof(says), ".: ns1.m%u.example=192.0.2.99", i);
        snprintf(name, sizeof(name), "ns1.m%u.example", i);
        own_address(1000 + i, "192.0.2.99", resolver_addr(1), says, name, 0);
    }
    gw_observe_finish(&run, 0, 0);
    for (uint32_t i = 0; gw_analyzer_finding(run.analyzer, i) != NULL; i++)
        found += gw_analyzer_finding(run.analyzer, i)->kind == MISMATCH;
    assert_int_equal(found, 64);
    assert_int_equal(run.stats.finding.suppressed_rate, 300 - 64);
    assert_int_equal(gw_observe_count(&run, GW_LOW, 0), 0);
    assert_int_equal(run.stats.finding.raised,
        run.stats.finding.emitted + run.stats.finding.aggregated +
            run.stats.finding.suppressed_low + run.stats.finding.suppressed_full +
            run.stats.finding.suppressed_rate);
    gw_observe_close(&run);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_came_of_it_is_told),
        cmocka_unit_test(clients_are_never_told_of),
        cmocka_unit_test(delegations_on_the_name_server_are_counted),
        cmocka_unit_test(old_mismatches_do_not_fill_the_report),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
