/* SPDX-License-Identifier: BSD-2-Clause */
/* The ordinary traffic: each resolver meets each delegation once a round. */
#include "tests/scenario/world.h"

#include <stdio.h>

#define NOISE_PER_MILLE 20u /* of visits come with a question for a name that does not exist */
#define AGAIN_PER_MILLE 3u  /* of questions are sent again, and answered again */
#define LOST_PER_MILLE  2u  /* of questions get no answer */
#define TCP_PER_MILLE   2u  /* of answers come over TCP */
#define AGAIN_NS        (800 * SC_MS)
#define THINKING_NS     (2 * SC_MS)
#define TLD_TTL         172800u

/** Prepare an exchange; its numbers come from the stream of the ordinary traffic. */
static void
start(struct sc_world *world, struct sc_exchange *exchange, const struct sc_resolver *resolver,
    const struct sc_server *server, const char *qname, uint16_t qtype, int64_t at_ns)
{
    exchange->msg = &world->base_msg;
    exchange->answered = true;
    exchange->skipped = false;
    sc_tx_init(world, &exchange->tx, resolver, server, qname, qtype, at_ns);
    if (sc_draw_chance(&world->draw, resolver->six_per_mille)) {
        exchange->tx.packet.src = resolver->v6;
        exchange->tx.packet.dst = server->v6;
    }
    exchange->reply =
        sc_reply_honest(world, &exchange->tx, sc_tx_answered_ns(world, &exchange->tx));
}

/** The reply is cut to nothing, and the question asked again over TCP. */
static int64_t
finish_over_tcp(struct sc_world *world, struct sc_exchange *exchange)
{
    struct sc_msg *msg = exchange->msg;
    uint32_t count = msg->count;

    msg->tc = true;
    msg->count = 0;
    sc_reply_send(world, &exchange->reply, msg);
    msg->tc = false;
    msg->count = count;
    exchange->tx.packet.at_ns = exchange->reply.packet.at_ns + SC_MS;
    exchange->tx.packet.sport ^= 1;
    exchange->tx.id ^= 0x1111;
    return sc_tcp_ask(world, &exchange->tx, msg);
}

/** Send the exchange as the scenario changed it; returns when its answer came. */
static int64_t
finish(struct sc_world *world, struct sc_exchange *exchange)
{
    bool again = sc_draw_chance(&world->draw, AGAIN_PER_MILLE);
    bool lost = sc_draw_chance(&world->draw, LOST_PER_MILLE);
    bool tcp = sc_draw_chance(&world->draw, TCP_PER_MILLE);

    if (world->edit) {
        struct sc_draw kept = world->draw;
        world->draw = world->base_draw;
        world->edit(world, exchange);
        world->base_draw = world->draw;
        world->draw = kept;
    }
    if (exchange->skipped) {
        return exchange->reply.packet.at_ns;
    }
    sc_tx_send(world, &exchange->tx);
    if (!exchange->answered || lost) {
        return exchange->reply.packet.at_ns;
    }
    if (tcp) {
        return finish_over_tcp(world, exchange);
    }
    sc_reply_send(world, &exchange->reply, exchange->msg);
    if (again) {
        exchange->tx.packet.at_ns += AGAIN_NS;
        exchange->tx.packet.ipid++;
        exchange->tx.packet.sport ^= 1;
        exchange->tx.id ^= 0x1111;
        sc_tx_send(world, &exchange->tx);
        exchange->reply.packet.at_ns += AGAIN_NS;
        exchange->reply.packet.dport ^= 1;
        exchange->reply.id ^= 0x1111;
        sc_reply_send(world, &exchange->reply, exchange->msg);
        return exchange->reply.packet.at_ns - AGAIN_NS;
    }
    return exchange->reply.packet.at_ns;
}

/** What the server asked has, as the scenario sees it. */
static const struct sc_cut *
version_of(struct sc_world *world, const struct sc_visit *visit)
{
    const struct sc_cut *cut = visit->role == SC_TO_PARENT ? visit->cut : visit->given;

    if (world->version) {
        struct sc_draw kept = world->draw;
        world->draw = world->base_draw;
        cut = world->version(world, visit);
        world->base_draw = world->draw;
        world->draw = kept;
    }
    return cut;
}

/** A question below the cut to a parent server. */
static int64_t
meet_parent(struct sc_world *world, const struct sc_visit *visit)
{
    const struct sc_cut *cut = visit->cut;
    struct sc_exchange exchange = {.role = SC_TO_PARENT, .cut = cut};
    char name[SC_NAME_MAX];

    snprintf(name, sizeof(name), "%s", cut->www);
    if (sc_draw_chance(&world->draw, 300)) {
        snprintf(name, sizeof(name), "h%u.%s", sc_draw_below(&world->draw, 1000), cut->name);
    }
    start(world, &exchange, visit->resolver, visit->server, name,
        sc_draw_chance(&world->draw, 700) ? SC_A : SC_AAAA, visit->at_ns);
    sc_msg_referral(world, exchange.msg, visit->server, visit->given, exchange.tx.edns.dnssec);
    return finish(world, &exchange);
}

/** A question to a server of the cut, mostly for its www. */
static void
meet_child(struct sc_world *world, struct sc_visit *visit)
{
    const struct sc_cut *cut = visit->given;
    const struct sc_ns *ns = &cut->ns[sc_draw_below(&world->draw, cut->ns_count)];
    struct sc_exchange exchange = {.role = SC_TO_CHILD, .cut = visit->cut};
    uint32_t which = sc_draw_below(&world->draw, 100);
    const char *name = which < 86 ? cut->www : which < 93 ? cut->name : ns->name;
    uint16_t type = which < 80   ? SC_A
                    : which < 86 ? SC_AAAA
                    : which < 90 ? SC_NS
                    : which < 93 ? SC_SOA
                    : which < 97 ? SC_A
                                 : SC_AAAA;

    /* A server's address is asked for only in the zone that it stands in. */
    if (which >= 93 && (!ns->v4.family || !sc_name_under(ns->name, cut->name))) {
        name = cut->www;
    }
    visit->server = ns->server;
    visit->role = SC_TO_CHILD;
    start(world, &exchange, visit->resolver, ns->server, name, type, visit->at_ns);
    sc_msg_answer(world, exchange.msg, ns->server, version_of(world, visit), name, type);
    finish(world, &exchange);
}

/** A name that the zone does not have. */
static void
meet_nothing(struct sc_world *world, const struct sc_resolver *resolver, int64_t at_ns)
{
    const struct sc_server *server = world->parent[sc_draw_below(&world->draw, SC_PARENTS)];
    struct sc_exchange exchange = {.role = SC_TO_PARENT};
    char name[SC_NAME_MAX];

    snprintf(name, sizeof(name), "no%u.%s", sc_draw_below(&world->draw, 100000), world->zone);
    start(world, &exchange, resolver, server, name, SC_A, at_ns);
    sc_msg_init(exchange.msg);
    exchange.msg->aa = true;
    exchange.msg->rcode = SC_NXDOMAIN;
    sc_add_soa(exchange.msg, SC_AUTHORITY, world->zone, TLD_TTL, world->parent[0]->name);
    finish(world, &exchange);
}

/** The root: its own NS records, then the zone's. */
static void
meet_root(struct sc_world *world, const struct sc_resolver *resolver, int64_t at_ns)
{
    for (uint32_t step = 0; step < 2; step++) {
        const struct sc_server *root = world->root[sc_draw_below(&world->draw, SC_ROOTS)];
        struct sc_exchange exchange = {.role = SC_TO_ROOT};
        start(world, &exchange, resolver, root, step ? world->foo->www : "", step ? SC_A : SC_NS,
            at_ns);
        if (step == 0) {
            sc_msg_priming(world, exchange.msg, exchange.tx.edns.size);
        } else {
            sc_msg_root_referral(world, exchange.msg, world->zone);
        }
        at_ns = finish(world, &exchange) + THINKING_NS;
    }
}

/** What one resolver does with one cut in one round. */
static void
meet(struct sc_world *world, const struct sc_resolver *resolver, const struct sc_cut *cut,
    int64_t at_ns)
{
    struct sc_visit visit = {
        .role = SC_TO_PARENT, .resolver = resolver, .cut = cut, .at_ns = at_ns};
    struct sc_cut given;

    visit.server = world->parent[sc_draw_below(&world->draw, SC_PARENTS)];
    given = *version_of(world, &visit);
    visit.given = &given;
    visit.at_ns = meet_parent(world, &visit) + 1;
    visit.at_ns += sc_draw_below(&world->draw, THINKING_NS);
    if (given.ns_count != 0 && given.ns[0].server) {
        meet_child(world, &visit);
    }
    if (sc_draw_chance(&world->draw, NOISE_PER_MILLE)) {
        meet_nothing(world, resolver, at_ns + sc_draw_below(&world->draw, SC_SECOND));
    }
}

void
sc_base(struct sc_world *world)
{
    struct sc_draw kept = world->draw;
    int64_t round_ns = world->round_ns;

    world->draw = world->base_draw;
    world->base_draw = kept;
    for (uint32_t r = 0; r < SC_RESOLVERS; r++) {
        const struct sc_resolver *resolver = &world->resolver[r];
        for (int64_t at_ns = world->start_ns; at_ns < world->end_ns; at_ns += 8 * round_ns) {
            meet_root(world, resolver, at_ns + sc_draw_range(&world->draw, 0, round_ns));
        }
        for (uint32_t c = 0; c < world->cut_count; c++) {
            int64_t at_ns = world->start_ns + sc_draw_range(&world->draw, 0, round_ns);
            while (at_ns < world->end_ns) {
                meet(world, resolver, &world->cut[c], at_ns);
                at_ns += round_ns + sc_draw_range(&world->draw, -round_ns / 16, round_ns / 16);
            }
        }
    }
    kept = world->draw;
    world->draw = world->base_draw;
    world->base_draw = kept;
}
