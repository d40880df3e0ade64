/* SPDX-License-Identifier: BSD-2-Clause */
/* Harmless: how packets travel and are recorded. */
#include <ctype.h>
#include <string.h>

#include "tests/scenario/list.h"

#define RETRIES        40u
#define PATIENCE_NS    (800 * SC_MS)
#define LATE_NS        (6 * SC_SECOND)
#define BACKSCATTER    10000u
#define NEAR_TTL       57u
#define FAR_TTL        52u
#define LONGER_BY_HOPS 3u
#define LOSS_PER_MILLE 10u
#define SNAP_OCTETS    96u

/* Every packet twice; later the second copy comes from behind a router. */
void
sc_play_b07(struct sc_world *world)
{
    struct sc_recording *recording = &world->capture.recording;

    recording->second_tap_ns =
        (world->start_ns + world->end_ns) / 2 + sc_draw_range(&world->draw, 0, world->round_ns);
    sc_base(world);
    recording->doubled = world->seed % 2 == 0;
    sc_must_not(world, "resp-double-conflict", "info");
    sc_must_not(world, "resp-unsolicited", "info");
    sc_benign(world, "info");
}

/** Ask again from another port with another id, and get both answers, the first @p late_ns late. */
static void
ask_twice(
    struct sc_world *world, const struct sc_resolver *resolver, int64_t at_ns, int64_t late_ns)
{
    const struct sc_server *server = world->parent[sc_draw_below(&world->draw, SC_PARENTS)];
    const struct sc_cut *cut = &world->cut[sc_draw_below(&world->draw, SC_CUTS)];
    struct sc_tx first;
    struct sc_tx second;

    sc_tx_init(world, &first, resolver, server, cut->www, SC_A, at_ns);
    sc_tx_send(world, &first);
    sc_tx_init(world, &second, resolver, server, cut->www, SC_A, at_ns + PATIENCE_NS);
    sc_tx_send(world, &second);
    sc_msg_referral(world, &world->msg, server, cut, second.edns.dnssec);
    sc_answer(world, &second, &world->msg);
    struct sc_reply late = sc_reply_honest(world, &first, at_ns + late_ns);
    sc_msg_referral(world, &world->msg, server, cut, first.edns.dnssec);
    sc_reply_send(world, &late, &world->msg);
}

/* Resolvers without patience: both questions are answered, the first one late. */
void
sc_play_b08(struct sc_world *world)
{
    int64_t span_ns = world->is_short ? 4 * SC_SECOND : world->round_ns;

    sc_base(world);
    for (uint32_t i = 0; i < RETRIES; i++) {
        int64_t at_ns = world->attack_ns - span_ns + sc_draw_range(&world->draw, 0, 2 * span_ns);
        int64_t late_ns = i % 2 ? LATE_NS : sc_draw_range(&world->draw, 900, 9000) * SC_MS;
        ask_twice(world, &world->resolver[i % SC_RESOLVERS], at_ns, late_ns);
    }
    sc_must_not(world, "resp-unsolicited", "low");
    sc_must_not(world, "resp-txid-burst", "info");
    sc_benign(world, "low");
}

/** P2 stands at two places, and routing goes to and fro between them. */
static void
come_from_two_places(struct sc_world *world, struct sc_exchange *exchange)
{
    bool near = sc_draw_chance(&world->draw, 500);

    if (exchange->tx.server != world->parent[1]) {
        return;
    }
    exchange->reply.packet.ip_ttl = near ? NEAR_TTL : FAR_TTL;
    if (!near) {
        exchange->reply.packet.at_ns += world->parent[1]->rtt_ns / 2;
    }
}

void
sc_play_b09(struct sc_world *world)
{
    world->edit = come_from_two_places;
    sc_base(world);
    sc_must_not(world, "resp-path-outlier", "low");
    sc_benign(world, "low");
}

/* A poor tap: responses only, or with losses, or with the heads of packets only. */
void
sc_play_b10(struct sc_world *world)
{
    struct sc_recording *recording = &world->capture.recording;

    switch (world->seed % 3) {
    case 0:
        recording->responses_only = true;
        break;
    case 1:
        recording->loss_per_mille = LOSS_PER_MILLE;
        break;
    default:
        recording->snap_len = SNAP_OCTETS;
        break;
    }
    sc_base(world);
    sc_must_not(world, "resp-*", "low");
    sc_benign(world, "low");
}

/** What a server says to a question that somebody else sent in the resolver's name. */
static void
scatter_back(struct sc_world *world, const struct sc_server *server, int64_t at_ns)
{
    static const uint8_t rcode[] = {SC_NOERROR, SC_NOERROR, SC_REFUSED, SC_SERVFAIL, SC_NXDOMAIN};
    struct sc_resolver *victim = &world->resolver[0];
    struct sc_tx tx;

    sc_tx_init(world, &tx, victim, server, world->evil, SC_TXT, at_ns);
    tx.edns = (struct sc_edns){.present = true, .size = 4096};
    struct sc_reply reply = sc_reply_honest(world, &tx, at_ns);
    sc_msg_init(&world->msg);
    world->msg.rd = true;
    world->msg.rcode = rcode[sc_draw_below(&world->draw, 5)];
    world->msg.ra = world->msg.rcode != SC_REFUSED;
    if (world->msg.rcode == SC_NOERROR) {
        sc_add_raw(&world->msg, SC_ANSWER, world->evil, SC_TXT, 300, NULL, 250);
        world->msg.rr[0].raw_len = 250;
    }
    sc_reply_send(world, &reply, &world->msg);
}

/* Somebody abuses R1's address: answers of all the world to questions that it never sent. */
void
sc_play_b11(struct sc_world *world)
{
    int64_t lasting_ns = world->is_short ? 5 * SC_SECOND : 1500 * SC_SECOND;
    int64_t first_ns = world->attack_ns - world->attack_ns % (3600 * SC_SECOND);

    world->odd_messages = true; /* the texts are made up */
    sc_base(world);
    /* Within one hour of the clock, as a note an hour is right. */
    first_ns = world->is_short ? world->attack_ns : first_ns + 600 * SC_SECOND;
    for (uint32_t i = 0; i < BACKSCATTER; i++) {
        struct sc_server server = *world->attacker;
        server.v4 = sc_addr_new(world);
        server.v6 = sc_addr_six(server.v4);
        server.edns_size = 4096;
        server.cookies = false;
        server.ip_ttl = (uint8_t)sc_draw_range(&world->draw, 40, 60);
        scatter_back(world, &server, first_ns + lasting_ns * i / BACKSCATTER);
    }
    sc_may(world, "resp-unsolicited", NULL)->most = 2;
    sc_must_not(world, "resp-unsolicited", "low");
    sc_benign(world, "low");
}

/** One server that folds names, and one that answers from an address of its own choice. */
static void
be_sloppy(struct sc_world *world, struct sc_exchange *exchange)
{
    static char folded[SC_NAME_MAX];
    struct sc_reply *reply = &exchange->reply;
    const struct sc_addr *other = world->edit_data;

    if (exchange->tx.server == world->parent[1]) {
        uint32_t i = 0;
        do {
            folded[i] = (char)tolower((uint8_t)exchange->tx.qname[i]);
        } while (exchange->tx.qname[i++] != '\0');
        reply->qname = folded;
    } else if (exchange->tx.server == world->foo->ns[1].server) {
        reply->packet.src = reply->packet.src.family == 4 ? *other : sc_addr_six(*other);
        /* Nobody takes that: the other name server is asked. */
        sc_ask_child(world, exchange->tx.resolver, world->foo, 0, world->foo->www, SC_A,
            exchange->tx.packet.at_ns + PATIENCE_NS);
    }
}

void
sc_play_b21(struct sc_world *world)
{
    struct sc_addr other = world->foo->ns[1].server->v4;

    other.octets[3] ^= 0x80;
    for (uint32_t i = 0; i < SC_RESOLVERS; i++) {
        world->resolver[i].mixed_case |= i < 3;
    }
    world->edit = be_sloppy;
    world->edit_data = &other;
    sc_base(world);
    /* One for an address of each family. */
    sc_may(world, "resp-case-mismatch", NULL)->most = 2;
    sc_may(world, "resp-wrong-source", NULL)->most = 2;
    sc_must_not(world, "resp-case-mismatch", "medium");
    sc_must_not(world, "resp-wrong-source", "medium");
    sc_benign(world, "low");
}

static void
take_the_long_way(struct sc_world *world, struct sc_exchange *exchange)
{
    if (exchange->tx.server == world->parent[1] &&
        exchange->tx.packet.at_ns >= world->attack_ns - 2 * world->round_ns) {
        exchange->reply.packet.ip_ttl = (uint8_t)(exchange->reply.packet.ip_ttl - LONGER_BY_HOPS);
    }
}

/* The route to P2 changes for good. */
void
sc_play_b22(struct sc_world *world)
{
    world->edit = take_the_long_way;
    sc_base(world);
    sc_may(world, "resp-path-outlier", NULL);
    sc_must_not(world, "resp-path-outlier", "low");
    sc_benign(world, "low");
}
