/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions and replies as packets. */
#include "tests/scenario/world.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define DNS_PORT        53u
#define FIRST_PORT      1024
#define RESOLVER_TTL    64u
#define CLIENT_COOKIE   8u
#define CACHED_TTL      180u
#define FULL_COOKIE     24u
#define IPID_STEP_NS    (2 * SC_MS)
#define FORGED_TTL_STEP 3

/** Mix the case of the letters of @p name by the bits of a hash of it and @p salt. */
static void
mix_case(char *name, uint64_t salt)
{
    for (; *name != '\0'; name++) {
        salt = sc_mix(salt + 1);
        if (salt & 1) {
            *name = (char)toupper((uint8_t)*name);
        }
    }
}

static void
put_cookie(struct sc_edns *edns, uint64_t client, uint64_t server, uint8_t len)
{
    uint64_t words[3] = {client, sc_mix(client ^ server), sc_mix(server)};

    edns->cookie_len = len;
    memcpy(edns->cookie, words, len);
}

static void
fill_edns(struct sc_tx *tx)
{
    const struct sc_resolver *resolver = tx->resolver;

    tx->edns = (struct sc_edns){.present = resolver->edns_size != 0,
        .dnssec = resolver->dnssec,
        .size = resolver->edns_size};
    if (tx->edns.present && resolver->cookies) {
        put_cookie(&tx->edns, sc_mix(resolver->secret ^ tx->server->secret), tx->server->secret,
            tx->server->cookies ? FULL_COOKIE : CLIENT_COOKIE);
    }
}

void
sc_tx_init(struct sc_world *world, struct sc_tx *tx, const struct sc_resolver *resolver,
    const struct sc_server *server, const char *qname, uint16_t qtype, int64_t at_ns)
{
    uint64_t bits = sc_draw_bits(&world->draw);

    tx->resolver = resolver;
    tx->server = server;
    tx->id = (uint16_t)bits;
    tx->qtype = qtype;
    tx->rd = false;
    tx->packet = (struct sc_packet){.at_ns = at_ns,
        .src = resolver->v4,
        .dst = server->v4,
        .sport = (uint16_t)(FIRST_PORT + (bits >> 16) % (65536 - FIRST_PORT)),
        .dport = DNS_PORT,
        .ip_ttl = RESOLVER_TTL,
        .ipid = (uint32_t)(bits >> 48),
        .query = true};
    snprintf(tx->qname, sizeof(tx->qname), "%s", qname);
    if (resolver->mixed_case) {
        mix_case(tx->qname, bits);
    }
    fill_edns(tx);
}

void
sc_tx_send(struct sc_world *world, const struct sc_tx *tx)
{
    struct sc_spelling spelling = {
        .plain = world->manner->plain, .swap_families = world->capture.recording.swap_families};
    struct sc_msg *query = &world->query;

    sc_msg_init(query);
    query->id = tx->id;
    query->rd = tx->rd;
    query->qname = tx->qname;
    query->qtype = tx->qtype;
    query->edns = tx->edns;
    uint32_t len = sc_msg_encode(query, &spelling, world->octets);
    sc_udp(&world->capture, &tx->packet, world->octets, len);
}

int64_t
sc_tx_answered_ns(struct sc_world *world, const struct sc_tx *tx)
{
    uint64_t bits = sc_draw_bits(&world->draw);
    int64_t rtt_ns = tx->server->rtt_ns;
    int64_t late_ns = bits % 32 == 0 ? rtt_ns : rtt_ns / 8;

    return tx->packet.at_ns + rtt_ns + (int64_t)((bits >> 8) % (uint64_t)(late_ns + 1));
}

static uint32_t
ipid_of(const struct sc_server *server, int64_t at_ns)
{
    switch (server->ipid) {
    case SC_IPID_COUNTER:
        return (uint32_t)(server->secret + (uint64_t)(at_ns / IPID_STEP_NS)) & 0xffff;
    case SC_IPID_RANDOM:
        return (uint32_t)sc_mix(server->secret + (uint64_t)at_ns) & 0xffff;
    case SC_IPID_ZERO:
        break;
    }
    return 0;
}

struct sc_reply
sc_reply_honest(struct sc_world *world, const struct sc_tx *tx, int64_t at_ns)
{
    const struct sc_server *server = tx->server;
    struct sc_reply reply = {.id = tx->id,
        .qname = tx->qname,
        .qtype = tx->qtype,
        .carries_case = server->vendor != SC_BIND};

    (void)world;
    reply.packet = (struct sc_packet){.at_ns = at_ns,
        .src = tx->packet.dst,
        .dst = tx->packet.src,
        .sport = tx->packet.dport,
        .dport = tx->packet.sport,
        .ip_ttl = server->ip_ttl,
        .ipid = ipid_of(server, at_ns),
        .df = server->ipid == SC_IPID_ZERO};
    if (tx->edns.present && server->edns_size != 0) {
        reply.edns =
            (struct sc_edns){.present = true, .dnssec = tx->edns.dnssec, .size = server->edns_size};
        if (tx->edns.cookie_len != 0 && server->cookies) {
            reply.edns.cookie_len = FULL_COOKIE;
            memcpy(reply.edns.cookie, tx->edns.cookie, FULL_COOKIE);
        }
    }
    return reply;
}

struct sc_reply
sc_reply_forged(struct sc_world *world, const struct sc_tx *tx, int64_t at_ns)
{
    struct sc_reply reply = sc_reply_honest(world, tx, at_ns);
    int64_t step = FORGED_TTL_STEP + sc_draw_below(&world->draw, 9);

    reply.edns.cookie_len = 0;
    reply.packet.ip_ttl =
        (uint8_t)(reply.packet.ip_ttl + (reply.packet.ip_ttl < 200 ? step : -step));
    reply.packet.ipid = sc_draw_below(&world->draw, 65536);
    reply.packet.df = false;
    return reply;
}

uint32_t
sc_reply_encode(struct sc_world *world, const struct sc_reply *reply, const struct sc_msg *msg)
{
    struct sc_spelling spelling = {.plain = world->manner->plain,
        .carries_case = reply->carries_case,
        .swap_families = world->capture.recording.swap_families,
        .order = world->manner->shuffled ? &world->style_draw : NULL};
    /* The caller's message is completed, not copied: it is large. */
    struct sc_msg *whole = (struct sc_msg *)(uintptr_t)msg;

    whole->qr = true;
    whole->id = reply->id;
    whole->qname = reply->qname;
    whole->qtype = reply->qtype;
    whole->edns = reply->edns;
    return sc_msg_encode(whole, &spelling, world->octets);
}

void
sc_reply_send(struct sc_world *world, const struct sc_reply *reply, const struct sc_msg *msg)
{
    uint32_t len = sc_reply_encode(world, reply, msg);

    sc_udp(&world->capture, &reply->packet, world->octets, len);
}

int64_t
sc_answer(struct sc_world *world, const struct sc_tx *tx, const struct sc_msg *msg)
{
    struct sc_reply reply = sc_reply_honest(world, tx, sc_tx_answered_ns(world, tx));

    sc_reply_send(world, &reply, msg);
    return reply.packet.at_ns;
}

int64_t
sc_tcp_ask(struct sc_world *world, const struct sc_tx *tx, const struct sc_msg *msg)
{
    static uint8_t question[512];
    struct sc_reply reply = sc_reply_honest(world, tx, tx->packet.at_ns);
    struct sc_spelling spelling = {.plain = world->manner->plain};
    struct sc_msg *query = &world->query;

    sc_msg_init(query);
    query->id = tx->id;
    query->rd = tx->rd;
    query->qname = tx->qname;
    query->qtype = tx->qtype;
    query->edns = tx->edns;
    uint32_t asked = sc_msg_encode(query, &spelling, question);
    uint32_t len = sc_reply_encode(world, &reply, msg);
    return sc_tcp_exchange(&world->capture, &tx->packet, question, asked, world->octets, len,
        tx->server->rtt_ns, tx->server->ip_ttl);
}

int64_t
sc_visit_parent(struct sc_world *world, const struct sc_resolver *resolver,
    const struct sc_server *server, const struct sc_cut *cut, int64_t at_ns)
{
    struct sc_tx tx;

    sc_tx_init(world, &tx, resolver, server, cut->www, SC_A, at_ns);
    sc_tx_send(world, &tx);
    sc_msg_referral(world, &world->msg, server, cut, tx.edns.dnssec);
    return sc_answer(world, &tx, &world->msg);
}

int64_t
sc_client_asks(struct sc_world *world, struct sc_addr client, const struct sc_resolver *resolver,
    const char *qname, struct sc_addr answer, int64_t at_ns)
{
    struct sc_resolver asker = {.v4 = client, .v6 = sc_addr_six(client), .edns_size = 1232};
    struct sc_server face = {.v4 = resolver->v4, .v6 = resolver->v6, .ip_ttl = RESOLVER_TTL};
    struct sc_tx tx;

    face.rtt_ns = 300 * SC_US;
    face.edns_size = 1232;
    sc_tx_init(world, &tx, &asker, &face, qname, SC_A, at_ns);
    tx.rd = true;
    sc_tx_send(world, &tx);
    sc_msg_init(&world->msg);
    world->msg.rd = true;
    world->msg.ra = true;
    sc_add_addr(&world->msg, SC_ANSWER, qname, CACHED_TTL, answer);
    return sc_answer(world, &tx, &world->msg);
}

int64_t
sc_ask_child(struct sc_world *world, const struct sc_resolver *resolver, const struct sc_cut *cut,
    uint32_t ns, const char *qname, uint16_t qtype, int64_t at_ns)
{
    const struct sc_server *server = cut->ns[ns].server;
    struct sc_tx tx;

    sc_tx_init(world, &tx, resolver, server, qname, qtype, at_ns);
    sc_tx_send(world, &tx);
    sc_msg_answer(world, &world->msg, server, cut, qname, qtype);
    return sc_answer(world, &tx, &world->msg);
}

int64_t
sc_visit_child(struct sc_world *world, const struct sc_resolver *resolver,
    const struct sc_server *server, const struct sc_cut *cut, int64_t at_ns)
{
    struct sc_tx tx;

    sc_tx_init(world, &tx, resolver, server, cut->www, SC_A, at_ns);
    sc_tx_send(world, &tx);
    sc_msg_answer(world, &world->msg, server, cut, cut->www, SC_A);
    return sc_answer(world, &tx, &world->msg);
}
