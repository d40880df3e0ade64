/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/stats.h"

#include "tests/unit/report/report_fixture.h"

#include <jansson.h>

#include "base/reason.h"

static struct gw_stats stats;
static struct gw_source source;

static void
laws_hold_for_counters_that_agree(void **state)
{
    (void)state;
    gw_sample_stats(&stats, &source);
    assert_true(gw_stats_laws_hold(&stats));
    memset(&stats, 0, sizeof(stats));
    assert_true(gw_stats_laws_hold(&stats));
}

static void
each_law_breaks_by_one(void **state)
{
    const struct {
        enum gw_stats_law law;
        uint64_t *counter;
    } rows[] = {
        {GW_STATS_LAW_PACKETS, &stats.packet.seen},
        {GW_STATS_LAW_PACKETS, &stats.packet.parsed},
        {GW_STATS_LAW_PACKETS, &stats.packet.skipped[GW_LINK_CUT]},
        {GW_STATS_LAW_HELD, &stats.packet.held},
        {GW_STATS_LAW_MESSAGES, &stats.message.seen},
        {GW_STATS_LAW_MESSAGES, &stats.message.classes[GW_CLASS_OTHER]},
        {GW_STATS_LAW_MALFORMED, &stats.message.malformed[GW_WORK]},
        {GW_STATS_LAW_MALFORMED, &stats.message.classes[GW_CLASS_MALFORMED]},
        {GW_STATS_LAW_TABLE, &stats.table.inserted},
        {GW_STATS_LAW_TABLE, &stats.table.delegations},
        {GW_STATS_LAW_TABLE, &stats.table.evicted},
        {GW_STATS_LAW_FINDINGS, &stats.finding.raised},
        {GW_STATS_LAW_FINDINGS, &stats.finding.emitted},
        {GW_STATS_LAW_FINDINGS, &stats.finding.aggregated},
        {GW_STATS_LAW_FINDINGS, &stats.finding.suppressed_low},
        {GW_STATS_LAW_FINDINGS, &stats.finding.suppressed_full},
        {GW_STATS_LAW_FINDINGS, &stats.finding.suppressed_rule},
        {GW_STATS_LAW_FINDINGS, &stats.finding.suppressed_rate},
        {GW_STATS_LAW_INCIDENTS, &stats.incident.opened},
        {GW_STATS_LAW_INCIDENTS, &stats.incident.open},
        {GW_STATS_LAW_INCIDENTS, &stats.incident.closed},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        gw_sample_stats(&stats, &source);
        ++*rows[i].counter;
        assert_false(gw_stats_law_holds(&stats, rows[i].law));
        assert_false(gw_stats_laws_hold(&stats));
    }
}

static void
held_packets_are_part_of_the_sum(void **state)
{
    (void)state;
    gw_sample_stats(&stats, &source);
    stats.packet.held = 2;
    stats.packet.seen += 2;
    assert_true(gw_stats_law_holds(&stats, GW_STATS_LAW_PACKETS));
    assert_false(gw_stats_law_holds(&stats, GW_STATS_LAW_HELD));
}

/* The counters as JSON; the caller owns it. */
static json_t *
told(void)
{
    const struct gw_sink_options options = {.source = &source};
    struct report_fixture fixture;
    json_error_t error;

    report_fixture_open(&fixture, "stats", &options);
    report_fixture_end(&fixture, &stats);

    json_t *root = json_loads(fixture.text, JSON_REJECT_DUPLICATES, &error);

    assert_non_null(root);
    report_fixture_done(&fixture);
    return root;
}

static json_int_t
figure(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    if (!json_is_integer(value))
        fail_msg("%s is no number", key);
    return json_integer_value(value);
}

static void
every_reason_is_listed_and_they_add_up(void **state)
{
    (void)state;
    gw_sample_stats(&stats, &source);

    json_t *root = told();
    const json_t *packets = json_object_get(root, "packets");
    const json_t *reasons = json_object_get(packets, "reasons");
    const json_t *messages = json_object_get(root, "messages");
    json_int_t sum = 0;

    for (uint32_t i = 0; i < GW_WHY_COUNT; i++) {
        const enum gw_why why = (enum gw_why)i;
        const enum gw_stage stage = gw_why_stage(why);

        if (stage == GW_STAGE_PACKET)
            sum += figure(reasons, gw_why_name(why));
        if (stage == GW_STAGE_MESSAGE)
            assert_int_equal(figure(json_object_get(messages, "malformed"), gw_why_name(why)),
                stats.message.malformed[i]);
        if (stage == GW_STAGE_RECORD)
            assert_int_equal(figure(json_object_get(messages, "notes"), gw_why_name(why)),
                stats.message.notes[i]);
    }
    assert_int_equal(sum, figure(packets, "skipped"));
    assert_int_equal(
        figure(packets, "seen"), figure(packets, "parsed") + sum + figure(packets, "held"));
    assert_int_equal(
        json_object_size(json_object_get(messages, "classes")), (size_t)GW_CLASS_COUNT);
    json_decref(root);
}

static void
a_count_under_a_wrong_stage_still_shows(void **state)
{
    (void)state;
    gw_sample_stats(&stats, &source);
    stats.packet.skipped[GW_LABEL_TYPE] = 9;

    json_t *root = told();

    assert_int_equal(figure(json_object_get(json_object_get(root, "packets"), "reasons"),
                         gw_why_name(GW_LABEL_TYPE)),
        9);
    assert_true(json_is_false(json_object_get(json_object_get(root, "laws"), "packets")));
    assert_true(json_is_true(json_object_get(json_object_get(root, "laws"), "messages")));
    json_decref(root);
}

static void
inputs_and_their_damage_are_told(void **state)
{
    (void)state;
    gw_sample_stats(&stats, &source);

    json_t *root = told();
    const json_t *inputs = json_object_get(root, "inputs");
    const json_t *damage = json_object_get(json_array_get(inputs, 1), "damage");

    assert_int_equal(json_array_size(inputs), 2);
    assert_null(json_object_get(json_array_get(inputs, 0), "damage"));
    assert_int_equal(figure(damage, "record"), 235);
    assert_int_equal(figure(json_array_get(inputs, 0), "filtered"), 3);
    assert_string_equal(
        json_string_value(json_object_get(root, "first")), "2026-11-23T01:00:00.000000000Z");
    assert_non_null(json_object_get(root, "elapsed_seconds"));
    json_decref(root);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(laws_hold_for_counters_that_agree),
        cmocka_unit_test(each_law_breaks_by_one),
        cmocka_unit_test(held_packets_are_part_of_the_sum),
        cmocka_unit_test(every_reason_is_listed_and_they_add_up),
        cmocka_unit_test(a_count_under_a_wrong_stage_still_shows),
        cmocka_unit_test(inputs_and_their_damage_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
