/* SPDX-License-Identifier: BSD-2-Clause */
/* Replies in another letter case, from elsewhere, with wrong checksums; and what only looks so. */
#include <ctype.h>

#include "tests/scenario/attack.h"
#include "tests/scenario/list.h"

#define GUESSES     60u
#define PATIENCE_NS (800 * SC_MS)

/** Write the QNAME of @p tx in lower case. Good until the next call. */
static const char *
fold(const struct sc_tx *tx)
{
    static char name[SC_NAME_MAX];
    uint32_t i = 0;

    do {
        name[i] = (char)tolower((uint8_t)tx->qname[i]);
    } while (tx->qname[i++] != '\0');
    return name;
}

/** The question of R1 to P1 that all of these forge a reply to. */
static void
ask(struct sc_world *world, struct sc_tx *tx)
{
    sc_tx_init(world, tx, &world->resolver[0], world->parent[0], sc_fresh_name(world), SC_A,
        world->attack_ns);
    sc_tx_send(world, tx);
}

/** Send @p reply with the attacker's referral, and then the true one. */
static void
race_with(struct sc_world *world, const struct sc_tx *tx, const struct sc_reply *reply)
{
    struct sc_cut bad = sc_forged_foo(world);

    sc_msg_referral(world, &world->msg, tx->server, &bad, false);
    sc_reply_send(world, reply, &world->msg);
    sc_msg_referral(world, &world->msg, tx->server, world->foo, tx->edns.dnssec);
    sc_answer(world, tx, &world->msg);
}

static void
may_follow(struct sc_world *world)
{
    sc_may_forged(world);
    sc_may(world, "resp-double-conflict", NULL);
    sc_may(world, "glue-addr-minority", world->foo->ns[0].name);
    sc_may(world, "resp-txid-burst", NULL);
    sc_must_not(world, "*", "medium");
    sc_incident_may(world, "poison-race");
}

/* Forged replies to a server that echoes the question's case, in lower case. */
void
sc_play_c07(struct sc_world *world)
{
    struct sc_tx tx;

    world->resolver[0].mixed_case = true;
    world->resolver[1].mixed_case = true;
    sc_make_raceable(world);
    sc_base(world);
    ask(world, &tx);
    struct sc_reply forged = sc_reply_forged(world, &tx, world->attack_ns + 3 * SC_MS);
    forged.qname = fold(&tx);
    race_with(world, &tx, &forged);
    sc_must(world, "resp-case-mismatch", NULL, "medium", forged.packet.at_ns)->variant = "break";
    may_follow(world);
}

static void
fold_always(struct sc_world *world, struct sc_exchange *exchange)
{
    const struct sc_server *server = exchange->tx.server;

    if (server == world->parent[2] || server == world->foo->ns[0].server ||
        server == world->cut[1].ns[0].server) {
        exchange->reply.qname = fold(&exchange->tx);
    }
}

/* Three servers that fold names from the first day on; one resolver, or several, mix the case. */
void
sc_play_n07(struct sc_world *world)
{
    for (uint32_t i = 0; i < SC_RESOLVERS; i++) {
        world->resolver[i].mixed_case |= i <= world->seed % SC_RESOLVERS;
    }
    world->edit = fold_always;
    sc_base(world);
    sc_may(world, "resp-case-mismatch", NULL)->most = 6; /* a note for each server's address */
    sc_must_not(world, "resp-case-mismatch", "low");
    sc_benign(world, "low");
}

/* Guesses at the message ID; the one that is right gives away where it comes from. */
void
sc_play_c08(struct sc_world *world)
{
    struct sc_cut bad = sc_forged_foo(world);
    struct sc_tx tx;

    sc_make_raceable(world);
    sc_base(world);
    ask(world, &tx);
    int64_t enough_ns = sc_burst(world, &tx, &bad, GUESSES, world->attack_ns + 3 * SC_MS);
    struct sc_reply forged = sc_reply_forged(world, &tx, world->attack_ns + 8 * SC_MS);
    forged.packet.src = world->attacker->v4;
    race_with(world, &tx, &forged);
    sc_must(world, "resp-txid-burst", NULL, "medium", enough_ns);
    sc_must(world, "resp-wrong-source", NULL, "medium", forged.packet.at_ns);
    may_follow(world);
    sc_must_not(world, "resp-double-conflict", "low");
}

/** Two servers that have several addresses, and a network that answers for one resolver. */
static void
come_from_elsewhere(struct sc_world *world, struct sc_exchange *exchange)
{
    const struct sc_addr *other = world->edit_data;
    const struct sc_server *server = exchange->tx.server;
    struct sc_addr *src = &exchange->reply.packet.src;
    bool nat = exchange->tx.resolver == &world->resolver[2] && server == world->parent[3];

    if (server != world->foo->ns[0].server && !nat) {
        return;
    }
    *src = src->family == 4 ? other[nat] : sc_addr_six(other[nat]);
    if (!nat) {
        sc_ask_child(world, exchange->tx.resolver, world->foo, 1, world->foo->www, SC_A,
            exchange->tx.packet.at_ns + PATIENCE_NS);
    } else if (exchange->cut != NULL) {
        sc_visit_parent(world, exchange->tx.resolver, world->parent[1], exchange->cut,
            exchange->tx.packet.at_ns + PATIENCE_NS);
    }
}

/* Replies from another address than was asked, from the first day on. */
void
sc_play_n08(struct sc_world *world)
{
    struct sc_addr other[2] = {world->foo->ns[0].server->v4, sc_addr_new(world)};

    other[0].octets[3] ^= 0x80;
    world->edit = come_from_elsewhere;
    world->edit_data = other;
    sc_base(world);
    sc_may(world, "resp-wrong-source", NULL);
    sc_must_not(world, "resp-wrong-source", "low");
    sc_benign(world, "low");
}

/* Guesses at the message ID; the one that is right has a wrong checksum. */
void
sc_play_c09(struct sc_world *world)
{
    struct sc_cut bad = sc_forged_foo(world);
    struct sc_tx tx;

    world->odd_checksums = true;
    sc_make_raceable(world);
    sc_base(world);
    ask(world, &tx);
    int64_t enough_ns = sc_burst(world, &tx, &bad, GUESSES, world->attack_ns + 3 * SC_MS);
    struct sc_reply forged = sc_reply_forged(world, &tx, world->attack_ns + 8 * SC_MS);
    forged.packet.checksum = SC_SUM_WRONG;
    race_with(world, &tx, &forged);
    sc_must(world, "resp-txid-burst", NULL, "medium", enough_ns);
    sc_must(world, "resp-bad-checksum", NULL, "info", forged.packet.at_ns);
    may_follow(world);
}

/** Replies as the host that sends them sees them: all of them, or those of one server. */
static void
leave_to_the_card(struct sc_world *world, struct sc_exchange *exchange)
{
    if (world->seed % 2 == 0 || exchange->tx.server == world->parent[1]) {
        exchange->reply.packet.checksum = SC_SUM_WRONG;
    }
}

/* The capture is made where replies are sent: at all servers, or at one. */
void
sc_play_n09(struct sc_world *world)
{
    world->odd_checksums = true;
    world->edit = leave_to_the_card;
    sc_base(world);
    sc_must_not(world, "resp-bad-checksum", "info");
    sc_benign(world, "low");
}
