/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/restore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/observe.h"

#define ROUNDS 400u

static struct gw_snapshot_record first, second, third, left, right;
static uint8_t octets[2][GW_SNAPSHOT_RECORD_MAX];
static struct gw_snapshot_merger *merger;
static uint64_t chance;

static uint32_t
any(uint32_t bound)
{
    return (uint32_t)(gw_observe_next(&chance) % bound);
}

static struct gw_name
name_of(const char *text)
{
    struct gw_name name = {0};

    name.len = gw_observe_name(text, name.wire);
    return name;
}

static struct gw_addr
addr_of(uint32_t group, uint32_t host)
{
    struct gw_addr addr = {.family = 4, .octet = {192, 0, (uint8_t)group, (uint8_t)host}};

    return addr;
}

static void
make_member(struct gw_snapshot_member *member, enum gw_snapshot_kind kind, uint32_t number)
{
    char text[32];

    *member = (struct gw_snapshot_member){
        .flags = (uint8_t)any(2),
        .messages = 1 + any(4),
        .ttl_min_s = any(3),
        .ttl_max_s = 3 + any(3),
        .first_ns = any(4),
        .last_ns = 4 + any(4),
        .resolver = addr_of(any(2), any(2)),
        .server = addr_of(9, any(2)),
        .packet = any(3),
    };
    snprintf(text, sizeof(text), "ns%u.foo.example", number);
    if (kind == GW_SNAPSHOT_CUT)
        member->name = name_of(text);
    else
        member->addr = addr_of(200, number);
}

static void
make_row(struct gw_snapshot_row *row, uint32_t number, uint64_t all)
{
    *row = (struct gw_snapshot_row){
        .group = addr_of(number, 0),
        .resolver = addr_of(number, 1 + any(3)),
        .server = addr_of(9, number % 3),
        .zone = number % 2 == 0 ? name_of("example") : (struct gw_name){0},
        .since_ns = any(3),
        .last_ns = 3 + any(3),
        .frame = any(3),
        .count = 1 + any(3),
        .told = any(3),
        .exact = (uint8_t)any(2),
        .flips = {(uint8_t)any(3), (uint8_t)any(3)},
        .now = (any(256) | (uint64_t)any(256) << 56) & all,
        .ever = (any(256) | (uint64_t)any(256) << 56) & all,
    };
}

static void
make_evidence(struct gw_matter_evidence *item)
{
    *item = (struct gw_matter_evidence){
        .id = {(uint8_t)any(40)},
        .kind = (enum gw_kind)any(3),
        .severity = (enum gw_severity)any(3),
        .server_split = any(2) != 0,
        .base = -1.0 - any(2),
        .confidence = 0.5 + 0.1 * any(4),
        .points = {any(3), any(2)},
    };
}

static void
make_cuts(struct gw_matter_cut *cut, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        char text[32];

        snprintf(text, sizeof(text), "d%u.example", 50 * i / count + any(2));
        cut[i].name = name_of(text);
        cut[i].key = gw_incident_key(&cut[i].name);
        cut[i].confidence = 0.5 + 0.1 * any(3);
    }
}

/* What is known of one incident, by few values. */
static void
make_incident(struct gw_snapshot_record *record)
{
    struct gw_matter *matter = &record->incident.matter;

    memset(record, 0, sizeof(*record));
    record->kind = GW_SNAPSHOT_INCIDENT;
    record->name = name_of("");
    matter->sort = (enum gw_matter_sort)any(2);
    matter->has_cut = any(2) != 0;
    matter->watched = any(2) != 0;
    matter->rolled = any(2) != 0;
    matter->worst = (enum gw_severity)any(3);
    matter->cut = name_of(any(2) == 0 ? "foo.example" : "bar.example");
    matter->server = addr_of(9, any(2));
    matter->again = any(2);
    matter->first_ns = any(4);
    matter->last_ns = 4 + any(4);
    matter->opened_ns = 2 + any(4);
    matter->state = (enum gw_incident_state)(1 + any(4));
    matter->closed_ns = any(3);
    matter->finding_total = any(40);
    matter->cut_count = any(5);
    matter->kind_count[any(3)] = 1 + any(3);
    for (uint32_t i = any(GW_MATTER_KEYS); i > 0; i--)
        matter->key[matter->key_count++] = 100u * i + any(9);
    for (uint32_t i = any(GW_INCIDENT_RESOLVERS_MAX); i > 0; i--)
        matter->resolvers[matter->resolver_count++] = addr_of(i, any(2));
    for (uint32_t i = any(GW_INCIDENT_FINDINGS_MAX); i > 0; i--) {
        struct gw_matter_evidence *item = &matter->evidence[matter->evidence_count];

        make_evidence(item);
        item->id[1] = (uint8_t)i;
        matter->evidence_count++;
    }
    record->incident.cuts.surest_count = any(GW_MATTER_SUREST + 1);
    make_cuts(record->incident.cuts.surest, record->incident.cuts.surest_count);
    record->incident.cuts.sample_count = any(GW_MATTER_SAMPLE + 1);
    make_cuts(record->incident.cuts.sample, record->incident.cuts.sample_count);
    gw_snapshot_merge(merger, record, record); /* what is there twice is joined */
}

/* A record of foo.example of up to `most` members and witnesses; few values, so that many tie. */
static void
make_record(struct gw_snapshot_record *record, enum gw_snapshot_kind kind, uint32_t most)
{
    if (kind == GW_SNAPSHOT_INCIDENT) {
        make_incident(record);
        return;
    }
    memset(record, 0, sizeof(*record));
    record->kind = kind;
    record->name = name_of("foo.example");
    record->zone = any(2) == 0 ? name_of("example") : (struct gw_name){0};
    record->messages = any(9);
    record->first_ns = any(4);
    record->last_ns = any(4);
    for (uint32_t i = 0; i < 2 * most && record->member_count < most; i++)
        if (any(2) == 0)
            make_member(&record->member[record->member_count++], kind, i);

    const uint32_t count = record->member_count;
    const uint64_t all = count == 64 ? UINT64_MAX : (1ull << count) - 1;

    for (uint32_t i = 0; i < count; i++)
        record->member[i].with = (any(256) | 1ull << i) & all;
    for (uint32_t i = 0; i < 2 * most && record->row_count < most; i++)
        if (any(2) == 0)
            make_row(&record->row[record->row_count++], i, all);
    if (kind == GW_SNAPSHOT_HOST)
        for (uint32_t i = any(4); i > 0; i--) {
            record->own_ns = any(3);
            record->own[record->own_count] = addr_of(7, record->own_count);
            record->own_count++;
        }
    gw_snapshot_sort(record);
}

static bool
same(const struct gw_snapshot_record *one, const struct gw_snapshot_record *other)
{
    const size_t len = gw_snapshot_encode(one, octets[0]);

    return gw_snapshot_encode(other, octets[1]) == len && memcmp(octets[0], octets[1], len) == 0;
}

static enum gw_snapshot_kind
kind_of_round(uint32_t round)
{
    static const enum gw_snapshot_kind kinds[] = {
        GW_SNAPSHOT_CUT, GW_SNAPSHOT_HOST, GW_SNAPSHOT_INCIDENT};

    return kinds[round % GW_ARRAY_LEN(kinds)];
}

static void
a_record_reads_back_as_it_was_written(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        size_t len;
        size_t read = 0;

        make_record(&first, kind_of_round(round), 1 + round % 64);
        len = gw_snapshot_encode(&first, octets[0]);
        assert_null(gw_snapshot_decode(octets[0], len, &second, &read));
        assert_int_equal(read, len);
        assert_true(same(&first, &second));
    }
}

static void
damage_is_refused_or_harmless(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint8_t *copy;
        size_t len;
        size_t read = 0;

        make_record(&first, kind_of_round(round), 1 + any(6));
        len = gw_snapshot_encode(&first, octets[0]);
        for (size_t cut = 0; cut < len; cut += 1 + any(7)) {
            copy = malloc(cut + 1); /* against the end of the allocation */
            memcpy(copy, octets[0], cut);
            assert_non_null(gw_snapshot_decode(copy, cut, &second, &read));
            free(copy);
        }
        octets[0][any((uint32_t)len)] ^= (uint8_t)(1u << any(8));
        if (gw_snapshot_decode(octets[0], len, &second, &read) == NULL) {
            assert_true(second.member_count <= GW_CLAIMS_MAX);
            assert_true(gw_snapshot_encode(&second, octets[1]) <= GW_SNAPSHOT_RECORD_MAX);
        }
    }
}

static void
merging_does_not_depend_on_the_order(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        const enum gw_snapshot_kind kind = kind_of_round(round);
        const uint32_t most = round % 4 == 3 ? 64 : 1 + any(12);

        make_record(&first, kind, most);
        make_record(&second, kind, most);
        left = first;
        gw_snapshot_merge(merger, &left, &second);
        right = second;
        gw_snapshot_merge(merger, &right, &first);
        assert_true(same(&left, &right));
        assert_true(left.member_count <= GW_CLAIMS_MAX && left.row_count <= GW_ROWS_MAX);
        gw_snapshot_merge(merger, &left, &first);
        if (most < 32)
            assert_true(same(&left, &right)); /* once more changes nothing */
    }
}

static void
merging_does_not_depend_on_the_grouping(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        make_record(&first, kind_of_round(round), 1 + any(16));
        make_record(&second, kind_of_round(round), 1 + any(16));
        make_record(&third, kind_of_round(round), 1 + any(16));
        left = first;
        gw_snapshot_merge(merger, &left, &second);
        gw_snapshot_merge(merger, &left, &third);
        right = second;
        gw_snapshot_merge(merger, &right, &third);
        gw_snapshot_merge(merger, &right, &first);
        assert_true(same(&left, &right));
    }
}

static struct gw_observe_run runs[2];
static uint8_t *written[2];
static size_t written_len[2];

#define WRITTEN_MAX (8u << 20)

/* Write down all that a run knows. */
static void
write_down(uint32_t index)
{
    struct gw_snapshot_walk *walk = gw_analyzer_walk_new(runs[index].analyzer);
    uint8_t *to = written[index];

    assert_non_null(walk);
    written_len[index] = 0;
    while (gw_snapshot_walk_next(walk, &first)) {
        assert_true(written_len[index] + GW_SNAPSHOT_RECORD_MAX < WRITTEN_MAX);
        written_len[index] += gw_snapshot_encode(&first, to + written_len[index]);
    }
    gw_snapshot_walk_free(walk);
}

/* Make the second run know what the first one wrote down. */
static void
recall_all(void)
{
    size_t pos = 0;

    gw_analyzer_recall_begin(runs[1].analyzer, GW_OBSERVE_EPOCH_NS, runs[0].last_ns);
    while (pos < written_len[0]) {
        size_t len = 0;

        assert_null(gw_snapshot_decode(written[0] + pos, written_len[0] - pos, &first, &len));
        gw_analyzer_recall(runs[1].analyzer, &first);
        pos += len;
    }
}

/* Delegations of many sizes, told by four servers to five resolvers, with some that differ. */
static void
tell_of_many(struct gw_observe_run *run, uint32_t messages)
{
    for (uint32_t i = 0; i < 4; i++)
        gw_observe_authority(run, 0, i % 2 == 0 ? "192.0.2.1" : "192.0.2.2", "example");
    for (uint32_t i = 0; i < messages; i++) {
        char says[256];
        char server[32];
        char resolver[32];
        const uint32_t cut = any(60);

        snprintf(says, sizeof(says),
            "d%u.example: ns1.d%u.example=192.0.2.%u ns2.host%u.example=2001:db8::%x", cut, cut,
            any(50) == 0 ? 99 : 10 + cut, cut % 7, 1 + cut % 7);
        snprintf(server, sizeof(server), "192.0.2.%u", 1 + any(4));
        snprintf(resolver, sizeof(resolver), "198.18.%u.53", 1 + any(5));
        gw_observe_tell(
            run, &(struct gw_told){
                     .at_s = i * 7.3, .server = server, .resolver = resolver, .says = says});
        snprintf(says, sizeof(says), "ns1.d%u.example=192.0.2.%u", cut, 10 + cut);
        if (any(5) == 0)
            gw_observe_truth(run, i * 7.3 + 1, says);
    }
}

static void
what_is_recalled_is_what_was_known(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 3; seed++) {
        gw_observe_open(&runs[0], seed);
        gw_observe_open(&runs[1], seed + 100);
        tell_of_many(&runs[0], 3000);
        write_down(0);
        assert_true(written_len[0] > 10000);
        recall_all();
        write_down(1);
        assert_int_equal(written_len[1], written_len[0]);
        assert_memory_equal(written[1], written[0], written_len[0]);
        gw_observe_close(&runs[0]);
        gw_observe_close(&runs[1]);
    }
}

/* History that was recalled is history: a lie after it is seen as if the run had gone on. */
static void
a_lie_is_told_from_recalled_history(void **state)
{
    const struct gw_told lie = {.at_s = 90000,
        .server = "192.0.2.1",
        .resolver = "198.18.3.53",
        .says = "d7.example: ns1.d7.example=203.0.113.66 ns2.host0.example=2001:db8::1"};

    (void)state;
    gw_observe_open(&runs[0], 1);
    gw_observe_open(&runs[1], 2);
    tell_of_many(&runs[0], 3000);
    write_down(0);
    recall_all();
    gw_observe_tell(&runs[1], &lie);
    gw_observe_finish(&runs[1], 0, 0);
    assert_non_null(gw_observe_find(&runs[1], GW_KIND_GLUE_ADDR_MINORITY, "ns1.d7.example"));
    gw_observe_close(&runs[0]);
    gw_observe_close(&runs[1]);
}

static int
set_up(void **state)
{
    (void)state;
    chance = 1;
    merger = gw_snapshot_merger_new();
    written[0] = malloc(WRITTEN_MAX);
    written[1] = malloc(WRITTEN_MAX);
    return merger == NULL || written[0] == NULL || written[1] == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
    (void)state;
    gw_snapshot_merger_free(merger);
    free(written[0]);
    free(written[1]);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_reads_back_as_it_was_written),
        cmocka_unit_test(damage_is_refused_or_harmless),
        cmocka_unit_test(merging_does_not_depend_on_the_order),
        cmocka_unit_test(merging_does_not_depend_on_the_grouping),
        cmocka_unit_test(what_is_recalled_is_what_was_known),
        cmocka_unit_test(a_lie_is_told_from_recalled_history),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
