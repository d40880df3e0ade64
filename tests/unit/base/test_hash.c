/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/load.h"

static const char text[] = "\3ns1\3foo\7example";

static void
a_random_key_differs_from_the_next(void **state)
{
    struct gw_hash_key one;
    struct gw_hash_key other;

    (void)state;
    assert_int_equal(gw_hash_key_random(&one), GW_DONE);
    assert_int_equal(gw_hash_key_random(&other), GW_DONE);
    assert_memory_not_equal(&one, &other, sizeof(one));
    assert_true(
        gw_hash_octets(&one, text, sizeof(text)) != gw_hash_octets(&other, text, sizeof(text)));
}

static void
a_seed_gives_the_same_key_each_time(void **state)
{
    struct gw_hash_key one;
    struct gw_hash_key same;
    struct gw_hash_key other;

    (void)state;
    gw_hash_key_seeded(&one, 7);
    gw_hash_key_seeded(&same, 7);
    gw_hash_key_seeded(&other, 8);
    assert_memory_equal(&one, &same, sizeof(one));
    assert_memory_not_equal(&one, &other, sizeof(one));
}

static void
every_octet_and_the_length_count(void **state)
{
    struct gw_hash_key key;
    char changed[sizeof(text)];

    (void)state;
    gw_hash_key_seeded(&key, 1);

    const uint64_t hash = gw_hash_octets(&key, text, sizeof(text));

    for (size_t i = 0; i < sizeof(text); i++) {
        memcpy(changed, text, sizeof(text));
        changed[i] ^= 1;
        assert_true(gw_hash_octets(&key, changed, sizeof(text)) != hash);
        assert_true(gw_hash_octets(&key, text, i) != hash);
    }
}

static void
mixing_heeds_the_order(void **state)
{
    (void)state;
    assert_true(gw_hash_mix(1, 2) != gw_hash_mix(2, 1));
    assert_true(gw_hash_mix(0, 0) != gw_hash_mix(0, 1));
    assert_true(gw_hash_mix(0, 0) != gw_hash_mix(1, 0));
}

static void
identifiers_are_the_same_in_every_run(void **state)
{
    static const uint8_t known[16] = {0x99, 0xaa, 0x06, 0xd3, 0x01, 0x47, 0x98, 0xd8, 0x60, 0x01,
        0xc3, 0x24, 0x46, 0x8d, 0x49, 0x7f}; /* XXH3, 128 bits, of no octets at all */
    uint8_t id[16];

    (void)state;
    gw_hash_stable("", 0, id);
    assert_memory_equal(id, known, sizeof(id));
}

static void
integers_are_read_in_network_order_at_any_alignment(void **state)
{
    static const uint8_t octets[] = {0xff, 1, 2, 3, 4, 5};

    (void)state;
    assert_int_equal(gw_load_be16(octets + 1), 0x0102);
    assert_int_equal(gw_load_be16(octets + 2), 0x0203);
    assert_int_equal(gw_load_be32(octets + 1), 0x01020304);
    assert_int_equal(gw_load_be32(octets + 2), 0x02030405);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_random_key_differs_from_the_next),
        cmocka_unit_test(a_seed_gives_the_same_key_each_time),
        cmocka_unit_test(every_octet_and_the_length_count),
        cmocka_unit_test(mixing_heeds_the_order),
        cmocka_unit_test(identifiers_are_the_same_in_every_run),
        cmocka_unit_test(integers_are_read_in_network_order_at_any_alignment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
