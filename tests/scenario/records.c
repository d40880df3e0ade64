/* SPDX-License-Identifier: BSD-2-Clause */
/* Records where none belong: in answers, in negative answers, in those of a forwarder. */
#include "tests/scenario/attack.h"
#include "tests/scenario/list.h"

#define FORWARDED_PER_ROUND 6u
#define POISON_TTL          86400u

/** NS records of @p owner at the attacker's server, and its address. */
static void
add_poison(struct sc_world *world, const char *owner)
{
    const char *target = world->attacker->name;

    sc_add_name(&world->msg, SC_AUTHORITY, owner, SC_NS, POISON_TTL, target);
    sc_add_addr(&world->msg, SC_ADDITIONAL, target, POISON_TTL, world->attacker->v4);
}

/** An answer of a resolver that others forward to. */
static void
forwarder_answers(struct sc_world *world, const char *qname, struct sc_addr addr)
{
    sc_msg_init(&world->msg);
    world->msg.rd = true;
    world->msg.ra = true;
    sc_add_addr(&world->msg, SC_ANSWER, qname, 300, addr);
}

/* R2 forwards a zone; a forged answer of the forwarder brings NS records of a TLD. */
void
sc_play_a11(struct sc_world *world)
{
    const char *forwarded = sc_text(world, "%s.internal", sc_label(world, 4, 8));
    struct sc_server *forwarder = sc_server_new(world, forwarded);
    const struct sc_resolver *victim = &world->resolver[1];
    struct sc_addr addr = sc_addr_new(world);
    struct sc_tx tx;

    forwarder->cookies = false;
    sc_base(world);
    int64_t step_ns = world->round_ns / FORWARDED_PER_ROUND;
    for (int64_t at_ns = world->start_ns; at_ns < world->attack_ns; at_ns += step_ns) {
        const char *qname = sc_text(world, "%s.%s", sc_label(world, 3, 6), forwarded);
        sc_tx_init(world, &tx, victim, forwarder, qname, SC_A, at_ns);
        tx.rd = true;
        sc_tx_send(world, &tx);
        forwarder_answers(world, qname, addr);
        sc_answer(world, &tx, &world->msg);
    }
    const char *qname = sc_text(world, "www.%s", forwarded);
    sc_tx_init(world, &tx, victim, forwarder, qname, SC_A, world->attack_ns);
    tx.rd = true;
    sc_tx_send(world, &tx);
    struct sc_reply forged = sc_reply_forged(world, &tx, world->attack_ns + 3 * SC_MS);
    forwarder_answers(world, qname, world->attacker->v4);
    add_poison(world, "com");
    sc_reply_send(world, &forged, &world->msg);

    struct sc_expected *must =
        sc_must(world, "promiscuous-ns", "com", "critical", forged.packet.at_ns);
    must->name[1] = world->attacker->name;
    sc_may(world, "resp-path-outlier", NULL);
    sc_may(world, "glue-unrelated", world->attacker->name);
    sc_must_not(world, "glue-unrelated", "high");
    sc_incident_may(world, "poison-race");
}

/* A forged positive answer of C1 brings NS records of the zone above. */
void
sc_play_a12(struct sc_world *world)
{
    struct sc_server *child = &world->server[world->foo->ns[0].server - world->server];
    const char *qname = sc_fresh_name(world);
    struct sc_tx tx;

    child->cookies = false;
    sc_base(world);
    sc_tx_init(world, &tx, &world->resolver[0], child, qname, SC_A, world->attack_ns);
    sc_tx_send(world, &tx);
    struct sc_reply forged = sc_reply_forged(world, &tx, world->attack_ns + 2 * SC_MS);
    sc_msg_init(&world->msg);
    world->msg.aa = true;
    sc_add_addr(&world->msg, SC_ANSWER, qname, 300, world->foo->www_addr);
    add_poison(world, world->zone);
    sc_reply_send(world, &forged, &world->msg);
    sc_msg_answer(world, &world->msg, child, world->foo, qname, SC_A);
    int64_t legit_ns = sc_answer(world, &tx, &world->msg);

    sc_must(world, "promiscuous-ns", world->zone, NULL, forged.packet.at_ns)->name[1] =
        world->attacker->name;
    sc_must(world, "resp-double-conflict", NULL, "high", legit_ns);
    sc_may(world, "resp-path-outlier", NULL);
    sc_may(world, "glue-unrelated", world->attacker->name);
    sc_must_not(world, "referral-sideways", "low");
    sc_incident_may(world, "poison-race");
}

/* NXDOMAIN with NS records of foo.example; the true reply never comes. */
void
sc_play_a13(struct sc_world *world)
{
    struct sc_server *child = &world->server[world->foo->ns[0].server - world->server];
    struct sc_tx tx;

    child->cookies = false;
    sc_base(world);
    sc_tx_init(
        world, &tx, &world->resolver[0], child, sc_fresh_name(world), SC_A, world->attack_ns);
    sc_tx_send(world, &tx);
    struct sc_reply forged = sc_reply_forged(world, &tx, world->attack_ns + 2 * SC_MS);
    sc_msg_init(&world->msg);
    world->msg.aa = true;
    world->msg.rcode = SC_NXDOMAIN;
    add_poison(world, world->foo->name);
    sc_reply_send(world, &forged, &world->msg);

    sc_must(world, "promiscuous-ns", world->foo->name, NULL, forged.packet.at_ns)->name[1] =
        world->attacker->name;
    sc_may(world, "resp-path-outlier", NULL);
    sc_may(world, "glue-unrelated", world->attacker->name);
    sc_must_not(world, "ghost-delegation", "info");
    sc_incident_may(world, "poison-race");
}

/* An answer with an MX record in AUTHORITY, and an address for the name server of a bank. */
void
sc_play_a14(struct sc_world *world)
{
    struct sc_server *child = &world->server[world->foo->ns[0].server - world->server];
    const char *qname = sc_fresh_name(world);
    struct sc_cut bank;
    struct sc_tx tx;

    child->cookies = false;
    sc_know_bank(world, &bank);
    sc_base(world);
    sc_tx_init(world, &tx, &world->resolver[0], child, qname, SC_A, world->attack_ns);
    sc_tx_send(world, &tx);
    struct sc_reply forged = sc_reply_forged(world, &tx, world->attack_ns + 2 * SC_MS);
    sc_msg_answer(world, &world->msg, world->root[0], world->foo, qname, SC_A);
    world->msg.count = 1;
    sc_add_name(&world->msg, SC_AUTHORITY, world->foo->name, SC_MX, POISON_TTL, bank.ns[0].name);
    sc_add_addr(&world->msg, SC_ADDITIONAL, bank.ns[0].name, POISON_TTL, world->attacker->v4);
    sc_reply_send(world, &forged, &world->msg);

    sc_must(world, "glue-unreferenced", bank.ns[0].name, "high", forged.packet.at_ns);
    sc_may(world, "resp-path-outlier", NULL);
    sc_must_not(world, "promiscuous-ns", "low");
    sc_incident_may(world, "poison-race");
}
