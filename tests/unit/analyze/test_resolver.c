/* SPDX-License-Identifier: BSD-2-Clause */
/* When the pairing of a resolver's queries is healthy, and what cannot make it ill. */
#include "analyze/resolver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define BEGIN_NS (1767225600LL * GW_NS_PER_S)
#define MS_NS    1000000LL

static struct gw_hash_key key;
static struct gw_resolver_table *table;
static const struct gw_addr resolver = {.octet = {198, 18, 1, 53}, .family = 4};

static void
tell(int64_t at_ns, enum gw_fit fit, uint32_t count)
{
    struct gw_exchange exchange = {.fit = fit,
        .leg = GW_LEG_UPSTREAM,
        .resolver = resolver,
        .server = {.octet = {192, 0, 2, 1}, .family = 4}};

    for (uint32_t i = 0; i < count; i++) {
        exchange.time_ns = BEGIN_NS + at_ns + i;
        exchange.wrong_count = 1;
        gw_resolver_learn(table, &exchange);
    }
}

/* What happens in each second of a minute, and then at once. */
static const struct row {
    const char *shows;
    uint32_t seconds, queries, first, unsolicited;
    uint32_t flood; /* unsolicited in the last second */
    bool healthy;
} rows[] = {
    {"all is answered", 60, 10, 10, 0, 0, true},
    {"a capture of five seconds", 5, 10, 10, 0, 0, true},
    {"hardly anything was seen", 5, 3, 3, 0, 0, false},
    {"no responses", 60, 10, 0, 0, 0, false},
    {"no queries", 60, 0, 10, 0, 0, false},
    {"a third of the responses is lost", 60, 10, 6, 0, 0, false},
    {"half of the queries is lost", 60, 5, 5, 5, 0, false},
    {"one of a hundred queries is lost", 60, 99, 99, 1, 0, true},
    {"a flood in the last second", 60, 10, 10, 0, 100000, true},
};

static void
health_is_judged_on_what_cannot_be_forged(void **state)
{
    (void)state;
    gw_hash_key_seeded(&key, 1);
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        const struct row *row = &rows[i];
        const int64_t end_ns = row->seconds * GW_NS_PER_S;

        table = gw_resolver_new(&key);
        assert_non_null(table);
        for (uint32_t second = 0; second < row->seconds; second++) {
            tell(second * GW_NS_PER_S, GW_FIT_QUERY, row->queries);
            tell(second * GW_NS_PER_S + 20 * MS_NS, GW_FIT_FIRST, row->first);
            tell(second * GW_NS_PER_S + 30 * MS_NS, GW_FIT_UNSOLICITED, row->unsolicited);
        }
        tell(end_ns - 500 * MS_NS, GW_FIT_UNSOLICITED, row->flood);
        if (gw_resolver_pairing_is_healthy(table, &resolver, BEGIN_NS + end_ns) != row->healthy)
            fail_msg("%s", row->shows);
        gw_resolver_free(table);
    }
}

static void
mismatches_are_counted_over_ten_minutes(void **state)
{
    (void)state;
    gw_hash_key_seeded(&key, 1);
    table = gw_resolver_new(&key);
    assert_non_null(table);
    tell(0, GW_FIT_QUERY, 1);
    for (uint32_t minute = 0; minute < 30; minute++)
        tell(minute * 60 * GW_NS_PER_S, GW_FIT_WRONG_ID, 3);

    const struct gw_resolver *known = gw_resolver_find(table, &resolver);

    assert_int_equal(gw_resolver_mismatches(known, BEGIN_NS + 29 * 60 * GW_NS_PER_S), 30);
    assert_int_equal(gw_resolver_mismatches(known, BEGIN_NS + 34 * 60 * GW_NS_PER_S), 15);
    assert_int_equal(gw_resolver_mismatches(known, BEGIN_NS + 60 * 60 * GW_NS_PER_S), 0);
    assert_int_equal(known->mismatched, 90);
    gw_resolver_free(table);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(health_is_judged_on_what_cannot_be_forged),
        cmocka_unit_test(mismatches_are_counted_over_ten_minutes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
