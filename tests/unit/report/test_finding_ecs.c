/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/report/report_fixture.h"

#include <jansson.h>

#include "report/escape.h"

static struct gw_finding finding;
static struct gw_stats stats;
static struct gw_source source;

/* One line of JSON for the finding above; the caller owns it. */
static json_t *
told(void)
{
    const struct gw_sink_options options = {.source = &source, .observer = "pop2"};
    struct report_fixture fixture;

    gw_sample_stats(&stats, &source);
    report_fixture_open(&fixture, "json", &options);
    assert_int_equal(gw_sink_finding(fixture.sink, &finding), GW_DONE);
    report_fixture_end(&fixture, &stats);

    char *newline = strchr(fixture.text, '\n');
    json_error_t error;

    assert_non_null(newline);
    *newline = '\0';

    json_t *line = json_loads(fixture.text, JSON_REJECT_DUPLICATES, &error);

    assert_non_null(line);
    report_fixture_done(&fixture);
    return line;
}

/* The string at a path of keys, e.g. "event.action". */
static const char *
string_at(const json_t *line, const char *path)
{
    while (line != NULL && *path != '\0') {
        const size_t len = strcspn(path, ".");
        char key[64];

        (void)snprintf(key, sizeof(key), "%.*s", (int)len, path);
        line = json_object_get(line, key);
        path += len + (path[len] == '.');
    }
    return json_string_value(line);
}

static void
the_resolver_is_the_source_and_the_server_the_destination(void **state)
{
    (void)state;
    gw_sample_finding(GW_KIND_GLUE_ADDR_CONFLICT, &finding);

    json_t *line = told();

    assert_string_equal(string_at(line, "source.ip"), "198.18.3.53");
    assert_string_equal(string_at(line, "destination.ip"), "192.0.2.1");
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(line, "source"), "port")), 40112);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(line, "destination"), "port")), 53);
    json_decref(line);
}

static void
the_fields_of_ecs_say_what_the_finding_says(void **state)
{
    static const struct {
        const char *path;
        const char *value;
    } rows[] = {
        {"@timestamp", "2026-11-23T02:04:59.120000000Z"},
        {"ecs.version", "9.4.0"},
        {"event.kind", "alert"},
        {"event.action", "glue-addr-conflict"},
        {"event.id", "00112233445566778899aabbccddeeff"},
        {"event.start", "2026-11-23T01:00:00.000000000Z"},
        {"rule.name", "Glue addresses conflict between witnesses"},
        {"network.transport", "udp"},
        {"network.type", "ipv4"},
        {"dns.id", "4660"},
        {"dns.question.name", "www.foo.example"},
        {"dns.question.type", "A"},
        {"observer.name", "pop2"},
        {"gluewatch.delegation.zone", "example"},
        {"gluewatch.delegation.cut", "foo.example"},
        {"gluewatch.delegation.name_server", "ns1.foo.example"},
        {"gluewatch.delegation.family", "ipv4"},
        {"gluewatch.split", "resolver"},
        {"gluewatch.trigger.class", "referral"},
        {"gluewatch.trigger.file", "captures/resolver-side.pcapng"},
    };

    (void)state;
    gw_sample_finding(GW_KIND_GLUE_ADDR_CONFLICT, &finding);

    json_t *line = told();

    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        const char *value = string_at(line, rows[i].path);

        if (value == NULL || strcmp(value, rows[i].value) != 0)
            fail_msg("%s: %s", rows[i].path, value == NULL ? "absent" : value);
    }
    json_decref(line);
}

static void
severity_and_confidence_make_the_risk(void **state)
{
    static const int numbers[GW_SEVERITY_COUNT] = {0, 21, 47, 73, 99};

    (void)state;
    for (uint32_t i = 0; i < GW_SEVERITY_COUNT; i++) {
        gw_sample_finding(GW_KIND_GLUE_BOGON, &finding);
        finding.severity = (enum gw_severity)i;
        finding.confidence = 0.5;

        json_t *line = told();
        const json_t *event = json_object_get(line, "event");

        assert_int_equal(json_integer_value(json_object_get(event, "severity")), numbers[i]);
        assert_true(json_real_value(json_object_get(event, "risk_score")) == numbers[i] / 2.0);
        json_decref(line);
    }
}

static void
a_sub_technique_stands_below_its_technique(void **state)
{
    (void)state;
    gw_sample_finding(GW_KIND_NS_SET_DIVERGENCE, &finding);

    json_t *line = told();
    const json_t *technique = json_object_get(json_object_get(line, "threat"), "technique");
    const json_t *below = json_object_get(technique, "subtechnique");

    assert_string_equal(
        json_string_value(json_array_get(json_object_get(technique, "id"), 0)), "T1584");
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(below, "id"), 0)), "T1584.002");
    json_decref(line);

    gw_sample_finding(GW_KIND_GLUE_BOGON, &finding);
    line = told();
    assert_null(json_object_get(line, "threat"));
    json_decref(line);
}

static void
related_holds_everything_once(void **state)
{
    (void)state;
    for (uint32_t kind = 0; kind < GW_KIND_COUNT; kind++) {
        gw_sample_nasty((enum gw_kind)kind, 2, &finding);

        json_t *line = told();
        const json_t *related = json_object_get(line, "related");
        const json_t *hosts = json_object_get(related, "hosts");

        assert_true(json_array_size(json_object_get(related, "ip")) >= 2);
        for (size_t i = 0; i < json_array_size(hosts); i++) {
            for (size_t j = 0; j < i; j++)
                assert_false(json_equal(json_array_get(hosts, i), json_array_get(hosts, j)));
        }
        json_decref(line);
    }
}

static void
hostile_names_come_back_from_the_line(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < GW_SAMPLE_NASTY_COUNT; i++) {
        gw_sample_nasty(GW_KIND_NS_SET_DIVERGENCE, i, &finding);

        json_t *line = told();
        const char *cut = string_at(line, "gluewatch.delegation.cut");
        struct gw_name name;

        assert_non_null(cut);
        assert_true(gw_escape_parse_name(cut, strlen(cut), &name));
        assert_int_equal(name.len, finding.cut.len);
        /* The wire form of a real finding is folded; that of these names is not always. */
        for (uint32_t j = 0; j < name.len; j++) {
            const uint8_t octet = finding.cut.wire[j];

            assert_int_equal(
                name.wire[j], octet >= 'A' && octet <= 'Z' ? octet + ('a' - 'A') : octet);
        }
        json_decref(line);
    }
}

static void
frames_are_told_for_each_input_with_a_filter(void **state)
{
    (void)state;
    gw_sample_finding(GW_KIND_GLUE_ADDR_CONFLICT, &finding);
    finding.set[0].witness[1].input = 1;

    json_t *line = told();
    const json_t *evidence = json_object_get(json_object_get(line, "gluewatch"), "evidence");

    assert_int_equal(json_array_size(evidence), 2);
    assert_string_equal(string_at(json_array_get(evidence, 0), "display_filter"),
        "frame.number == 1200 || frame.number == 1274 || frame.number == 1311 || frame.number == "
        "6200");
    assert_string_equal(
        string_at(json_array_get(evidence, 1), "display_filter"), "frame.number == 1237");
    json_decref(line);
}

static void
what_is_not_known_of_the_message_is_left_out(void **state)
{
    (void)state;
    gw_sample_finding(GW_KIND_GLUE_ADDR_CONFLICT, &finding);
    finding.qname.len = 0;
    finding.resolver_port = 0;
    finding.id_dns = 0;

    json_t *line = told();

    assert_string_equal(string_at(line, "source.ip"), "198.18.3.53");
    assert_null(json_object_get(json_object_get(line, "source"), "port"));
    assert_null(json_object_get(json_object_get(line, "dns"), "id"));
    assert_null(json_object_get(json_object_get(line, "dns"), "question"));
    assert_null(string_at(line, "network.transport"));
    json_decref(line);

    /* ID 0 and port 0 are values like others. */
    gw_sample_finding(GW_KIND_GLUE_ADDR_CONFLICT, &finding);
    finding.id_dns = 0;
    finding.resolver_port = 0;
    line = told();
    assert_string_equal(string_at(line, "dns.id"), "0");
    assert_true(json_is_integer(json_object_get(json_object_get(line, "source"), "port")));
    json_decref(line);
}

static void
an_empty_run_still_has_its_last_line(void **state)
{
    const struct gw_sink_options options = {0};
    static struct gw_stats nothing;
    struct report_fixture fixture;
    json_error_t error;

    (void)state;
    report_fixture_open(&fixture, "json", &options);
    report_fixture_end(&fixture, &nothing);

    json_t *line = json_loads(fixture.text, 0, &error);

    assert_non_null(line);
    assert_string_equal(string_at(line, "event.kind"), "metric");
    assert_string_equal(string_at(line, "message"),
        "0 packets with 0 DNS messages examined; 0 referrals, 0 delegations known; 0 findings, "
        "0 incidents.");
    json_decref(line);
    report_fixture_done(&fixture);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_resolver_is_the_source_and_the_server_the_destination),
        cmocka_unit_test(the_fields_of_ecs_say_what_the_finding_says),
        cmocka_unit_test(severity_and_confidence_make_the_risk),
        cmocka_unit_test(a_sub_technique_stands_below_its_technique),
        cmocka_unit_test(related_holds_everything_once),
        cmocka_unit_test(hostile_names_come_back_from_the_line),
        cmocka_unit_test(frames_are_told_for_each_input_with_a_filter),
        cmocka_unit_test(what_is_not_known_of_the_message_is_left_out),
        cmocka_unit_test(an_empty_run_still_has_its_last_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
