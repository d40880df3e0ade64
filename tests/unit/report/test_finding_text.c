/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/report/report_fixture.h"

#include "report/escape.h"
#include "report/page.h"

static struct gw_finding finding;
static struct gw_stats stats;
static struct gw_source source;

/* The report on one finding for each kind; hostile ones when @p variant is below their count. */
static void
make_report(struct report_fixture *fixture, const struct gw_sink_options *options, uint32_t variant)
{
    report_fixture_open(fixture, "text", options);
    for (uint32_t kind = 0; kind < GW_KIND_COUNT; kind++) {
        if (variant < GW_SAMPLE_NASTY_COUNT)
            gw_sample_nasty((enum gw_kind)kind, variant, &finding);
        else
            gw_sample_finding((enum gw_kind)kind, &finding);
        assert_int_equal(gw_sink_finding(fixture->sink, &finding), GW_DONE);
    }
    report_fixture_end(fixture, &stats);
}

/* No line is longer than the width, ends in a space or holds anything but printable ASCII. */
static void
check_lines(const struct report_fixture *fixture, uint32_t width)
{
    size_t start = 0;

    for (size_t i = 0; i < fixture->text_len; i++) {
        const char octet = fixture->text[i];

        if (octet != '\n') {
            assert_true(octet >= 0x20 && octet < 0x7f);
            continue;
        }
        if (i - start > width || (i > start && fixture->text[i - 1] == ' '))
            fail_msg("width %u: \"%.*s\"", width, (int)(i - start), fixture->text + start);
        start = i + 1;
    }
    assert_int_equal(start, fixture->text_len);
}

static void
no_line_is_longer_than_the_width(void **state)
{
    (void)state;
    gw_sample_stats(&stats, &source);
    for (uint32_t width = 60; width <= 160; width++) {
        const struct gw_sink_options options = {.width = width, .source = &source};
        struct report_fixture fixture;

        make_report(&fixture, &options, width % (GW_SAMPLE_NASTY_COUNT + 1));
        check_lines(&fixture, width);
        report_fixture_done(&fixture);
    }
}

static void
hostile_names_do_no_harm(void **state)
{
    (void)state;
    gw_sample_stats(&stats, &source);
    for (uint32_t i = 0; i <= GW_SAMPLE_NASTY_COUNT; i++) {
        const struct gw_sink_options options = {.source = &source};
        struct report_fixture fixture;

        make_report(&fixture, &options, i);
        check_lines(&fixture, 100);
        report_fixture_done(&fixture);
    }
}

static void
a_width_out_of_range_is_held_within(void **state)
{
    static const uint32_t rows[][2] = {{0, 100}, {1, 60}, {59, 60}, {161, 160}, {UINT32_MAX, 160}};

    (void)state;
    gw_sample_stats(&stats, &source);
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        const struct gw_sink_options options = {.width = rows[i][0], .source = &source};
        struct report_fixture fixture;

        make_report(&fixture, &options, GW_SAMPLE_NASTY_COUNT);
        assert_int_equal(strspn(strchr(fixture.text, '\n') + 1, "="), rows[i][1]);
        report_fixture_done(&fixture);
    }
}

/* The report without its escape sequences for colours. */
static void
strip_colours(struct report_fixture *fixture)
{
    size_t to = 0;

    for (size_t from = 0; from < fixture->text_len; from++) {
        if (fixture->text[from] == '\033') {
            from += strcspn(fixture->text + from, "m");
            continue;
        }
        fixture->text[to++] = fixture->text[from];
    }
    fixture->text[to] = '\0';
    fixture->text_len = to;
}

static void
nothing_depends_on_colour(void **state)
{
    struct gw_sink_options options = {.source = &source};
    struct report_fixture plain;
    struct report_fixture coloured;

    (void)state;
    gw_sample_stats(&stats, &source);
    make_report(&plain, &options, 1);
    options.colour = true;
    make_report(&coloured, &options, 1);
    assert_true(coloured.text_len > plain.text_len);
    assert_non_null(strstr(coloured.text, "\033[1;31mCONTRARY"));
    strip_colours(&coloured);
    assert_string_equal(coloured.text, plain.text);
    report_fixture_done(&plain);
    report_fixture_done(&coloured);
}

static void
line_drawing_appears_only_when_asked_for(void **state)
{
    const struct gw_sink_options options = {.utf8 = true, .source = &source};
    struct report_fixture fixture;

    (void)state;
    gw_sample_stats(&stats, &source);
    make_report(&fixture, &options, GW_SAMPLE_NASTY_COUNT);
    assert_non_null(strstr(fixture.text, "\342\224\202"));
    assert_null(strstr(fixture.text, " | "));
    report_fixture_done(&fixture);
}

static void
the_most_severe_come_first_and_the_rest_is_counted(void **state)
{
    const struct gw_sink_options options = {.source = &source};
    struct report_fixture fixture;

    (void)state;
    gw_sample_stats(&stats, &source);
    report_fixture_open(&fixture, "text", &options);
    for (uint32_t i = 0; i < 200; i++) {
        gw_sample_finding(GW_KIND_GLUE_BOGON, &finding);
        finding.sequence = i + 1;
        finding.severity = i == 150 ? GW_CRITICAL : i == 199 ? GW_HIGH : (enum gw_severity)(i % 3);
        finding.trigger_ns -= (int64_t)i;
        assert_int_equal(gw_sink_finding(fixture.sink, &finding), GW_DONE);
    }
    report_fixture_end(&fixture, &stats);
    assert_non_null(strstr(fixture.text, "\n 1. CRITICAL  glue-bogon"));
    assert_non_null(strstr(fixture.text, "\n 2. HIGH  glue-bogon"));
    assert_non_null(strstr(fixture.text, "\n 3. MEDIUM  glue-bogon"));
    assert_non_null(strstr(fixture.text, "\n50. MEDIUM  glue-bogon"));
    assert_null(strstr(fixture.text, "\n51. "));
    assert_non_null(strstr(fixture.text, "\n150 more findings are not shown here"));
    report_fixture_done(&fixture);
}

static void
an_empty_report_says_what_was_examined(void **state)
{
    static const struct {
        uint64_t messages, referrals;
        const char *text;
    } rows[] = {
        {0, 0, "\nNo DNS message was found, so nothing could be judged.\n"},
        {990, 0, "\nNo referral was seen, so there was no glue to judge."},
        {990, 300,
            "\nNo findings: what 4 servers told 5 resolver groups about 120 zone cuts in 300 "
            "referrals is"},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        const struct gw_sink_options options = {0};
        struct report_fixture fixture;

        gw_sample_stats(&stats, &source);
        stats.message.seen = rows[i].messages;
        stats.message.referral_shaped = rows[i].referrals;
        report_fixture_open(&fixture, "text", &options);
        report_fixture_end(&fixture, &stats);
        if (strstr(fixture.text, rows[i].text) == NULL)
            fail_msg("%s", fixture.text);
        report_fixture_done(&fixture);
    }
}

static void
what_limits_the_capture_is_told(void **state)
{
    static const char *const points[] = {"DAMAGED at record 235", "No query was seen",
        "spans only 2 hours", "2.5 % of the referrals", "1 input is damaged",
        "7 packets were cut by the snap length", "41 packets on port 853", "A filter was set",
        "1 zone cut was forgotten", "2 suspicions were too weak", "990 by class: exact",
        "120 kept + 1 evicted: BROKEN"};
    const struct gw_sink_options options = {.width = 160, .source = &source};
    struct report_fixture fixture;

    (void)state;
    gw_sample_stats(&stats, &source);
    stats.responses_only = true;
    stats.table.inserted++;
    report_fixture_open(&fixture, "text", &options);
    report_fixture_end(&fixture, &stats);
    for (size_t i = 0; i < GW_ARRAY_LEN(points); i++) {
        if (strstr(fixture.text, points[i]) == NULL)
            fail_msg("\"%s\" is missing in\n%s", points[i], fixture.text);
    }
    report_fixture_done(&fixture);
}

static void
elision_never_cuts_an_escape(void **state)
{
    (void)state;
    for (uint32_t variant = 0; variant < GW_SAMPLE_NASTY_COUNT; variant++) {
        for (size_t room = 12; room < 300; room++) {
            char text[GW_ESCAPE_NAME_SIZE];
            struct gw_name name;

            gw_sample_nasty_name(variant, '\n', &name);

            const size_t len = gw_escape_name(name.wire, name.len, text);

            gw_text_elide(text, room);
            assert_true(strlen(text) <= room);
            if (len <= room)
                continue;

            char *gap = strstr(text, "...");

            assert_non_null(gap);
            assert_true(strlen(text) + 8 > room);
            if (variant == 0 || variant == 2) { /* nothing but \DDD and dots */
                assert_true(gap[3] == '\\' || gap[3] == '.');
                assert_true(gap == text || gap[-1] == '.' || gap[-4] == '\\');
            }
        }
    }
}

/* Every escape in @p line is whole: a backslash with one octet that is no digit, or three digits.
 */
static bool
escapes_are_whole(const char *line)
{
    const size_t len = strlen(line);
    size_t unit = 1;

    for (size_t at = 0; at < len; at += unit) {
        unit = gw_escape_unit(line + at, len - at);
        if (line[at] == '\\' && unit != 4 &&
            (unit != 2 || (line[at + 1] >= '0' && line[at + 1] <= '9')))
            return false;
    }
    return true;
}

static void
wrapping_never_cuts_an_escape(void **state)
{
    static struct gw_text_column column;

    (void)state;
    for (uint32_t variant = 0; variant < GW_SAMPLE_NASTY_COUNT; variant++) {
        for (uint32_t width = 20; width <= 60; width++) {
            char text[GW_ESCAPE_NAME_SIZE];
            char joined[2 * GW_ESCAPE_NAME_SIZE] = "";
            struct gw_name name;

            gw_sample_nasty_name(variant, 'x', &name);
            (void)gw_escape_name(name.wire, name.len, text);
            column.width = width;
            column.count = 0;
            gw_text_column_add(&column, GW_TEXT_PLAIN, text);
            for (uint32_t i = 0; i < column.count; i++) {
                const char *line = column.line[i].text + (i > 0 ? 2 : 0); /* without the indent */

                assert_true(strlen(column.line[i].text) <= width);
                assert_true(escapes_are_whole(line));
                (void)strncat(joined, line, sizeof(joined) - strlen(joined) - 1);
            }
            assert_string_equal(joined, text);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_line_is_longer_than_the_width),
        cmocka_unit_test(hostile_names_do_no_harm),
        cmocka_unit_test(a_width_out_of_range_is_held_within),
        cmocka_unit_test(nothing_depends_on_colour),
        cmocka_unit_test(line_drawing_appears_only_when_asked_for),
        cmocka_unit_test(the_most_severe_come_first_and_the_rest_is_counted),
        cmocka_unit_test(an_empty_report_says_what_was_examined),
        cmocka_unit_test(what_limits_the_capture_is_told),
        cmocka_unit_test(elision_never_cuts_an_escape),
        cmocka_unit_test(wrapping_never_cuts_an_escape),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
