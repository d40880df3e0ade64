/* SPDX-License-Identifier: BSD-2-Clause */
/* Off-path races: somebody who sees no question guesses port and id. */
#include "tests/scenario/attack.h"
#include "tests/scenario/list.h"

#define SLOW_QUESTIONS 500u
#define SLOW_ENOUGH    20u /* mismatches of one resolver in ten minutes */
#define SWEEP_PORTS    10000u
#define SWEEP_NS       (5 * SC_SECOND)
#define SWEEP_ENOUGH   200u
#define ICMP_EACH      10u /* the kernel limits how many it sends */
#define TWINS          64u
#define TWIN_REPLIES   300u

void
sc_play_a01(struct sc_world *world)
{
    sc_make_raceable(world);
    sc_base(world);
    struct sc_race race = sc_race(world, world->attack_ns);

    sc_expect_race(world, &race);
}

/* The true reply comes first, and no guess is right. */
void
sc_play_a02(struct sc_world *world)
{
    struct sc_tx tx;

    sc_make_raceable(world);
    sc_base(world);
    sc_tx_init(world, &tx, &world->resolver[0], world->parent[0], sc_fresh_name(world), SC_A,
        world->attack_ns);
    sc_tx_send(world, &tx);
    sc_msg_referral(world, &world->msg, world->parent[0], world->foo, tx.edns.dnssec);
    int64_t legit_ns = sc_answer(world, &tx, &world->msg);
    struct sc_cut bad = sc_forged_foo(world);
    int64_t enough_ns = sc_burst(world, &tx, &bad, 400, legit_ns + SC_MS);

    sc_must(world, "resp-txid-burst", NULL, "medium", enough_ns);
    sc_may(world, "resp-path-outlier", NULL);
    sc_may(world, "resp-unsolicited", NULL);
    sc_must_not(world, "glue-*", "info");
    sc_must_not(world, "suspect-glue-followed", "info");
    sc_must_not(world, "resp-double-conflict", "info");
}

/* One wrong guess for each of many questions. */
void
sc_play_a03(struct sc_world *world)
{
    struct sc_cut bad = sc_forged_foo(world);
    int64_t lasting_ns = world->is_short ? 5 * SC_SECOND : 1800 * SC_SECOND;
    int64_t enough_ns = 0;

    sc_make_raceable(world);
    sc_base(world);
    for (uint32_t i = 0; i < SLOW_QUESTIONS; i++) {
        int64_t at_ns = world->attack_ns + lasting_ns * i / SLOW_QUESTIONS;
        struct sc_tx tx;
        sc_tx_init(
            world, &tx, &world->resolver[0], world->parent[0], sc_fresh_name(world), SC_A, at_ns);
        sc_tx_send(world, &tx);
        struct sc_reply forged = sc_reply_forged(world, &tx, at_ns + 5 * SC_MS);
        forged.id = (uint16_t)(tx.id + 1 + sc_draw_below(&world->draw, 65535));
        sc_msg_referral(world, &world->msg, world->parent[0], &bad, false);
        sc_reply_send(world, &forged, &world->msg);
        sc_msg_referral(world, &world->msg, world->parent[0], world->foo, tx.edns.dnssec);
        sc_answer(world, &tx, &world->msg);
        if (i + 1 == SLOW_ENOUGH) {
            enough_ns = forged.packet.at_ns;
        }
    }
    sc_must(world, "resp-txid-burst", NULL, "medium", enough_ns)->variant = "slow";
    sc_may(world, "resp-path-outlier", NULL);
    sc_must_not(world, "*", "medium");
    sc_incident_may(world, "poison-race");
}

/** Replies to ports that asked nothing, some of which the resolver's kernel refuses. */
static int64_t
sweep(struct sc_world *world, const struct sc_tx *like, const struct sc_cut *bad)
{
    struct sc_reply forged = sc_reply_forged(world, like, world->attack_ns);
    uint16_t first = (uint16_t)sc_draw_range(&world->draw, 1024, 50000);
    int64_t enough_ns = 0;

    for (uint32_t i = 0; i < SWEEP_PORTS; i++) {
        forged.packet.at_ns = world->attack_ns + SWEEP_NS * i / SWEEP_PORTS;
        forged.packet.dport = (uint16_t)(first + i);
        forged.packet.ipid = (forged.packet.ipid + 1) & 0xffff;
        forged.id = (uint16_t)sc_draw_bits(&world->draw);
        sc_msg_referral(world, &world->msg, like->server, bad, false);
        sc_reply_send(world, &forged, &world->msg);
        if (i % ICMP_EACH == 0) {
            sc_icmp_unreachable(&world->capture, &forged.packet, forged.packet.at_ns + 40 * SC_US);
        }
        if (i + 1 == SWEEP_ENOUGH) {
            enough_ns = forged.packet.at_ns;
        }
    }
    return enough_ns;
}

/* A sweep over the ports finds the open one, which is then filled with guesses of the id. */
void
sc_play_a09(struct sc_world *world)
{
    struct sc_cut bad = sc_forged_foo(world);
    struct sc_tx tx;

    sc_make_raceable(world);
    sc_base(world);
    sc_tx_init(world, &tx, &world->resolver[0], world->parent[0], sc_fresh_name(world), SC_A,
        world->attack_ns + SWEEP_NS + 100 * SC_MS);
    int64_t swept_ns = sweep(world, &tx, &bad);
    sc_tx_send(world, &tx);
    int64_t enough_ns = sc_burst(world, &tx, &bad, 400, tx.packet.at_ns + 3 * SC_MS);
    sc_msg_referral(world, &world->msg, world->parent[0], world->foo, tx.edns.dnssec);
    sc_answer(world, &tx, &world->msg);

    sc_must(world, "resp-unsolicited", NULL, "medium", swept_ns)->variant = "port-spray";
    sc_must(world, "resp-txid-burst", NULL, "medium", enough_ns);
    sc_may(world, "resp-path-outlier", NULL);
    sc_must_not(world, "glue-*", "low");
    sc_incident_may(world, "poison-race");
}

/* Many questions at a time that differ in the client subnet only: a birthday's chances. */
void
sc_play_a10(struct sc_world *world)
{
    struct sc_resolver *victim = &world->resolver[0];
    struct sc_cut bad = sc_forged_foo(world);
    struct sc_tx tx[TWINS];
    int64_t at_ns = world->attack_ns;

    sc_make_raceable(world);
    victim->edns_size = 1232;
    sc_base(world);
    const char *qname = sc_fresh_name(world);
    for (uint32_t i = 0; i < TWINS; i++) {
        sc_tx_init(world, &tx[i], victim, world->parent[0], qname, SC_A, at_ns + i * 20 * SC_US);
        tx[i].edns.ecs_bits = 24;
        tx[i].edns.ecs[0] = 100;
        tx[i].edns.ecs[2] = (uint8_t)i;
        sc_tx_send(world, &tx[i]);
        sc_msg_referral(world, &world->msg, world->parent[0], world->foo, tx[i].edns.dnssec);
        sc_answer(world, &tx[i], &world->msg);
    }
    for (uint32_t i = 0; i < TWIN_REPLIES; i++) {
        const struct sc_tx *aim = &tx[sc_draw_below(&world->draw, TWINS)];
        at_ns = world->attack_ns + 4 * SC_MS + i * 8 * SC_US;
        struct sc_reply forged = sc_reply_forged(world, aim, at_ns);
        forged.id = (uint16_t)(aim->id + 1 + sc_draw_below(&world->draw, 65535));
        sc_msg_referral(world, &world->msg, world->parent[0], &bad, false);
        sc_reply_send(world, &forged, &world->msg);
    }
    sc_must(world, "resp-txid-burst", NULL, "medium", at_ns)->variant = "birthday";
    sc_may(world, "resp-path-outlier", NULL);
    sc_must_not(world, "glue-*", "low");
    sc_incident_may(world, "poison-race");
}
