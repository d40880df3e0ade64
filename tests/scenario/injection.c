/* SPDX-License-Identifier: BSD-2-Clause */
/* Somebody on the path sees the questions and answers before or after the server. */
#include "tests/scenario/attack.h"
#include "tests/scenario/list.h"

#define INJECTED_NAMES 20u
#define LEGIT_NS       (80 * SC_MS)
#define EARLY_NS       (5 * SC_MS)
#define INJECTED_TTL   64u
#define SERVER_TTL     52u

/** How the injecting box answers. */
struct injector {
    uint32_t answers; /**< for each question */
    int64_t after_ns; /**< the question, or the true reply when `late` */
    bool late;
    bool copies_ttl; /**< IP TTL as the question's, a few hops on */
};

/** When what was seen first. */
struct injected {
    int64_t first_ns;    /**< forged answer */
    int64_t conflict_ns; /**< second reply to the first question */
};

/** Answers with an address, as such boxes do: without OPT, with some bits of the header off. */
static void
inject(
    struct sc_world *world, const struct sc_tx *tx, const struct injector *injector, int64_t at_ns)
{
    for (uint32_t i = 0; i < injector->answers; i++) {
        struct sc_reply forged = sc_reply_forged(world, tx, at_ns + i * 200 * SC_US);
        forged.packet.ip_ttl = injector->copies_ttl ? tx->packet.ip_ttl : INJECTED_TTL;
        forged.edns.present = false;
        sc_msg_init(&world->msg);
        world->msg.aa = world->seed % 2 == 0;
        sc_add_addr(&world->msg, SC_ANSWER, tx->qname, 300, sc_addr_new(world));
        sc_reply_send(world, &forged, &world->msg);
    }
}

static struct injected
play_injection(struct sc_world *world, const struct injector *injector)
{
    struct injected seen = {0, 0};

    world->parent[0]->rtt_ns = LEGIT_NS;
    world->parent[0]->ip_ttl = SERVER_TTL;
    sc_base(world);
    for (uint32_t i = 0; i < INJECTED_NAMES; i++) {
        const struct sc_cut *cut = &world->cut[1 + sc_draw_below(&world->draw, SC_CUTS - 1)];
        const char *qname = sc_text(world, "%s.%s", sc_label(world, 4, 8), cut->name);
        int64_t at_ns = world->attack_ns + sc_hours(world, 0.04) * i;
        struct sc_tx tx;
        sc_tx_init(world, &tx, &world->resolver[0], world->parent[0], qname, SC_A, at_ns);
        sc_tx_send(world, &tx);
        sc_msg_referral(world, &world->msg, world->parent[0], cut, tx.edns.dnssec);
        int64_t legit_ns = sc_answer(world, &tx, &world->msg);
        int64_t forged_ns = (injector->late ? legit_ns : at_ns) + injector->after_ns;
        inject(world, &tx, injector, forged_ns);
        if (i == 0) {
            seen.first_ns = forged_ns;
            seen.conflict_ns = injector->late ? forged_ns : legit_ns;
        }
    }
    return seen;
}

static void
expect_injection(struct sc_world *world, const struct injected *seen)
{
    sc_must(world, "resp-double-conflict", NULL, "high", seen->conflict_ns);
    sc_must_not(world, "glue-addr-*", "low");
    sc_must_not(world, "ns-set-changed", "low");
    sc_incident(world, "path-injection", "medium");
}

void
sc_play_a04(struct sc_world *world)
{
    struct injected seen = play_injection(world, &(struct injector){1, EARLY_NS, false, false});

    expect_injection(world, &seen);
    sc_must(world, "resp-path-outlier", NULL, NULL, seen.first_ns);
}

void
sc_play_a05(struct sc_world *world)
{
    struct injected seen = play_injection(world, &(struct injector){1, EARLY_NS, true, false});

    expect_injection(world, &seen);
    sc_may(world, "resp-path-outlier", NULL);
    sc_must_not(world, "resp-unsolicited", "low");
}

/* Three different answers to each question: still one story. */
void
sc_play_a06(struct sc_world *world)
{
    struct injected seen = play_injection(world, &(struct injector){3, EARLY_NS, false, true});

    seen.conflict_ns = seen.first_ns + 200 * SC_US;
    expect_injection(world, &seen);
    sc_may(world, "resp-path-outlier", NULL);
    world->expect.incidents_max = 1;
}
