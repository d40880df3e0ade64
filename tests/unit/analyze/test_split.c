/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who agrees with whom. A story is a list of sayings, each "resolver server at: addresses"; what
 * the table then holds of ns1.foo.example is compared.
 */
#include "analyze/split.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/learn.h"
#include "tests/support/observe.h"

#define SAYINGS_MAX 40u
#define BUDGET      (16ull * 1024 * 1024)

/* "A" to "F" stand for addresses; lower case for AAAA records. */
struct saying {
    uint32_t resolver, server;
    double at_h;
    const char *addresses;
    const char *zone;
    uint32_t facts;
};

enum expected {
    AGREE,
    CHANGE,
    CONFLICT, /* taken back, or lasting */
    LAG,      /* neither yet */
};

struct row {
    const char *shows;
    struct saying says[SAYINGS_MAX];
    enum expected expected;
    uint8_t family;       /* 0: 4 */
    const char *contrary; /* NULL: not looked at */
    enum gw_split line;
    uint32_t steady_groups;
};

static struct gw_table table;
static struct gw_table_stats stats;
static struct gw_hash_key key;
static struct gw_observation seen;

#define STEADY(r, s, at)                                        \
    {r, s, at, "A", NULL, 0}, {r, s, (at) + 0.1, "A", NULL, 0}, \
    {                                                           \
        r, s, (at) + 0.2, "A", NULL, 0                          \
    }

static const struct row rows[] = {
    {"all the same", {STEADY(1, 1, 0), STEADY(2, 1, 0), STEADY(3, 2, 0)}, AGREE, 0, NULL, 0, 0},
    {"a subset", {STEADY(1, 1, 0), {2, 1, 1, "AB", NULL, 0}, {3, 2, 1, "A", NULL, 0}}, AGREE, 0,
        NULL, 0, 0},
    {"chained by overlap",
        {{1, 1, 0, "AB", NULL, 0}, {2, 1, 0, "BC", NULL, 0}, {3, 1, 0, "CD", NULL, 0}}, AGREE, 0,
        NULL, 0, 0},
    {"one saying alone", {{1, 1, 0, "A", NULL, 0}}, AGREE, 0, NULL, 0, 0},
    {"the other family differs",
        {{1, 1, 0, "Aa", NULL, 0}, {2, 1, 0, "Ab", NULL, 0}, {1, 1, 1, "Aa", NULL, 0}}, AGREE, 4,
        NULL, 0, 0},
    {"this family differs",
        {{1, 1, 0, "Aa", NULL, 0}, {2, 1, 0, "Ab", NULL, 0}, {1, 1, 1, "Aa", NULL, 0}}, CONFLICT, 6,
        "b", GW_SPLIT_RESOLVER, 0},
    {"one family missing is no contradiction",
        {{1, 1, 0, "A", NULL, 0}, {2, 1, 0, "a", NULL, 0}, {3, 1, 1, "Aa", NULL, 0}}, AGREE, 0,
        NULL, 0, 0},
    {"another zone's servers are another matter",
        {{1, 1, 0, "A", "example", 0}, {2, 2, 0, "B", "test", 0}, {1, 1, 1, "A", "example", 0}},
        AGREE, 0, NULL, 0, 0},

    {"everybody goes over",
        {STEADY(1, 1, 0), STEADY(2, 1, 0), {1, 1, 1, "B", NULL, 0}, {2, 1, 2, "B", NULL, 0}},
        CHANGE, 0, NULL, GW_SPLIT_NONE, 0},
    {"one has gone over, the others were silent since",
        {STEADY(1, 1, 0), STEADY(2, 1, 0), STEADY(3, 1, 0), {1, 1, 1, "B", NULL, 0}}, CHANGE, 0,
        "B", GW_SPLIT_BOTH, 2},
    {"a server lags for an hour",
        {STEADY(1, 1, 0), STEADY(1, 2, 0), {1, 1, 1, "B", NULL, 0}, {1, 2, 2, "A", NULL, 0}}, LAG,
        0, "B", GW_SPLIT_SERVER, 0},
    {"a server lags for three hours",
        {STEADY(1, 1, 0), STEADY(1, 2, 0), {1, 1, 1, "B", NULL, 0}, {1, 2, 4, "A", NULL, 0}},
        CONFLICT, 0, "B", GW_SPLIT_SERVER, 0},
    {"a witness goes back",
        {STEADY(1, 1, 0), STEADY(2, 1, 0), {1, 1, 1, "B", NULL, 0}, {1, 1, 1.1, "A", NULL, 0}},
        CONFLICT, 0, "B", GW_SPLIT_RESOLVER, 1},
    {"the same server tells another resolver the old one",
        {STEADY(1, 1, 0), STEADY(2, 1, 0), {1, 1, 1, "B", NULL, 0}, {2, 1, 1.1, "A", NULL, 0}},
        CONFLICT, 0, "B", GW_SPLIT_RESOLVER, 1},
    {"the same within two seconds: a server reloads",
        {STEADY(1, 1, 0), STEADY(2, 1, 0), {1, 1, 1, "B", NULL, 0}, {2, 1, 1.0003, "A", NULL, 0}},
        LAG, 0, "B", GW_SPLIT_RESOLVER, 1},

    {"one resolver, from each server",
        {STEADY(1, 1, 0), STEADY(2, 1, 0), STEADY(3, 2, 0), {1, 1, 1, "B", NULL, 0},
            {1, 2, 1, "B", NULL, 0}, {2, 1, 2, "A", NULL, 0}, {3, 2, 2, "A", NULL, 0}},
        CONFLICT, 0, "B", GW_SPLIT_RESOLVER, 2},
    {"one server, to each resolver",
        {STEADY(1, 1, 0), STEADY(2, 1, 0), STEADY(3, 1, 0), {1, 2, 1, "B", NULL, 0},
            {2, 2, 1, "B", NULL, 0}, {1, 1, 4, "A", NULL, 0}, {2, 1, 4, "A", NULL, 0},
            {3, 1, 4, "A", NULL, 0}},
        CONFLICT, 0, "B", GW_SPLIT_SERVER, 1},
    {"a set shrinks for everybody",
        {{1, 1, 0, "AB", NULL, 0}, {2, 1, 0, "AB", NULL, 0}, {1, 1, 1, "A", NULL, 0},
            {2, 1, 1, "A", NULL, 0}, {3, 2, 2, "A", NULL, 0}},
        AGREE, 0, NULL, 0, 0},
    {"a set shrinks that one alone had seen whole",
        {{1, 1, 0, "AB", NULL, 0}, {2, 1, 1, "A", NULL, 0}, {1, 1, 2, "A", NULL, 0},
            {3, 2, 2, "A", NULL, 0}},
        AGREE, 0, NULL, 0, 0},
    {"one message that ties a lie to the truth does not make it agree",
        {STEADY(3, 1, 0), STEADY(4, 2, 0), STEADY(5, 1, 0), {1, 1, 1, "AB", NULL, 0},
            {1, 1, 1.1, "B", NULL, 0}, {2, 2, 1.2, "B", NULL, 0}, {3, 1, 2, "A", NULL, 0},
            {4, 2, 2, "A", NULL, 0}, {5, 1, 2, "A", NULL, 0}},
        CONFLICT, 0, "B", GW_SPLIT_NONE, 3},
    {"an extra member",
        {STEADY(1, 1, 0), STEADY(2, 1, 0), STEADY(3, 2, 0), {4, 1, 1, "AB", NULL, 0},
            {2, 1, 2, "A", NULL, 0}},
        CONFLICT, 0, "B", GW_SPLIT_BOTH, 3},
    {"an extra member where others were clipped",
        {{1, 1, 0, "A", NULL, GW_FACT_CLIPPED}, {2, 1, 0, "A", NULL, GW_FACT_TC},
            {3, 2, 0, "A", NULL, GW_FACT_TC}, {4, 1, 1, "AB", NULL, 0}},
        AGREE, 0, NULL, 0, 0},
    {"an extra member that two groups and two servers know",
        {STEADY(1, 1, 0), STEADY(2, 1, 0), {3, 1, 1, "AB", NULL, 0}, {4, 2, 1, "AB", NULL, 0}},
        AGREE, 0, NULL, 0, 0},

    {"a pool of which each shows one",
        {{1, 1, 0, "A", NULL, 0}, {2, 2, 0, "B", NULL, 0}, {1, 2, 1, "B", NULL, 0},
            {2, 1, 1, "A", NULL, 0}, {1, 1, 2, "B", NULL, 0}, {2, 2, 2, "A", NULL, 0},
            {1, 1, 3, "A", NULL, 0}, {2, 2, 3, "B", NULL, 0}},
        AGREE, 0, NULL, 0, 0},
    {"two are told another address by two servers, three are not: no pool",
        {STEADY(3, 1, 0), STEADY(4, 2, 0), STEADY(5, 1, 0), {1, 1, 1, "B", NULL, 0},
            {2, 2, 1, "B", NULL, 0}, {3, 1, 2, "A", NULL, 0}, {4, 2, 2, "A", NULL, 0},
            {5, 1, 2, "A", NULL, 0}},
        CONFLICT, 0, "B", GW_SPLIT_NONE, 3},

    {"two changes, one witness silent since the first set",
        {STEADY(1, 1, 0), STEADY(2, 1, 0), STEADY(3, 1, 0), {1, 1, 1, "B", NULL, 0},
            {2, 1, 1.1, "B", NULL, 0}, {1, 1, 5, "C", NULL, 0}, {2, 1, 5.1, "C", NULL, 0}},
        CHANGE, 0, "C", GW_SPLIT_NONE, 0},
    {"a lie after a change, one witness silent since before",
        {STEADY(1, 1, 0), STEADY(2, 1, 0), STEADY(3, 1, 0), {1, 1, 1, "B", NULL, 0},
            {2, 1, 1.1, "B", NULL, 0}, {2, 1, 1.2, "B", NULL, 0}, {2, 1, 1.3, "B", NULL, 0},
            {1, 1, 2, "C", NULL, 0}, {2, 1, 3, "B", NULL, 0}},
        CONFLICT, 0, "C", GW_SPLIT_RESOLVER, 1},
    {"all go over and all come back",
        {STEADY(1, 1, 0), STEADY(2, 1, 0), STEADY(1, 2, 0), {1, 1, 1, "B", NULL, 0},
            {2, 2, 1.5, "B", NULL, 0}, {1, 1, 3, "A", NULL, 0}},
        CHANGE, 0, "B", 0, 0},
    {"all but one go over, and come back",
        {STEADY(1, 1, 0), STEADY(2, 1, 0), STEADY(3, 2, 0), {1, 1, 1, "B", NULL, 0},
            {2, 2, 1.5, "B", NULL, 0}, {1, 1, 3, "A", NULL, 0}},
        CONFLICT, 0, "B", GW_SPLIT_NONE, 1},
    {"all go over, one between them not: it may be a pool",
        {STEADY(1, 1, 0), STEADY(2, 1, 0), STEADY(1, 2, 0), {1, 1, 1, "B", NULL, 0},
            {1, 2, 1.2, "A", NULL, 0}, {2, 2, 1.5, "B", NULL, 0}, {1, 1, 3, "A", NULL, 0}},
        AGREE, 0, NULL, 0, 0},
    {"what was said a day ago says nothing about now",
        {STEADY(1, 1, 0), {2, 1, 26, "B", NULL, 0}, {2, 1, 27, "B", NULL, 0}}, AGREE, 0, NULL, 0,
        0},
    {"just within the day", {STEADY(1, 1, 0), {2, 1, 20, "B", NULL, 0}, {2, 1, 24, "B", NULL, 0}},
        CHANGE, 0, NULL, 0, 1},
};

static void
spell(const char *addresses, char *text, size_t room)
{
    size_t len = (size_t)snprintf(text, room, "foo.example: ns1.foo.example");

    for (uint32_t i = 0; addresses[i] != '\0'; i++) {
        const bool ip6 = addresses[i] >= 'a';

        len += (size_t)snprintf(text + len, room - len, "%c%s%u%s", i == 0 ? '=' : ',',
            ip6 ? "2001:db8:" : "192.0.",
            (uint32_t)(ip6 ? addresses[i] - 'a' : addresses[i] - 'A') + 10, ip6 ? "::1" : ".1");
    }
}

static gw_tick
say(const struct saying *saying)
{
    char says[256];
    char server[32];
    char resolver[32];
    uint8_t wire[GW_NAME_MAX];

    spell(saying->addresses, says, sizeof(says));
    snprintf(server, sizeof(server), "192.0.2.%u", saying->server);
    snprintf(resolver, sizeof(resolver), "198.18.%u.53", saying->resolver);
    gw_observe_build(&key,
        &(struct gw_told){.at_s = saying->at_h * GW_OBSERVE_H,
            .server = server,
            .resolver = resolver,
            .says = says,
            .facts = saying->facts},
        &seen);

    const uint8_t len = gw_observe_name(saying->zone == NULL ? "example" : saying->zone, wire);
    const struct gw_table_name parent = {wire, gw_hash_octets(&key, wire, len), len};
    const struct gw_zone zone = {gw_table_zone_make(&table, &parent), wire, len, true};
    const gw_tick now = gw_table_tick(&table, seen.time_ns);
    const struct gw_table_lesson lesson = {&seen, &zone, GW_CLASS_REFERRAL, now};
    struct gw_table_learned learned;

    gw_table_learn(&table, &lesson, &learned);
    assert_non_null(learned.cut);
    return now;
}

static gw_zone_id
zone_of(const char *text)
{
    uint8_t wire[GW_NAME_MAX];
    const uint8_t len = gw_observe_name(text, wire);
    const struct gw_table_name name = {wire, gw_hash_octets(&key, wire, len), len};

    return gw_table_zone(&table, &name);
}

static const struct gw_subject *
subject(void)
{
    uint8_t wire[GW_NAME_MAX];
    const uint8_t len = gw_observe_name("ns1.foo.example", wire);
    const struct gw_table_name name = {wire, gw_hash_octets(&key, wire, len), len};

    return &gw_table_host(&table, &name)->subject;
}

static bool
is_contrary(const struct gw_split_view *view, const char *letters)
{
    const struct gw_claim *claim = gw_table_claims(&table, subject());

    if ((size_t)__builtin_popcountll(view->contrary.claims) != strlen(letters))
        return false;
    for (uint64_t left = view->contrary.claims; left != 0; left &= left - 1) {
        const struct gw_claim *one = &claim[__builtin_ctzll(left)];
        const char letter = one->family == 6 ? (char)('a' + one->octet[5] - 0x10)
                                             : (char)('A' + one->octet[2] - 10);

        if (strchr(letters, letter) == NULL)
            return false;
    }
    return true;
}

static enum expected
verdict(const struct gw_split_view *view)
{
    if (view->change)
        return CHANGE;
    return view->taken_back || view->overlap > GW_LAG_TICKS ? CONFLICT : LAG;
}

static bool
is_as_expected(const struct row *row)
{
    static const char *const names[] = {"agree", "change", "conflict", "lag"};
    struct gw_split_view view = {0};
    gw_tick now = 0;

    memset(&stats, 0, sizeof(stats));
    gw_hash_key_seeded(&key, 3);
    assert_int_equal(gw_table_init(&table, &key, BUDGET, &stats), GW_DONE);
    for (uint32_t i = 0; i < SAYINGS_MAX && row->says[i].resolver != 0; i++)
        now = say(&row->says[i]);

    const struct gw_split_query query = {.subject = subject(),
        .family = row->family == 0 ? 4 : row->family,
        .zone = zone_of("example"),
        .now = now};
    const enum expected got = gw_table_split(&table, &query, &view) ? verdict(&view) : AGREE;
    const bool fits =
        got == row->expected &&
        (got == AGREE || ((row->contrary == NULL || is_contrary(&view, row->contrary)) &&
                             (got == CHANGE || view.split == row->line) &&
                             view.steady_groups == row->steady_groups &&
                             (view.known.claims & view.contrary.claims) == 0));

    if (!fits)
        print_message("%s: %s, contrary %lx known %lx line %d steady groups %u\n", row->shows,
            names[got], (unsigned long)view.contrary.claims, (unsigned long)view.known.claims,
            (int)view.split, view.steady_groups);
    gw_table_done(&table);
    return fits;
}

static void
witnesses_agree_change_or_conflict(void **state)
{
    uint32_t wrong = 0;

    (void)state;
    for (uint32_t i = 0; i < GW_ARRAY_LEN(rows); i++)
        wrong += !is_as_expected(&rows[i]);
    assert_int_equal(wrong, 0);
}

static void
a_dual_stack_server_is_counted_once(void **state)
{
    struct gw_split_view view;
    static const struct {
        const char *resolver, *server;
    } pairs[] = {{"198.18.1.53", "192.0.2.1"}, {"2001:db8:b1::53", "2001:db8:a::1"},
        {"198.18.2.53", "192.0.2.1"}, {"2001:db8:b2::53", "2001:db8:a::1"}};

    (void)state;
    memset(&stats, 0, sizeof(stats));
    gw_hash_key_seeded(&key, 3);
    assert_int_equal(gw_table_init(&table, &key, BUDGET, &stats), GW_DONE);

    const struct gw_zone zone = {.id = GW_ZONE_UNKNOWN};
    gw_tick now = 0;

    for (uint32_t i = 0; i < 9; i++) {
        const uint32_t which = i % 4;

        gw_observe_build(&key,
            &(struct gw_told){.at_s = i,
                .server = pairs[which].server,
                .resolver = pairs[which].resolver,
                .says = i == 4 ? "foo.example: ns1.foo.example=203.0.113.6"
                               : "foo.example: ns1.foo.example=192.0.2.11"},
            &seen);
        now = gw_table_tick(&table, seen.time_ns);

        const struct gw_table_lesson lesson = {&seen, &zone, GW_CLASS_REFERRAL, now};
        struct gw_table_learned learned;

        gw_table_learn(&table, &lesson, &learned);
    }

    const struct gw_split_query query = {.subject = subject(), .family = 4, .now = now};

    assert_true(gw_table_split(&table, &query, &view));
    assert_int_equal(view.group_total, 2);
    assert_int_equal(view.server_total, 1);
    gw_table_done(&table);
}

/* As many rows and claims as there may be, each of them of its own. */
static void
full_subjects_are_compared(void **state)
{
    struct gw_split_view view;
    gw_tick now = 0;

    (void)state;
    memset(&stats, 0, sizeof(stats));
    gw_hash_key_seeded(&key, 3);
    assert_int_equal(gw_table_init(&table, &key, BUDGET, &stats), GW_DONE);
    for (uint32_t i = 0; i < 200; i++) {
        const char letters[2] = {(char)('A' + (i % 3 == 0 ? i % 32 : 0)), '\0'};
        const struct saying saying = {1 + i, 1 + i % 5, i / 100.0, letters, NULL, 0};

        now = say(&saying);
    }
    assert_int_equal(subject()->row_count, GW_ROWS_MAX);

    const struct gw_split_query query = {.subject = subject(), .family = 4, .now = now};

    assert_true(gw_table_split(&table, &query, &view));
    assert_true(view.group_total <= GW_ROWS_MAX);
    assert_true(stats.rows_dropped >= 200 - GW_ROWS_MAX);
    gw_table_done(&table);
}

static void
what_all_left_behind_is_let_go_and_new_when_it_comes_back(void **state)
{
    struct gw_split_view view;
    gw_tick now = 0;

    (void)state;
    memset(&stats, 0, sizeof(stats));
    gw_hash_key_seeded(&key, 3);
    assert_int_equal(gw_table_init(&table, &key, BUDGET, &stats), GW_DONE);
    for (uint32_t i = 0; i < 4; i++)
        now = say(&(struct saying){1 + i % 2, 1, i, i < 2 ? "A" : "B", NULL, 0});

    struct gw_split_query query = {.subject = subject(), .family = 4, .now = now};

    assert_true(gw_table_split(&table, &query, &view));
    assert_true(view.change);
    assert_int_equal(view.left, 1);
    gw_table_settle(&table, query.subject, view.left);
    assert_false(gw_table_split(&table, &query, &view));

    query.now = say(&(struct saying){1, 1, 10, "A", NULL, 0});
    assert_true(gw_table_split(&table, &query, &view));
    assert_true(view.change);
    assert_int_equal(view.since, query.now);
    gw_table_done(&table);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(witnesses_agree_change_or_conflict),
        cmocka_unit_test(a_dual_stack_server_is_counted_once),
        cmocka_unit_test(full_subjects_are_compared),
        cmocka_unit_test(what_all_left_behind_is_let_go_and_new_when_it_comes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
