/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/memo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ROOM 8u

static struct gw_hash_key hash_key;

static uint64_t *
take(struct gw_memo *memo, uint64_t name)
{
    const struct gw_memo_key key = {.name = name};

    return gw_memo_take(memo, &key);
}

static const uint64_t *
find(struct gw_memo *memo, uint64_t name)
{
    const struct gw_memo_key key = {.name = name};

    return gw_memo_find(memo, &key);
}

static void
a_record_is_new_once(void **state)
{
    struct gw_memo *memo = gw_memo_new(&hash_key, ROOM, sizeof(uint64_t));

    (void)state;
    assert_null(find(memo, 1));
    assert_int_equal(*take(memo, 1), 0);
    *take(memo, 1) = 77;
    assert_int_equal(*take(memo, 1), 77);
    assert_int_equal(*find(memo, 1), 77);
    gw_memo_free(memo);
    gw_memo_free(NULL);
}

static void
the_address_tells_records_apart(void **state)
{
    struct gw_memo *memo = gw_memo_new(&hash_key, ROOM, sizeof(uint64_t));
    const struct gw_memo_key one = {.name = 1, .addr = {.family = 4, .octet = {192, 0, 2, 1}}};
    const struct gw_memo_key other = {.name = 1, .addr = {.family = 4, .octet = {192, 0, 2, 2}}};

    (void)state;
    *(uint64_t *)gw_memo_take(memo, &one) = 1;
    assert_int_equal(*(uint64_t *)gw_memo_take(memo, &other), 0);
    gw_memo_free(memo);
}

/* A flood of new keys forgets what nobody touches, and nothing that is touched. */
static void
what_is_touched_outlives_a_flood(void **state)
{
    struct gw_memo *memo = gw_memo_new(&hash_key, ROOM, sizeof(uint64_t));

    (void)state;
    *take(memo, 1) = 11;
    *take(memo, 2) = 22;
    for (uint64_t name = 100; name < 100 + 10 * ROOM; name++) {
        assert_int_equal(*take(memo, name), 0);
        assert_int_equal(*take(memo, 1), 11);
    }
    assert_null(find(memo, 2));
    assert_true(gw_memo_forgotten(memo) >= 8 * ROOM);
    gw_memo_free(memo);
}

/* What is forgotten must not depend on the secret: two of them forget alike. */
static void
two_secrets_forget_alike(void **state)
{
    struct gw_hash_key other_key;
    struct gw_memo *one = NULL;
    struct gw_memo *other = NULL;

    (void)state;
    gw_hash_key_seeded(&other_key, 99);
    one = gw_memo_new(&hash_key, ROOM, sizeof(uint64_t));
    other = gw_memo_new(&other_key, ROOM, sizeof(uint64_t));
    for (uint64_t i = 0; i < 1000; i++) {
        const uint64_t name = (i * i + 7 * i) % 31;

        assert_int_equal(find(one, name) == NULL, find(other, name) == NULL);
        *take(one, name) = 1;
        *take(other, name) = 1;
    }
    assert_int_equal(gw_memo_forgotten(one), gw_memo_forgotten(other));
    gw_memo_free(one);
    gw_memo_free(other);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_new_once),
        cmocka_unit_test(the_address_tells_records_apart),
        cmocka_unit_test(what_is_touched_outlives_a_flood),
        cmocka_unit_test(two_secrets_forget_alike),
    };

    gw_hash_key_seeded(&hash_key, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
