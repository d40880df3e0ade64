/* SPDX-License-Identifier: BSD-2-Clause */
/* Off-path races: somebody who sees no question guesses port and id. */
#include "tests/scenario/list.h"

#define LEGIT_NS          (40 * SC_MS)
#define BURST_NS          (2 * SC_MS)
#define ENOUGH_MISMATCHES 6u /* wrong ids after which nobody doubts */

/** P1 and R1 without cookies, and P1 slow enough to be outrun. */
static void
make_raceable(struct sc_world *world)
{
    world->parent[0]->cookies = false;
    world->parent[0]->rtt_ns = LEGIT_NS;
}

/** foo.example with ns1 at the attacker's address. */
static struct sc_cut
forged_foo(struct sc_world *world)
{
    struct sc_cut bad = *world->foo;

    bad.ns[0].v4 = world->attacker->v4;
    bad.ns[0].v6 = (struct sc_addr){0, {0}};
    return bad;
}

/** A name below foo.example that no cache has. */
static const char *
fresh_name(struct sc_world *world)
{
    return sc_text(world, "%s.%s", sc_label(world, 5, 10), world->foo->name);
}

/**
 * Send @p count forged referrals with ids other than the question's within BURST_NS, beginning at
 * @p at_ns. @return time of the one after which there are ENOUGH_MISMATCHES
 */
static int64_t
burst(struct sc_world *world, const struct sc_tx *tx, uint32_t count, int64_t at_ns)
{
    struct sc_cut bad = forged_foo(world);
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
        sc_msg_referral(world, &world->msg, tx->server, &bad, false);
        sc_reply_send(world, &forged, &world->msg);
        if (i == ENOUGH_MISMATCHES - 1) {
            enough_ns = forged.packet.at_ns;
        }
    }
    return enough_ns;
}

/** The resolver asks what it took for ns1, which answers as if it were. @return time asked */
static int64_t
follow(struct sc_world *world, const struct sc_resolver *resolver, const char *qname, int64_t at_ns)
{
    struct sc_cut bad = forged_foo(world);
    struct sc_tx tx;

    bad.www_addr = world->attacker->v4;
    sc_tx_init(world, &tx, resolver, world->attacker, qname, SC_A, at_ns);
    sc_tx_send(world, &tx);
    sc_msg_answer(world, &world->msg, world->attacker, &bad, qname, SC_A);
    sc_answer(world, &tx, &world->msg);
    return at_ns;
}

/** Findings that a forged address of ns1 may bring besides. */
static void
may_content(struct sc_world *world)
{
    sc_may(world, "glue-addr-conflict", world->foo->ns[0].name);
    sc_may(world, "parent-child-mismatch", world->foo->ns[0].name);
    sc_may(world, "resp-path-outlier", NULL);
    sc_may(world, "resp-unsolicited", NULL);
}

void
sc_play_a01(struct sc_world *world)
{
    const struct sc_resolver *victim = &world->resolver[0];
    const char *ns1 = world->foo->ns[0].name;
    int64_t at_ns = world->attack_ns;
    struct sc_tx tx;

    make_raceable(world);
    sc_base(world);
    const char *qname = fresh_name(world);
    sc_tx_init(world, &tx, victim, world->parent[0], qname, SC_A, at_ns);
    sc_tx_send(world, &tx);
    int64_t enough_ns = burst(world, &tx, 400, at_ns + 3 * SC_MS);

    struct sc_cut bad = forged_foo(world);
    struct sc_reply right = sc_reply_forged(world, &tx, at_ns + 3 * SC_MS + BURST_NS);
    sc_msg_referral(world, &world->msg, world->parent[0], &bad, false);
    sc_reply_send(world, &right, &world->msg);
    sc_msg_referral(world, &world->msg, world->parent[0], world->foo, tx.edns.dnssec);
    int64_t legit_ns = sc_answer(world, &tx, &world->msg);
    int64_t followed_ns = follow(world, victim, qname, right.packet.at_ns + SC_MS);

    sc_must(world, "resp-txid-burst", NULL, "medium", enough_ns);
    sc_must(world, "resp-double-conflict", NULL, "high", legit_ns);
    sc_must(world, "glue-addr-minority", ns1, NULL, right.packet.at_ns);
    sc_must(world, "suspect-glue-followed", ns1, "high", followed_ns)->name[1] = world->foo->name;
    may_content(world);
    sc_must_not(world, "ns-fanout", "low");
    sc_must_not(world, "ns-set-changed", "low");
    sc_incident(world, "poison-race", "critical");
}
