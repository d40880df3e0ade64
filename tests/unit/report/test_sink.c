/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/sink.h"

#include "tests/unit/report/report_fixture.h"

#include <fcntl.h>
#include <jansson.h>
#include <signal.h>

static struct gw_finding finding;
static struct gw_stats stats;
static struct gw_source source;
static const struct gw_sink_options no_options;

static void
what_cannot_be_opened_is_refused_at_once(void **state)
{
    static const struct {
        const char *spec;
        int status;
        const char *error;
    } rows[] = {
        {"xml", GW_E_USAGE,
            "no output format \"xml\"; there are text, json, incidents, referrals, stats"},
        {"", GW_E_USAGE,
            "no output format \"\"; there are text, json, incidents, referrals, stats"},
        {"jso:x", GW_E_USAGE,
            "no output format \"jso:x\"; there are text, json, incidents, referrals, stats"},
        {"j\033\n", GW_E_USAGE,
            "no output format \"j\\027\\010\"; there are text, json, incidents, referrals, stats"},
        {"json:/nowhere/at/all", GW_E_OPEN,
            "/nowhere/at/all: cannot be opened: No such file or directory"},
        {"text:/", GW_E_OPEN, "/: cannot be opened: Is a directory"},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        struct gw_error_text error = {""};
        struct gw_sink *sink = NULL;

        assert_int_equal(gw_sink_open(rows[i].spec, &no_options, &sink, &error), rows[i].status);
        assert_null(sink);
        assert_string_equal(error.text, rows[i].error);
    }
}

static void
every_format_is_listed(void **state)
{
    uint32_t count = 0;

    (void)state;
    for (; gw_sink_format(count) != NULL; count++) {
        assert_non_null(gw_sink_format(count)->name);
        assert_non_null(gw_sink_format(count)->text);
    }
    assert_int_equal(count, 5);
}

static void
a_full_disk_is_told_with_its_name(void **state)
{
    static const char *const specs[] = {"json:/dev/full", "text:/dev/full", "stats:/dev/full"};

    (void)state;
    if (access("/dev/full", W_OK) != 0)
        skip();
    gw_sample_stats(&stats, &source);
    gw_sample_finding(GW_KIND_GLUE_BOGON, &finding);
    for (size_t i = 0; i < GW_ARRAY_LEN(specs); i++) {
        struct gw_error_text error;
        struct gw_sink *sink;

        assert_int_equal(gw_sink_open(specs[i], &no_options, &sink, &error), GW_DONE);
        assert_int_equal(gw_sink_finding(sink, &finding), GW_DONE);
        assert_int_equal(gw_sink_end(sink, &stats), GW_E_WRITE);
        assert_string_equal(
            gw_sink_error(sink)->text, "/dev/full: writing failed: No space left on device");
        assert_false(gw_sink_broken_pipe(sink));
        gw_sink_close(sink);
    }
}

static void
an_error_stays_and_silences_the_sink(void **state)
{
    struct gw_error_text error;
    struct gw_sink *sink;
    int status = GW_DONE;

    (void)state;
    if (access("/dev/full", W_OK) != 0)
        skip();
    gw_sample_stats(&stats, &source);
    gw_sample_finding(GW_KIND_GLUE_BOGON, &finding);
    assert_int_equal(gw_sink_open("json:/dev/full", &no_options, &sink, &error), GW_DONE);
    for (uint32_t i = 0; i < 200 && status == GW_DONE; i++)
        status = gw_sink_finding(sink, &finding);
    assert_int_equal(status, GW_E_WRITE); /* the buffer is smaller than that */
    assert_int_equal(gw_sink_finding(sink, &finding), GW_E_WRITE);
    assert_int_equal(gw_sink_end(sink, &stats), GW_E_WRITE);
    gw_sink_close(sink);
}

static void
a_reader_that_went_away_is_told_apart(void **state)
{
    const int kept = dup(STDOUT_FILENO);
    struct gw_error_text error;
    struct gw_sink *sink;
    int ends[2];

    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    (void)fflush(stdout);
    assert_int_equal(pipe(ends), 0);
    assert_true(dup2(ends[1], STDOUT_FILENO) >= 0);
    (void)close(ends[0]);
    (void)close(ends[1]);

    gw_sample_stats(&stats, &source);

    const int opened = gw_sink_open("stats", &no_options, &sink, &error);
    const int ended = opened == GW_DONE ? gw_sink_end(sink, &stats) : GW_DONE;

    assert_true(dup2(kept, STDOUT_FILENO) >= 0);
    (void)close(kept);
    assert_int_equal(opened, GW_DONE);
    assert_int_equal(ended, GW_E_WRITE);
    assert_true(gw_sink_broken_pipe(sink));
    assert_string_equal(gw_sink_error(sink)->text, "standard output: writing failed: Broken pipe");
    gw_sink_close(sink);
}

static void
many_lines_arrive_whole(void **state)
{
    struct report_fixture fixture;
    uint32_t lines = 0;

    (void)state;
    gw_sample_stats(&stats, &source);
    report_fixture_open(&fixture, "json", &no_options);
    for (uint32_t i = 0; i < 300; i++) {
        gw_sample_nasty((enum gw_kind)(i % GW_KIND_COUNT), i % GW_SAMPLE_NASTY_COUNT, &finding);
        assert_int_equal(gw_sink_finding(fixture.sink, &finding), GW_DONE);
    }
    report_fixture_end(&fixture, &stats);
    for (const char *line = fixture.text; *line != '\0'; lines++) {
        const size_t len = strcspn(line, "\n");
        json_error_t error;
        json_t *root = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);

        assert_non_null(root);
        json_decref(root);
        line += len + 1;
    }
    assert_int_equal(lines, 301);
    report_fixture_done(&fixture);
}

static void
only_the_referrals_format_wants_referrals(void **state)
{
    static const struct {
        const char *format;
        bool wants;
    } rows[] = {{"text", false}, {"json", false}, {"referrals", true}, {"stats", false}};
    static struct gw_observation seen;

    (void)state;
    gw_sample_stats(&stats, &source);
    gw_sample_referral(&seen);
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        struct report_fixture fixture;

        report_fixture_open(&fixture, rows[i].format, &no_options);
        assert_int_equal(gw_sink_wants_referrals(fixture.sink), rows[i].wants);
        assert_int_equal(gw_sink_referral(fixture.sink, &seen, GW_CLASS_DELEGATION), GW_DONE);
        report_fixture_end(&fixture, &stats);
        report_fixture_done(&fixture);
    }
}

static void
a_referral_is_one_line(void **state)
{
    static const char expected[] =
        "{\"time\":\"2026-11-23T01:00:00.000000000Z\",\"frame\":7,\"input\":0,"
        "\"file\":\"captures/resolver-side.pcapng\",\"server\":\"192.0.2.1\",\"server_port\":53,"
        "\"resolver\":\"198.18.1.53\",\"resolver_port\":40000,\"transport\":\"udp\",\"id\":0,"
        "\"qname\":\"www.foo.example\",\"qtype\":\"AAAA\",\"class\":\"referral\","
        "\"facts\":[\"opt\",\"under-cut\",\"ns\"],\"cut\":\"foo.example\",\"targets\":["
        "{\"name\":\"ns1.foo.example\",\"ttl\":3600,\"in_domain\":true},"
        "{\"name\":\"ns2.bar.test\",\"ttl\":3600,\"in_domain\":false}],\"target_total\":2,\"glue\":"
        "["
        "{\"owner\":\"ns1.foo.example\",\"address\":\"192.0.2.11\",\"ttl\":3600,\"target\":true},"
        "{\"owner\":\"ns1.foo.example\",\"address\":\"2001:db8::11\",\"ttl\":3600,\"target\":true},"
        "{\"owner\":\"www.bank.test\",\"address\":\"198.51.100.66\",\"ttl\":60,\"target\":false}],"
        "\"glue_total\":3}\n";
    const struct gw_sink_options options = {.source = &source};
    static struct gw_observation seen;
    struct report_fixture fixture;

    (void)state;
    gw_sample_stats(&stats, &source);
    gw_sample_referral(&seen);
    report_fixture_open(&fixture, "referrals", &options);
    assert_int_equal(gw_sink_referral(fixture.sink, &seen, GW_CLASS_REFERRAL), GW_DONE);
    report_fixture_end(&fixture, &stats);
    assert_string_equal(fixture.text, expected);
    report_fixture_done(&fixture);
}

static void
a_file_is_made_anew(void **state)
{
    struct report_fixture fixture;
    struct report_fixture again;

    (void)state;
    gw_sample_stats(&stats, &source);
    gw_sample_finding(GW_KIND_GLUE_BOGON, &finding);
    report_fixture_open(&fixture, "json", &no_options);
    assert_int_equal(gw_sink_finding(fixture.sink, &finding), GW_DONE);
    report_fixture_end(&fixture, &stats);
    report_fixture_open(&again, "json", &no_options);
    assert_int_equal(gw_sink_finding(again.sink, &finding), GW_DONE);
    report_fixture_end(&again, &stats);
    assert_string_equal(fixture.text, again.text); /* and the same run says the same */
    report_fixture_done(&fixture);
    report_fixture_done(&again);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_opened_is_refused_at_once),
        cmocka_unit_test(every_format_is_listed),
        cmocka_unit_test(a_full_disk_is_told_with_its_name),
        cmocka_unit_test(an_error_stays_and_silences_the_sink),
        cmocka_unit_test(a_reader_that_went_away_is_told_apart),
        cmocka_unit_test(many_lines_arrive_whole),
        cmocka_unit_test(only_the_referrals_format_wants_referrals),
        cmocka_unit_test(a_referral_is_one_line),
        cmocka_unit_test(a_file_is_made_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
