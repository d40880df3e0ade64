/* SPDX-License-Identifier: BSD-2-Clause */
/* The stores behind suspect glue: which findings make an address suspect, and who asked it. */
#include "analyze/suspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/answers.h"
#include "tests/support/observe.h"
#include "tests/support/sample_finding.h"

#define MEMORY (4u << 20)
#define S      GW_NS_PER_S

static struct gw_hash_key key;
static struct gw_table table;
static struct gw_table_stats stats;
static struct gw_suspects *suspects;
static struct gw_finding finding;

static int
open_stores(void **state)
{
    (void)state;
    gw_hash_key_seeded(&key, 7);
    memset(&stats, 0, sizeof(stats));
    suspects = gw_suspect_new(&key, MEMORY);
    return suspects == NULL || gw_table_init(&table, &key, 8u << 20, &stats) != GW_DONE;
}

static int
close_stores(void **state)
{
    (void)state;
    gw_suspect_free(suspects);
    gw_table_done(&table);
    return 0;
}

static void
only_some_findings_make_an_address_suspect(void **state)
{
    static const struct {
        const char *shows;
        enum gw_kind kind;
        enum gw_severity severity;
        double confidence;
        bool is_suspect;
    } rows[] = {
        {"a conflict", GW_KIND_GLUE_ADDR_CONFLICT, GW_MEDIUM, 0.8, true},
        {"a minority at the least confidence", GW_KIND_GLUE_ADDR_MINORITY, GW_MEDIUM, 0.3, true},
        {"a minority that is less likely", GW_KIND_GLUE_ADDR_MINORITY, GW_MEDIUM, 0.29, false},
        {"a minority that nobody had time to confirm", GW_KIND_GLUE_ADDR_MINORITY, GW_LOW, 0.6,
            false},
        {"a change that all see", GW_KIND_GLUE_CHANGED_AFTER_STABLE, GW_MEDIUM, 0.9, false},
        {"two responses to one query", GW_KIND_RESP_DOUBLE_CONFLICT, GW_LOW, 0.5, true},
        {"parent and child that part", GW_KIND_PARENT_CHILD_MISMATCH, GW_MEDIUM, 0.9, false},
        {"a reference that says otherwise", GW_KIND_REFERENCE_MISMATCH, GW_HIGH, 0.9, true},
        {"private addresses since ever", GW_KIND_GLUE_BOGON, GW_LOW, 0.9, false},
    };
    const struct gw_addr contrary = gw_sample_addr("198.51.100.66");
    const struct gw_addr known = gw_sample_addr("192.0.2.11");

    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        (void)open_stores(state);
        gw_sample_finding(GW_KIND_GLUE_ADDR_CONFLICT, &finding);
        finding.kind = rows[i].kind;
        finding.severity = rows[i].severity;
        finding.confidence = rows[i].confidence;
        gw_suspect_add(suspects, &table, &finding);
        if (gw_suspect_is(suspects, &contrary) != rows[i].is_suspect)
            fail_msg("%s", rows[i].shows);
        assert_false(gw_suspect_is(suspects, &known));
        (void)close_stores(state);
    }
}

static void
an_address_on_both_sides_is_not_suspect(void **state)
{
    (void)open_stores(state);
    gw_sample_finding(GW_KIND_GLUE_ADDR_CONFLICT, &finding);
    finding.set[1].address[1] = finding.set[0].address[0];
    finding.set[1].address_count = 2;
    gw_suspect_add(suspects, &table, &finding);
    assert_true(gw_suspect_is(suspects, &finding.set[1].address[0]));
    assert_false(gw_suspect_is(suspects, &finding.set[0].address[0]));
    (void)close_stores(state);
}

static void
suspects_are_bounded(void **state)
{
    (void)open_stores(state);
    gw_sample_finding(GW_KIND_GLUE_ADDR_CONFLICT, &finding);
    for (uint32_t i = 0; i < 5000; i++) {
        finding.set[1].address[0].octet[2] = (uint8_t)(i >> 8);
        finding.set[1].address[0].octet[3] = (uint8_t)i;
        gw_suspect_add(suspects, &table, &finding);
    }
    assert_true(suspects->suspects.count <= 512);
    assert_int_equal(suspects->suspects.count + suspects->suspects.displaced, 5000);
    assert_true(gw_suspect_is(suspects, &finding.set[1].address[0]));
    assert_true(gw_suspect_octets(suspects) <= MEMORY);
    (void)close_stores(state);
}

/* One look-up per query: the second one of a pair is no news, within a week and in a group. */
static void
a_pair_is_new_once_in_a_week(void **state)
{
    static const struct {
        const char *shows;
        const char *resolver, *server;
        int64_t at_s;
        bool is_new, is_alone;
    } rows[] = {
        {"the first query of all", "198.18.1.53", "192.0.2.11", 0, true, true},
        {"the same again", "198.18.1.53", "192.0.2.11", 100, false, false},
        {"a neighbour is of the same group", "198.18.1.99", "192.0.2.11", 200, false, false},
        {"another resolver: the server was asked before", "198.18.2.53", "192.0.2.11", 300, true,
            false},
        {"another server", "198.18.1.53", "192.0.2.12", 400, true, true},
        {"after six days", "198.18.1.53", "192.0.2.11", 6 * 86400, false, false},
        {"after seven days more and an hour", "198.18.1.53", "192.0.2.11", 13 * 86400 + 3600, true,
            false},
    };
    static const uint8_t qname[] = "\3www\3foo\7example";

    (void)open_stores(state);
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        const struct gw_exchange exchange = {.fit = GW_FIT_QUERY,
            .time_ns = rows[i].at_s * S,
            .resolver = gw_sample_addr(rows[i].resolver),
            .server = gw_sample_addr(rows[i].server),
            .qname = qname,
            .qname_len = sizeof(qname)};
        const struct gw_suspect_contact *contact = gw_suspect_note_query(suspects, &exchange);

        if ((contact != NULL) != rows[i].is_new ||
            (contact != NULL && contact->alone != rows[i].is_alone))
            fail_msg("%s", rows[i].shows);
        if (contact != NULL)
            assert_memory_equal(contact->qname, qname, sizeof(qname));
    }
    (void)close_stores(state);
}

static void
clients_are_counted_up_to_a_bound(void **state)
{
    struct gw_suspect_follow follow = {.client_count = 0};
    struct gw_addr client = gw_sample_addr("198.19.0.1");

    (void)open_stores(state);
    assert_int_equal(gw_suspect_note_client(suspects, &follow, &client), 1);
    assert_int_equal(gw_suspect_note_client(suspects, &follow, &client), 1);
    for (uint32_t i = 2; i < 20; i++) {
        client.octet[3] = (uint8_t)i;
        assert_int_equal(gw_suspect_note_client(suspects, &follow, &client),
            i < GW_SUSPECT_CLIENTS_MAX ? i : GW_SUSPECT_CLIENTS_MAX);
    }
    for (uint32_t i = 0; i < follow.client_count; i++) /* no address can be read there */
        assert_memory_not_equal(&follow.client[i], client.octet, 4);
    (void)close_stores(state);
}

static void
cases_are_bounded_and_found_by_group_and_name(void **state)
{
    const struct gw_name inside = gw_sample_name("www.foo.example");
    const struct gw_name outside = gw_sample_name("www.bar.example");
    const struct gw_table_name in = {inside.wire, 0, inside.len};
    const struct gw_table_name out = {outside.wire, 0, outside.len};
    struct gw_suspect suspect = {.address = gw_sample_addr("198.51.100.66"),
        .zone = gw_sample_name("example"),
        .cut = gw_sample_name("foo.example")};
    struct gw_suspect_told told = {.group = gw_sample_addr("198.18.1.0")};
    const struct gw_addr other = gw_sample_addr("198.18.2.0");

    (void)open_stores(state);
    gw_suspect_note_follow(suspects, &suspect, &told, 0);
    gw_suspect_note_follow(suspects, &suspect, &told, 1);
    assert_int_equal(suspects->follow_count, 1);
    assert_true(gw_suspect_was_followed(suspects, &suspect.address));
    assert_false(gw_suspect_was_followed(suspects, &other));
    assert_non_null(gw_suspect_follow_of(suspects, &told.group, &in));
    assert_null(gw_suspect_follow_of(suspects, &told.group, &out));
    assert_null(gw_suspect_follow_of(suspects, &other, &in));
    for (uint32_t i = 0; i < 300; i++) {
        told.group.octet[1] = (uint8_t)(i >> 8);
        told.group.octet[2] = (uint8_t)i;
        gw_suspect_note_follow(suspects, &suspect, &told, 0);
    }
    assert_int_equal(suspects->follow_count, GW_SUSPECT_FOLLOWS_MAX);
    assert_int_equal(suspects->refused, 301 - GW_SUSPECT_FOLLOWS_MAX);
    (void)close_stores(state);
}

/* Which addresses of an answer are kept does not depend on their order in the message. */
static void
answers_are_sets(void **state)
{
    static const char *const orders[] = {
        ".: www.foo.example=192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4,192.0.2.5,192.0.2.6",
        ".: www.foo.example=192.0.2.6,192.0.2.5,192.0.2.4,192.0.2.3,192.0.2.2,192.0.2.1",
        ".: www.foo.example=192.0.2.3,192.0.2.6,192.0.2.1,192.0.2.5,192.0.2.2,192.0.2.4",
    };
    static struct gw_observation seen;
    struct gw_answers *answers = gw_suspect_answers_new(&key, MEMORY);
    struct gw_answer_set first = {0};
    uint32_t source;

    (void)state;
    assert_non_null(answers);
    for (size_t i = 0; i < GW_ARRAY_LEN(orders); i++) {
        const struct gw_answer *answer;

        gw_observe_build(&key,
            &(struct gw_told){.at_s = 5,
                .server = "198.18.1.53",
                .resolver = "198.19.0.1",
                .says = orders[i],
                .qname = "www.foo.example"},
            &seen);
        seen.kind = GW_OBSERVATION_ANSWER;
        answer = gw_suspect_answers_note(answers, &seen, &source);
        assert_non_null(answer);
        assert_int_equal(answer->source_count, 1);
        assert_int_equal(answer->source[source].before.count, 0);
        if (i == 0)
            first = answer->source[source].now;
        assert_int_equal(first.count, GW_ANSWER_ADDRESSES);
        assert_memory_equal(first.addr, answer->source[source].now.addr, sizeof(first.addr));
    }
    assert_false(gw_suspect_answers_is_new(answers, &first.addr[0], seen.time_ns + 1));
    assert_true(gw_suspect_answers_is_new(answers, &first.addr[0], seen.time_ns));
    gw_suspect_answers_free(answers);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_some_findings_make_an_address_suspect),
        cmocka_unit_test(an_address_on_both_sides_is_not_suspect),
        cmocka_unit_test(suspects_are_bounded),
        cmocka_unit_test(a_pair_is_new_once_in_a_week),
        cmocka_unit_test(clients_are_counted_up_to_a_bound),
        cmocka_unit_test(cases_are_bounded_and_found_by_group_and_name),
        cmocka_unit_test(answers_are_sets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
