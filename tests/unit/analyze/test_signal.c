/* SPDX-License-Identifier: BSD-2-Clause */
/* How fast findings are taken in, when they were detected, and that all are accounted for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/signal.h"

#define EPOCH_NS (1767225600LL * GW_NS_PER_S)

static struct gw_signal_store store;
static struct gw_finding_stats stats;

static void
begin(void)
{
    struct gw_hash_key key;

    memset(&stats, 0, sizeof(stats));
    gw_hash_key_seeded(&key, 3);
    assert_int_equal(gw_signal_init(&store, &key, gw_signal_share(256u << 20), &stats), GW_DONE);
}

static void
finish(void)
{
    gw_signal_finish(&store, 0);
    assert_int_equal(stats.raised, stats.emitted + stats.aggregated + stats.suppressed_low +
                                       stats.suppressed_full + stats.suppressed_rule +
                                       stats.suppressed_rate);
    gw_signal_done(&store);
}

/* Finding number `number`; each number is another matter. */
static struct gw_finding
made(uint32_t number, enum gw_severity severity, int64_t at_ns)
{
    struct gw_finding finding = {.kind = GW_KIND_GLUE_BOGON,
        .severity = severity,
        .confidence = 0.9,
        .term_count = 1,
        .term = {{"base", 2.0, GW_CHANNEL_CONTENT}},
        .first_ns = at_ns,
        .last_ns = at_ns,
        .trigger_ns = at_ns};

    memcpy(finding.id, &number, sizeof(number));
    return finding;
}

static struct gw_name
zone(uint8_t number)
{
    return (struct gw_name){.len = 3, .wire = {1, number, 0}};
}

static void
what_comes_too_fast_is_counted(void **state)
{
    static const struct {
        const char *text;
        uint32_t count;
        int64_t step_ns;
        enum gw_severity severity;
        bool one_zone, one_resolver, watched;
        uint32_t told;
    } rows[] = {
        {"one kind", 5000, 1, GW_LOW, false, false, false,
            GW_SIGNAL_KIND_RATE * GW_SIGNAL_BURST_MINUTES},
        {"one parent zone", 5000, 1, GW_LOW, true, false, false,
            GW_SIGNAL_PARENT_RATE * GW_SIGNAL_BURST_MINUTES},
        {"one resolver group", 5000, 1, GW_LOW, false, true, false,
            GW_SIGNAL_RESOLVER_RATE * GW_SIGNAL_BURST_MINUTES},
        {"as slowly as may be", 4000, 60 * GW_NS_PER_S / GW_SIGNAL_PARENT_RATE, GW_LOW, true, true,
            false, 4000},
        {"on the watch list", 4000, 1, GW_LOW, true, true, true, 4000},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        print_message("%s\n", rows[i].text);
        begin();
        for (uint32_t j = 0; j < rows[i].count; j++) {
            struct gw_finding finding =
                made(j + 1, rows[i].severity, EPOCH_NS + j * rows[i].step_ns);

            if (rows[i].one_zone)
                finding.zone = zone('a');
            if (rows[i].one_resolver)
                finding.resolver = (struct gw_addr){.family = 4, .octet = {198, 18, 1, (uint8_t)j}};
            finding.watched = rows[i].watched;
            gw_signal_raise(&store, &finding);
        }
        assert_int_equal(store.count, rows[i].told);
        assert_int_equal(stats.suppressed_rate, rows[i].count - rows[i].told);
        finish();
    }
}

static void
small_matters_do_not_drain_what_grave_ones_need(void **state)
{
    struct gw_finding grave = made(9999, GW_HIGH, EPOCH_NS + 5000);

    (void)state;
    begin();
    for (uint32_t i = 0; i < 5000; i++) {
        struct gw_finding finding = made(i + 1, GW_LOW, EPOCH_NS + i);

        finding.zone = zone('a');
        gw_signal_raise(&store, &finding);
    }
    grave.zone = zone('a');
    gw_signal_raise(&store, &grave);
    assert_int_equal(gw_signal_at(&store, store.count - 1)->severity, GW_HIGH);
    finish();
}

static void
parents_without_a_bucket_share_one(void **state)
{
    uint32_t told = 0;

    (void)state;
    begin();
    for (uint32_t i = 0; i < 200; i++) {
        struct gw_finding finding = made(i + 1, GW_LOW, EPOCH_NS);

        finding.zone = zone((uint8_t)i);
        gw_signal_raise(&store, &finding);
        told = store.count;
    }
    assert_int_equal(told, 200);
    finish();
}

static void
the_first_time_it_was_told_is_when_it_was_detected(void **state)
{
    struct gw_finding finding = made(1, GW_LOW, EPOCH_NS);

    (void)state;
    begin();
    finding.confidence = 0.2; /* too weak */
    store.now_ns = EPOCH_NS + 1;
    gw_signal_raise(&store, &finding);
    finding.confidence = 0.9;
    store.now_ns = EPOCH_NS + 2;
    gw_signal_raise(&store, &finding);
    store.now_ns = EPOCH_NS + 3;
    gw_signal_raise(&store, &finding);
    assert_int_equal(store.count, 1);
    assert_true(gw_signal_at(&store, 0)->detected_ns == EPOCH_NS + 2);
    finish();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_too_fast_is_counted),
        cmocka_unit_test(small_matters_do_not_drain_what_grave_ones_need),
        cmocka_unit_test(parents_without_a_bucket_share_one),
        cmocka_unit_test(the_first_time_it_was_told_is_when_it_was_detected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
