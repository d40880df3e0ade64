/* SPDX-License-Identifier: BSD-2-Clause */
/* Referrals of an odd shape, odd name servers, domains that are gone; and what only looks so. */
#include <ctype.h>
#include <string.h>

#include "tests/scenario/attack.h"
#include "tests/scenario/list.h"

#define ALIAS_TTL   3600u
#define UNSURE      0.45 /* what a kind that says so little by itself must reach */
#define CLIENTELE   3u
#define PATIENCE_NS (400 * SC_MS)

/** A delegation that no other one shares name servers with. */
static struct sc_cut *
own_cut(struct sc_world *world, const char *name)
{
    struct sc_cut *cut = sc_cut_new(world);

    cut->name = name ? name : cut->name;
    cut->www = sc_text(world, "www.%s", cut->name);
    cut->has_ds = false;
    for (uint32_t i = 0; i < 2; i++) {
        sc_cut_serve(
            cut, sc_server_new(world, sc_text(world, "ns%u.%s", i + 1, cut->name)), true, false);
    }
    return cut;
}

/** Write the QNAME of @p tx in lower case. Good until the next call. */
static const char *
lower_qname(const struct sc_tx *tx)
{
    static char name[SC_NAME_MAX];
    uint32_t i = 0;

    do {
        name[i] = (char)tolower((uint8_t)tx->qname[i]);
    } while (tx->qname[i++] != '\0');
    return name;
}

/** NS records of @p owner at the attacker's server, and its address. */
static void
add_claim(struct sc_world *world, const char *owner)
{
    const char *target = world->attacker->name;

    sc_add_name(&world->msg, SC_AUTHORITY, owner, SC_NS, ALIAS_TTL, target);
    sc_add_addr(&world->msg, SC_ADDITIONAL, target, ALIAS_TTL, world->attacker->v4);
}

/** Let R1 ask P1 for a new name in foo.example, and prepare a forged reply. */
static struct sc_reply
ask_for_foo(struct sc_world *world, struct sc_tx *tx)
{
    sc_tx_init(world, tx, &world->resolver[0], world->parent[0], sc_fresh_name(world), SC_A,
        world->attack_ns);
    sc_tx_send(world, tx);
    return sc_reply_forged(world, tx, world->attack_ns + 3 * SC_MS);
}

static void
may_claim(struct sc_world *world)
{
    sc_may(world, "resp-double-conflict", NULL);
    sc_may(world, "resp-path-outlier", NULL);
    sc_may(world, "glue-unrelated", world->attacker->name);
    sc_must_not(world, "promiscuous-ns", "low");
    sc_must_not(world, "*", "medium");
    sc_incident_may(world, "poison-race");
}

/* A forged referral to a zone beside the one that was asked for. */
void
sc_play_c03(struct sc_world *world)
{
    const struct sc_cut *other = &world->cut[1 + sc_draw_below(&world->draw, SC_CUTS - 1)];
    struct sc_tx tx;

    sc_make_raceable(world);
    sc_base(world);
    struct sc_reply forged = ask_for_foo(world, &tx);
    sc_msg_init(&world->msg);
    add_claim(world, other->name);
    sc_reply_send(world, &forged, &world->msg);
    sc_msg_referral(world, &world->msg, tx.server, world->foo, tx.edns.dnssec);
    sc_answer(world, &tx, &world->msg);

    sc_must(world, "referral-sideways", other->name, "medium", forged.packet.at_ns)->variant =
        "sibling";
    may_claim(world);
}

/** A name in one zone of @p server is an alias into another one of its zones: it answers both. */
static void
follow_alias(struct sc_world *world, const struct sc_cut *from, const struct sc_cut *to,
    const struct sc_resolver *resolver, int64_t at_ns)
{
    const struct sc_server *server = to->ns[0].server;
    const char *qname = sc_text(world, "%s.%s", sc_label(world, 3, 6), from->name);
    struct sc_tx tx;

    at_ns = sc_ask_child(world, resolver, to, 0, to->name, SC_NS, at_ns) + SC_MS;
    sc_tx_init(world, &tx, resolver, server, qname, SC_A, at_ns);
    sc_tx_send(world, &tx);
    sc_msg_referral(world, &world->msg, server, to, false);
    world->msg.aa = true;
    sc_add_name(&world->msg, SC_ANSWER, qname, SC_CNAME, ALIAS_TTL, to->www);
    sc_add_addr(&world->msg, SC_ANSWER, to->www, ALIAS_TTL, to->www_addr);
    sc_answer(world, &tx, &world->msg);
}

/* NS records of a zone that the question is not in, where an alias leads into it. */
void
sc_play_n03(struct sc_world *world)
{
    struct sc_cut *twin = sc_cut_new(world);
    const char *alias = sc_text(world, "%s.%s", sc_label(world, 4, 8), world->zone);
    struct sc_tx tx;

    twin->ns_count = world->foo->ns_count;
    memcpy(twin->ns, world->foo->ns, sizeof(twin->ns));
    sc_base(world);
    for (int64_t at_ns = world->start_ns; at_ns < world->end_ns; at_ns += world->round_ns) {
        for (uint32_t r = 0; r < SC_RESOLVERS; r++) {
            const struct sc_server *server = world->parent[sc_draw_below(&world->draw, 4)];
            int64_t then_ns = at_ns + sc_draw_range(&world->draw, 0, world->round_ns / 2);
            follow_alias(world, world->foo, twin, &world->resolver[r], then_ns);
            follow_alias(world, twin, world->foo, &world->resolver[r], then_ns + SC_SECOND / 4);
            /* From the parent: the alias, and the referral to where it leads. */
            sc_tx_init(world, &tx, &world->resolver[r], server, alias, SC_A, then_ns);
            sc_tx_send(world, &tx);
            sc_msg_referral(world, &world->msg, server, twin, tx.edns.dnssec);
            world->msg.aa = true;
            sc_add_name(&world->msg, SC_ANSWER, alias, SC_CNAME, ALIAS_TTL, twin->www);
            sc_answer(world, &tx, &world->msg);
        }
    }
    sc_must_not(world, "referral-sideways", "info");
    sc_must_not(world, "promiscuous-ns", "info");
    sc_benign(world, "low");
}

/* A forged referral to two zones at once, and a true server that refers past a cut of its own. */
void
sc_play_c04(struct sc_world *world)
{
    const struct sc_cut *other = &world->cut[1 + sc_draw_below(&world->draw, SC_CUTS - 1)];
    struct sc_cut deep = *world->foo;
    struct sc_tx tx;

    deep.name = sc_text(world, "%s.%s", sc_label(world, 3, 6), world->foo->name);
    deep.www = sc_text(world, "www.%s", deep.name);
    deep.has_ds = false;
    sc_make_raceable(world);
    sc_base(world);
    struct sc_reply forged = ask_for_foo(world, &tx);
    sc_msg_referral(world, &world->msg, tx.server, world->foo, false);
    add_claim(world, other->name);
    sc_reply_send(world, &forged, &world->msg);
    sc_msg_referral(world, &world->msg, tx.server, world->foo, tx.edns.dnssec);
    int64_t at_ns = sc_answer(world, &tx, &world->msg);
    /* Another server has a delegation below one that it gives. */
    for (uint32_t i = 0; i < 3; i++) {
        at_ns = sc_visit_parent(
            world, &world->resolver[1], world->parent[1], world->foo, at_ns + 200 * SC_MS);
    }
    at_ns =
        sc_visit_parent(world, &world->resolver[1], world->parent[1], &deep, at_ns + 200 * SC_MS);

    sc_must(world, "cut-overlap", other->name, "low", forged.packet.at_ns)->variant =
        "several-owners";
    struct sc_expected *past = sc_must(world, "cut-overlap", deep.name, "low", at_ns);
    past->variant = "past-a-cut";
    past->confidence = UNSURE;
    may_claim(world);
}

/** A server that serves a zone and its parent zone refers from the lower one. */
struct dual_role {
    const struct sc_server *server;
    const struct sc_cut *deep; /**< below foo.example */
    int64_t from_ns;           /**< when the server begins to serve foo.example */
};

static void
serve_both(struct sc_world *world, struct sc_exchange *exchange)
{
    const struct dual_role *dual = world->edit_data;
    const struct sc_tx *tx = &exchange->tx;
    const struct sc_cut *foo = world->foo;
    bool serves = tx->server == dual->server && tx->packet.at_ns >= dual->from_ns;

    if (exchange->role != SC_TO_PARENT || (exchange->cut != foo && exchange->cut != dual->deep)) {
        return;
    }
    if (exchange->cut == dual->deep && !serves) {
        sc_msg_referral(world, exchange->msg, tx->server, foo, tx->edns.dnssec);
    } else if (exchange->cut == foo && serves) {
        sc_msg_answer(world, exchange->msg, tx->server, foo, lower_qname(tx), tx->qtype);
    }
}

/* Delegations below names without records, and a server of the parent that becomes one of a child.
 */
void
sc_play_n04(struct sc_world *world)
{
    const char *middle = sc_text(world, "%s.%s", sc_label(world, 4, 8), world->zone);
    struct dual_role dual = {.server = world->parent[1], .from_ns = world->attack_ns + SC_SECOND};

    world->foo->has_ds = false;
    for (uint32_t i = 0; i < CLIENTELE; i++) {
        own_cut(world, sc_text(world, "%s%u.%s", sc_label(world, 2, 5), i, middle));
    }
    dual.deep = own_cut(world, sc_text(world, "%s.%s", sc_label(world, 3, 6), world->foo->name));
    world->edit = serve_both;
    world->edit_data = &dual;
    sc_base(world);
    /* It gave the upper cut until now. From the second on it says what it serves. */
    struct sc_cut held = *world->foo;
    held.ns[0].server = dual.server;
    sc_visit_parent(world, &world->resolver[0], dual.server, world->foo, world->attack_ns);
    sc_ask_child(
        world, &world->resolver[0], &held, 0, held.name, SC_NS, world->attack_ns + PATIENCE_NS);
    sc_visit_parent(world, &world->resolver[0], dual.server, dual.deep, dual.from_ns + SC_MS);
    sc_must_not(world, "cut-overlap", "info");
    sc_benign(world, "low");
}

/** What the server of @p cut says of its first name server: an alias. */
static int64_t
say_alias(struct sc_world *world, const struct sc_cut *cut, int64_t at_ns)
{
    struct sc_tx tx;

    sc_tx_init(world, &tx, &world->resolver[0], cut->ns[0].server, cut->ns[0].name, SC_A, at_ns);
    sc_tx_send(world, &tx);
    sc_msg_init(&world->msg);
    world->msg.aa = true;
    sc_add_name(&world->msg, SC_ANSWER, cut->ns[0].name, SC_CNAME, ALIAS_TTL, cut->www);
    sc_add_addr(&world->msg, SC_ANSWER, cut->www, ALIAS_TTL, cut->www_addr);
    return sc_answer(world, &tx, &world->msg);
}

/* Name servers that are an alias, an address, no host name. */
void
sc_play_c05(struct sc_world *world)
{
    const struct sc_cut *aliased = own_cut(world, NULL);
    struct sc_cut *addressed = own_cut(world, NULL);
    struct sc_cut *misnamed = own_cut(world, NULL);
    const uint8_t *octet = addressed->ns[0].v4.octets;
    const char *end = world->seed % 2 ? world->zone : "invalid";

    addressed->ns[0].name =
        sc_text(world, "%u.%u.%u.%u.%s", octet[0], octet[1], octet[2], octet[3], end);
    addressed->ns[0].v4.family = 0;
    misnamed->ns[0].name = sc_text(world, "-%s", misnamed->ns[0].name);
    sc_base(world);
    int64_t at_ns = say_alias(world, aliased, world->attack_ns);

    sc_must(world, "ns-target-invalid", aliased->ns[0].name, "low", at_ns)->variant = "alias";
    sc_must(world, "ns-target-invalid", addressed->ns[0].name, "low", 0)->variant = "address-like";
    sc_must(world, "ns-target-invalid", misnamed->ns[0].name, "info", 0)->variant = "non-host";
    sc_must_not(world, "*", "medium");
    sc_incident_may(world, "misconfig");
}

/* Name servers with names of digits, with an underscore or for other scripts, and none at all. */
void
sc_play_n05(struct sc_world *world)
{
    static const char *const start[] = {
        "53", "10.20.30", "192.0.2.256", "300.1.2.3", "xn--bcher-kva", "1--a", "0", "beef", "_dns"};

    for (uint32_t i = 0; i < sizeof(start) / sizeof(start[0]); i++) {
        struct sc_cut *cut = own_cut(world, NULL);
        cut->ns[0].name = sc_text(world, "%s.%s", start[i], cut->name);
    }
    struct sc_cut *nowhere = sc_cut_new(world);
    nowhere->has_ds = false;
    nowhere->ns[0] = (struct sc_ns){.name = ""};
    nowhere->ns_count = 1;
    sc_base(world);
    /* An alias that no delegation names is nobody's business. */
    struct sc_cut cut = *world->foo;
    cut.ns[0].name = sc_text(world, "web.%s", cut.name);
    say_alias(world, &cut, world->attack_ns);
    sc_may(world, "ns-target-invalid", NULL)->most = 1; /* the underscore */
    sc_must_not(world, "ns-target-invalid", "low");
    sc_must_not(world, "required-glue-missing", "info");
    sc_benign(world, "low");
}

/** A domain that is withdrawn while others use its name servers. */
struct hoster {
    struct sc_cut *own;
    struct sc_cut *client[CLIENTELE];
    int64_t gone_ns; /**< 0: never */
};

static void
make_hoster(struct sc_world *world, struct hoster *hoster)
{
    hoster->own = own_cut(world, NULL);
    for (uint32_t i = 0; i < CLIENTELE; i++) {
        hoster->client[i] = sc_cut_new(world);
        hoster->client[i]->ns_count = hoster->own->ns_count;
        memcpy(hoster->client[i]->ns, hoster->own->ns, sizeof(hoster->own->ns));
    }
}

static void
deny_hoster(struct sc_world *world, struct sc_exchange *exchange)
{
    const struct hoster *hoster = world->edit_data;

    if (exchange->cut != hoster->own || exchange->tx.packet.at_ns < hoster->gone_ns) {
        return;
    }
    exchange->skipped = exchange->role == SC_TO_CHILD;
    sc_msg_negative(world, exchange->msg, world->zone, hoster->own->name, SC_NXDOMAIN);
}

/** Let R1 ask P1 for the address of @p ns, which it gives with AA=1. */
static int64_t
ask_registry(struct sc_world *world, const struct sc_ns *ns, int64_t at_ns)
{
    struct sc_tx tx;

    sc_tx_init(world, &tx, &world->resolver[0], world->parent[0], ns->name, SC_A, at_ns);
    sc_tx_send(world, &tx);
    sc_msg_init(&world->msg);
    world->msg.aa = true;
    sc_add_addr(&world->msg, SC_ANSWER, ns->name, ALIAS_TTL, ns->v4);
    return sc_answer(world, &tx, &world->msg);
}

/** Let R1 ask @p server for @p qname, which is denied with the SOA of @p zone. */
static int64_t
be_denied(struct sc_world *world, const struct sc_server *server, const char *zone,
    const char *qname, uint8_t rcode, int64_t at_ns)
{
    struct sc_tx tx;

    sc_tx_init(world, &tx, &world->resolver[0], server, qname, SC_A, at_ns);
    sc_tx_send(world, &tx);
    sc_msg_negative(world, &world->msg, zone, qname, rcode);
    return sc_answer(world, &tx, &world->msg);
}

/* A hoster's domain is gone; its name servers are still named, and one has still an address. */
void
sc_play_c06(struct sc_world *world)
{
    struct hoster hoster;
    const struct sc_ns *ns;

    make_hoster(world, &hoster);
    hoster.gone_ns = world->attack_ns;
    ns = hoster.own->ns;
    world->edit = deny_hoster;
    world->edit_data = &hoster;
    sc_base(world);
    int64_t denied_ns =
        be_denied(world, world->parent[0], world->zone, ns[0].name, SC_NXDOMAIN, world->attack_ns);
    be_denied(world, world->parent[0], world->zone, hoster.own->name, SC_NXDOMAIN,
        denied_ns + 50 * SC_MS);
    int64_t served_ns = ask_registry(world, &ns[1], denied_ns + 500 * SC_MS);

    sc_must(world, "glue-orphan", ns[0].name, "low", denied_ns);
    sc_must(world, "glue-orphan", ns[1].name, "low", served_ns);
    sc_may(world, "ghost-delegation", hoster.own->name);
    sc_must_not(world, "*", "medium");
    sc_incident_may(world, "misconfig");
}

/* A registry keeps the hosts of a domain that exists, and hosts of its own below no domain. */
void
sc_play_n06(struct sc_world *world)
{
    struct hoster hoster;
    int64_t at_ns = world->attack_ns;

    make_hoster(world, &hoster);
    const struct sc_cut *own = hoster.own;
    const struct sc_ns nic = {.name = world->parent[1]->name, .v4 = world->parent[1]->v4};
    const char *lost = own->ns[1].name;
    sc_base(world);
    /* The domain's own server has lost a host that the registry keeps. */
    at_ns = be_denied(world, own->ns[0].server, own->name, lost, SC_NXDOMAIN, at_ns);
    at_ns = ask_registry(world, &own->ns[1], at_ns + 50 * SC_MS);
    at_ns = be_denied(world, world->parent[0], world->zone, strchr(nic.name, '.') + 1, SC_NOERROR,
        at_ns + 50 * SC_MS);
    at_ns = ask_registry(world, &nic, at_ns + 50 * SC_MS);
    sc_visit_parent(world, &world->resolver[0], world->parent[0], hoster.client[0], at_ns + SC_MS);
    sc_must_not(world, "glue-orphan", "info");
    sc_benign(world, "low");
}
