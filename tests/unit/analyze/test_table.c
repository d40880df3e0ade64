/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/learn.h"
#include "tests/support/observe.h"

#define BUDGET    (256ull * 1024 * 1024)
#define MANY      100000u
#define MODEL     300u
#define MODEL_OPS 200000u

static struct gw_table table;
static struct gw_table_stats stats;
static struct gw_hash_key key;

static int
open_table(void **state)
{
    (void)state;
    memset(&stats, 0, sizeof(stats));
    gw_hash_key_seeded(&key, 7);
    return gw_table_init(&table, &key, BUDGET, &stats) == GW_DONE ? 0 : -1;
}

static int
close_table(void **state)
{
    (void)state;
    gw_table_done(&table);
    return 0;
}

/* Name number `i`: valid wire form, in `wire` for as long as that lives. */
static struct gw_table_name
name_of(uint32_t i, uint8_t wire[GW_NAME_MAX])
{
    char text[64];

    snprintf(text, sizeof(text), "n%u.example", i);

    const uint8_t len = gw_observe_name(text, wire);

    return (struct gw_table_name){wire, gw_hash_octets(&key, wire, len), len};
}

static void
a_hundred_thousand_delegations_are_found_again(void **state)
{
    uint8_t wire[GW_NAME_MAX];

    (void)state;
    for (uint32_t i = 0; i < MANY; i++) {
        const struct gw_table_name name = name_of(i, wire);

        assert_null(gw_table_cut(&table, &name));
        assert_non_null(gw_table_cut_make(&table, &name, GW_ZONE_UNKNOWN, 0, 1));
    }
    assert_int_equal(stats.delegations, MANY);
    assert_int_equal(stats.inserted, MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        const struct gw_table_name name = name_of(i, wire);
        const struct gw_cut *cut = gw_table_cut(&table, &name);

        assert_non_null(cut);
        assert_int_equal(cut->name_len, name.len);
        assert_memory_equal(gw_arena_at(&table.arena, cut->name), wire, name.len);
        assert_non_null(gw_table_line(&table, cut));
    }
}

static void
names_are_compared_whole(void **state)
{
    uint8_t one[GW_NAME_MAX];
    uint8_t two[GW_NAME_MAX];
    struct gw_table_name name = name_of(1, one);
    struct gw_table_name other = name_of(2, two);

    (void)state;
    other.hash = name.hash;
    assert_non_null(gw_table_cut_make(&table, &name, GW_ZONE_UNKNOWN, 0, 1));
    assert_null(gw_table_cut(&table, &other));
    assert_null(gw_table_cut_make(&table, &other, GW_ZONE_UNKNOWN, 0, 1));
    assert_int_equal(stats.refused_memory, 1);

    assert_non_null(gw_table_host_make(&table, &name));
    assert_null(gw_table_host(&table, &other));
    assert_ptr_not_equal(gw_table_host_make(&table, &other), gw_table_host(&table, &name));

    assert_int_not_equal(gw_table_zone_make(&table, &name), GW_ZONE_UNKNOWN);
    assert_int_equal(gw_table_zone(&table, &other), GW_ZONE_UNKNOWN);
    assert_int_equal(gw_table_zone_make(&table, &other), GW_ZONE_UNKNOWN);
}

/*
 * Insert and delete at random and compare with a list. Few distinct low bits of the hashes make
 * long runs of lines, so that deletion has to move many.
 */
static void
follow_a_model(uint64_t seed, uint32_t low_mask, uint32_t names)
{
    static bool held[MODEL];
    uint8_t wire[GW_NAME_MAX];
    uint64_t chance = seed;
    uint32_t count = 0;

    memset(held, 0, sizeof(held));
    for (uint32_t i = 0; i < MODEL_OPS / names; i++) {
        const uint32_t which = (uint32_t)(gw_observe_next(&chance) % names);
        struct gw_table_name name = name_of(which, wire);

        name.hash = (name.hash & ~0xffffull) | (name.hash & low_mask);

        struct gw_cut *cut = gw_table_cut(&table, &name);

        assert_int_equal(cut != NULL, held[which]);
        if (cut == NULL) {
            assert_non_null(gw_table_cut_make(&table, &name, GW_ZONE_UNKNOWN, 0, 1));
            count++;
        } else {
            gw_table_evict(&table, cut);
            count--;
        }
        held[which] = !held[which];
        assert_int_equal(stats.delegations, count);
        assert_int_equal(stats.inserted, stats.delegations + stats.evicted);
        for (uint32_t j = 0; j < names; j++) {
            struct gw_table_name other = name_of(j, wire);

            other.hash = (other.hash & ~0xffffull) | (other.hash & low_mask);
            assert_int_equal(gw_table_cut(&table, &other) != NULL, held[j]);
        }
    }
}

static void
deletion_moves_lines_back_as_a_model_would(void **state)
{
    (void)state;
    follow_a_model(1, 0xffff, MODEL);
}

static void
deletion_works_in_runs_of_equal_homes(void **state)
{
    (void)state;
    follow_a_model(2, 0, 24);
}

static void
deletion_works_where_runs_overlap(void **state)
{
    (void)state;
    follow_a_model(3, 7, 24);
}

static void
deletion_works_across_the_end_of_the_lines(void **state)
{
    uint8_t wire[GW_NAME_MAX];

    (void)state;
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 20; i++) {
            struct gw_table_name name = name_of(i, wire);

            name.hash |= 0x3ff - i % 4;
            assert_non_null(gw_table_cut_make(&table, &name, GW_ZONE_UNKNOWN, 0, 1));
        }
        for (uint32_t i = 0; i < 20; i++) {
            struct gw_table_name name = name_of((i * 7) % 20, wire);

            name.hash |= 0x3ff - (i * 7) % 20 % 4;
            assert_non_null(gw_table_cut(&table, &name));
            gw_table_evict(&table, gw_table_cut(&table, &name));
        }
    }
    assert_int_equal(stats.delegations, 0);
}

static void
a_run_that_is_too_long_makes_the_lines_grow(void **state)
{
    uint8_t wire[GW_NAME_MAX];

    (void)state;
    for (uint32_t i = 0; i < 2 * GW_PROBE_MAX; i++) {
        struct gw_table_name name = name_of(i, wire);

        name.hash &= ~0x3ffull; /* the same home among the first lines, another among more */
        assert_non_null(gw_table_cut_make(&table, &name, GW_ZONE_UNKNOWN, 0, 1));
    }
    assert_true(table.line_mask >= 2047);
}

static void
hosts_come_and_go_with_the_cuts_that_name_them(void **state)
{
    static struct gw_observe_run run;

    (void)state;
    gw_observe_open(&run, 3);
    for (uint32_t i = 0; i < 5000; i++) {
        char says[128];

        snprintf(says, sizeof(says), "c%u.example: ns1.h%u.example=192.0.2.1 ns2.h%u.example", i,
            i / 3, i / 5);
        gw_observe_tell(
            &run, &(struct gw_told){
                      .server = "192.0.2.1", .resolver = "198.18.1.53", .says = says, .at_s = i});
    }
    assert_int_equal(run.stats.table.delegations, 5000);
    assert_int_equal(run.stats.table.name_servers, 1667 + 1000);
    gw_observe_close(&run);
}

/* One referral, told over and over: what is counted where? */
static void
repeats_are_counted_in_rows_claims_and_hosts(void **state)
{
    static struct gw_observation seen;
    static const uint32_t counts[] = {1, 2, 10, 254, 255, 256, 257, 300, 1000};
    const char *says = "foo.example: ns1.foo.example=192.0.2.11,2001:db8::11 ns2.foo.example";

    (void)state;
    for (uint32_t i = 0; i < GW_ARRAY_LEN(counts); i++) {
        close_table(NULL);
        open_table(NULL);
        for (uint32_t j = 0; j < counts[i]; j++) {
            const struct gw_told told = {
                .at_s = j, .server = "192.0.2.1", .resolver = "198.18.1.53", .says = says};

            gw_observe_build(&key, &told, &seen);

            struct gw_payload payload = {
                .time_ns = seen.time_ns, .source = seen.server, .destination = seen.resolver};
            const struct gw_msg msg = {.payload = &payload};
            const struct gw_referral referral = {
                .msg = &msg, .cut_hash = seen.cut.hash, .content = seen.content};
            const struct gw_zone zone = {.id = GW_ZONE_UNKNOWN};
            const struct gw_table_lesson lesson = {
                &seen, &zone, GW_CLASS_REFERRAL, gw_table_tick(&table, seen.time_ns)};
            struct gw_table_learned learned;
            enum gw_class class;

            if (!gw_table_is_repeat(&table, &referral, &class))
                gw_table_learn(&table, &lesson, &learned);
        }

        const struct gw_table_name name = gw_zone_name(&seen, &seen.cut);
        const struct gw_table_name target = gw_zone_name(&seen, &seen.target[0].name);
        struct gw_cut *cut = gw_table_cut(&table, &name);
        const struct gw_host *host = gw_table_host(&table, &target);
        const gw_tick last = gw_table_tick(&table, seen.time_ns);

        gw_table_fold(&table, cut);

        const struct gw_subject *subjects[] = {&cut->subject, &host->subject};

        for (uint32_t j = 0; j < GW_ARRAY_LEN(subjects); j++) {
            const struct gw_row *row = gw_table_rows(&table, subjects[j]);
            const struct gw_claim *claim = gw_table_claims(&table, subjects[j]);

            assert_int_equal(subjects[j]->row_count, 1);
            assert_int_equal(subjects[j]->claim_count, 2);
            assert_int_equal(subjects[j]->messages, counts[i]);
            assert_int_equal(row->count, counts[i]);
            assert_int_equal(row->told, counts[i]);
            assert_int_equal(row->last, last);
            for (uint32_t c = 0; c < 2; c++) {
                assert_int_equal(claim[c].messages, counts[i]);
                assert_int_equal(claim[c].last, last);
            }
        }
    }
}

static void
a_way_back_is_no_repeat(void **state)
{
    static struct gw_observe_run run;
    static const char *const says[] = {
        "foo.example: ns1.foo.example=192.0.2.11 ns2.foo.example=192.0.2.12",
        "foo.example: ns1.foo.example=192.0.2.11,192.0.2.13 ns2.foo.example=192.0.2.12",
    };
    const uint32_t order[] = {0, 0, 1, 0, 0, 1, 1};
    const uint64_t repeats[] = {0, 1, 1, 1, 1, 1, 1}; /* from then on it is watched */

    (void)state;
    gw_observe_open(&run, 3);
    for (uint32_t i = 0; i < GW_ARRAY_LEN(order); i++) {
        gw_observe_tell(&run, &(struct gw_told){.at_s = i,
                                  .server = "192.0.2.1",
                                  .resolver = "198.18.1.53",
                                  .says = says[order[i]]});
        print_message("message %u\n", i);
        assert_int_equal(run.stats.table.repeats, repeats[i]);
    }
    gw_observe_close(&run);
}

static void
times_out_of_range_are_the_nearest_tick(void **state)
{
    static const int64_t times[] = {
        INT64_MIN, -1, 0, 1, GW_OBSERVE_EPOCH_NS - 1, GW_OBSERVE_EPOCH_NS, INT64_MAX};

    (void)state;
    for (uint32_t i = 0; i < GW_ARRAY_LEN(times); i++) {
        close_table(NULL);
        open_table(NULL);

        gw_tick before = 0;

        (void)gw_table_tick(&table, times[i]);
        assert_true(times[i] < INT64_MIN + 86400 * GW_NS_PER_S ||
                    table.begin > GW_TICKS_PER_DAY - GW_TICKS_PER_H);
        for (uint32_t j = 0; j < GW_ARRAY_LEN(times); j++) {
            const gw_tick tick = gw_table_tick(&table, times[j]);

            assert_true(tick >= before);
            before = tick;
        }
        (void)gw_table_tick_ns(&table, UINT32_MAX);
    }
}

/* 64 addresses that nobody repeats must not keep the true one out. */
static void
the_weakest_claim_gives_way(void **state)
{
    struct gw_subject *subject;
    uint8_t wire[GW_NAME_MAX];
    const struct gw_table_name name = name_of(1, wire);
    struct gw_claim like = {.family = 4};

    (void)state;
    subject = &gw_table_host_make(&table, &name)->subject;
    for (uint32_t i = 0; i < 200; i++) {
        like.octet[0] = (uint8_t)i;
        like.first = like.last = i + 1;
        like.messages = i == 3 ? 100 : 1;

        const uint32_t index = gw_table_claim(&table, subject, &like, 0);

        assert_true(index < GW_CLAIMS_MAX);
        assert_int_equal(gw_table_claims(&table, subject)[index].octet[0], i);
    }
    assert_int_equal(subject->claim_count, GW_CLAIMS_MAX);
    assert_int_equal(stats.claims_dropped, 200 - GW_CLAIMS_MAX);
    like.octet[0] = 3;
    assert_int_equal(gw_table_claim(&table, subject, &like, 0), 3); /* often said: still there */
    for (uint32_t i = 184; i < 200; i++) {                          /* the newest: likewise */
        like.octet[0] = (uint8_t)i;

        const uint64_t dropped = stats.claims_dropped;

        (void)gw_table_claim(&table, subject, &like, 0);
        assert_int_equal(stats.claims_dropped, dropped);
    }
    like.octet[0] = 250;
    assert_int_equal(gw_table_claim(&table, subject, &like, UINT64_MAX), GW_CLAIMS_MAX);
}

static void
the_weakest_row_gives_way(void **state)
{
    struct gw_subject *subject;
    uint8_t wire[GW_NAME_MAX];
    const struct gw_table_name name = name_of(1, wire);

    (void)state;
    subject = &gw_table_host_make(&table, &name)->subject;
    for (uint32_t i = 0; i < 200; i++) {
        const uint32_t index = gw_table_row(&table, subject, i, GW_ZONE_UNKNOWN);
        struct gw_row *row = gw_table_rows(&table, subject);

        assert_true(index < GW_ROWS_MAX);
        assert_int_equal(row[index].witness, i);
        assert_int_equal(row[index].count, 0);
        row[index].count = i == 3 ? 100 : 1;
        row[index].last = i;
        row[index].since_ns = i;
    }
    assert_int_equal(stats.rows_dropped, 200 - GW_ROWS_MAX);
    assert_int_equal(gw_table_row(&table, subject, 3, GW_ZONE_UNKNOWN), 3);
    assert_int_equal(stats.rows_dropped, 200 - GW_ROWS_MAX);
}

static void
a_row_of_an_unknown_zone_becomes_one_of_a_known(void **state)
{
    struct gw_subject *subject;
    uint8_t wire[GW_NAME_MAX];
    const struct gw_table_name name = name_of(1, wire);

    (void)state;
    subject = &gw_table_host_make(&table, &name)->subject;
    assert_int_equal(gw_table_row(&table, subject, 9, GW_ZONE_UNKNOWN), 0);
    assert_int_equal(gw_table_row(&table, subject, 9, 5), 0);
    assert_int_equal(gw_table_row(&table, subject, 9, GW_ZONE_UNKNOWN), 0);
    assert_int_equal(gw_table_row(&table, subject, 9, 6), 1);
    assert_int_equal(gw_table_row(&table, subject, 8, 5), 2);
    assert_int_equal(gw_table_rows(&table, subject)[0].zone, 5);
}

int
main(void)
{
#define TABLE_TEST(name) cmocka_unit_test_setup_teardown(name, open_table, close_table)
    const struct CMUnitTest tests[] = {
        TABLE_TEST(a_hundred_thousand_delegations_are_found_again),
        TABLE_TEST(names_are_compared_whole),
        TABLE_TEST(deletion_moves_lines_back_as_a_model_would),
        TABLE_TEST(deletion_works_in_runs_of_equal_homes),
        TABLE_TEST(deletion_works_where_runs_overlap),
        TABLE_TEST(deletion_works_across_the_end_of_the_lines),
        TABLE_TEST(a_run_that_is_too_long_makes_the_lines_grow),
        cmocka_unit_test(hosts_come_and_go_with_the_cuts_that_name_them),
        TABLE_TEST(repeats_are_counted_in_rows_claims_and_hosts),
        cmocka_unit_test(a_way_back_is_no_repeat),
        TABLE_TEST(times_out_of_range_are_the_nearest_tick),
        TABLE_TEST(the_weakest_claim_gives_way),
        TABLE_TEST(the_weakest_row_gives_way),
        TABLE_TEST(a_row_of_an_unknown_zone_becomes_one_of_a_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
