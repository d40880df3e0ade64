/* SPDX-License-Identifier: BSD-2-Clause */
/* Who stays when memory is short: floods of names, of senders, of zones and of findings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/table.h"
#include "tests/support/observe.h"

#define BUDGET      (8ull * 1024 * 1024)
#define ESTABLISHED 200u

/* Sanitizers make it ten times slower; the laws are the same. */
#ifdef __SANITIZE_ADDRESS__
#define FLOOD 200000u
#else
#define FLOOD 2000000u
#endif

static struct gw_observe_run run;

static void
tell(double at_s, uint32_t resolver, uint32_t server, const char *says)
{
    char to[32];
    char from[32];

    snprintf(to, sizeof(to), "198.18.%u.53", resolver);
    snprintf(from, sizeof(from), "192.0.2.%u", server);
    gw_observe_tell(
        &run, &(struct gw_told){.at_s = at_s, .server = from, .resolver = to, .says = says});
}

static void
check_laws(void)
{
    const struct gw_table_stats *stats = &run.stats.table;

    assert_int_equal(stats->inserted, stats->delegations + stats->evicted);
    assert_true(stats->memory_octets <= BUDGET);
    assert_int_equal(stats->memory_budget, BUDGET);
}

/* Delegations that three resolvers ask for day by day; nearly all of them have to outlive a flood.
 */
static void
establish(const char *parent)
{
    char says[160];

    gw_observe_authority(&run, 0, "192.0.2.1", parent);
    gw_observe_authority(&run, 0, "192.0.2.2", parent);
    for (uint32_t round = 0; round < 8; round++) {
        for (uint32_t i = 0; i < ESTABLISHED; i++) {
            snprintf(says, sizeof(says), "old%u.%s: ns1.old%u.%s=192.0.2.11", i, parent, i, parent);
            tell(round * 3600.0 + i, round % 3, 1 + round % 2, says);
        }
    }
}

static uint32_t
count_established(const char *parent)
{
    const uint64_t before = run.stats.table.repeats;
    char says[160];

    for (uint32_t i = 0; i < ESTABLISHED; i++) {
        snprintf(says, sizeof(says), "old%u.%s: ns1.old%u.%s=192.0.2.11", i, parent, i, parent);
        tell(2 * GW_OBSERVE_DAY, 1, 2, says);
    }
    return (uint32_t)(run.stats.table.repeats - before);
}

/* Random names, each told by `witnesses` of them at once: two are enough to be admitted. */
static void
flood(uint64_t count, uint32_t parents, uint32_t witnesses)
{
    uint64_t chance = 5;
    char says[160];

    for (uint64_t i = 0; i < count; i++) {
        const uint32_t parent = (uint32_t)(i % parents);
        const uint32_t label = (uint32_t)gw_observe_next(&chance);

        snprintf(says, sizeof(says), "r%u.p%u.example: ns1.r%u.p%u.example=192.0.2.66", label,
            parent, label, parent);
        for (uint32_t witness = 0; witness < witnesses; witness++)
            tell(GW_OBSERVE_DAY + (double)i / 1000, (uint32_t)i % 50 + witness, 100, says);
        if (i % 1024 == 0)
            check_laws();
    }
}

static void
a_flood_below_one_parent_displaces_only_itself(void **state)
{
    (void)state;
    gw_observe_open_with(&run, 1, BUDGET, true);
    establish("example");
    gw_observe_authority(&run, 0, "192.0.2.100", "p0.example");
    flood(FLOOD, 1, 1);
    check_laws();
    print_message("live %lu evicted %lu refused %lu %lu %lu memory %lu\n",
        (unsigned long)run.stats.table.delegations, (unsigned long)run.stats.table.evicted,
        (unsigned long)run.stats.table.refused_admission,
        (unsigned long)run.stats.table.refused_quota, (unsigned long)run.stats.table.refused_memory,
        (unsigned long)run.stats.table.memory_octets);
    assert_true(run.stats.table.evicted + run.stats.table.refused_admission > FLOOD / 2);
    assert_true(count_established("example") >= ESTABLISHED * 98 / 100);
    gw_observe_close(&run);
}

static void
a_flood_below_many_parents_does_not_drive_out_the_established(void **state)
{
    (void)state;
    gw_observe_open_with(&run, 2, BUDGET, true);
    establish("example");
    flood(FLOOD / 2, 100000, 2);
    check_laws();

    assert_true(run.stats.table.evicted > FLOOD / 4);

    const uint32_t kept = count_established("example");

    print_message("established %u of %u\n", kept, ESTABLISHED);
    assert_true(kept >= ESTABLISHED * 95 / 100);
    gw_observe_close(&run);
}

static void
the_established_of_a_parent_outlive_a_flood_below_it(void **state)
{
    (void)state;
    gw_observe_open_with(&run, 3, BUDGET, true);
    establish("p0.example");
    gw_observe_authority(&run, 0, "192.0.2.100", "p0.example");
    flood(FLOOD / 2, 1, 2);
    check_laws();
    assert_true(run.stats.table.evicted > FLOOD / 4);

    const uint32_t kept = count_established("p0.example");

    print_message("established %u of %u\n", kept, ESTABLISHED);
    assert_true(kept >= ESTABLISHED * 90 / 100);
    gw_observe_close(&run);
}

static void
a_flood_of_senders_takes_no_memory_beyond_the_budget(void **state)
{
    (void)state;
    gw_observe_open_with(&run, 4, BUDGET, true);
    establish("example");
    for (uint32_t i = 0; i < FLOOD; i++) {
        char to[64];
        char from[64];

        snprintf(to, sizeof(to), "10.%u.%u.53", (i >> 8) & 255, i & 255);
        snprintf(from, sizeof(from), "100.%u.%u.%u", 64 + (i >> 16) % 64, (i >> 8) & 255, i & 255);
        gw_observe_tell(&run, &(struct gw_told){.at_s = GW_OBSERVE_DAY + i / 1e3,
                                  .server = from,
                                  .resolver = to,
                                  .says = "old1.example: ns1.old1.example=192.0.2.11"});
        if (i % 1024 == 0)
            check_laws();
    }
    assert_true(run.stats.table.refused_memory > 0);
    assert_true(count_established("example") >= ESTABLISHED - 2); /* old1 had other witnesses */
    gw_observe_close(&run);
}

static void
a_flood_of_zones_takes_no_memory_beyond_the_budget(void **state)
{
    (void)state;
    gw_observe_open_with(&run, 5, BUDGET, true);
    establish("example");
    for (uint32_t i = 0; i < FLOOD / 4; i++) {
        char apex[300];

        snprintf(apex, sizeof(apex), "%.*s%u.example", (int)(i % 3) * 52,
            "a123456789012345678901234567890123456789012345678."
            "b123456789012345678901234567890123456789012345678."
            "c123456789012345678901234567890123456789012345678.",
            i);
        gw_observe_authority(&run, GW_OBSERVE_DAY, "192.0.2.100", apex);
    }
    tell(2 * GW_OBSERVE_DAY, 1, 1, "new.example: ns1.new.example=192.0.2.11");
    check_laws();
    assert_true(count_established("example") >= ESTABLISHED - 2);
    gw_observe_close(&run);
}

/* Each name with as much as can be held of it: what is learned later must still find room. */
static void
a_flood_of_large_delegations_leaves_room_for_new_ones(void **state)
{
    uint64_t chance = 9;

    (void)state;
    gw_observe_open_with(&run, 6, BUDGET, true);
    for (uint32_t i = 0; i < FLOOD / 200; i++) {
        static char says[8192];
        size_t len = (size_t)snprintf(says, sizeof(says), "c%u.example:", i % 500);

        for (uint32_t j = 0; j < GW_TARGETS_MAX; j++)
            len += (size_t)snprintf(says + len, sizeof(says) - len,
                " n%u.example=192.0.%u.%u,10.%u.%u.%u", (uint32_t)gw_observe_next(&chance) % 3000,
                (uint32_t)gw_observe_next(&chance) % 255, j,
                (uint32_t)gw_observe_next(&chance) % 255, i % 255, j);
        tell(i, i % 200, i % 7, says);
        check_laws();
    }

    const uint64_t before = run.stats.table.inserted;

    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 100; i++) {
            char says[128];

            snprintf(says, sizeof(says), "late%u.example: ns1.late%u.example=192.0.2.11", i, i);
            tell(GW_OBSERVE_DAY + 100.0 * round, round, 1, says);
        }
    }
    print_message("%lu of 100 taken in\n", (unsigned long)(run.stats.table.inserted - before));
    assert_true(run.stats.table.inserted - before >= 95);
    gw_observe_close(&run);
}

static void
a_poisoning_is_found_in_a_flood(void **state)
{
    static const char *const truth = "foo.example: ns1.foo.example=192.0.2.11";
    static const char *const lie = "foo.example: ns1.foo.example=198.51.100.66";

    (void)state;
    gw_observe_open_with(&run, 7, BUDGET, true);
    establish("example");
    for (uint32_t i = 0; i < 40; i++)
        tell(i * 1000.0, i % 5, 1 + i % 4, truth);
    flood(FLOOD / 4, 1000, 2);
    tell(GW_OBSERVE_DAY + 4000, 1, 1, lie);
    flood(FLOOD / 4, 1000, 2);
    for (uint32_t i = 0; i < 20; i++)
        tell(GW_OBSERVE_DAY + 5000 + i, i % 5, 1 + i % 4, truth);
    gw_observe_finish(&run, 0, 0);
    check_laws();
    assert_non_null(gw_observe_find(&run, GW_KIND_GLUE_ADDR_MINORITY, "ns1.foo.example"));
    gw_observe_close(&run);
}

/* Small matters by the ten thousand, before and after a great one. */
static void
a_flood_of_small_findings_does_not_hide_a_great_one(void **state)
{
    const struct gw_finding_stats *stats = &run.stats.finding;
    char says[128];

    (void)state;
    gw_observe_open_with(&run, 8, BUDGET, false);
    for (uint32_t i = 0; i < 20000; i++) {
        snprintf(says, sizeof(says), "f%u.example: ns1.f%u.example=10.0.0.1", i, i);
        tell(i, 1, 1, says);
        if (i == 10000)
            tell(i, 1, 1, "foo.example: ns1.foo.example=0.0.0.0");
    }
    gw_observe_finish(&run, 0, 0);
    check_laws();
    assert_non_null(gw_observe_find(&run, GW_KIND_GLUE_LOOPBACK, "ns1.foo.example"));
    assert_int_equal(stats->raised, stats->emitted + stats->aggregated + stats->suppressed_low +
                                        stats->suppressed_full + stats->suppressed_rate);
    print_message("%lu told, %lu suppressed\n", (unsigned long)stats->emitted,
        (unsigned long)(stats->suppressed_full + stats->suppressed_rate));
    assert_true(stats->emitted >= 100);
    gw_observe_close(&run);
}

/* What is contested may be many, and each of it large: it may not fill the memory for ever. */
static void
contested_delegations_do_not_keep_their_places_for_ever(void **state)
{
    static char says[4096];

    (void)state;
    gw_observe_open_with(&run, 9, BUDGET, true);
    for (uint32_t i = 0; i < 4000; i++) {
        for (uint32_t side = 0; side < 6; side++) {
            size_t len = (size_t)snprintf(says, sizeof(says), "c%u.example:", i);

            for (uint32_t j = 0; j < 8; j++)
                len += (size_t)snprintf(says + len, sizeof(says) - len,
                    " n%u.c%u.example=192.0.%u.%u", j, i, side % 2, j);
            tell(i * 10.0 + side, side, 1 + side % 2, says);
        }
        check_laws();
    }
    gw_observe_finish(&run, 0, 0);
    assert_true(run.stats.table.evicted > 0);
    assert_true(run.stats.table.inserted > 3000);
    gw_observe_close(&run);
}

static void
hosts_are_gone_when_every_cut_is(void **state)
{
    static struct gw_table_stats stats;
    static struct gw_table table;
    static struct gw_hash_key key;
    uint64_t chance = 11;

    (void)state;
    gw_hash_key_seeded(&key, 1);
    memset(&stats, 0, sizeof(stats));
    assert_int_equal(gw_table_init(&table, &key, BUDGET, &stats), GW_DONE);

    const size_t empty = table.arena.used;

    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < 500; i++) {
            uint8_t wire[GW_NAME_MAX];
            char text[32];

            snprintf(text, sizeof(text), "c%u.example", i);

            const uint8_t len = gw_observe_name(text, wire);
            const struct gw_table_name name = {wire, gw_hash_octets(&key, wire, len), len};
            struct gw_cut *cut = gw_table_cut_make(&table, &name, GW_ZONE_UNKNOWN, 0, 1);

            for (uint32_t j = 0; j < 100; j++) {
                snprintf(
                    text, sizeof(text), "n%u.example", (uint32_t)gw_observe_next(&chance) % 300);

                const uint8_t host_len = gw_observe_name(text, wire);
                const struct gw_table_name host_name = {
                    wire, gw_hash_octets(&key, wire, host_len), host_len};
                struct gw_host *host = gw_table_host_make(&table, &host_name);
                const struct gw_naming naming = {.host = gw_table_ref(&table, host)};
                struct gw_claim like = {.messages = 0};

                memcpy(like.octet, &naming, sizeof(naming));

                const uint32_t index = gw_table_claim(&table, &cut->subject, &like, 0);

                assert_true(index < GW_CLAIMS_MAX);

                struct gw_claim *claim = &gw_table_claims(&table, &cut->subject)[index];

                if (claim->messages++ == 0)
                    gw_table_name_host(&table, cut, index);
                if (j % 7 == 0)
                    gw_table_contest(&table, &host->subject, false);
            }
            gw_table_contest(&table, &cut->subject, true);
        }
        assert_true(stats.name_servers > 200);
        while (gw_table_make_room(&table))
            continue;
        assert_int_equal(stats.delegations, 0);
        assert_int_equal(stats.name_servers, 0);
        assert_int_equal(table.contested_count, 0);
        assert_int_equal(table.arena.used, empty);
    }
    gw_table_done(&table);
}

static void
a_second_sighting_admits(void **state)
{
    static const struct {
        const char *shows;
        double later_s;
        uint32_t resolver;
        bool admitted;
    } cases[] = {
        {"the same witness at once", 0, 1, false},
        {"the same witness after 59 s", 58.9, 1, false},
        {"the same witness after a minute", 61, 1, true},
        {"another witness at once", 0, 2, true},
        {"the same witness, the clock set back", -3600, 1, false},
    };

    (void)state;
    for (uint32_t i = 0; i < GW_ARRAY_LEN(cases); i++) {
        gw_observe_open_with(&run, 1, BUDGET, true);
        flood(20000, 100000, 1);
        assert_true(run.stats.table.refused_admission > 0);

        const uint64_t before = run.stats.table.inserted;

        tell(3 * GW_OBSERVE_DAY, 1, 1, "twice.example: ns1.twice.example=192.0.2.1");
        assert_int_equal(run.stats.table.inserted, before);
        tell(3 * GW_OBSERVE_DAY + cases[i].later_s, cases[i].resolver, 1,
            "twice.example: ns1.twice.example=192.0.2.1");
        print_message("%s\n", cases[i].shows);
        assert_int_equal(run.stats.table.inserted - before, cases[i].admitted);
        tell(3 * GW_OBSERVE_DAY, 1, 1, "tld: ns1.nic.tld=192.0.2.1");
        assert_int_equal(run.stats.table.inserted - before, cases[i].admitted + 1u);
        gw_observe_close(&run);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flood_below_one_parent_displaces_only_itself),
        cmocka_unit_test(a_flood_below_many_parents_does_not_drive_out_the_established),
        cmocka_unit_test(the_established_of_a_parent_outlive_a_flood_below_it),
        cmocka_unit_test(a_flood_of_senders_takes_no_memory_beyond_the_budget),
        cmocka_unit_test(a_flood_of_zones_takes_no_memory_beyond_the_budget),
        cmocka_unit_test(a_flood_of_large_delegations_leaves_room_for_new_ones),
        cmocka_unit_test(a_poisoning_is_found_in_a_flood),
        cmocka_unit_test(a_flood_of_small_findings_does_not_hide_a_great_one),
        cmocka_unit_test(contested_delegations_do_not_keep_their_places_for_ever),
        cmocka_unit_test(hosts_are_gone_when_every_cut_is),
        cmocka_unit_test(a_second_sighting_admits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
