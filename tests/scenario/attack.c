/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/scenario/attack.h"

#include <string.h>

#define LEGIT_NS          (40 * SC_MS)
#define BURST_NS          (2 * SC_MS)
#define BURST_COUNT       400u
#define ENOUGH_MISMATCHES 6u /* wrong ids after which nobody doubts */
#define BANK_TTL          86400u

void
sc_make_raceable(struct sc_world *world)
{
    world->parent[0]->cookies = false;
    world->parent[0]->rtt_ns = LEGIT_NS;
}

struct sc_cut
sc_forged_foo(const struct sc_world *world)
{
    struct sc_cut bad = *world->foo;

    bad.ns[0].v4 = world->attacker->v4;
    bad.ns[0].v6 = (struct sc_addr){0, {0}};
    return bad;
}

const char *
sc_fresh_name(struct sc_world *world)
{
    return sc_text(world, "%s.%s", sc_label(world, 5, 10), world->foo->name);
}

int64_t
sc_burst(struct sc_world *world, const struct sc_tx *tx, const struct sc_cut *bad, uint32_t count,
    int64_t at_ns)
{
    struct sc_reply forged = sc_reply_forged(world, tx, at_ns);
    uint16_t first = (uint16_t)(tx->id + 1 + sc_draw_below(&world->draw, 60000));
    int64_t enough_ns = 0;

    for (uint32_t i = 0; i < count; i++) {
        forged.packet.at_ns = at_ns + BURST_NS * i / count;
        forged.packet.ipid = (forged.packet.ipid + 1) & 0xffff;
        forged.id = (uint16_t)(first + i);
        if (forged.id == tx->id) {
            continue;
        }
        sc_msg_referral(world, &world->msg, tx->server, bad, false);
        sc_reply_send(world, &forged, &world->msg);
        if (i == ENOUGH_MISMATCHES) {
            enough_ns = forged.packet.at_ns;
        }
    }
    return enough_ns;
}

void
sc_follow(
    struct sc_world *world, const struct sc_resolver *resolver, const char *qname, int64_t at_ns)
{
    struct sc_cut bad = sc_forged_foo(world);
    struct sc_tx tx;

    bad.www_addr = sc_addr_new(world);
    sc_tx_init(world, &tx, resolver, world->attacker, qname, SC_A, at_ns);
    sc_tx_send(world, &tx);
    sc_msg_answer(world, &world->msg, world->attacker, &bad, qname, SC_A);
    sc_answer(world, &tx, &world->msg);
}

struct sc_race
sc_race(struct sc_world *world, int64_t at_ns)
{
    const struct sc_resolver *victim = &world->resolver[0];
    const char *qname = sc_fresh_name(world);
    struct sc_cut bad = sc_forged_foo(world);
    struct sc_race race;
    struct sc_tx tx;

    sc_tx_init(world, &tx, victim, world->parent[0], qname, SC_A, at_ns);
    sc_tx_send(world, &tx);
    race.enough_ns = sc_burst(world, &tx, &bad, BURST_COUNT, at_ns + 3 * SC_MS);
    race.accepted_ns = at_ns + 3 * SC_MS + BURST_NS;
    struct sc_reply right = sc_reply_forged(world, &tx, race.accepted_ns);
    sc_msg_referral(world, &world->msg, world->parent[0], &bad, false);
    sc_reply_send(world, &right, &world->msg);
    sc_msg_referral(world, &world->msg, world->parent[0], world->foo, tx.edns.dnssec);
    race.legit_ns = sc_answer(world, &tx, &world->msg);
    race.followed_ns = race.accepted_ns + SC_MS;
    sc_follow(world, victim, qname, race.followed_ns);
    return race;
}

void
sc_may_forged(struct sc_world *world)
{
    const char *ns1 = world->foo->ns[0].name;

    sc_may(world, "glue-addr-conflict", ns1);
    sc_may(world, "glue-ttl-outlier", NULL);
    sc_may(world, "parent-child-mismatch", ns1)->name[1] = world->foo->name;
    sc_may(world, "resp-path-outlier", NULL);
    sc_may(world, "resp-unsolicited", NULL);
    sc_may(world, "resp-case-mismatch", NULL);
}

void
sc_expect_race(struct sc_world *world, const struct sc_race *race)
{
    const char *ns1 = world->foo->ns[0].name;

    sc_must(world, "resp-txid-burst", NULL, "medium", race->enough_ns);
    sc_must(world, "resp-double-conflict", NULL, "high", race->legit_ns);
    sc_must(world, "glue-addr-minority", ns1, NULL, race->accepted_ns);
    sc_must(world, "suspect-glue-followed", ns1, "high", race->followed_ns)->name[1] =
        world->foo->name;
    sc_may_forged(world);
    sc_must_not(world, "ns-fanout", "low");
    sc_must_not(world, "ns-set-changed", "low");
    sc_incident(world, "poison-race", "critical");
}

void
sc_know_bank(struct sc_world *world, struct sc_cut *ret_bank)
{
    const char *tld = strchr(world->bank, '.') + 1;
    const struct sc_server *parent = sc_server_new(world, sc_text(world, "a.nic.%s", tld));
    struct sc_cut *bank = ret_bank;

    *bank = (struct sc_cut){.name = world->bank, .ns_ttl = BANK_TTL, .glue_ttl = BANK_TTL};
    bank->www = sc_text(world, "www.%s", world->bank);
    bank->www_addr = sc_addr_new(world);
    for (bank->ns_count = 0; bank->ns_count < 2; bank->ns_count++) {
        const char *name = sc_text(world, "ns%u.%s", bank->ns_count + 1, world->bank);
        const struct sc_server *server = sc_server_new(world, name);
        bank->ns[bank->ns_count] = (struct sc_ns){.name = name, .v4 = server->v4, .server = server};
    }
    for (int64_t at_ns = world->start_ns; at_ns < world->end_ns; at_ns += world->round_ns) {
        for (uint32_t r = 0; r < SC_RESOLVERS; r++) {
            const struct sc_resolver *resolver = &world->resolver[r];
            int64_t then_ns = at_ns + sc_draw_range(&world->draw, 0, world->round_ns / 2);
            then_ns = sc_visit_parent(world, resolver, parent, bank, then_ns);
            sc_visit_child(world, resolver, bank->ns[r % 2].server, bank, then_ns + SC_MS);
        }
    }
}
