/* SPDX-License-Identifier: BSD-2-Clause */
/* Harmless: how zones are set up and served. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tests/scenario/list.h"

#define PLATFORM_HOSTERS 12u
#define PLATFORM_CUTS    300u
#define UPWARD_TTL       518400u
#define PATIENCE_NS      (300 * SC_MS)
#define CLIENTS          4u
#define ECS_BITS         24u
#define B                1u /* b.root-servers.net */

/** Write @p exchange's QNAME in lower case, as zones are written. Good until the next call. */
static const char *
lower_qname(const struct sc_exchange *exchange)
{
    static char name[SC_NAME_MAX];
    uint32_t i = 0;

    do {
        name[i] = (char)tolower((uint8_t)exchange->tx.qname[i]);
    } while (exchange->tx.qname[i++] != '\0');
    return name;
}

/** A server of both zones answers from the lower one. */
static void
serve_both(struct sc_world *world, struct sc_exchange *exchange)
{
    const struct sc_cut *foo = world->foo;

    if (exchange->role != SC_TO_PARENT || exchange->cut != foo) {
        return;
    }
    for (uint32_t i = 0; i < foo->ns_count; i++) {
        if (foo->ns[i].server == exchange->tx.server) {
            sc_msg_answer(world, exchange->msg, exchange->tx.server, foo, lower_qname(exchange),
                exchange->tx.qtype);
            return;
        }
    }
}

/* Servers of the parent that serve the child, too: some of them, or all. */
void
sc_play_b12(struct sc_world *world)
{
    struct sc_cut *foo = world->foo;
    struct sc_tx tx;

    foo->ns_count = 0;
    for (uint32_t i = world->seed % 2 ? 0 : 2; i < SC_PARENTS; i++) {
        world->parent[i]->vendor = i % 2 ? SC_NSD : SC_BIND;
        sc_cut_serve(foo, world->parent[i], true, true);
    }
    foo->has_ds = false;
    world->edit = serve_both;
    sc_base(world);
    for (int64_t at_ns = world->start_ns; at_ns < world->end_ns; at_ns += world->round_ns) {
        for (uint32_t r = 0; r < SC_RESOLVERS; r++) {
            const struct sc_server *server = world->parent[sc_draw_below(&world->draw, 4)];
            int64_t then_ns = at_ns + sc_draw_range(&world->draw, 0, world->round_ns / 2);
            sc_tx_init(world, &tx, &world->resolver[r], server, foo->name, SC_DS, then_ns);
            sc_tx_send(world, &tx);
            sc_msg_negative(world, &world->msg, world->zone, foo->name, SC_NOERROR);
            then_ns = sc_answer(world, &tx, &world->msg);
            sc_ask_child(world, &world->resolver[r], foo, 0, foo->name, SC_NS, then_ns + SC_MS);
        }
    }
    sc_must_not(world, "promiscuous-ns", "info");
    sc_must_not(world, "cut-overlap", "info");
    sc_benign(world, "low");
}

/** Let each resolver learn from the root now and then that P1-P4 serve @p zone, too. */
static void
refer_from_root(struct sc_world *world, const char *zone)
{
    for (int64_t at_ns = world->start_ns; at_ns < world->end_ns; at_ns += 8 * world->round_ns) {
        for (uint32_t r = 0; r < SC_RESOLVERS; r++) {
            int64_t then_ns = at_ns + sc_draw_range(&world->draw, 0, world->round_ns / 4);
            const struct sc_server *root = world->root[sc_draw_below(&world->draw, SC_ROOTS)];
            struct sc_tx tx;
            sc_tx_init(world, &tx, &world->resolver[r], root, sc_text(world, "www.%s", zone), SC_A,
                then_ns);
            sc_tx_send(world, &tx);
            sc_msg_root_referral(world, &world->msg, zone);
            sc_answer(world, &tx, &world->msg);
        }
    }
}

/** A provider in the other zone, whose own delegation is there, too. */
static const struct sc_cut *
add_provider(struct sc_world *world, const char *zone)
{
    struct sc_cut *cut = sc_cut_new(world);

    cut->name = sc_text(world, "%s%u.%s", sc_label(world, 4, 8), world->cut_count, zone);
    cut->www = sc_text(world, "www.%s", cut->name);
    cut->has_ds = false;
    for (uint32_t i = 0; i < 2; i++) {
        const char *name = sc_text(world, "ns%u.%s", i + 1, cut->name);
        sc_cut_serve(cut, sc_server_new(world, name), true, world->seed % 2 == 0);
    }
    return cut;
}

/* One platform serves two zones and gives addresses of names in the one with referrals of the
 * other, as those of com and net do. */
void
sc_play_b14(struct sc_world *world)
{
    const char *zone = sc_text(world, "%sv", sc_label(world, 3, 6));
    const struct sc_cut *provider[PLATFORM_HOSTERS];

    for (uint32_t i = 0; i < PLATFORM_HOSTERS; i++) {
        provider[i] = add_provider(world, zone);
    }
    for (uint32_t i = 0; i < PLATFORM_CUTS; i++) {
        struct sc_cut *cut = sc_cut_new(world);
        const struct sc_cut *host = provider[sc_draw_below(&world->draw, PLATFORM_HOSTERS)];
        cut->ns_count = host->ns_count;
        memcpy(cut->ns, host->ns, sizeof(cut->ns));
    }
    if (!world->is_short) {
        world->round_ns *= 2;
    }
    refer_from_root(world, zone);
    sc_base(world);
    sc_must_not(world, "glue-unrelated", "low");
    sc_must_not(world, "glue-unreferenced", "low");
    sc_benign(world, "low");
}

/** What three zones say of themselves, unlike what their parent does. */
struct untidy {
    struct sc_cut stale;
    struct sc_cut more;
    struct sc_cut unlasting;
};

static const struct sc_cut *
say_otherwise(struct sc_world *world, const struct sc_visit *visit)
{
    const struct untidy *untidy = world->edit_data;

    if (visit->role == SC_TO_PARENT) {
        return visit->cut;
    }
    return visit->cut == world->foo       ? &untidy->stale
           : visit->cut == &world->cut[1] ? &untidy->more
           : visit->cut == &world->cut[2] ? &untidy->unlasting
                                          : visit->given;
}

/* Zones whose parent has old glue or fewer name servers, or that give a TTL of 0: as ever. */
void
sc_play_b15(struct sc_world *world)
{
    const char *ns1 = world->foo->ns[0].name;
    struct untidy untidy = {*world->foo, world->cut[1], world->cut[2]};
    const char *third = sc_text(world, "ns9.%s", world->cut[1].name);

    /* The host answers at both addresses. */
    untidy.stale.ns[0].v4 = sc_addr_new(world);
    sc_cut_serve(&untidy.more, sc_server_new(world, third), true, false);
    untidy.unlasting.ns_ttl = 0;
    world->version = say_otherwise;
    world->edit_data = &untidy;
    sc_base(world);
    for (uint32_t i = 0; i < 3 * SC_RESOLVERS; i++) {
        int64_t at_ns = world->start_ns + sc_draw_range(&world->draw, 0, 3 * world->round_ns);
        const struct sc_resolver *resolver = &world->resolver[i % SC_RESOLVERS];
        sc_ask_child(world, resolver, &untidy.stale, i % 2, ns1, SC_A, at_ns);
        sc_ask_child(world, resolver, &untidy.more, 0, untidy.more.name, SC_NS, at_ns + SC_SECOND);
    }
    sc_must(world, "parent-child-mismatch", ns1, NULL, 0)->name[1] = world->foo->name;
    sc_may(world, "parent-child-mismatch", NULL);
    sc_must_not(world, "parent-child-mismatch", "medium");
    sc_must_not(world, "glue-ttl-outlier", "info");
    sc_benign(world, "low");
}

/** An upward referral, as old servers give for zones that they do not serve. */
static void
refer_upward(struct sc_world *world, struct sc_msg *msg)
{
    sc_msg_init(msg);
    for (uint32_t i = 0; i < SC_ROOTS; i++) {
        sc_add_name(msg, SC_AUTHORITY, "", SC_NS, UPWARD_TTL, world->root[i]->name);
    }
    if (world->seed % 2 == 0) {
        sc_add_addr(msg, SC_ADDITIONAL, world->root[0]->name, UPWARD_TTL, world->root[0]->v4);
    }
}

/** The second name server of foo.example knows nothing of it; a resolver tries it once a day. */
static void
ask_lame_daily(struct sc_world *world, struct sc_exchange *exchange)
{
    int64_t *asked_day = world->edit_data;
    int64_t day = (exchange->tx.packet.at_ns - world->start_ns) / sc_hours(world, 24);
    uint32_t resolver = (uint32_t)(exchange->tx.resolver - world->resolver);

    if (exchange->role != SC_TO_CHILD || exchange->tx.server != world->foo->ns[1].server) {
        return;
    }
    exchange->skipped = asked_day[resolver] == day || day % SC_RESOLVERS != resolver;
    asked_day[resolver] = day;
    refer_upward(world, exchange->msg);
    sc_ask_child(world, exchange->tx.resolver, world->foo, 0, world->foo->www, SC_A,
        exchange->tx.packet.at_ns + (exchange->skipped ? 0 : PATIENCE_NS));
}

void
sc_play_b16(struct sc_world *world)
{
    int64_t asked_day[SC_RESOLVERS] = {-1, -1, -1, -1, -1};
    const struct sc_cut *foo = world->foo;
    struct sc_tx tx;

    world->edit = ask_lame_daily;
    world->edit_data = asked_day;
    sc_base(world);
    sc_tx_init(
        world, &tx, &world->resolver[0], foo->ns[1].server, foo->www, SC_A, world->attack_ns);
    sc_tx_send(world, &tx);
    refer_upward(world, &world->msg);
    sc_answer(world, &tx, &world->msg);

    sc_must(world, "referral-upward", foo->name, NULL, 0)->most = 2;
    sc_may(world, "delegation-not-served", foo->name)->most = 2;
    sc_must_not(world, "referral-upward", "medium");
    sc_must_not(world, "delegation-not-served", "medium");
    sc_benign(world, "low");
}

/* Private addresses as glue, where the operator says that they are meant. */
void
sc_play_b19(struct sc_world *world)
{
    const char *prefixes = "# of the house\n10.0.0.0/8\nfd00::/8\n";
    bool by_zone = world->seed % 2 != 0;

    for (uint32_t i = 0; i < world->foo->ns_count; i++) {
        struct sc_ns *ns = &world->foo->ns[i];
        struct sc_server *server = &world->server[ns->server - world->server];
        server->v4.octets[0] = 10;
        server->v6 = sc_addr_swap(server->v4);
        ns->v4 = server->v4;
        ns->v6 = i == 0 ? server->v6 : (struct sc_addr){0, {0}};
    }
    sc_base(world);
    sc_arg(world, "--internal");
    sc_arg(world, "internal.txt");
    sc_file(world, "internal.txt", by_zone ? sc_text(world, "%s\n", world->foo->name) : prefixes);
    sc_must_not(world, "glue-bogon", "info");
    sc_benign(world, "low");
}

/** Where some resolvers find the root. */
struct hints {
    struct sc_addr b4; /**< where b was */
    struct sc_addr b6;
    struct sc_server copy; /**< a copy of the root zone in the house of R3 */
};

static void
put_server(struct sc_exchange *exchange, struct sc_addr addr)
{
    exchange->tx.packet.dst = addr;
    exchange->reply.packet.src = addr;
}

static void
find_root(struct sc_world *world, struct sc_exchange *exchange)
{
    const struct hints *hints = world->edit_data;
    bool six = exchange->tx.packet.dst.family == 6;

    if (exchange->role != SC_TO_ROOT) {
        return;
    }
    if (exchange->tx.resolver == &world->resolver[2]) {
        put_server(exchange, six ? hints->copy.v6 : hints->copy.v4);
        exchange->reply.packet.ip_ttl = hints->copy.ip_ttl;
        exchange->reply.packet.at_ns = exchange->tx.packet.at_ns + hints->copy.rtt_ns;
    } else if (exchange->tx.resolver == &world->resolver[1] &&
               exchange->tx.server == world->root[B]) {
        put_server(exchange, six ? hints->b6 : hints->b4);
    }
}

/* A resolver with old hints asks b where it was until 2023, and another a local copy of the root;
 * both hand out the addresses of today. */
void
sc_play_b23(struct sc_world *world)
{
    const char *b = world->root[B]->name;
    struct hints hints = {.b4 = sc_addr_of("199.9.14.201"), .copy = *world->attacker};
    struct sc_server old = *world->root[B];
    struct sc_tx tx;

    hints.b6 = sc_addr_swap(hints.b4);
    old.v4 = hints.b4;
    old.v6 = hints.b6;
    hints.copy.v4 = sc_addr_new(world);
    hints.copy.v6 = sc_addr_six(hints.copy.v4);
    hints.copy.ip_ttl = 63;
    hints.copy.rtt_ns = SC_MS;
    world->edit = find_root;
    world->edit_data = &hints;
    sc_base(world);
    for (uint32_t i = 0; i < 4; i++) {
        int64_t at_ns = world->start_ns + (world->attack_ns - world->start_ns) * i / 4;
        sc_tx_init(world, &tx, &world->resolver[1], &old, "", SC_NS, at_ns);
        sc_tx_send(world, &tx);
        sc_msg_priming(world, &world->msg, tx.edns.size);
        sc_answer(world, &tx, &world->msg);
    }
    sc_must(world, "root-mismatch", b, NULL, 0)->variant = "stale-hint";
    sc_must_not(world, "root-mismatch", "low");
    sc_benign(world, "low");
}

/** Answers by where the resolver is: one version of foo.example for each. */
static const struct sc_cut *
answer_by_place(struct sc_world *world, const struct sc_visit *visit)
{
    const struct sc_cut *regional = world->edit_data;

    if (visit->cut != world->foo || visit->role == SC_TO_PARENT) {
        return visit->role == SC_TO_PARENT ? visit->cut : visit->given;
    }
    return &regional[visit->resolver - world->resolver];
}

static void
send_subnet(struct sc_world *world, struct sc_exchange *exchange)
{
    struct sc_edns *asked = &exchange->tx.edns;

    if (exchange->role != SC_TO_CHILD || exchange->cut != world->foo || !asked->present) {
        return;
    }
    asked->ecs_bits = ECS_BITS;
    memcpy(asked->ecs, exchange->tx.resolver->v4.octets, 3);
    if (exchange->reply.edns.present) {
        exchange->reply.edns.ecs_bits = ECS_BITS;
        exchange->reply.edns.ecs_scope = ECS_BITS;
        memcpy(exchange->reply.edns.ecs, asked->ecs, 4);
    }
}

/* A zone answers by where the question comes from, for its name server's address, too. */
void
sc_play_b24(struct sc_world *world)
{
    const struct sc_cut *foo = world->foo;
    struct sc_cut regional[SC_RESOLVERS];

    for (uint32_t r = 0; r < SC_RESOLVERS; r++) {
        regional[r] = *foo;
        regional[r].www_addr = sc_addr_new(world);
        if (r != 0) {
            regional[r].ns[0].v4 = sc_addr_new(world);
        }
    }
    world->version = answer_by_place;
    world->edit = send_subnet;
    world->edit_data = regional;
    sc_base(world);
    for (uint32_t i = 0; i < 8 * SC_RESOLVERS; i++) {
        uint32_t r = i % SC_RESOLVERS;
        const struct sc_resolver *resolver = &world->resolver[r];
        int64_t at_ns = world->attack_ns + sc_draw_range(&world->draw, 0, world->round_ns / 2);
        sc_ask_child(world, resolver, &regional[r], i % 2, foo->ns[0].name, SC_A, at_ns);
        for (uint32_t c = 0; c < CLIENTS; c++) {
            at_ns += sc_draw_range(&world->draw, 1, 60) * SC_MS;
            sc_client_asks(
                world, sc_addr_new(world), resolver, foo->www, regional[r].www_addr, at_ns);
        }
    }
    sc_may(world, "parent-child-mismatch", NULL);
    sc_must_not(world, "parent-child-mismatch", "low");
    sc_must_not(world, "poisoned-answer-suspected", "info");
    sc_benign(world, "low");
}
