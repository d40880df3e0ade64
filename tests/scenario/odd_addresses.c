/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses that come and go, and TTLs unlike the others; and what only looks so. */
#include <string.h>

#include "tests/scenario/attack.h"
#include "tests/scenario/list.h"

#define VISITS      8u
#define ENOUGH      3u /* the visit that is the second way back */
#define POOL        3u
#define MORE_CUTS   120u
#define USUAL_TTL_S 3600u
#define LONG_TTL_S  604800u
#define LATER_TTL_S 86400u

/* One server tells one resolver another address each second time. */
void
sc_play_c01(struct sc_world *world)
{
    const struct sc_resolver *victim = &world->resolver[0];
    const char *ns1 = world->foo->ns[0].name;
    struct sc_cut bad = sc_forged_foo(world);
    int64_t enough_ns = 0;

    sc_base(world);
    for (uint32_t i = 0; i < VISITS; i++) {
        int64_t at_ns = world->attack_ns + sc_hours(world, 0.4 * i);
        at_ns += sc_draw_range(&world->draw, 0, sc_hours(world, 0.1));
        at_ns =
            sc_visit_parent(world, victim, world->parent[0], i % 2 == 0 ? world->foo : &bad, at_ns);
        enough_ns = i == ENOUGH ? at_ns : enough_ns;
    }
    sc_must(world, "glue-addr-flap", ns1, "medium", enough_ns);
    sc_may_forged(world);
    sc_may(world, "glue-addr-minority", ns1);
    sc_must_not(world, "*", "medium");
    sc_incident_may(world, "poison-race|path-injection|delegation-hijack");
}

struct pool {
    uint32_t next; /**< who is shown next */
    struct sc_cut shown;
};

/** The next one of the pool, whoever asks. */
static const struct sc_cut *
rotate(struct sc_world *world, const struct sc_visit *visit)
{
    struct pool *pool = world->edit_data;
    struct sc_cut *shown = &pool->shown;

    if (visit->cut != world->foo) {
        return visit->role == SC_TO_PARENT ? visit->cut : visit->given;
    }
    if (visit->role == SC_TO_PARENT) {
        pool->next = (pool->next + 1) % POOL;
    }
    *shown = *world->foo;
    shown->ns[0] = world->foo->ns[pool->next];
    shown->ns[1] = world->foo->ns[POOL];
    shown->ns_count = 2;
    return shown;
}

/* A name server with three addresses, of which everybody is told one at a time. */
void
sc_play_n01(struct sc_world *world)
{
    struct sc_cut *foo = world->foo;
    struct sc_ns second = foo->ns[1];
    const char *name = foo->ns[0].name;
    struct pool pool = {.next = sc_draw_below(&world->draw, POOL)};

    foo->ns_count = 0;
    for (uint32_t i = 0; i < POOL; i++) {
        sc_cut_serve(foo, sc_server_new(world, name), true, false);
    }
    foo->ns[foo->ns_count++] = second;
    world->version = rotate;
    world->edit_data = &pool;
    sc_base(world);
    sc_must_not(world, "glue-addr-flap", "info");
    sc_benign(world, "low");
}

/**
 * More delegations, as what is usual is said of a zone with 200; and the first question, to the
 * root, from which on it is known in which zone the parents' servers are asked.
 */
static void
add_delegations(struct sc_world *world)
{
    struct sc_tx tx;

    for (uint32_t i = 0; i < MORE_CUTS; i++) {
        struct sc_cut *cut = sc_cut_new(world);
        const struct sc_cut *like = &world->cut[1 + i % 8];
        cut->ns_count = like->ns_count;
        memcpy(cut->ns, like->ns, sizeof(cut->ns));
    }
    for (uint32_t i = 0; i < world->cut_count; i++) {
        world->cut[i].ns_ttl = world->cut[i].glue_ttl = USUAL_TTL_S;
    }
    sc_tx_init(world, &tx, &world->resolver[0], world->root[0], world->foo->www, SC_A,
        world->start_ns - SC_SECOND);
    sc_tx_send(world, &tx);
    sc_msg_root_referral(world, &world->msg, world->zone);
    sc_answer(world, &tx, &world->msg);
}

/* A forged referral whose records are to stay for weeks. */
void
sc_play_c02(struct sc_world *world)
{
    const char *ns1 = world->foo->ns[0].name;
    struct sc_cut bad = sc_forged_foo(world);
    struct sc_tx tx;

    add_delegations(world);
    bad.ns_ttl = bad.glue_ttl = LONG_TTL_S * (1 + sc_draw_below(&world->draw, 4));
    sc_base(world);
    sc_tx_init(world, &tx, &world->resolver[0], world->parent[0], sc_fresh_name(world), SC_A,
        world->attack_ns);
    sc_tx_send(world, &tx);
    struct sc_reply forged = sc_reply_forged(world, &tx, world->attack_ns + 3 * SC_MS);
    sc_msg_referral(world, &world->msg, world->parent[0], &bad, false);
    sc_reply_send(world, &forged, &world->msg);

    sc_must(world, "glue-ttl-outlier", ns1, "low", forged.packet.at_ns)->confidence = 0.45;
    sc_must(world, "glue-addr-minority", ns1, NULL, forged.packet.at_ns);
    sc_may_forged(world);
    sc_must_not(world, "*", "medium");
    sc_incident_may(world, "poison-race");
}

/** What a zone with other TTLs has. */
struct renewal {
    int64_t ttl_ns;  /**< when all of its TTLs change */
    int64_t move_ns; /**< when a name server moves */
    struct sc_addr addr;
    struct sc_cut shown;
};

static const struct sc_cut *
renew(struct sc_world *world, const struct sc_visit *visit)
{
    struct renewal *renewal = world->edit_data;

    if (visit->role != SC_TO_PARENT) {
        return visit->given;
    }
    renewal->shown = *visit->cut;
    if (visit->at_ns >= renewal->ttl_ns) {
        renewal->shown.ns_ttl = renewal->shown.glue_ttl = LATER_TTL_S;
    }
    if (visit->cut == world->foo && visit->at_ns >= renewal->move_ns) {
        renewal->shown.ns[0].v4 = renewal->addr;
    }
    return &renewal->shown;
}

/* The parent's TTLs become longer, for all; then a name server moves, with such a TTL. */
void
sc_play_n02(struct sc_world *world)
{
    const char *name = world->foo->ns[0].name;
    struct renewal renewal = {.ttl_ns = world->start_ns + world->round_ns,
        .move_ns = world->attack_ns,
        .addr = sc_addr_new(world)};

    add_delegations(world);
    world->version = renew;
    world->edit_data = &renewal;
    sc_base(world);
    struct sc_cut moved = *world->foo;
    moved.ns[0].v4 = renewal.addr;
    moved.ns_ttl = moved.glue_ttl = LATER_TTL_S;
    for (uint32_t r = 0; r < SC_RESOLVERS; r++) {
        int64_t at_ns = world->attack_ns - sc_hours(world, 0.1 * (r + 1));
        sc_ask_child(world, &world->resolver[r], &moved, r % 2, name, SC_A, at_ns);
        at_ns = world->attack_ns + sc_hours(world, 0.5 + 0.1 * r);
        at_ns = sc_visit_parent(
            world, &world->resolver[r], world->parent[r % SC_PARENTS], &moved, at_ns);
        sc_ask_child(world, &world->resolver[r], &moved, r % 2, name, SC_A, at_ns + SC_SECOND / 4);
    }
    sc_may(world, "glue-changed-after-stable", name);
    sc_may(world, "parent-child-mismatch", name)->name[1] = world->foo->name;
    sc_must_not(world, "glue-ttl-outlier", "low");
    sc_must_not(world, "glue-changed-after-stable", "medium");
    sc_benign(world, "low");
}
