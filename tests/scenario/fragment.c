/* SPDX-License-Identifier: BSD-2-Clause */
/* A second fragment that somebody else sent first. */
#include "tests/scenario/attack.h"
#include "tests/scenario/list.h"

#include <stddef.h>
#include <string.h>

#define FIRST_PIECE      1440u
#define MESSAGE_OCTETS   1600u
#define SIGNATURE_LEN    256u /* RSA of 2048 bits */
#define UDP_HEADER       8u
#define TTL_BEFORE_RDATA 4u /* octets from the TTL's lower half to the address */

/** Fragments, and a server whose identifications can be foreseen. */
static void
make_fragmenting(struct sc_world *world)
{
    struct sc_resolver *victim = &world->resolver[0];
    struct sc_server *server = world->parent[0];

    sc_make_raceable(world);
    victim->edns_size = 4096;
    victim->dnssec = true;
    server->edns_size = 4096;
    server->ipid = SC_IPID_COUNTER;
    server->vendor = SC_BIND;
    world->foo->has_ds = true;
}

/** A referral so full of signatures that its glue does not fit into the first fragment. */
static void
long_referral(struct sc_world *world)
{
    const struct sc_cut *foo = world->foo;
    struct sc_msg *msg = &world->msg;

    sc_msg_init(msg);
    for (uint32_t i = 0; i < foo->ns_count; i++) {
        sc_add_name(msg, SC_AUTHORITY, foo->name, SC_NS, foo->ns_ttl, foo->ns[i].name);
    }
    sc_add_ds(msg, SC_AUTHORITY, foo->name, foo->ns_ttl);
    for (uint32_t i = 0; i < 5; i++) {
        sc_add_rrsig(msg, SC_AUTHORITY, foo->name, SC_DS, foo->ns_ttl + i, world->zone);
        msg->rr[msg->count - 1].raw_len = SIGNATURE_LEN;
    }
    for (uint32_t i = 0; i < foo->ns_count; i++) {
        sc_add_addr(msg, SC_ADDITIONAL, foo->ns[i].name, foo->glue_ttl, foo->ns[i].v4);
    }
    sc_add_addr(msg, SC_ADDITIONAL, foo->ns[0].name, foo->glue_ttl, foo->ns[0].v6);
}

/* Long signed referrals come in two fragments, now and then the second one first. */
void
sc_play_b20(struct sc_world *world)
{
    static uint8_t datagram[UDP_HEADER + SC_MESSAGE_MAX];
    const uint32_t times = 24;
    struct sc_tx tx;

    make_fragmenting(world);
    world->resolver[1].edns_size = 4096;
    sc_base(world);
    for (uint32_t i = 0; i < times; i++) {
        int64_t at_ns = world->start_ns + (world->end_ns - world->start_ns) * i / times;
        sc_tx_init(world, &tx, &world->resolver[i % 2], world->parent[0], sc_fresh_name(world),
            SC_A, at_ns + sc_draw_range(&world->draw, 0, 200) * SC_MS);
        sc_tx_send(world, &tx);
        struct sc_reply reply = sc_reply_honest(world, &tx, sc_tx_answered_ns(world, &tx));
        reply.packet.df = false;
        long_referral(world);
        uint32_t len = sc_reply_encode(world, &reply, &world->msg);
        len = sc_udp_datagram(&world->capture, &reply.packet, world->octets, len, datagram);
        bool swapped = sc_draw_chance(&world->draw, 400);
        sc_udp_piece(&world->capture, &reply.packet, datagram, len, swapped ? FIRST_PIECE : 0,
            swapped ? len : FIRST_PIECE);
        reply.packet.at_ns += 30 * SC_US;
        sc_udp_piece(&world->capture, &reply.packet, datagram, len, swapped ? 0 : FIRST_PIECE,
            swapped ? FIRST_PIECE : len);
    }
    sc_may(world, "resp-fragment-glue", NULL);
    sc_must_not(world, "resp-fragment-glue", "low");
    sc_benign(world, "low");
}

static struct sc_addr
on_wire(const struct sc_world *world, struct sc_addr addr)
{
    return world->capture.recording.swap_families ? sc_addr_swap(addr) : addr;
}

/**
 * Put @p to in place of the address @p from in the datagram and make its checksum right again
 * through the TTL, as an attacker must who sees only the second fragment.
 */
static void
rewrite(uint8_t *datagram, uint32_t len, struct sc_addr from, struct sc_addr to)
{
    uint32_t octets = from.family == 4 ? 4 : 16;
    uint8_t *at = memmem(datagram, len, from.octets, octets);
    uint32_t before = sc_sum(datagram, len);

    if (!at || at - datagram < (ptrdiff_t)(FIRST_PIECE + 6)) {
        sc_die("the address is not in the second fragment");
    }
    memcpy(at, to.octets, octets);
    uint8_t *ttl = at - TTL_BEFORE_RDATA;
    uint32_t wanted = before + 0xffff - sc_sum(datagram, len);
    bool odd = (ttl - datagram) % 2 != 0;
    uint32_t word = odd ? (uint32_t)ttl[1] << 8 | ttl[0] : (uint32_t)ttl[0] << 8 | ttl[1];
    word += wanted;
    while (word >> 16) {
        word = (word & 0xffff) + (word >> 16);
    }
    ttl[odd ? 1 : 0] = (uint8_t)(word >> 8);
    ttl[odd ? 0 : 1] = (uint8_t)word;
}

/** When the pieces came. */
struct pieces {
    int64_t first_ns;
    int64_t real_ns;
};

static struct pieces
play_fragments(struct sc_world *world, bool real_arrives)
{
    static uint8_t datagram[UDP_HEADER + SC_MESSAGE_MAX];
    static uint8_t forged[UDP_HEADER + SC_MESSAGE_MAX];
    const struct sc_ns *ns2 = &world->foo->ns[1];
    struct sc_tx tx;

    make_fragmenting(world);
    sc_base(world);
    sc_tx_init(world, &tx, &world->resolver[0], world->parent[0], sc_fresh_name(world), SC_A,
        world->attack_ns);
    sc_tx_send(world, &tx);
    struct sc_reply reply = sc_reply_honest(world, &tx, sc_tx_answered_ns(world, &tx));
    struct pieces seen = {reply.packet.at_ns, reply.packet.at_ns + 30 * SC_US};
    reply.packet.df = false;
    long_referral(world);
    uint32_t len = sc_reply_encode(world, &reply, &world->msg);
    if (len < MESSAGE_OCTETS - 100) {
        sc_die("the referral is too short for fragments");
    }
    len = sc_udp_datagram(&world->capture, &reply.packet, world->octets, len, datagram);
    memcpy(forged, datagram, len);
    rewrite(forged, len, on_wire(world, ns2->v4), on_wire(world, world->attacker->v4));

    sc_udp_piece(&world->capture, &reply.packet, datagram, len, 0, FIRST_PIECE);
    struct sc_packet piece = reply.packet;
    piece.at_ns = world->attack_ns + 10 * SC_MS;
    piece.ip_ttl = (uint8_t)(piece.ip_ttl - 4);
    sc_udp_piece(&world->capture, &piece, forged, len, FIRST_PIECE, len);
    if (real_arrives) {
        piece = reply.packet;
        piece.at_ns = seen.real_ns;
        sc_udp_piece(&world->capture, &piece, datagram, len, FIRST_PIECE, len);
    }
    return seen;
}

static void
expect_fragments(struct sc_world *world, const struct pieces *seen)
{
    const char *ns2 = world->foo->ns[1].name;

    sc_must(world, "glue-addr-minority", ns2, NULL, seen->first_ns);
    sc_may(world, "glue-addr-conflict", ns2);
    sc_may(world, "parent-child-mismatch", ns2)->name[1] = world->foo->name;
    sc_may(world, "glue-ttl-outlier", NULL);
    sc_may(world, "resp-path-outlier", NULL);
    sc_incident_may(world, "poison-race");
}

void
sc_play_a07(struct sc_world *world)
{
    struct pieces seen = play_fragments(world, true);

    sc_must(world, "resp-fragment-glue", NULL, NULL, seen.real_ns)->variant = "conflict";
    expect_fragments(world, &seen);
    sc_must_not(world, "resp-bad-checksum", "medium");
}

void
sc_play_a08(struct sc_world *world)
{
    struct pieces seen = play_fragments(world, false);

    sc_must(world, "resp-fragment-glue", NULL, NULL, seen.first_ns);
    expect_fragments(world, &seen);
    sc_must_not(world, "resp-double-conflict", "info");
}
