/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/scenario/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXTS_ROOM      (64u << 20)
#define YEAR_2024       INT64_C(1704067200)
#define THREE_YEARS     (3 * 365 * 86400)
#define HOSTERS         8u /* cuts 1 .. 8 host others */
#define FOREIGN_HOSTERS 6u
#define TTL_HOUR        3600u

enum {
    PURPOSE_WORLD,
    PURPOSE_SCENARIO,
    PURPOSE_BASE,
    PURPOSE_STYLE,
};

const char *
sc_text(struct sc_world *world, const char *format, ...)
{
    char *text = world->texts + world->texts_len;
    va_list arguments;

    va_start(arguments, format);
    int len = vsnprintf(text, TEXTS_ROOM - world->texts_len, format, arguments);
    va_end(arguments);
    if (len < 0 || (uint32_t)len >= TEXTS_ROOM - world->texts_len) {
        sc_die("too much text");
    }
    world->texts_len += (uint32_t)len + 1;
    return text;
}

const char *
sc_label(struct sc_world *world, uint32_t low, uint32_t high)
{
    static const char consonants[] = "bcdfghjklmnprstvwz";
    static const char vowels[] = "aeiou";
    char label[64];
    uint32_t len = (uint32_t)sc_draw_range(&world->draw, low, high);

    for (uint32_t i = 0; i < len; i++) {
        label[i] = i % 2 ? vowels[sc_draw_below(&world->draw, 5)]
                         : consonants[sc_draw_below(&world->draw, 18)];
    }
    return sc_text(world, "%.*s", (int)len, label);
}

/** The n-th /24 of a shuffled list of those that are public and ordinary. */
struct sc_addr
sc_addr_new(struct sc_world *world)
{
    static const uint8_t first[] = {5, 23, 31, 37, 45, 46, 62, 77, 80, 81, 89, 91, 93, 94, 109, 145,
        151, 176, 178, 185, 188, 194, 195, 212, 213, 217};
    /* An odd step through 16 bits meets each value once. */
    uint32_t step = (uint32_t)sc_mix(world->seed ^ 0x5ead) | 1;
    uint32_t place = world->addr_count++ * (step & 0xffff) + (step >> 16);
    struct sc_addr addr = {4, {0}};

    addr.octets[0] = first[(world->addr_count * 7 + step) % sizeof(first)];
    addr.octets[1] = (uint8_t)(place >> 8);
    addr.octets[2] = (uint8_t)place;
    addr.octets[3] = (uint8_t)sc_draw_range(&world->draw, 1, 254);
    return addr;
}

static struct sc_server *
add_server(struct sc_world *world, const char *name, struct sc_addr v4)
{
    static const uint8_t start_ttl[] = {64, 64, 64, 128, 255};
    static const uint16_t size[] = {1232, 1232, 1400, 4096};
    struct sc_draw *draw = &world->draw;

    if (world->server_count == SC_SERVERS_MAX) {
        sc_die("too many servers");
    }
    struct sc_server *server = &world->server[world->server_count++];
    *server = (struct sc_server){.name = name, .v4 = v4, .v6 = sc_addr_six(v4)};
    server->vendor = (enum sc_vendor)sc_draw_below(draw, 4);
    server->ipid = (enum sc_ipid)sc_draw_below(draw, 3);
    server->ip_ttl = (uint8_t)(start_ttl[sc_draw_below(draw, 5)] - sc_draw_range(draw, 6, 18));
    server->rtt_ns = sc_draw_range(draw, 4, 90) * SC_MS;
    server->edns_size = sc_draw_chance(draw, 950) ? size[sc_draw_below(draw, 4)] : 0;
    server->cookies = server->edns_size && sc_draw_chance(draw, 350);
    server->secret = sc_draw_bits(draw);
    return server;
}

struct sc_server *
sc_server_new(struct sc_world *world, const char *name)
{
    return add_server(world, name, sc_addr_new(world));
}

int64_t
sc_hours(const struct sc_world *world, double hours)
{
    return (int64_t)(hours * (double)world->hour_ns);
}

void
sc_lengthen(struct sc_world *world, double before_hours, double after_hours)
{
    if (world->is_short) {
        sc_die("this cannot happen in 20 seconds");
    }
    world->attack_ns += sc_hours(world, before_hours);
    world->end_ns += sc_hours(world, before_hours + after_hours);
}

static void
make_clock(struct sc_world *world)
{
    const int64_t hour = 3600 * SC_SECOND;

    world->start_ns = (YEAR_2024 + sc_draw_below(&world->draw, THREE_YEARS)) * SC_SECOND +
                      sc_draw_below(&world->draw, 1000000000);
    world->round_ns = world->is_short ? 4 * SC_SECOND : 6 * hour;
    world->hour_ns = world->round_ns / 6;
    if (world->is_short) {
        world->attack_ns = world->start_ns + sc_draw_range(&world->draw, 12000, 14000) * SC_MS;
        world->end_ns = world->start_ns + 20 * SC_SECOND;
    } else {
        world->attack_ns =
            world->start_ns + 7 * 24 * hour + sc_draw_below(&world->draw, 3600000) * SC_MS;
        world->end_ns = world->attack_ns + 15 * hour / 2;
    }
}

static void
make_resolvers(struct sc_world *world)
{
    static const uint16_t size[] = {1232, 1232, 1232, 4096, 512};

    for (uint32_t i = 0; i < SC_RESOLVERS; i++) {
        struct sc_resolver *resolver = &world->resolver[i];
        resolver->v4 = sc_addr_new(world);
        resolver->v6 = sc_addr_six(resolver->v4);
        resolver->edns_size = size[sc_draw_below(&world->draw, 5)];
        resolver->dnssec = sc_draw_chance(&world->draw, 500);
        resolver->cookies = sc_draw_chance(&world->draw, 400);
        resolver->mixed_case = sc_draw_chance(&world->draw, 300) || world->manner->mixed_case;
        resolver->six_per_mille = sc_draw_chance(&world->draw, 500) ? 0 : 250;
        resolver->secret = sc_draw_bits(&world->draw);
        if (world->manner->dnssec) {
            resolver->dnssec = true;
            resolver->edns_size = resolver->edns_size > 1232 ? resolver->edns_size : 1232;
        }
    }
}

static void
make_parents(struct sc_world *world)
{
    const char *zone = world->zone;

    for (uint32_t i = 0; i < SC_ROOTS; i++) {
        const char *name = sc_text(world, "%c.root-servers.net", 'a' + (int)i);
        struct sc_server *server = add_server(world, name, sc_addr_of_root(i, 4));
        server->v6 = sc_addr_of_root(i, 6);
        world->root[i] = server;
    }
    for (uint32_t i = 0; i < SC_PARENTS; i++) {
        world->parent[i] = sc_server_new(world, sc_text(world, "%c.nic.%s", 'a' + (int)i, zone));
        /* Those of a TLD answer in full and know EDNS. */
        world->parent[i]->edns_size = 1232;
        world->parent[i]->cookies = sc_draw_chance(&world->draw, 250);
    }
}

/** Give @p cut the name server @p name served by @p server, with glue of the families wanted. */
static void
add_ns(struct sc_cut *cut, const char *name, const struct sc_server *server, bool four, bool six)
{
    struct sc_ns *ns = &cut->ns[cut->ns_count++];

    *ns = (struct sc_ns){.name = name, .server = server};
    if (four) {
        ns->v4 = server->v4;
    }
    if (six) {
        ns->v6 = server->v6;
    }
}

void
sc_cut_serve(struct sc_cut *cut, const struct sc_server *server, bool four, bool six)
{
    if (cut->ns_count == SC_CUT_NS_MAX) {
        sc_die("too many name servers");
    }
    add_ns(cut, server->name, server, four, six);
}

/** Name servers within the delegated zone; the second is sometimes a neighbour of the first. */
static void
host_inside(struct sc_world *world, struct sc_cut *cut)
{
    uint32_t count = 2 + (sc_draw_chance(&world->draw, 150) ? 1 : 0);
    bool near = sc_draw_chance(&world->draw, 400);
    bool six = sc_draw_chance(&world->draw, 400);
    struct sc_addr addr = sc_addr_new(world);

    addr.octets[3] &= 0x7f;
    for (uint32_t i = 0; i < count; i++) {
        const char *name = sc_text(world, "ns%u.%s", i + 1, cut->name);
        add_ns(cut, name, add_server(world, name, addr), true, six);
        if (near) {
            addr.octets[3]++;
        } else {
            addr = sc_addr_new(world);
        }
    }
}

/** Name servers of @p host, with sibling glue. */
static void
host_beside(struct sc_cut *cut, const struct sc_cut *host)
{
    cut->ns_count = host->ns_count;
    memcpy(cut->ns, host->ns, sizeof(cut->ns));
}

struct sc_cut *
sc_cut_new(struct sc_world *world)
{
    static const uint32_t ttl[] = {TTL_HOUR, TTL_HOUR, TTL_HOUR, 86400};
    uint32_t number = world->cut_count++;

    if (number == SC_CUTS_MAX) {
        sc_die("too many delegations");
    }
    struct sc_cut *cut = &world->cut[number];
    cut->name = sc_text(world, "%s%u.%s", sc_label(world, 4, 9), number, world->zone);
    cut->www = sc_text(world, "www.%s", cut->name);
    cut->www_addr = sc_addr_new(world);
    cut->ns_ttl = number == 0 ? TTL_HOUR : ttl[sc_draw_below(&world->draw, 4)];
    cut->glue_ttl = cut->ns_ttl;
    cut->has_ds = sc_draw_chance(&world->draw, 400);
    return cut;
}

static void
make_cut(struct sc_world *world, uint32_t number, const struct sc_server *foreign)
{
    struct sc_cut *cut = sc_cut_new(world);

    uint32_t way = sc_draw_below(&world->draw, 100);
    if (number <= HOSTERS || way < 60) {
        host_inside(world, cut);
    } else if (way < 88) {
        host_beside(cut, &world->cut[1 + sc_draw_below(&world->draw, HOSTERS)]);
    } else {
        const struct sc_server *server = foreign + 2 * sc_draw_below(&world->draw, FOREIGN_HOSTERS);
        add_ns(cut, server[0].name, &server[0], false, false);
        add_ns(cut, server[1].name, &server[1], false, false);
    }
}

/** foo.example: ns1 with both families, ns2 with IPv4. */
static void
make_foo(struct sc_world *world)
{
    struct sc_cut *foo = &world->cut[0];

    world->foo = foo;
    foo->ns_count = 2;
    foo->ns[0].v6 = foo->ns[0].server->v6;
    foo->ns[1].v6 = (struct sc_addr){0, {0}};
}

static void
make_names(struct sc_world *world)
{
    world->zone = sc_text(world, "%s%c", sc_label(world, 3, 6), 'q');
    world->evil = sc_text(world, "%s.%sx", sc_label(world, 5, 9), sc_label(world, 3, 5));
    world->bank = sc_text(world, "%s.%sy", sc_label(world, 5, 9), sc_label(world, 3, 5));
}

/** The outside of the zone: providers there, an attacker, a server of a bank. */
static void
make_outside(struct sc_world *world)
{
    world->foreign = &world->server[world->server_count];
    for (uint32_t i = 0; i < FOREIGN_HOSTERS; i++) {
        const char *domain = sc_text(world, "%s.%sz", sc_label(world, 5, 8), sc_label(world, 2, 4));
        sc_server_new(world, sc_text(world, "ns1.%s", domain));
        sc_server_new(world, sc_text(world, "ns2.%s", domain));
    }
    world->attacker = sc_server_new(world, sc_text(world, "ns.%s", world->evil));
    world->attacker->rtt_ns = sc_draw_range(&world->draw, 10, 60) * SC_MS;
}

struct sc_world *
sc_world_new(uint64_t seed, bool is_short, const struct sc_manner *manner)
{
    struct sc_world *world = calloc(1, sizeof(*world));

    if (!world || !(world->texts = calloc(TEXTS_ROOM, 1))) {
        sc_die("no memory");
    }
    world->seed = seed;
    world->manner = manner;
    world->flood = SC_FLOOD;
    world->is_short = is_short;
    world->draw = sc_draw_from(seed, PURPOSE_WORLD);
    world->base_draw = sc_draw_from(seed, PURPOSE_BASE);
    world->style_draw = sc_draw_from(seed, PURPOSE_STYLE);
    sc_capture_init(&world->capture, &manner->recording, seed);
    make_names(world);
    make_clock(world);
    make_resolvers(world);
    make_parents(world);
    make_outside(world);
    for (uint32_t i = 0; i < SC_CUTS; i++) {
        make_cut(world, i, world->foreign);
    }
    make_foo(world);
    world->draw = sc_draw_from(seed, PURPOSE_SCENARIO);
    return world;
}

void
sc_world_free(struct sc_world *world)
{
    sc_capture_done(&world->capture);
    free(world->texts);
    free(world);
}
