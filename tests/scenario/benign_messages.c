/* SPDX-License-Identifier: BSD-2-Clause */
/* Harmless: what honest servers do with the records of a message. */
#include <stdio.h>
#include <string.h>

#include "tests/scenario/list.h"

#define UDP_OCTETS    512u
#define LONG_SET      13u
#define POOL          12u
#define POOL_SHOWN    8u
#define PARENTS_HOSTS 3u
#define DELEG         61440u /* of the drafts */
#define UNKNOWN_TYPE  65333u /* for private use (RFC 6895 section 3.1) */
#define ODD_CUTS      12u

/** Begin each set of @p msg at a random record, as servers do that share out their load. */
static void
rotate(struct sc_draw *draw, struct sc_msg *msg)
{
    struct sc_rr kept[64];

    for (uint32_t from = 0, to; from < msg->count; from = to) {
        for (to = from; to < msg->count && to - from < 64; to++) {
            if (msg->rr[to].section != msg->rr[from].section ||
                (msg->rr[to].section != SC_ADDITIONAL && msg->rr[to].type != msg->rr[from].type)) {
                break;
            }
        }
        uint32_t len = to - from;
        uint32_t step = sc_draw_below(draw, len);
        memcpy(kept, &msg->rr[from], len * sizeof(kept[0]));
        for (uint32_t i = 0; i < len; i++) {
            msg->rr[from + i] = kept[(i + step) % len];
        }
    }
}

static void
rotate_all(struct sc_world *world, struct sc_exchange *exchange)
{
    enum sc_vendor vendor = exchange->tx.server->vendor;

    if (vendor == SC_BIND || vendor == SC_PDNS) {
        rotate(&world->draw, exchange->msg);
    }
}

/* Nothing but the ordinary traffic: rotated records, servers of four makers, 0x20 here and there.
 */
void
sc_play_b01(struct sc_world *world)
{
    for (uint32_t i = 0; i < SC_PARENTS; i++) {
        world->parent[i]->vendor = (enum sc_vendor)((world->seed + i) % 4);
    }
    for (uint32_t i = 0; i < SC_RESOLVERS; i++) {
        world->resolver[i].mixed_case |= i % 2 == 0;
    }
    world->edit = rotate_all;
    sc_base(world);
    sc_benign(world, "info");
}

/** Give @p cut further name servers in its own zone, with both families from the second on. */
static void
add_inside(struct sc_world *world, struct sc_cut *cut, uint32_t count)
{
    while (cut->ns_count < count) {
        const char *name = sc_text(world, "ns%u.%s", cut->ns_count + 1, cut->name);
        sc_cut_serve(cut, sc_server_new(world, name), true, true);
    }
}

/** Octets that the asker takes over UDP. */
static uint32_t
room_of(const struct sc_tx *tx)
{
    return tx->edns.present ? tx->edns.size : UDP_OCTETS;
}

/** Leave out addresses that do not fit, and say nothing of it (BIND and NSD do). */
static void
clip(struct sc_world *world, struct sc_exchange *exchange)
{
    struct sc_msg *msg = exchange->msg;

    if (exchange->role != SC_TO_PARENT) {
        return;
    }
    while (msg->count > 0 && msg->rr[msg->count - 1].section == SC_ADDITIONAL &&
           sc_reply_encode(world, &exchange->reply, msg) > room_of(&exchange->tx)) {
        msg->count--;
    }
}

/* Referrals of just 512 octets, without the addresses that did not fit, TC=0. */
void
sc_play_b02(struct sc_world *world)
{
    for (uint32_t i = 0; i < SC_PARENTS; i++) {
        world->parent[i]->vendor = i % 2 ? SC_NSD : SC_BIND;
    }
    world->resolver[0].edns_size = 0;
    world->resolver[1].edns_size = UDP_OCTETS;
    add_inside(world, world->foo, 8 + (uint32_t)(world->seed % 3));
    add_inside(world, &world->cut[1], 8);
    world->edit = clip;
    sc_base(world);
    sc_must_not(world, "required-glue-missing", "info");
    sc_benign(world, "low");
}

/** What fits of a referral, as the maker of its server sends it, with TC=1. */
static void
shorten(struct sc_world *world, struct sc_exchange *exchange)
{
    enum sc_vendor vendor = exchange->tx.server->vendor;
    struct sc_msg *msg = exchange->msg;
    bool empty = vendor == SC_NSD || vendor == SC_PDNS;

    msg->tc = true;
    while (msg->count > 0 &&
           (empty || sc_reply_encode(world, &exchange->reply, msg) > room_of(&exchange->tx))) {
        msg->count--;
    }
    while (
        vendor == SC_BIND && msg->count > 0 && msg->rr[msg->count - 1].section == SC_ADDITIONAL) {
        msg->count--;
    }
}

/** Truncated over UDP, then whole over TCP. */
static void
ask_again_over_tcp(struct sc_world *world, struct sc_exchange *exchange)
{
    struct sc_msg *msg = exchange->msg;
    struct sc_tx again = exchange->tx;
    uint32_t count = msg->count;

    if (exchange->role != SC_TO_PARENT || exchange->cut == NULL ||
        sc_reply_encode(world, &exchange->reply, msg) <= room_of(&exchange->tx)) {
        return;
    }
    sc_tx_send(world, &exchange->tx);
    shorten(world, exchange);
    sc_reply_send(world, &exchange->reply, msg);
    msg->tc = false;
    msg->count = count;
    again.id = (uint16_t)sc_draw_bits(&world->draw);
    again.packet.sport = (uint16_t)sc_draw_range(&world->draw, 1024, 65535);
    again.packet.at_ns = exchange->reply.packet.at_ns + SC_MS;
    exchange->reply.packet.at_ns = sc_tcp_ask(world, &again, msg);
    exchange->skipped = true;
}

/* Truncated referrals, with 11 of 13 name servers or with none, then whole ones over TCP. */
void
sc_play_b03(struct sc_world *world)
{
    for (uint32_t i = 0; i < SC_PARENTS; i++) {
        world->parent[i]->vendor = (enum sc_vendor)((world->seed + i) % 4);
    }
    world->resolver[0].edns_size = 0;
    world->resolver[1].edns_size = UDP_OCTETS;
    add_inside(world, world->foo, LONG_SET);
    for (uint32_t i = 0; i < LONG_SET; i++) {
        struct sc_ns *ns = &world->foo->ns[i];
        ns->name = sc_text(world, "%s.%s", sc_label(world, 24, 28), world->foo->name);
    }
    world->edit = ask_again_over_tcp;
    sc_base(world);
    sc_must_not(world, "ns-set-divergence", "info");
    sc_must_not(world, "required-glue-missing", "info");
    sc_benign(world, "low");
}

/** P1 sends no address of names in its own zone's data, P3 no IPv6 address of anything. */
static const struct sc_cut *
habits_differ(struct sc_world *world, const struct sc_visit *visit)
{
    struct sc_cut *cut = world->edit_data;
    bool first = visit->server == world->parent[0];

    if (visit->role != SC_TO_PARENT) {
        return visit->given;
    }
    *cut = *visit->cut;
    for (uint32_t i = 0; i < cut->ns_count; i++) {
        if (visit->server == world->parent[2]) {
            cut->ns[i].v6.family = 0;
        }
        if (first && !sc_name_under(cut->ns[i].name, cut->name) &&
            strstr(cut->ns[i].name, "dns-") == cut->ns[i].name) {
            cut->ns[i].v4.family = cut->ns[i].v6.family = 0;
        }
    }
    return cut;
}

/* Servers of one zone differ in which optional glue they send. */
void
sc_play_b04(struct sc_world *world)
{
    const struct sc_server *host[PARENTS_HOSTS];
    struct sc_cut differing;

    world->parent[0]->vendor = SC_BIND;
    for (uint32_t i = 0; i < PARENTS_HOSTS; i++) {
        host[i] = sc_server_new(
            world, sc_text(world, "dns-%u.%s.%s", i, sc_label(world, 3, 6), world->zone));
    }
    for (uint32_t i = 0; i < ODD_CUTS; i++) {
        struct sc_cut *cut = i == 0 ? world->foo : sc_cut_new(world);
        cut->ns_count = 0;
        sc_cut_serve(cut, host[i % PARENTS_HOSTS], true, true);
        sc_cut_serve(cut, host[(i + 1) % PARENTS_HOSTS], true, true);
    }
    world->version = habits_differ;
    world->edit_data = &differing;
    sc_base(world);
    sc_must_not(world, "glue-addr-conflict", "info");
    sc_must_not(world, "glue-addr-minority", "info");
    sc_benign(world, "low");
}

/* Aliases into a delegation: answer and referral in one message, AA=1. */
void
sc_play_b13(struct sc_world *world)
{
    const char *alias = sc_text(world, "%s.%s", sc_label(world, 4, 8), world->zone);
    struct sc_tx tx;

    sc_base(world);
    for (int64_t at_ns = world->start_ns; at_ns < world->end_ns; at_ns += world->round_ns) {
        for (uint32_t r = 0; r < SC_RESOLVERS; r++) {
            const struct sc_server *server = world->parent[sc_draw_below(&world->draw, 4)];
            const struct sc_cut *cut = &world->cut[sc_draw_below(&world->draw, 3)];
            const char *from = cut == world->foo ? alias : sc_text(world, "to-%s", cut->name);
            int64_t then_ns = at_ns + sc_draw_range(&world->draw, 0, world->round_ns / 2);
            sc_tx_init(world, &tx, &world->resolver[r], server, from, SC_A, then_ns);
            sc_tx_send(world, &tx);
            sc_msg_referral(world, &world->msg, server, cut, tx.edns.dnssec);
            world->msg.aa = true;
            sc_add_name(&world->msg, SC_ANSWER, from, SC_CNAME, 3600, cut->www);
            then_ns = sc_answer(world, &tx, &world->msg);
            sc_ask_child(world, &world->resolver[r], cut, 0, cut->www, SC_A, then_ns + SC_MS);
        }
    }
    sc_must_not(world, "promiscuous-ns", "info");
    sc_benign(world, "low");
}

/** Eight of the twelve, from a random one on. */
static const struct sc_cut *
show_pool(struct sc_world *world, const struct sc_visit *visit)
{
    struct sc_cut *shown = world->edit_data;
    uint32_t from = sc_draw_below(&world->draw, POOL);

    if (visit->cut != world->foo) {
        return visit->role == SC_TO_PARENT ? visit->cut : visit->given;
    }
    *shown = *world->foo;
    shown->ns_count = POOL_SHOWN + 1;
    shown->ns[POOL_SHOWN] = world->foo->ns[POOL];
    for (uint32_t i = 0; i < POOL_SHOWN; i++) {
        shown->ns[i] = world->foo->ns[(from + i) % POOL];
    }
    return shown;
}

/* A name server with twelve addresses, of which each message shows eight. */
void
sc_play_b17(struct sc_world *world)
{
    struct sc_ns second = world->foo->ns[1];
    const char *name = world->foo->ns[0].name;
    struct sc_cut shown;

    world->foo->ns_count = 0;
    for (uint32_t i = 0; i < POOL; i++) {
        sc_cut_serve(world->foo, sc_server_new(world, name), true, false);
    }
    world->foo->ns[world->foo->ns_count++] = second;
    world->version = show_pool;
    world->edit_data = &shown;
    sc_base(world);
    sc_must_not(world, "glue-addr-flap", "info");
    sc_must_not(world, "glue-addr-minority", "info");
    sc_must_not(world, "glue-addr-conflict", "info");
    sc_benign(world, "low");
}

/** Records of new types beside NS records, and one resolver whose card makes the checksums. */
static void
add_new_types(struct sc_world *world, struct sc_exchange *exchange)
{
    const struct sc_cut *cut = exchange->cut;

    if (exchange->tx.resolver == &world->resolver[0]) {
        exchange->tx.packet.checksum = SC_SUM_WRONG;
    }
    if (exchange->role == SC_TO_PARENT && cut && (cut - world->cut) % 3 == 0) {
        sc_add_raw(exchange->msg, SC_AUTHORITY, cut->name, DELEG, cut->ns_ttl, NULL, 20);
        sc_add_raw(exchange->msg, SC_ADDITIONAL, cut->name, UNKNOWN_TYPE, cut->ns_ttl, NULL, 9);
    }
}

/* Zones delegated to nowhere, records of unknown types, wrong checksums of queries. */
void
sc_play_b25(struct sc_world *world)
{
    world->odd_checksums = true;
    for (uint32_t i = 0; i < ODD_CUTS; i++) {
        struct sc_cut *cut = sc_cut_new(world);
        cut->ns[cut->ns_count++] = (struct sc_ns){.name = ""};
    }
    world->edit = add_new_types;
    sc_base(world);
    sc_must_not(world, "required-glue-missing", "info");
    sc_must_not(world, "ns-target-invalid", "info");
    sc_must_not(world, "resp-bad-checksum", "info");
    sc_benign(world, "low");
}
