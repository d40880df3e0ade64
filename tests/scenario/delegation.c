/* SPDX-License-Identifier: BSD-2-Clause */
/* What a parent hands out changes, for all or for some: taken over, or broken. */
#include <string.h>

#include "tests/scenario/attack.h"
#include "tests/scenario/list.h"

#define HIJACK_HOURS     2.0
#define ONE_SERVER_HOURS 24.0
#define ONE_PATH_HOURS   3.0
#define PATH_TTL_STEP    4u
#define UNSERVED_HOURS   240.0
#define SURGE_HOSTS      30u
#define SURGE_DOMAINS    20u
#define REFERENCE_AGE    3.0 /* hours */

/** foo.example as somebody else wants it, for whom and for how long. */
struct takeover {
    int64_t from_ns;
    int64_t until_ns;
    const struct sc_server *only_server;     /**< NULL: all */
    const struct sc_resolver *only_resolver; /**< NULL: all */
    struct sc_cut bad;
};

static bool
is_taken(const struct takeover *takeover, const struct sc_visit *visit)
{
    return visit->at_ns >= takeover->from_ns && visit->at_ns < takeover->until_ns &&
           (!takeover->only_server || visit->server == takeover->only_server) &&
           (!takeover->only_resolver || visit->resolver == takeover->only_resolver);
}

/** Servers of the taker answer as he wants, those of the owner as ever. */
static const struct sc_cut *
take_over(struct sc_world *world, const struct sc_visit *visit)
{
    const struct takeover *takeover = world->edit_data;

    if (visit->cut != world->foo) {
        return visit->role == SC_TO_PARENT ? visit->cut : visit->given;
    }
    if (visit->role == SC_TO_PARENT) {
        return is_taken(takeover, visit) ? &takeover->bad : world->foo;
    }
    for (uint32_t i = 0; i < world->foo->ns_count; i++) {
        if (world->foo->ns[i].server == visit->server) {
            return world->foo;
        }
    }
    return &takeover->bad;
}

/** A resolver is referred by @p server to @p cut and asks the name server @p ns of it. */
static int64_t
use(struct sc_world *world, uint32_t resolver, const struct sc_server *server,
    const struct sc_cut *cut, uint32_t ns, int64_t at_ns)
{
    const struct sc_resolver *asking = &world->resolver[resolver % SC_RESOLVERS];
    int64_t referred_ns = sc_visit_parent(world, asking, server, cut, at_ns);

    sc_ask_child(world, asking, cut, ns, cut->www, SC_A, referred_ns + SC_MS);
    return referred_ns;
}

/** All resolvers meet @p cut within @p hours from @p from_ns on. @return the last referral */
static int64_t
use_all(struct sc_world *world, const struct sc_cut *cut, int64_t from_ns, double hours)
{
    int64_t last_ns = 0;

    for (uint32_t r = 0; r < SC_RESOLVERS; r++) {
        const struct sc_server *server = world->parent[sc_draw_below(&world->draw, SC_PARENTS)];
        int64_t at_ns = from_ns + sc_hours(world, hours * (r + 0.5) / SC_RESOLVERS);
        last_ns = use(world, r, server, cut, r % cut->ns_count, at_ns);
    }
    return last_ns;
}

/** foo.example with ns1 at the attacker's address, who answers there as he likes. */
static struct sc_cut
taken_address(struct sc_world *world)
{
    struct sc_cut bad = sc_forged_foo(world);

    bad.ns[0].server = world->attacker;
    bad.www_addr = sc_addr_new(world);
    return bad;
}

/** Say what comes along with name servers or addresses that are not the owner's. */
static void
may_be_taken(struct sc_world *world)
{
    const char *foo = world->foo->name;
    const char *ns1 = world->foo->ns[0].name;

    sc_may(world, "suspect-glue-followed", foo)->name[1] = ns1;
    sc_may(world, "ghost-delegation", foo);
    sc_may(world, "glue-ttl-outlier", NULL);
}

/* Other name servers and no DS for two hours, from all servers of the parent. */
void
sc_play_a15(struct sc_world *world)
{
    const char *foo = world->foo->name;
    struct takeover takeover = {.from_ns = world->attack_ns,
        .until_ns = world->attack_ns + sc_hours(world, HIJACK_HOURS),
        .bad = *world->foo};
    struct sc_server *second = sc_server_new(world, sc_text(world, "ns2.%s", world->evil));

    world->foo->has_ds = true;
    takeover.bad.www_addr = sc_addr_new(world);
    takeover.bad.ns_count = 0;
    sc_cut_serve(&takeover.bad, world->attacker, false, false);
    sc_cut_serve(&takeover.bad, second, false, false);
    takeover.bad.has_ds = false;
    world->version = take_over;
    world->edit_data = &takeover;
    sc_base(world);
    use_all(world, &takeover.bad, takeover.from_ns, 0.9);
    use_all(world, &takeover.bad, takeover.from_ns + sc_hours(world, 1), 0.9);
    int64_t back_ns = use_all(world, world->foo, takeover.until_ns, 1.5);

    sc_must(world, "ns-set-changed", foo, "medium", back_ns);
    sc_may(world, "parent-child-mismatch", foo);
    sc_may(world, "glue-changed-after-stable", NULL);
    may_be_taken(world);
    sc_must_not(world, "glue-addr-conflict", "medium");
    sc_must_not(world, "glue-addr-minority", "medium");
    sc_must_not(world, "ns-set-divergence", "medium");
    sc_incident_may(world, "delegation-hijack");
}

/* Another address for ns1, from all servers of the parent; ns2 still knows the old one. */
void
sc_play_a16(struct sc_world *world)
{
    const char *ns1 = world->foo->ns[0].name;
    struct takeover takeover = {
        .from_ns = world->attack_ns, .until_ns = INT64_MAX, .bad = taken_address(world)};
    int64_t told_ns = 0;

    world->version = take_over;
    world->edit_data = &takeover;
    sc_base(world);
    int64_t changed_ns = use_all(world, &takeover.bad, takeover.from_ns, 1);
    use_all(world, &takeover.bad, takeover.from_ns + sc_hours(world, 1), 1.5);
    for (uint32_t i = 0; i < 3 * SC_RESOLVERS; i++) {
        told_ns = sc_ask_child(world, &world->resolver[i % SC_RESOLVERS], world->foo, 1, ns1, SC_A,
            takeover.from_ns + sc_hours(world, 0.25 * (i + 1)));
    }
    use_all(world, &takeover.bad, takeover.from_ns + sc_hours(world, 4), 1);

    /* How long it was stable is what counts, so that 20 seconds can only hint at it. */
    if (world->is_short) {
        sc_may(world, "glue-changed-after-stable", ns1);
    } else {
        sc_must(world, "glue-changed-after-stable", ns1, NULL, changed_ns);
    }
    struct sc_expected *mismatch = sc_must(world, "parent-child-mismatch", ns1, NULL, told_ns);
    mismatch->name[1] = world->foo->name;
    mismatch->variant = "addr";
    may_be_taken(world);
    sc_must_not(world, "glue-addr-minority", "low");
    sc_must_not(world, "ns-set-changed", "low");
    sc_incident_may(world, "delegation-hijack");
}

/** Give the program the parent's zone as it was some hours before the attack. */
static void
give_reference(struct sc_world *world)
{
    int64_t made_ns = world->attack_ns - sc_hours(world, REFERENCE_AGE);

    made_ns += world->manner->recording.shift_ns;
    sc_arg(world, "--reference");
    sc_arg(world, "reference.zone");
    sc_arg(world, "--reference-time");
    sc_arg(world, sc_text(world, "%lld", (long long)(made_ns / SC_SECOND)));
    sc_file(world, "reference.zone", sc_zone_text(world));
}

/* One server of the parent gives another address for ns1, to all, for a day. */
void
sc_play_a17(struct sc_world *world)
{
    const char *ns1 = world->foo->ns[0].name;
    struct takeover takeover = {.from_ns = world->attack_ns,
        .until_ns = world->attack_ns + sc_hours(world, ONE_SERVER_HOURS),
        .only_server = world->parent[2],
        .bad = taken_address(world)};
    double apart = world->is_short ? 0.5 : 2;
    int64_t last_ns = 0;

    if (!world->is_short) {
        sc_lengthen(world, 0, ONE_SERVER_HOURS);
    }
    world->version = take_over;
    world->edit_data = &takeover;
    sc_base(world);
    for (uint32_t i = 0; i < 2 * SC_RESOLVERS; i++) {
        last_ns = use(world, i, takeover.only_server, &takeover.bad, 0,
            takeover.from_ns + sc_hours(world, apart * (i + 0.5)));
        const struct sc_server *honest = world->parent[(uint32_t[]){0, 1, 3}[i % 3]];
        use(world, i + 2, honest, world->foo, 1,
            takeover.from_ns + sc_hours(world, apart * (i + 0.9)));
    }
    give_reference(world);

    sc_must(world, "glue-addr-conflict", ns1, NULL, last_ns);
    sc_must(world, "reference-mismatch", ns1, NULL, last_ns)->name[1] = world->foo->name;
    sc_may(world, "glue-addr-minority", ns1);
    sc_may(world, "glue-addr-flap", ns1);
    sc_may(world, "parent-child-mismatch", ns1)->name[1] = world->foo->name;
    may_be_taken(world);
    sc_must_not(world, "resp-path-outlier", "low");
    sc_must_not(world, "ns-set-*", "low");
    sc_incident_may(world, "delegation-hijack");
}

/** The servers of the parent seem nearer to the resolver than they are. */
static void
come_nearer(const struct sc_tx *tx, struct sc_reply *reply)
{
    reply->packet.ip_ttl = (uint8_t)(reply->packet.ip_ttl - PATH_TTL_STEP);
    reply->packet.at_ns = tx->packet.at_ns + tx->server->rtt_ns * 2 / 5;
}

static void
divert(struct sc_world *world, struct sc_exchange *exchange)
{
    const struct takeover *takeover = world->edit_data;
    int64_t at_ns = exchange->tx.packet.at_ns;

    if (exchange->role == SC_TO_PARENT && exchange->tx.resolver == takeover->only_resolver &&
        at_ns >= takeover->from_ns && at_ns < takeover->until_ns) {
        come_nearer(&exchange->tx, &exchange->reply);
    }
}

/* Between one resolver and all servers of the parent stands somebody who answers for them. */
void
sc_play_a18(struct sc_world *world)
{
    const char *ns1 = world->foo->ns[0].name;
    struct takeover takeover = {.from_ns = world->attack_ns,
        .until_ns = world->attack_ns + sc_hours(world, ONE_PATH_HOURS),
        .only_resolver = &world->resolver[0],
        .bad = taken_address(world)};
    int64_t last_ns = 0;
    struct sc_tx tx;

    world->version = take_over;
    world->edit = divert;
    world->edit_data = &takeover;
    sc_base(world);
    for (uint32_t i = 0; i < 2 * SC_PARENTS; i++) {
        const struct sc_server *server = world->parent[i % SC_PARENTS];
        int64_t at_ns = takeover.from_ns + sc_hours(world, ONE_PATH_HOURS * (i + 0.3) / 8);
        sc_tx_init(world, &tx, takeover.only_resolver, server, sc_fresh_name(world), SC_A, at_ns);
        sc_tx_send(world, &tx);
        struct sc_reply reply = sc_reply_honest(world, &tx, at_ns);
        come_nearer(&tx, &reply);
        sc_msg_referral(world, &world->msg, server, &takeover.bad, tx.edns.dnssec);
        sc_reply_send(world, &reply, &world->msg);
        last_ns = reply.packet.at_ns;
        sc_ask_child(world, takeover.only_resolver, &takeover.bad, 0, takeover.bad.www, SC_A,
            last_ns + SC_MS);
    }
    sc_must(world, "glue-addr-conflict", ns1, NULL, last_ns);
    sc_must(world, "resp-path-outlier", NULL, NULL, last_ns);
    sc_may(world, "glue-addr-minority", ns1);
    sc_may(world, "glue-addr-flap", ns1);
    sc_may(world, "parent-child-mismatch", ns1)->name[1] = world->foo->name;
    may_be_taken(world);
    sc_must_not(world, "ns-set-*", "low");
    sc_must_not(world, "glue-changed-after-stable", "low");
    sc_incident_may(world, "poison-race|path-injection");
}

/** foo.example without a usable address of ns1: resolvers are left with ns2. */
static struct sc_cut
broken_address(const struct sc_world *world, const char *addr)
{
    struct sc_cut bad = *world->foo;

    bad.ns[0].v4 = sc_addr_of(addr);
    bad.ns[0].v6 = (struct sc_addr){0, {0}};
    bad.ns[0].server = bad.ns[1].server;
    return bad;
}

/** Two versions, one after the other. */
struct broken {
    int64_t from_ns[2];
    struct sc_cut cut[2];
};

static const struct sc_cut *
break_address(struct sc_world *world, const struct sc_visit *visit)
{
    const struct broken *broken = world->edit_data;

    if (visit->role != SC_TO_PARENT || visit->cut != world->foo) {
        return visit->cut;
    }
    return visit->at_ns >= broken->from_ns[1]   ? &broken->cut[1]
           : visit->at_ns >= broken->from_ns[0] ? &broken->cut[0]
                                                : world->foo;
}

/* Glue 0.0.0.0, then 127.0.0.1, from all servers of the parent. */
void
sc_play_a25(struct sc_world *world)
{
    const char *ns1 = world->foo->ns[0].name;
    struct broken broken = {{world->attack_ns, world->attack_ns + sc_hours(world, 2)},
        {broken_address(world, "0.0.0.0"), broken_address(world, "127.0.0.1")}};

    world->version = break_address;
    world->edit_data = &broken;
    sc_base(world);
    const struct sc_server *server = world->parent[sc_draw_below(&world->draw, SC_PARENTS)];
    int64_t first_ns = use(world, 0, server, &broken.cut[0], 1, broken.from_ns[0]);
    use_all(world, &broken.cut[0], broken.from_ns[0] + sc_hours(world, 0.2), 1.5);
    use_all(world, &broken.cut[1], broken.from_ns[1], 2);

    sc_must(world, "glue-loopback", ns1, "high", first_ns);
    sc_may(world, "glue-changed-after-stable", ns1);
    sc_may(world, "glue-addr-conflict", ns1);
    sc_may(world, "glue-addr-minority", ns1);
    sc_may(world, "glue-addr-flap", ns1);
    sc_may(world, "parent-child-mismatch", ns1)->name[1] = world->foo->name;
    sc_must_not(world, "glue-bogon", "info");
    sc_must_not(world, "ns-set-*", "low");
    sc_incident_may(world, "delegation-hijack|misconfig");
}

/** Nobody serves foo.example until the attack. */
static void
refuse(struct sc_world *world, struct sc_exchange *exchange)
{
    int64_t at_ns = exchange->tx.packet.at_ns;

    if (exchange->role == SC_TO_CHILD && exchange->cut == world->foo && at_ns < world->attack_ns &&
        at_ns >= world->attack_ns - sc_hours(world, UNSERVED_HOURS)) {
        sc_msg_init(exchange->msg);
        exchange->msg->rcode = SC_REFUSED;
    }
}

static const struct sc_cut *
claim(struct sc_world *world, const struct sc_visit *visit)
{
    const struct sc_cut *claimed = world->edit_data;
    bool child = visit->role == SC_TO_CHILD;

    return child && visit->cut == world->foo && visit->at_ns >= world->attack_ns ? claimed
           : child                                                               ? visit->given
                                                                                 : visit->cut;
}

/* A zone delegated to a hoster that does not serve it, until somebody claims it there. */
void
sc_play_a26(struct sc_world *world)
{
    struct sc_cut *foo = world->foo;
    int64_t last_ns = 0;

    foo->ns_count = 0;
    sc_cut_serve(foo, &world->foreign[0], false, false);
    sc_cut_serve(foo, &world->foreign[1], false, false);
    struct sc_cut claimed = *foo;
    claimed.www_addr = sc_addr_new(world);
    sc_lengthen(world, 24.0 * 4, 0);
    world->edit = refuse;
    world->version = claim;
    world->edit_data = &claimed;
    sc_base(world);
    for (uint32_t r = 0; r < SC_RESOLVERS; r++) {
        int64_t at_ns = world->attack_ns + sc_hours(world, 0.2 * (r + 0.1));
        last_ns =
            sc_ask_child(world, &world->resolver[r], &claimed, r % 2, claimed.www, SC_A, at_ns);
    }
    sc_must(world, "delegation-not-served", foo->name, "medium", last_ns)->variant = "revived";
    sc_may(world, "delegation-not-served", foo->name);
    sc_must_not(world, "glue-changed-after-stable", "low");
    sc_must_not(world, "ns-set-changed", "low");
    sc_incident_may(world, "delegation-hijack|misconfig");
}

/** Name servers that get the attacker's address, and when. */
struct surge {
    uint32_t count;
    const char *name[SURGE_HOSTS];
    int64_t at_ns[SURGE_HOSTS];
    const struct sc_cut *cut[SURGE_HOSTS];
    struct sc_cut shown;
};

/** The registry keeps one address for a host, whoever delegates to it. */
static const struct sc_cut *
overwrite(struct sc_world *world, const struct sc_visit *visit)
{
    struct surge *surge = world->edit_data;
    struct sc_cut *shown = &surge->shown;

    if (visit->role != SC_TO_PARENT) {
        return visit->server == world->attacker ? visit->given : visit->cut;
    }
    *shown = *visit->cut;
    for (uint32_t i = 0; i < shown->ns_count; i++) {
        for (uint32_t j = 0; j < surge->count; j++) {
            if (strcmp(shown->ns[i].name, surge->name[j]) == 0 && visit->at_ns >= surge->at_ns[j]) {
                shown->ns[i].v4 = world->attacker->v4;
                shown->ns[i].v6.family = 0;
                shown->ns[i].server = world->attacker;
            }
        }
    }
    return shown;
}

/** Choose one or two name servers of each of many delegations. */
static void
choose_hosts(struct sc_world *world, struct surge *surge)
{
    uint32_t domains = 0;

    for (uint32_t c = 9; c < SC_CUTS && domains < SURGE_DOMAINS; c++) {
        const struct sc_cut *cut = &world->cut[c];
        if (!sc_name_under(cut->ns[0].name, cut->name)) {
            continue;
        }
        for (uint32_t i = 0; i < (domains < SURGE_HOSTS - SURGE_DOMAINS ? 2u : 1u); i++) {
            surge->name[surge->count] = cut->ns[i].name;
            surge->cut[surge->count] = cut;
            surge->at_ns[surge->count++] =
                world->attack_ns + sc_draw_range(&world->draw, 0, sc_hours(world, 0.9));
        }
        domains++;
    }
    if (surge->count != SURGE_HOSTS) {
        sc_die("too few hosts");
    }
}

/* Thirty name servers of twenty delegations get one address, all within an hour. */
void
sc_play_a27(struct sc_world *world)
{
    static struct surge surge;
    int64_t last_ns = 0;

    surge = (struct surge){.count = 0};
    choose_hosts(world, &surge);
    world->version = overwrite;
    world->edit_data = &surge;
    sc_base(world);
    for (uint32_t i = 0; i < 2 * SURGE_HOSTS; i++) {
        const struct sc_server *server = world->parent[sc_draw_below(&world->draw, SC_PARENTS)];
        struct sc_visit visit = {.role = SC_TO_PARENT, .cut = surge.cut[i % SURGE_HOSTS]};
        visit.at_ns = world->attack_ns + sc_hours(world, 1 + 0.02 * i);
        last_ns = use(world, i, server, overwrite(world, &visit), 0, visit.at_ns);
    }
    sc_must(world, "glue-fanin-surge", NULL, NULL, last_ns);
    sc_may(world, "glue-changed-after-stable", NULL);
    sc_may(world, "glue-addr-conflict", NULL);
    sc_may(world, "glue-addr-minority", NULL);
    sc_may(world, "parent-child-mismatch", NULL);
    sc_may(world, "suspect-glue-followed", NULL);
    sc_must_not(world, "ns-set-*", "low");
    sc_incident_may(world, "delegation-hijack");
    world->expect.incidents_max = 1;
}
