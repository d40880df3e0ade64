/* SPDX-License-Identifier: BSD-2-Clause */
/* What comes of bad data: clients that are told it, resolvers that keep it, a root that is not. */
#include "tests/scenario/attack.h"
#include "tests/scenario/list.h"

#define CLIENTS       6u
#define ASKING        3u /* resolvers whose clients are in the capture */
#define GHOST_HOURS   72.0
#define REFRESH_HOURS 0.8 /* before the TTL of an hour ends */
#define RENAMED_HOURS 12.0
#define CERTAIN_HOURS 4.0 /* three lifetimes and the hour that nobody is blamed for */
#define ROOT_VICTIMS  3u

/** Let clients ask R1-R3 for www.foo.example; @p answer is what R1 tells its own. */
static int64_t
ask_resolvers(struct sc_world *world, struct sc_addr answer, int64_t from_ns, double hours)
{
    const struct sc_cut *foo = world->foo;
    int64_t second_ns = 0;

    for (uint32_t i = 0; i < CLIENTS * ASKING; i++) {
        uint32_t r = i % ASKING;
        struct sc_addr client = sc_addr_of("100.43.17.9");
        client.octets[2] = (uint8_t)(i / ASKING + 1);
        client.octets[3] = (uint8_t)(r + 10);
        int64_t at_ns = from_ns + sc_hours(world, hours * i / (CLIENTS * ASKING));
        at_ns = sc_client_asks(
            world, client, &world->resolver[r], foo->www, r == 0 ? answer : foo->www_addr, at_ns);
        if (r == 0 && i / ASKING == 1) {
            second_ns = at_ns;
        }
    }
    return second_ns;
}

/* The race of A01, and then the victim's clients are told an address of the attacker's. */
void
sc_play_a19(struct sc_world *world)
{
    const struct sc_resolver *victim = &world->resolver[0];
    struct sc_cut bad = sc_forged_foo(world);

    bad.ns[0].server = world->attacker;
    bad.www_addr = sc_addr_new(world);
    sc_make_raceable(world);
    sc_base(world);
    for (int64_t at_ns = world->start_ns; at_ns < world->attack_ns - sc_hours(world, 2);
         at_ns += world->round_ns) {
        ask_resolvers(world, world->foo->www_addr, at_ns, 1);
    }
    struct sc_race race = sc_race(world, world->attack_ns);
    int64_t asked_ns = race.legit_ns + 100 * SC_MS;
    asked_ns = sc_ask_child(world, victim, &bad, 0, bad.www, SC_A, asked_ns);
    int64_t told_ns = ask_resolvers(world, bad.www_addr, asked_ns + SC_SECOND, 0.5);

    sc_must(world, "poisoned-answer-suspected", world->foo->name, "high", told_ns)->name[1] =
        world->foo->ns[0].name;
    sc_expect_race(world, &race);
}

/** The parent's zone has foo.example no more; what R1 still asks is played apart. */
static void
withdraw(struct sc_world *world, struct sc_exchange *exchange)
{
    if (exchange->cut != world->foo || exchange->tx.packet.at_ns < world->attack_ns) {
        return;
    }
    if (exchange->role == SC_TO_CHILD || exchange->tx.resolver == &world->resolver[0]) {
        exchange->skipped = true;
    } else {
        sc_msg_negative(world, exchange->msg, world->zone, exchange->tx.qname, SC_NXDOMAIN);
    }
}

/* The parent withdraws a delegation, but one resolver renews it from the child for days. */
void
sc_play_a23(struct sc_world *world)
{
    const struct sc_resolver *keeping = &world->resolver[0];
    const struct sc_cut *foo = world->foo;
    struct sc_cut renamed = *foo;
    int64_t certain_ns = 0;
    struct sc_tx tx;

    sc_lengthen(world, 0, GHOST_HOURS);
    renamed.ns[1].name = sc_text(world, "%s.%s", sc_label(world, 3, 6), foo->name);
    world->edit = withdraw;
    sc_base(world);
    sc_visit_parent(world, keeping, world->parent[0], foo, world->attack_ns - 600 * SC_SECOND);
    sc_tx_init(world, &tx, &world->resolver[1], world->parent[1], foo->www, SC_A, world->attack_ns);
    sc_tx_send(world, &tx);
    sc_msg_negative(world, &world->msg, world->zone, foo->www, SC_NXDOMAIN);
    sc_answer(world, &tx, &world->msg);
    for (double hours = 0.1; hours < GHOST_HOURS; hours += REFRESH_HOURS) {
        const struct sc_cut *said = hours < RENAMED_HOURS ? foo : &renamed;
        int64_t at_ns = world->attack_ns + sc_hours(world, hours);
        uint32_t ns = sc_draw_below(&world->draw, said->ns_count);
        at_ns = sc_ask_child(world, keeping, said, ns, said->name, SC_NS, at_ns);
        at_ns = sc_ask_child(world, keeping, said, ns, said->www, SC_A, at_ns + SC_SECOND);
        if (certain_ns == 0 && hours > CERTAIN_HOURS) {
            certain_ns = at_ns;
        }
    }
    sc_must(world, "ghost-delegation", foo->name, NULL, certain_ns);
    sc_may(world, "parent-child-mismatch", foo->name);
    sc_may(world, "glue-orphan", NULL);
    sc_must_not(world, "delegation-not-served", "low");
    sc_must_not(world, "ns-set-changed", "low");
    sc_incident_may(world, "delegation-hijack|misconfig");
}

/* At the address of a root server, somebody gives another address for a.root-servers.net. */
void
sc_play_a24(struct sc_world *world)
{
    const struct sc_server *root = world->root[1 + sc_draw_below(&world->draw, SC_ROOTS - 1)];
    const char *a = world->root[0]->name;
    int64_t first_ns = 0;
    struct sc_tx tx;

    for (uint32_t r = 0; r < ROOT_VICTIMS; r++) {
        world->resolver[r].edns_size = 1232;
    }
    sc_base(world);
    for (uint32_t r = 0; r < ROOT_VICTIMS; r++) {
        const struct sc_resolver *victim = &world->resolver[r];
        int64_t at_ns = world->attack_ns + sc_hours(world, r);
        sc_tx_init(world, &tx, victim, root, "", SC_NS, at_ns);
        sc_tx_send(world, &tx);
        sc_msg_priming(world, &world->msg, tx.edns.size);
        for (uint32_t i = 0; i < world->msg.count; i++) {
            if (world->msg.rr[i].type == SC_A && world->msg.rr[i].owner == a) {
                world->msg.rr[i].addr = world->attacker->v4;
            }
        }
        at_ns = sc_answer(world, &tx, &world->msg);
        first_ns = r == 0 ? at_ns : first_ns;
        sc_tx_init(world, &tx, victim, world->attacker, world->foo->www, SC_A, at_ns + SC_MS);
        sc_tx_send(world, &tx);
        sc_msg_root_referral(world, &world->msg, world->zone);
        sc_answer(world, &tx, &world->msg);
    }
    sc_must(world, "root-mismatch", a, "critical", first_ns);
    sc_may(world, "glue-addr-minority", a);
    sc_may(world, "glue-addr-conflict", a);
    sc_may(world, "glue-addr-flap", a);
    sc_may(world, "suspect-glue-followed", NULL);
    sc_must_not(world, "reference-mismatch", "info");
    sc_must_not(world, "ns-set-*", "low");
    sc_incident_may(world, "delegation-hijack|poison-race|path-injection");
}
