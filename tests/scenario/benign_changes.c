/* SPDX-License-Identifier: BSD-2-Clause */
/* Harmless: what owners and operators change. */
#include <string.h>

#include "tests/scenario/list.h"

#define SWITCH_HOURS   (2.0 / 3) /* until the last of the parents' servers has the new zone */
#define MOVING_CUTS    500u
#define MOVE_HOURS     1.0
#define PROVIDER_HOSTS 4u

/** A change of one or all delegations, and when each server of the parent has it. */
struct change {
    int64_t from_ns[SC_PARENTS];
    int64_t child_ns;    /**< when the zones themselves have it */
    struct sc_cut after; /**< of foo.example */
    struct sc_cut shown; /**< for the result */
    uint32_t ttl[2];     /**< before and after */
};

/** From when on the server that is asked knows of the change. */
static int64_t
known_from(const struct sc_world *world, const struct change *change, const struct sc_visit *visit)
{
    for (uint32_t i = 0; i < SC_PARENTS; i++) {
        if (visit->server == world->parent[i]) {
            return change->from_ns[i];
        }
    }
    return change->child_ns;
}

static const struct sc_cut *
renumber(struct sc_world *world, const struct sc_visit *visit)
{
    const struct change *change = world->edit_data;

    if (visit->cut != world->foo) {
        return visit->role == SC_TO_PARENT ? visit->cut : visit->given;
    }
    return visit->at_ns >= known_from(world, change, visit) ? &change->after : world->foo;
}

/* A name server gets another address in its network; one server of the parent after the other. */
void
sc_play_b05(struct sc_world *world)
{
    const char *name = world->foo->ns[0].name;
    struct sc_server *moved = sc_server_new(world, name);
    struct change change = {.child_ns = world->attack_ns - sc_hours(world, 0.1)};

    *moved = *world->foo->ns[0].server;
    moved->v4.octets[3] = (uint8_t)((moved->v4.octets[3] + 40) % 254 + 1);
    moved->v6 = sc_addr_six(moved->v4);
    change.after = *world->foo;
    change.after.ns[0].server = moved;
    change.after.ns[0].v4 = moved->v4;
    change.after.ns[0].v6 = moved->v6;
    for (uint32_t i = 0; i < SC_PARENTS; i++) {
        change.from_ns[i] = world->attack_ns + sc_hours(world, SWITCH_HOURS * i / 3);
    }
    world->version = renumber;
    world->edit_data = &change;
    sc_base(world);
    for (uint32_t r = 0; r < SC_RESOLVERS; r++) {
        int64_t at_ns = world->attack_ns + sc_hours(world, 1 + 0.1 * r);
        sc_visit_parent(
            world, &world->resolver[r], world->parent[r % SC_PARENTS], &change.after, at_ns);
        sc_ask_child(
            world, &world->resolver[r], &change.after, r % 2, name, SC_A, at_ns + SC_SECOND);
    }
    sc_may(world, "glue-changed-after-stable", name)->name[1] = world->foo->name;
    sc_may(world, "parent-child-mismatch", name)->name[1] = world->foo->name;
    sc_must_not(world, "glue-changed-after-stable", "low");
    sc_must_not(world, "glue-addr-conflict", "low");
    sc_must_not(world, "parent-child-mismatch", "medium");
    sc_benign(world, "medium");
}

/** Many delegations that move, each at a time of its own, to the name servers of one provider. */
struct move {
    const struct sc_server *host[PROVIDER_HOSTS];
    bool glue; /**< the provider's names are in the parent's zone */
    int64_t at_ns[SC_CUTS_MAX];
    struct sc_cut shown;
};

static const struct sc_cut *
move_over(struct sc_world *world, const struct sc_visit *visit)
{
    struct move *move = world->edit_data;
    uint32_t number = (uint32_t)(visit->cut - world->cut);

    if (visit->role != SC_TO_PARENT) {
        return visit->given;
    }
    if (move->at_ns[number] == 0 || visit->at_ns < move->at_ns[number]) {
        return visit->cut;
    }
    move->shown = *visit->cut;
    move->shown.ns_count = 0;
    for (uint32_t i = 0; i < PROVIDER_HOSTS; i++) {
        sc_cut_serve(&move->shown, move->host[i], move->glue, move->glue);
    }
    return &move->shown;
}

static void
add_movers(struct sc_world *world, struct move *move)
{
    const struct sc_cut *old = &world->cut[1 + sc_draw_below(&world->draw, 8)];

    for (uint32_t i = 0; i < MOVING_CUTS; i++) {
        struct sc_cut *cut = sc_cut_new(world);
        cut->ns_count = old->ns_count;
        memcpy(cut->ns, old->ns, sizeof(cut->ns));
        move->at_ns[cut - world->cut] =
            world->attack_ns + sc_draw_range(&world->draw, 0, sc_hours(world, MOVE_HOURS));
    }
}

/* Five hundred delegations move to one provider within an hour. */
void
sc_play_b06(struct sc_world *world)
{
    static struct move move;
    const char *under = world->seed % 2 ? world->zone : world->bank;
    const char *provider = sc_text(world, "%s.%s", sc_label(world, 5, 8), under);

    move = (struct move){.glue = under == world->zone};
    for (uint32_t i = 0; i < PROVIDER_HOSTS; i++) {
        move.host[i] = sc_server_new(world, sc_text(world, "ns%u.%s", i + 1, provider));
    }
    add_movers(world, &move);
    if (!world->is_short) {
        world->round_ns *= 2;
        world->end_ns += world->round_ns;
    }
    world->version = move_over;
    world->edit_data = &move;
    sc_base(world);
    sc_may(world, "ns-set-changed", NULL);
    sc_may(world, "ns-set-divergence", NULL);
    sc_may(world, "parent-child-mismatch", NULL);
    sc_must_not(world, "ns-set-changed", "medium");
    sc_must_not(world, "ns-set-divergence", "low");
    sc_must_not(world, "parent-child-mismatch", "medium");
    sc_benign(world, "low");
}

static const struct sc_cut *
give_other_ttl(struct sc_world *world, const struct sc_visit *visit)
{
    struct change *change = world->edit_data;

    if (visit->role != SC_TO_PARENT) {
        return visit->cut;
    }
    change->shown = *visit->cut;
    change->shown.ns_ttl = change->shown.glue_ttl =
        change->ttl[visit->at_ns >= known_from(world, change, visit)];
    return &change->shown;
}

/* The parent's zone gets other TTLs, for all of its delegations. */
void
sc_play_b18(struct sc_world *world)
{
    static const uint32_t ttl[][2] = {
        {18000, 14400}, {18000, 14400}, {172800, 86400}, {86400, 3600}, {3600, 86400}};
    struct change change = {.child_ns = INT64_MAX};

    memcpy(change.ttl, ttl[sc_draw_below(&world->draw, 5)], sizeof(change.ttl));
    for (uint32_t i = 0; i < SC_PARENTS; i++) {
        change.from_ns[i] = world->attack_ns + sc_draw_range(&world->draw, 0, sc_hours(world, 0.2));
    }
    world->version = give_other_ttl;
    world->edit_data = &change;
    sc_base(world);
    sc_must_not(world, "glue-ttl-outlier", "info");
    sc_benign(world, "low");
}
