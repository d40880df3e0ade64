/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/report/report_fixture.h"

#include "report/incident_text.h"
#include "report/term_text.h"

static struct gw_incident incident;
static struct gw_finding finding;
static struct gw_stats stats;
static struct gw_source source;

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
}

static void
each_family_has_its_sentence(void **state)
{
    static const char *const sentences[GW_FAMILY_COUNT] = {
        [GW_FAMILY_POISON_RACE] =
            "Responses that do not fit what the other witnesses were told reached the resolvers "
            "for the name server ns1.foo.example, and resolvers act on it.",
        [GW_FAMILY_PATH_INJECTION] =
            "Something on the path answers in a server's place, for resolver 198.18.3.53, and "
            "resolvers act on it.",
        [GW_FAMILY_DELEGATION_HIJACK] =
            "What the parent zone's servers say changed against what is known, for 214 delegations "
            "whose name servers are said to be at 198.51.100.66, and resolvers act on it.",
        [GW_FAMILY_MISCONFIG] =
            "What the parent zone's servers say cannot work as it should for 214 delegations of "
            "example, and resolvers act on it.",
        [GW_FAMILY_RESOLVER_DOS] =
            "Referrals that make resolvers work for nothing, for the delegation of foo.example, "
            "and resolvers act on it.",
    };
    char text[GW_TEXT_INCIDENT_SIZE];

    (void)state;
    for (uint32_t i = 0; i < GW_FAMILY_COUNT; i++) {
        gw_sample_incident((enum gw_family)i, &incident);
        gw_text_incident(&incident, 0, text);
        assert_string_equal(text, sentences[i]);
        assert_true(strlen(gw_text_advice((enum gw_family)i)) > 20);
    }
}

static void
incidents_stand_before_findings_and_fit_every_width(void **state)
{
    (void)state;
    gw_sample_stats(&stats, &source);
    for (uint32_t width = 60; width <= 160; width += 4) {
        const struct gw_sink_options options = {.width = width, .source = &source};
        struct report_fixture fixture;

        report_fixture_open(&fixture, "text", &options);
        gw_sample_finding(GW_KIND_GLUE_ADDR_CONFLICT, &finding);
        assert_int_equal(gw_sink_finding(fixture.sink, &finding), GW_DONE);
        for (uint32_t i = 0; i < GW_FAMILY_COUNT; i++) {
            gw_sample_incident((enum gw_family)i, &incident);
            assert_int_equal(gw_sink_incident(fixture.sink, &incident), GW_DONE);
            gw_sample_nasty_incident(
                (enum gw_family)i, (width + i) % GW_SAMPLE_NASTY_COUNT, &incident);
            assert_int_equal(gw_sink_incident(fixture.sink, &incident), GW_DONE);
        }
        report_fixture_end(&fixture, &stats);
        check_lines(&fixture, width);
        assert_non_null(strstr(fixture.text, "I1. CRITICAL  poison-race, open"));
        assert_true(strstr(fixture.text, "\nIncidents\n") < strstr(fixture.text, "\nFindings\n"));
        report_fixture_done(&fixture);
    }
}

static void
more_incidents_than_are_shown_are_counted(void **state)
{
    const struct gw_sink_options options = {.source = &source};
    struct report_fixture fixture;

    (void)state;
    gw_sample_stats(&stats, &source);
    report_fixture_open(&fixture, "text", &options);
    for (uint32_t i = 0; i < GW_TEXT_INCIDENTS_MAX + 3; i++) {
        gw_sample_incident(GW_FAMILY_MISCONFIG, &incident);
        assert_int_equal(gw_sink_incident(fixture.sink, &incident), GW_DONE);
    }
    report_fixture_end(&fixture, &stats);
    assert_non_null(strstr(fixture.text, "3 more incidents are not shown here"));
    report_fixture_done(&fixture);
}

/* Two findings and the incident that the first is evidence of. */
static void
tell_for(struct report_fixture *fixture, const char *wanted, uint32_t width)
{
    const struct gw_sink_options options = {.width = width, .source = &source, .explain = wanted};

    gw_sample_stats(&stats, &source);
    gw_sample_incident(GW_FAMILY_POISON_RACE, &incident);
    report_fixture_open(fixture, "explain", &options);
    gw_sample_finding(GW_KIND_GLUE_ADDR_CONFLICT, &finding);
    memcpy(finding.incident, incident.id, sizeof(finding.incident));
    finding.detected_ns = finding.trigger_ns;
    finding.accept_known = true;
    finding.accept = GW_ACCEPT_BIND;
    finding.transport_facts = (struct gw_finding_transport){.fit = GW_FIT_SECOND,
        .has_query = true,
        .query_frame = 17,
        .has_rival = true,
        .rival_frame = 18,
        .rival_ns = finding.trigger_ns - 1000000,
        .rival_class = GW_CLASS_REFERRAL,
        .rival_ip_ttl = 64};
    assert_int_equal(gw_sink_finding(fixture->sink, &finding), GW_DONE);
    gw_sample_finding(GW_KIND_GLUE_BOGON, &finding);
    finding.id[0] = 0x77;
    assert_int_equal(gw_sink_finding(fixture->sink, &finding), GW_DONE);
    assert_int_equal(gw_sink_incident(fixture->sink, &incident), GW_DONE);
}

static void
an_explanation_holds_everything_behind_it(void **state)
{
    static const struct {
        const char *wanted;
        uint32_t matches;
        const char *has; /* NULL: nothing is said */
        const char *has_not;
    } rows[] = {
        {"00112233", 1, "Finding glue-addr-conflict", "Finding glue-bogon"},
        {"00112233", 1, "frame 17", "poison-race"},
        {"00112233", 1, "of class referral, IP TTL 64, 1.000 ms before this one", "Incidents"},
        {"00112233", 1, "bind: yes, by its default rules", "poison-race"},
        {"771425", 1, "Finding glue-bogon", "Finding glue-addr-conflict"},
        {"CAFEcafe05", 1, "I1. CRITICAL  poison-race", "Finding glue-bogon"},
        {"cafecafe05", 1, "Finding glue-addr-conflict", "Finding glue-bogon"},
        {"abcdef", 0, NULL, "Finding"},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        struct report_fixture fixture;

        tell_for(&fixture, rows[i].wanted, 100);
        if (gw_sink_matches(fixture.sink) != rows[i].matches)
            fail_msg("%s: %u", rows[i].wanted, gw_sink_matches(fixture.sink));
        report_fixture_end(&fixture, &stats);
        if (rows[i].has != NULL && strstr(fixture.text, rows[i].has) == NULL)
            fail_msg("%s: no \"%s\" in\n%s", rows[i].wanted, rows[i].has, fixture.text);
        assert_null(strstr(fixture.text, rows[i].has_not));
        if (rows[i].has == NULL)
            assert_int_equal(fixture.text_len, 0);
        report_fixture_done(&fixture);
    }
}

static void
an_explanation_fits_every_width(void **state)
{
    (void)state;
    for (uint32_t width = 60; width <= 160; width++) {
        struct report_fixture fixture;

        tell_for(&fixture, "cafecafe", width);
        report_fixture_end(&fixture, &stats);
        check_lines(&fixture, width);
        report_fixture_done(&fixture);
    }
}

static void
what_is_no_id_is_refused(void **state)
{
    static const char *const rows[] = {
        "", "01234", "0123456789abcdef0123456789abcdef0", "01234g", "0x1234", "012345 "};

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        const struct gw_sink_options options = {.explain = rows[i]};
        struct gw_error_text error;
        struct gw_sink *sink;

        assert_int_equal(gw_sink_open("explain", &options, &sink, &error), GW_E_USAGE);
        assert_non_null(strstr(error.text, "hexadecimal"));
    }
}

static void
terms_have_meanings(void **state)
{
    static const char *const rows[] = {"base", "resolver-groups", "servers", "stable-history",
        "nearby-address", "unconfirmed", "disjoint", "reverted", "child-agrees", "child-still-old",
        "other-address-known", "zone-by-glue-only", "server-habit", "sent-elsewhere",
        "zone-unknown", "responses-only"};
    const char *const unknown = gw_text_term("no-such-term");

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++)
        assert_string_not_equal(gw_text_term(rows[i]), unknown);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_family_has_its_sentence),
        cmocka_unit_test(incidents_stand_before_findings_and_fit_every_width),
        cmocka_unit_test(more_incidents_than_are_shown_are_counted),
        cmocka_unit_test(an_explanation_holds_everything_behind_it),
        cmocka_unit_test(an_explanation_fits_every_width),
        cmocka_unit_test(what_is_no_id_is_refused),
        cmocka_unit_test(terms_have_meanings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
