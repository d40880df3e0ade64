/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/learn.h"
#include "tests/support/observe.h"

#define P1 "192.0.2.1"  /* serves example, and test beside it */
#define P2 "192.0.2.2"  /* glue alone says that it serves example */
#define C1 "192.0.2.11" /* serves foo.example */
#define P4 "192.0.2.4"  /* nothing is known of it */
#define RS "192.0.2.5"  /* a root server */

static struct gw_table table;
static struct gw_table_stats stats;
static struct gw_hash_key key;
static struct gw_observation seen;

static void
authority(const char *server, const char *apex)
{
    uint8_t wire[GW_NAME_MAX];
    const uint8_t len = gw_observe_name(apex, wire);
    const struct gw_table_name name = {wire, gw_hash_octets(&key, wire, len), len};
    const struct gw_addr addr = gw_observe_addr(server);

    gw_zone_learn(&table, &name, &addr);
}

static void
referral(const char *server, const char *says)
{
    const struct gw_told told = {.server = server, .resolver = "198.18.1.53", .says = says};

    gw_observe_build(&key, &told, &seen);
}

static int
open_world(void **state)
{
    struct gw_table_learned learned;
    struct gw_zone zone = {.id = GW_ZONE_ROOT, .name = (const uint8_t *)"", .len = 1, .sure = true};

    (void)state;
    memset(&stats, 0, sizeof(stats));
    gw_hash_key_seeded(&key, 5);
    assert_int_equal(gw_table_init(&table, &key, 16u * 1024 * 1024, &stats), GW_DONE);
    (void)gw_table_tick(&table, GW_OBSERVE_EPOCH_NS);
    authority(P1, "example");
    authority(P1, "test");
    authority(C1, "foo.example");
    authority(RS, ".");

    referral(RS, "example: a.nic.example=" P1 " b.nic.example=" P2);

    const struct gw_table_lesson lesson = {&seen, &zone, GW_CLASS_REFERRAL, table.begin};

    gw_table_learn(&table, &lesson, &learned);
    assert_non_null(learned.cut);
    return 0;
}

static int
close_world(void **state)
{
    (void)state;
    gw_table_done(&table);
    return 0;
}

struct inferred {
    const char *shows;
    const char *server;
    const char *qname;
    uint16_t qtype;
    const char *zone; /* NULL: unknown */
    bool sure;
};

static const struct inferred inferences[] = {
    {"AA evidence", P1, "www.foo.example", 1, "example", true},
    {"the deepest with evidence", C1, "www.foo.example", 1, "foo.example", true},
    {"the name itself", C1, "foo.example", 1, "foo.example", true},
    {"DS is asked at the parent", P1, "foo.example", 43, "example", true},
    {"DS of the zone's own apex: not there", C1, "foo.example", 43, NULL, false},
    {"another zone of the same server", P1, "www.bar.test", 1, "test", true},
    {"by glue only", P2, "www.foo.example", 1, "example", false},
    {"by glue only, not below another zone", P2, "www.foo.test", 1, NULL, false},
    {"nothing is known of the server", P4, "www.foo.example", 1, NULL, false},
    {"the root", RS, "www.foo.example", 1, ".", true},
    {"the root's own name", RS, ".", 2, ".", true},
    {"DS of the root", RS, ".", 43, ".", true},
    {"a deep name", P1, "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z.a.b.c.d.e.f.example",
        1, "example", true},
    {"a name deeper than zones are", P1,
        "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z.a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s."
        "t.u.v.w.x.y.z.a.b.c.d.e.f.example",
        1, "example", true},
};

static void
the_zone_is_inferred_from_evidence_then_glue(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < GW_ARRAY_LEN(inferences); i++) {
        const struct inferred *row = &inferences[i];
        uint8_t wire[GW_NAME_MAX];
        const struct gw_told told = {.server = row->server,
            .resolver = "198.18.1.53",
            .says = "foo.example: ns1.foo.example",
            .qname = row->qname,
            .qtype = row->qtype};

        print_message("%s\n", row->shows);
        gw_observe_build(&key, &told, &seen);

        const struct gw_zone zone = gw_zone_infer(&table, &seen);

        assert_int_equal(zone.name != NULL, row->zone != NULL);
        if (row->zone == NULL)
            continue;
        assert_int_equal(zone.len, gw_observe_name(row->zone, wire));
        assert_memory_equal(zone.name, wire, zone.len);
        assert_int_equal(zone.sure, row->sure);
        assert_int_not_equal(zone.id, GW_ZONE_UNKNOWN);
    }
}

static void
evidence_beats_deeper_glue(void **state)
{
    struct gw_table_learned learned;
    const uint8_t example[] = "\7example";
    const struct gw_zone parent = {.id = GW_ZONE_UNKNOWN, .name = example, .len = 9, .sure = true};
    const struct gw_table_lesson lesson = {&seen, &parent, GW_CLASS_REFERRAL, table.begin};

    (void)state;
    /* The parent delegates to its own server, which does not serve the child. */
    referral(P1, "foo.example: ns1.foo.example=" P1);
    gw_table_learn(&table, &lesson, &learned);
    referral(P1, "foo.example: ns1.foo.example=" P1);

    const struct gw_zone zone = gw_zone_infer(&table, &seen);

    assert_int_equal(zone.len, 9);
    assert_true(zone.sure);
}

struct classified {
    const char *shows;
    const char *server;
    const char *says;
    const char *qname;
    uint32_t facts, facts_off;
    enum gw_class class;
    bool promiscuous;
};

static const struct classified classes[] = {
    {"8: the NS RRset in ANSWER, AA=0", P1, "foo.example: ns1.foo.example", "foo.example",
        GW_FACT_NS_IN_ANSWER | GW_FACT_ANSWERED, GW_FACT_NS, GW_CLASS_REFERRAL, false},
    {"9: an alias into a child", P1, "foo.example: ns1.foo.example", "www.bar.example",
        GW_FACT_ALIAS | GW_FACT_AA, 0, GW_CLASS_PARTIAL_REFERRAL, false},
    {"9: an alias, and NS beside its end", P1, "foo.example: ns1.foo.example", "www.bar.example",
        GW_FACT_ALIAS | GW_FACT_AA, GW_FACT_UNDER_CUT, GW_CLASS_ANSWER, true},
    {"10: the apex NS as courtesy", C1, "foo.example: ns1.foo.example", "www.foo.example",
        GW_FACT_ANSWERED | GW_FACT_AA, 0, GW_CLASS_ANSWER, false},
    {"11: the same without AA", C1, "foo.example: ns1.foo.example", "www.foo.example",
        GW_FACT_ANSWERED, 0, GW_CLASS_ANSWER, true},
    {"11: NS of the zone above", C1, "example: ns1.evil.test", "www.foo.example",
        GW_FACT_ANSWERED | GW_FACT_AA, 0, GW_CLASS_ANSWER, true},
    {"10: the parent answers for the child as well", P1, "foo.example: ns1.foo.example",
        "www.foo.example", GW_FACT_ANSWERED | GW_FACT_AA, 0, GW_CLASS_ANSWER, false},
    {"13: a referral", P1, "foo.example: ns1.foo.example", NULL, 0, 0, GW_CLASS_REFERRAL, false},
    {"13: with AA=1", P1, "foo.example: ns1.foo.example", NULL, GW_FACT_AA, 0, GW_CLASS_REFERRAL,
        false},
    {"13: below an empty non-terminal", P1, "a.b.example: ns1.foo.example", NULL, 0, 0,
        GW_CLASS_REFERRAL, false},
    {"13: by glue only", P2, "foo.example: ns1.foo.example", NULL, 0, 0, GW_CLASS_REFERRAL, false},
    {"14: sideways", P1, "bar.test: ns1.bar.test", "www.foo.example", 0, GW_FACT_UNDER_CUT,
        GW_CLASS_SIDEWAYS, false},
    {"15: the zone itself", C1, "foo.example: ns1.foo.example", NULL, 0, 0, GW_CLASS_SELF_REFERRAL,
        false},
    {"15: the zone itself, AA=1", C1, "foo.example: ns1.foo.example", NULL, GW_FACT_AA, 0,
        GW_CLASS_NODATA_NOSOA, false},
    {"16: the zone above", C1, "example: a.nic.example", "www.foo.example", 0, 0, GW_CLASS_UPWARD,
        false},
    {"16: the root", P1, ".: a.root.test", "www.foo.example", 0, 0, GW_CLASS_UPWARD, false},
    {"16: the root, zone unknown", P4, ".: a.root.test", "www.foo.example", 0, 0, GW_CLASS_UPWARD,
        false},
    {"15: the root of itself", RS, ".: a.root.test", "www.foo.example", 0, 0,
        GW_CLASS_SELF_REFERRAL, false},
    {"17: zone unknown", P4, "foo.example: ns1.foo.example", NULL, 0, 0, GW_CLASS_REFERRAL, false},
};

static void
the_zone_decides_the_class(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < GW_ARRAY_LEN(classes); i++) {
        const struct classified *row = &classes[i];
        const struct gw_told told = {.server = row->server,
            .resolver = "198.18.1.53",
            .says = row->says,
            .qname = row->qname,
            .facts = row->facts,
            .facts_off = row->facts_off};

        print_message("%s\n", row->shows);
        gw_observe_build(&key, &told, &seen);

        const struct gw_zone zone = gw_zone_infer(&table, &seen);

        assert_int_equal(gw_zone_classify(&table, &seen, &zone), row->class);
        assert_int_equal((seen.facts & GW_FACT_PROMISCUOUS) != 0, row->promiscuous);
    }
}

static void
a_class_that_is_decided_stays(void **state)
{
    const struct gw_told told = {.server = P1,
        .resolver = "198.18.1.53",
        .says = "foo.example: ns1.foo.example",
        .class = GW_CLASS_MULTI_CUT};
    const struct gw_zone zone = {.id = GW_ZONE_UNKNOWN};

    (void)state;
    gw_observe_build(&key, &told, &seen);
    assert_int_equal(gw_zone_classify(&table, &seen, &zone), GW_CLASS_MULTI_CUT);
}

static void
an_owner_is_related_to_cut_and_zone(void **state)
{
    static const struct {
        const char *shows, *server, *owner;
        enum gw_zone_relation relation;
    } cases[] = {
        {"the cut itself", P1, "foo.example", GW_ZONE_IN_DOMAIN},
        {"below the cut", P1, "ns1.foo.example", GW_ZONE_IN_DOMAIN},
        {"not below it, though it ends alike", P1, "ns1.xfoo.example", GW_ZONE_SIBLING},
        {"below the zone", P1, "ns1.bar.example", GW_ZONE_SIBLING},
        {"the zone itself", P1, "example", GW_ZONE_SIBLING},
        {"another zone of the server", P1, "ns1.bar.test", GW_ZONE_COHOSTED},
        {"elsewhere", P1, "ns1.bar.invalid", GW_ZONE_FOREIGN},
        {"the root", P1, ".", GW_ZONE_FOREIGN},
        {"elsewhere, the zone known by glue", P2, "ns1.bar.test", GW_ZONE_FOREIGN},
        {"elsewhere, the zone unknown", P4, "ns1.bar.test", GW_ZONE_UNCERTAIN},
        {"below the cut, the zone unknown", P4, "ns1.foo.example", GW_ZONE_IN_DOMAIN},
        {"anything below the root", RS, "ns1.bar.test", GW_ZONE_SIBLING},
    };

    (void)state;
    for (uint32_t i = 0; i < GW_ARRAY_LEN(cases); i++) {
        char says[64];

        print_message("%s\n", cases[i].shows);
        snprintf(says, sizeof(says), "foo.example: %s", cases[i].owner);
        referral(cases[i].server, says);

        const struct gw_zone zone = gw_zone_infer(&table, &seen);

        assert_int_equal(
            gw_zone_relate(&table, &seen, &zone, &seen.target[0].name), cases[i].relation);
    }
}

int
main(void)
{
#define ZONE_TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
    const struct CMUnitTest tests[] = {
        ZONE_TEST(the_zone_is_inferred_from_evidence_then_glue),
        ZONE_TEST(evidence_beats_deeper_glue),
        ZONE_TEST(the_zone_decides_the_class),
        ZONE_TEST(a_class_that_is_decided_stays),
        ZONE_TEST(an_owner_is_related_to_cut_and_zone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
