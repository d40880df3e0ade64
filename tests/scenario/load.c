/* SPDX-License-Identifier: BSD-2-Clause */
/* Referrals that make work: for resolvers, or for who watches. */
#include <stdio.h>

#include "tests/scenario/attack.h"
#include "tests/scenario/list.h"

#define FANOUT_QUESTIONS 200u
#define FANOUT_TARGETS   60u
#define FANOUT_QUERIES   40u /* that each of them makes the resolver send */
#define FANOUT_ENOUGH    10u
#define HUGE_TARGETS     1500u
#define HUGE_PLAIN       700u /* without compression no more have room */
#define FLOOD_HOURS      2.0  /* before and after the attack */
#define FLOOD_MEMORY     "32M"
#define FLOOD_TTL        300u

/** Add a delegation that the attacker's server serves, and let R1 have room for long messages. */
static const struct sc_cut *
make_evil(struct sc_world *world)
{
    struct sc_cut *evil = sc_cut_new(world);
    struct sc_server *server = sc_server_new(world, sc_text(world, "ns1.%s", evil->name));

    server->edns_size = 4096;
    server->cookies = false;
    server->ipid = SC_IPID_COUNTER;
    sc_cut_serve(evil, server, true, false);
    world->resolver[0].edns_size = 4096;
    return evil;
}

/** Write a referral to @p cut with @p count name servers below @p victim, none with an address. */
static void
write_fanout(struct sc_world *world, const char *cut, const char *victim, uint32_t count,
    const char **ret_target)
{
    sc_msg_init(&world->msg);
    for (uint32_t i = 0; i < count; i++) {
        ret_target[i] = sc_text(world, "%s%u.%s", sc_label(world, 2, 4), i, victim);
        sc_add_name(&world->msg, SC_AUTHORITY, cut, SC_NS, FLOOD_TTL, ret_target[i]);
    }
}

/** The resolver looks for addresses of @p target, half of each family; there are none. */
static void
look_for(struct sc_world *world, const struct sc_cut *victim, const char **target, int64_t at_ns)
{
    for (uint32_t i = 0; i < FANOUT_QUERIES; i++) {
        const struct sc_server *server = victim->ns[i % victim->ns_count].server;
        struct sc_tx tx;
        sc_tx_init(world, &tx, &world->resolver[0], server, target[i / 2], i % 2 ? SC_AAAA : SC_A,
            at_ns + i * 300 * SC_US);
        sc_tx_send(world, &tx);
        sc_msg_negative(world, &world->msg, victim->name, target[i / 2], SC_NXDOMAIN);
        sc_answer(world, &tx, &world->msg);
    }
}

/* Each question at the attacker's server makes a resolver ask the victim's servers forty times. */
void
sc_play_a20(struct sc_world *world)
{
    const struct sc_cut *evil = make_evil(world);
    const char *target[FANOUT_TARGETS];
    const char *first = NULL;
    struct sc_cut victim;
    int64_t enough_ns = 0;
    struct sc_tx tx;

    sc_know_bank(world, &victim);
    sc_base(world);
    for (uint32_t i = 0; i < FANOUT_QUESTIONS; i++) {
        int64_t at_ns = world->attack_ns + i * (world->is_short ? 30 : 300) * SC_MS;
        const char *cut = sc_text(world, "%s%u.%s", sc_label(world, 2, 4), i, evil->name);
        sc_tx_init(world, &tx, &world->resolver[0], evil->ns[0].server, cut, SC_A, at_ns);
        sc_tx_send(world, &tx);
        write_fanout(world, cut, victim.name, FANOUT_TARGETS, target);
        at_ns = sc_answer(world, &tx, &world->msg);
        look_for(world, &victim, target, at_ns + SC_MS);
        first = i == 0 ? cut : first;
        enough_ns = i + 1 == FANOUT_ENOUGH ? at_ns : enough_ns;
    }
    struct sc_expected *must = sc_must(world, "ns-fanout", evil->name, "high", enough_ns);
    must->name[1] = first;
    must->name[2] = world->zone;
    sc_must_not(world, "required-glue-missing", "low");
    sc_must_not(world, "glue-*", "low");
    sc_incident_may(world, "resolver-dos");
}

/* A single referral over TCP with more name servers than anybody has. */
void
sc_play_a21(struct sc_world *world)
{
    const struct sc_cut *evil = make_evil(world);
    const char *cut = sc_text(world, "%s.%s", sc_label(world, 4, 8), evil->name);
    static const char *target[HUGE_TARGETS];
    struct sc_tx tx;

    sc_base(world);
    sc_tx_init(world, &tx, &world->resolver[0], evil->ns[0].server, cut, SC_A, world->attack_ns);
    sc_tx_send(world, &tx);
    sc_msg_init(&world->msg);
    world->msg.tc = true;
    tx.packet.at_ns = sc_answer(world, &tx, &world->msg) + SC_MS;
    tx.packet.sport ^= 1;
    tx.id ^= 0x5555;
    write_fanout(world, cut, world->bank, world->manner->plain ? HUGE_PLAIN : HUGE_TARGETS, target);
    int64_t told_ns = sc_tcp_ask(world, &tx, &world->msg);

    struct sc_expected *must = sc_must(world, "ns-fanout", cut, "medium", told_ns);
    must->name[1] = evil->name;
    must->name[2] = world->zone;
    sc_must_not(world, "required-glue-missing", "low");
    sc_must_not(world, "glue-*", "low");
    sc_incident_may(world, "resolver-dos");
}

/** A question for a random name below @p evil, and a referral to a delegation of that name. */
static void
flood_once(struct sc_world *world, const struct sc_cut *evil, uint32_t number, int64_t at_ns)
{
    const struct sc_resolver *resolver = &world->resolver[number % SC_RESOLVERS];
    uint64_t bits = sc_draw_bits(&world->draw);
    struct sc_addr addr = {4, {(uint8_t)(60 + bits % 30), (uint8_t)(bits >> 8),
                                  (uint8_t)(bits >> 16), (uint8_t)(bits >> 24 | 1)}};
    char cut[SC_NAME_MAX];
    char host[SC_NAME_MAX + 4];
    struct sc_tx tx;

    snprintf(cut, sizeof(cut), "%x%u.%s", (unsigned)(bits >> 40), number, evil->name);
    snprintf(host, sizeof(host), "ns.%s", cut);
    sc_tx_init(world, &tx, resolver, evil->ns[0].server, cut, SC_A, at_ns);
    sc_tx_send(world, &tx);
    sc_msg_init(&world->msg);
    sc_add_name(&world->msg, SC_AUTHORITY, cut, SC_NS, FLOOD_TTL, host);
    sc_add_addr(&world->msg, SC_ADDITIONAL, host, FLOOD_TTL, addr);
    sc_answer(world, &tx, &world->msg);
}

/* The race of A01 in a flood of delegations that never come again. */
void
sc_play_a22(struct sc_world *world)
{
    const struct sc_cut *evil = make_evil(world);
    int64_t span_ns = sc_hours(world, 2 * FLOOD_HOURS);
    int64_t from_ns = world->attack_ns - span_ns / 2;

    if (world->flood <= SC_FLOOD) {
        /* Less memory, so that a flood that is still quick to make is too large for it. */
        sc_arg(world, "--memory");
        sc_arg(world, FLOOD_MEMORY);
    }
    sc_make_raceable(world);
    sc_base(world);
    for (uint32_t i = 0; i < world->flood; i++) {
        flood_once(world, evil, i, from_ns + (int64_t)((double)span_ns * i / world->flood));
    }
    struct sc_race race = sc_race(world, world->attack_ns);

    sc_expect_race(world, &race);
}
