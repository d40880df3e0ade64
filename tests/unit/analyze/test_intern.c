/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "analyze/table.h"

#define KEYS 200000u

static struct gw_hash_key hash_key;

static void
a_key_keeps_its_number_and_its_record(void **state)
{
    struct gw_intern intern;

    (void)state;
    gw_table_intern_init(&intern, &hash_key, sizeof(uint32_t), sizeof(uint64_t), KEYS);
    for (uint32_t key = 0; key < KEYS; key++) {
        const uint32_t number = gw_table_intern(&intern, &key);
        uint64_t *record = gw_table_intern_record(&intern, number);

        assert_int_equal(number, key);
        assert_int_equal(*record, 0);
        *record = key * 3ull;
    }
    for (uint32_t key = 0; key < KEYS; key++) {
        assert_int_equal(gw_table_intern(&intern, &key), key);
        assert_int_equal(gw_table_intern_find(&intern, &key), key);
        assert_memory_equal(gw_table_intern_at(&intern, key), &key, sizeof(key));
        assert_int_equal(*(uint64_t *)gw_table_intern_record(&intern, key), key * 3ull);
    }
    gw_table_intern_done(&intern);
}

static void
past_its_bound_a_set_takes_no_more_but_finds_what_it_has(void **state)
{
    const uint32_t bounds[] = {1, 63, 64, 65, 1000};

    (void)state;
    for (uint32_t i = 0; i < GW_ARRAY_LEN(bounds); i++) {
        struct gw_intern intern;

        gw_table_intern_init(&intern, &hash_key, sizeof(uint32_t), 0, bounds[i]);
        for (uint32_t key = 0; key < bounds[i] + 10; key++)
            assert_int_equal(gw_table_intern(&intern, &key), key < bounds[i] ? key : UINT32_MAX);
        assert_int_equal(intern.count, bounds[i]);
        assert_true(intern.room <= bounds[i]);
        assert_int_equal(gw_table_intern_growth(&intern), 0);
        gw_table_intern_done(&intern);
    }
}

static void
the_octets_that_growth_takes_are_foretold(void **state)
{
    struct gw_intern intern;

    (void)state;
    gw_table_intern_init(&intern, &hash_key, sizeof(uint32_t), 5, 5000);
    for (uint32_t key = 0; key < 5000; key++) {
        const size_t before = gw_table_intern_octets(&intern);
        const size_t growth = gw_table_intern_growth(&intern);

        gw_table_intern(&intern, &key);
        assert_int_equal(gw_table_intern_octets(&intern), before + growth);
    }
    gw_table_intern_done(&intern);
}

static void
an_empty_set_finds_nothing(void **state)
{
    struct gw_intern intern;
    const uint32_t key = 0;

    (void)state;
    gw_table_intern_init(&intern, &hash_key, sizeof(key), 0, 10);
    assert_int_equal(gw_table_intern_find(&intern, &key), UINT32_MAX);
    assert_int_equal(gw_table_intern_octets(&intern), 0);
    gw_table_intern_done(&intern);
    gw_table_intern_done(&intern);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_keeps_its_number_and_its_record),
        cmocka_unit_test(past_its_bound_a_set_takes_no_more_but_finds_what_it_has),
        cmocka_unit_test(the_octets_that_growth_takes_are_foretold),
        cmocka_unit_test(an_empty_set_finds_nothing),
    };

    gw_hash_key_seeded(&hash_key, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
