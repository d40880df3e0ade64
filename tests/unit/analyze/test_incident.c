/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sequences of findings, and the incidents that come of them. Findings are made here as rules would
 * make them, with their terms in their channels, so that the arithmetic can be followed by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/signal.h"
#include "tests/support/observe.h"

#define NEAR 0.006

/* One finding of a story. What is left 0 or NULL is absent. */
struct made {
    double at_s;
    enum gw_kind kind;
    enum gw_severity severity;
    const char *cut, *name, *qname, *address;
    const char *resolver, *server;
    double points[GW_CHANNEL_COUNT]; /* of its terms, one for each channel */
    enum gw_split split;
    double baseline_days;
    uint32_t servers; /* that told the contrary side */
    uint32_t caveats;
    bool watched;
};

#define ATTACKED "198.18.1.53"
#define PARENT   "192.0.2.1"
#define FORGED   "198.51.100.66"

/* clang-format off */
#define BURST(at, pts) \
    {.at_s = (at), .kind = GW_KIND_RESP_TXID_BURST, .severity = GW_MEDIUM, \
     .qname = "r1.foo.example", .resolver = ATTACKED, .server = PARENT, \
     .points = {[GW_CHANNEL_TRANSPORT] = (pts)}}
#define MINORITY(at, cont, hist) \
    {.at_s = (at), .kind = GW_KIND_GLUE_ADDR_MINORITY, .severity = GW_MEDIUM, \
     .cut = "foo.example", \
     .name = "ns1.foo.example", .address = FORGED, .resolver = ATTACKED, .server = PARENT, \
     .points = {[GW_CHANNEL_CONTENT] = (cont), [GW_CHANNEL_HISTORY] = (hist)}, \
     .split = GW_SPLIT_BOTH, .baseline_days = 14, .servers = 1}
#define FOLLOWED(at) \
    {.at_s = (at), .kind = GW_KIND_SUSPECT_GLUE_FOLLOWED, .severity = GW_HIGH, \
     .cut = "foo.example", \
     .address = FORGED, .qname = "www.foo.example", .resolver = ATTACKED, .server = FORGED, \
     .points = {[GW_CHANNEL_ACCEPTANCE] = 3.0}}
#define DOUBLE(at, question, pts) \
    {.at_s = (at), .kind = GW_KIND_RESP_DOUBLE_CONFLICT, .severity = GW_HIGH, .cut = question, \
     .qname = question, .resolver = ATTACKED, .server = PARENT, \
     .points = {[GW_CHANNEL_TRANSPORT] = (pts)}}
#define CONFLICT(at, how, from, cont, hist) \
    {.at_s = (at), .kind = GW_KIND_GLUE_ADDR_CONFLICT, .severity = GW_MEDIUM, \
     .cut = "foo.example", \
     .name = "ns1.foo.example", .address = FORGED, .resolver = ATTACKED, .server = PARENT, \
     .points = {[GW_CHANNEL_CONTENT] = (cont), [GW_CHANNEL_HISTORY] = (hist)}, \
     .split = (how), .baseline_days = 7, .servers = (from)}
/* clang-format on */

static struct gw_signal_store store;
static struct gw_finding_stats finding_stats;
static struct gw_incident_stats stats;

static void
begin(void)
{
    struct gw_hash_key key;

    memset(&finding_stats, 0, sizeof(finding_stats));
    memset(&stats, 0, sizeof(stats));
    gw_hash_key_seeded(&key, 5);
    assert_int_equal(
        gw_signal_init(&store, &key, gw_signal_share(64u << 20), &finding_stats), GW_DONE);
    store.incidents = gw_incident_new(gw_incident_share(64u << 20), &stats);
    assert_non_null(store.incidents);
}

static void
end(void)
{
    gw_incident_free(store.incidents);
    gw_signal_done(&store);
}

static int64_t
ns_of(double at_s)
{
    return GW_OBSERVE_EPOCH_NS + (int64_t)(at_s * (double)GW_NS_PER_S);
}

static struct gw_name
name_of(const char *text)
{
    struct gw_name name = {0};

    if (text != NULL)
        name.len = gw_observe_name(text, name.wire);
    return name;
}

static void
put_term(struct gw_finding *finding, enum gw_channel channel, double points)
{
    if (points != 0.0)
        finding->term[finding->term_count++] = (struct gw_term){"made", points, channel};
}

static void
put_contrary(const struct made *made, struct gw_finding *finding)
{
    struct gw_finding_set *set = &finding->set[1];

    finding->set_count = 2;
    set->role = GW_SET_CONTRARY;
    set->address_count = 1;
    set->address[0] = gw_observe_addr(made->address);
    set->group_count = 1;
    set->server_count = made->servers;
    set->ttl_max_s = 3600;
    set->witness_count = 1;
    set->witness[0] = (struct gw_witness){.resolver = finding->resolver,
        .server = finding->server,
        .first_ns = finding->first_ns,
        .last_ns = finding->last_ns};
}

/* Two findings of one kind, name and question are one. */
static void
identify(struct gw_finding *finding)
{
    uint8_t identity[1 + 3 * sizeof(struct gw_name)];
    const uint8_t kind = finding->kind == GW_KIND_GLUE_ADDR_MINORITY
                             ? (uint8_t)GW_KIND_GLUE_ADDR_CONFLICT
                             : (uint8_t)finding->kind;

    identity[0] = kind;
    memcpy(identity + 1, &finding->name, sizeof(finding->name));
    memcpy(identity + 1 + sizeof(finding->name), &finding->cut, sizeof(finding->cut));
    memcpy(identity + 1 + 2 * sizeof(finding->name), &finding->qname, sizeof(finding->qname));
    gw_hash_stable(identity, sizeof(identity), finding->id);
}

static void
raise(const struct made *made)
{
    static struct gw_finding finding;
    const struct gw_name zone = name_of(made->cut == NULL ? NULL : "example");

    finding = (struct gw_finding){.kind = made->kind,
        .severity = made->severity,
        .zone = zone,
        .cut = name_of(made->cut),
        .name = name_of(made->name),
        .qname = name_of(made->qname),
        .resolver = gw_observe_addr(made->resolver),
        .server = gw_observe_addr(made->server),
        .first_ns = ns_of(made->at_s),
        .last_ns = ns_of(made->at_s),
        .trigger_ns = ns_of(made->at_s),
        .split = made->split,
        .baseline_s = made->baseline_days * GW_OBSERVE_DAY,
        .caveats = made->caveats,
        .watched = made->watched};
    finding.term[finding.term_count++] = (struct gw_term){"base", 0.0, GW_CHANNEL_CONTENT};
    for (uint32_t i = 0; i < GW_CHANNEL_COUNT; i++)
        put_term(&finding, (enum gw_channel)i, made->points[i]);
    if (made->address != NULL)
        put_contrary(made, &finding);
    identify(&finding);
    finding.confidence = gw_signal_confidence(&finding);
    store.now_ns = finding.last_ns;
    gw_signal_raise(&store, &finding);
}

static void
finish(double at_s, uint32_t caveats)
{
    store.now_ns = ns_of(at_s);
    gw_signal_finish(&store, caveats);
    assert_int_equal(stats.opened, stats.open + stats.closed);
    assert_int_equal(
        finding_stats.raised, finding_stats.emitted + finding_stats.aggregated +
                                  finding_stats.suppressed_low + finding_stats.suppressed_full +
                                  finding_stats.suppressed_rule + finding_stats.suppressed_rate);
}

static const struct gw_incident *
only(void)
{
    assert_non_null(gw_incident_at(store.incidents, 0));
    assert_null(gw_incident_at(store.incidents, 1));
    return gw_incident_at(store.incidents, 0);
}

/* clang-format off */
static const struct {
        const char *text;
        uint32_t count; /* of the made ones */
        struct made made[4];
        uint32_t incidents;
        double confidence;
        enum gw_family family;
        enum gw_severity severity;
        enum gw_scope scope;
    } stories[] = {
        {"guessed, believed and followed: critical", 3,
            {BURST(0, 3.5), MINORITY(0.002, 2.1, 2.0), FOLLOWED(0.04)}, 1, 0.99,
            GW_FAMILY_POISON_RACE, GW_CRITICAL, GW_SCOPE_HOST},
        {"the same in another order", 3, {MINORITY(0.002, 2.1, 2.0), FOLLOWED(0.04), BURST(0, 3.5)},
            1, 0.99, GW_FAMILY_POISON_RACE, GW_CRITICAL, GW_SCOPE_HOST},
        {"a burst alone is evidence", 1, {BURST(0, 3.5)}, 0, 0, 0, 0, 0},
        {"the strongest burst alone, too", 1, {BURST(0, 4.5)}, 0, 0, 0, 0, 0},
        {"a minority alone is evidence", 1, {MINORITY(0, 2.1, 2.0)}, 0, 0, 0, 0, 0},
        {"a burst and, an hour later, a minority for another resolver do not meet", 2,
            {BURST(0, 3.5), {.at_s = 3600,
                                .kind = GW_KIND_GLUE_ADDR_MINORITY,
                                .severity = GW_MEDIUM,
                                .cut = "bar.example",
                                .name = "ns1.bar.example",
                                .address = FORGED,
                                .resolver = "198.18.2.53",
                                .server = PARENT,
                                .points = {[GW_CHANNEL_CONTENT] = 2.1, [GW_CHANNEL_HISTORY] = 2.0},
                                .split = GW_SPLIT_BOTH,
                                .baseline_days = 14,
                                .servers = 1}},
            0, 0, 0, 0, 0},
        {"one parent server against a week of the others", 1,
            {CONFLICT(0, GW_SPLIT_SERVER, 1, 3.1, 1.0)}, 1, 0.75, GW_FAMILY_DELEGATION_HIJACK,
            GW_MEDIUM, GW_SCOPE_HOST},
        {"one resolver told by several servers", 1, {CONFLICT(0, GW_SPLIT_RESOLVER, 4, 3.1, 1.0)},
            1, 0.891, GW_FAMILY_POISON_RACE, GW_MEDIUM, GW_SCOPE_HOST},
        {"one parent server that was never seen to agree is broken", 1,
            {{.at_s = 0,
                .kind = GW_KIND_GLUE_ADDR_CONFLICT,
                .severity = GW_MEDIUM,
                .cut = "foo.example",
                .name = "ns1.foo.example",
                .address = FORGED,
                .resolver = ATTACKED,
                .server = PARENT,
                .points = {[GW_CHANNEL_CONTENT] = 3.1},
                .split = GW_SPLIT_SERVER,
                .baseline_days = 0,
                .servers = 1}},
            1, 0.75, GW_FAMILY_MISCONFIG, GW_LOW, GW_SCOPE_HOST},
        {"two answers to one question", 1, {DOUBLE(0, "a.example", 4.5)}, 1, 0.924,
            GW_FAMILY_POISON_RACE, GW_HIGH, GW_SCOPE_CUT},
        {"two answers to each of four questions: something is on the path", 4,
            {DOUBLE(0, "a.example", 4.5), DOUBLE(9, "b.example", 4.5), DOUBLE(60, "c.example", 4.5),
                DOUBLE(99, "d.example", 4.5)},
            1, 0.924, GW_FAMILY_PATH_INJECTION, GW_HIGH, GW_SCOPE_RESOLVER},
        {"a change that was taken back", 1,
            {{.at_s = 0,
                .kind = GW_KIND_NS_SET_CHANGED,
                .severity = GW_MEDIUM,
                .cut = "foo.example",
                .resolver = ATTACKED,
                .server = PARENT,
                .points = {[GW_CHANNEL_HISTORY] = 1.0}}},
            1, 0.731, GW_FAMILY_DELEGATION_HIJACK, GW_MEDIUM, GW_SCOPE_CUT},
        {"a change that nobody contradicts", 1,
            {{.at_s = 0,
                .kind = GW_KIND_NS_SET_CHANGED,
                .severity = GW_LOW,
                .cut = "foo.example",
                .resolver = ATTACKED,
                .server = PARENT,
                .points = {[GW_CHANNEL_HISTORY] = 1.0}}},
            0, 0, 0, 0, 0},
        {"the reference says otherwise", 1,
            {{.at_s = 0,
                .kind = GW_KIND_REFERENCE_MISMATCH,
                .severity = GW_HIGH,
                .cut = "foo.example",
                .resolver = ATTACKED,
                .server = PARENT,
                .points = {[GW_CHANNEL_REFERENCE] = 4.0}}},
            1, 0.982, GW_FAMILY_DELEGATION_HIJACK, GW_HIGH, GW_SCOPE_CUT},
        {"a referral that makes work for nothing", 1,
            {{.at_s = 0,
                .kind = GW_KIND_NS_FANOUT,
                .severity = GW_HIGH,
                .cut = "r1.evil.example",
                .resolver = ATTACKED,
                .server = PARENT,
                .points = {[GW_CHANNEL_CONTENT] = 4.0}}},
            1, 0.881, GW_FAMILY_RESOLVER_DOS, GW_MEDIUM, GW_SCOPE_CUT},
        {"one broken thing is told by its finding", 1,
            {{.at_s = 0,
                .kind = GW_KIND_REQUIRED_GLUE_MISSING,
                .severity = GW_LOW,
                .cut = "foo.example",
                .name = "ns1.foo.example",
                .resolver = ATTACKED,
                .server = PARENT,
                .points = {[GW_CHANNEL_CONTENT] = 2.0}}},
            0, 0, 0, 0, 0},
        {"several kinds of low severity are nothing to act on", 2,
            {{.at_s = 0,
                 .kind = GW_KIND_REQUIRED_GLUE_MISSING,
                 .severity = GW_LOW,
                 .cut = "foo.example",
                 .name = "ns1.foo.example",
                 .resolver = ATTACKED,
                 .server = PARENT,
                 .points = {[GW_CHANNEL_CONTENT] = 2.0}},
                {.at_s = 9,
                    .kind = GW_KIND_DELEGATION_NOT_SERVED,
                    .severity = GW_LOW,
                    .cut = "foo.example",
                    .resolver = ATTACKED,
                    .server = PARENT,
                    .points = {[GW_CHANNEL_CONTENT] = 1.5}}},
            0, 0, 0, 0, 0},
        {"a change that looked explained until the child was heard", 2,
            {{.at_s = 0,
                 .kind = GW_KIND_GLUE_CHANGED_AFTER_STABLE,
                 .severity = GW_INFO,
                 .cut = "foo.example",
                 .name = "ns1.foo.example",
                 .resolver = ATTACKED,
                 .server = PARENT,
                 .points = {[GW_CHANNEL_HISTORY] = 0.0}},
                {.at_s = 9,
                    .kind = GW_KIND_GLUE_CHANGED_AFTER_STABLE,
                    .severity = GW_MEDIUM,
                    .cut = "foo.example",
                    .name = "ns1.foo.example",
                    .resolver = ATTACKED,
                    .server = PARENT,
                    .points = {[GW_CHANNEL_HISTORY] = 1.0}}},
            1, 0.731, GW_FAMILY_DELEGATION_HIJACK, GW_MEDIUM, GW_SCOPE_HOST},
        {"information is no evidence", 1,
            {{.at_s = 0,
                .kind = GW_KIND_NS_SET_CHANGED,
                .severity = GW_INFO,
                .cut = "foo.example",
                .resolver = ATTACKED,
                .server = PARENT,
                .points = {[GW_CHANNEL_HISTORY] = 2.0}}},
            0, 0, 0, 0, 0},
    };
/* clang-format on */

static void
stories_come_to_the_incidents_that_they_are(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(stories); i++) {
        const struct gw_incident *one;

        print_message("%s\n", stories[i].text);
        begin();
        for (uint32_t j = 0; j < stories[i].count; j++)
            raise(&stories[i].made[j]);
        finish(200, 0);
        assert_int_equal(stats.opened - stats.rolled_up, stories[i].incidents);
        if (stories[i].incidents != 0) {
            one = only();
            assert_true(one->confidence > stories[i].confidence - NEAR &&
                        one->confidence < stories[i].confidence + NEAR);
            assert_int_equal(one->family, stories[i].family);
            assert_int_equal(one->severity, stories[i].severity);
            assert_int_equal(one->scope, stories[i].scope);
        }
        end();
    }
}

/* The example of docs/DETECTION.md, section 6. */
static void
the_worked_example_adds_up(void **state)
{
    static const struct made all[] = {BURST(0, 3.5), MINORITY(0.002, 2.1, 2.0), FOLLOWED(0.04)};
    const struct gw_incident *one;
    double sum;

    (void)state;
    begin();
    for (size_t i = 0; i < GW_ARRAY_LEN(all); i++)
        raise(&all[i]);
    finish(1, 0);
    one = only();
    assert_true(one->prior == -4.0);
    assert_true(one->channel[GW_CHANNEL_TRANSPORT] == 3.5);
    assert_true(one->channel[GW_CHANNEL_CONTENT] == 2.1);
    assert_true(one->channel[GW_CHANNEL_HISTORY] == 2.0);
    assert_true(one->channel[GW_CHANNEL_ACCEPTANCE] == 3.0);
    sum = one->prior;
    for (uint32_t i = 0; i < GW_CHANNEL_COUNT; i++)
        sum += one->channel[i];
    assert_true(sum > 6.599 && sum < 6.601);
    assert_int_equal(one->finding_total, 3);
    for (uint32_t i = 0; i < store.count; i++)
        assert_memory_equal(gw_signal_at(&store, i)->incident, one->id, sizeof(one->id));
    end();
}

static void
a_term_in_another_channel_is_not_counted_beside_the_finding_it_speaks_of(void **state)
{
    static const struct made rows[][2] = {
        {MINORITY(0.002, 2.1, 2.0), BURST(0, 3.5)},
        {{.at_s = 0.002,
             .kind = GW_KIND_GLUE_ADDR_MINORITY,
             .severity = GW_MEDIUM,
             .cut = "foo.example",
             .name = "ns1.foo.example",
             .address = FORGED,
             .resolver = ATTACKED,
             .server = PARENT,
             .points = {[GW_CHANNEL_CONTENT] = 2.1,
                 [GW_CHANNEL_TRANSPORT] = 3.0,
                 [GW_CHANNEL_HISTORY] = 2.0},
             .split = GW_SPLIT_BOTH,
             .baseline_days = 14,
             .servers = 1},
            BURST(0, 3.5)},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        begin();
        raise(&rows[i][0]);
        raise(&rows[i][1]);
        finish(1, 0);
        assert_true(only()->channel[GW_CHANNEL_TRANSPORT] == 3.5);
        end();
    }
}

static void
an_incident_goes_quiet_is_closed_and_comes_back_under_its_id(void **state)
{
    static const struct {
        const char *text;
        double again_s; /* the same is told once more; 0: it is not */
        double end_s;
        enum gw_incident_state state;
        enum gw_incident_reason reason;
    } rows[] = {
        {"just opened", 0, 10, GW_INCIDENT_NEW, GW_CLOSED_NOT},
        {"more of the same", 600, 700, GW_INCIDENT_OPEN, GW_CLOSED_NOT},
        {"nothing for two hours", 0, 2 * GW_OBSERVE_H, GW_INCIDENT_QUIET, GW_CLOSED_NOT},
        {"nothing for two days", 0, 2 * GW_OBSERVE_DAY, GW_INCIDENT_CLOSED, GW_CLOSED_RESOLVED},
        {"reopened after two days", 2 * GW_OBSERVE_DAY, 2 * GW_OBSERVE_DAY + 9, GW_INCIDENT_OPEN,
            GW_CLOSED_NOT},
    };
    uint8_t id[16];

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        struct made conflict = CONFLICT(0, GW_SPLIT_RESOLVER, 4, 3.1, 1.0);

        print_message("%s\n", rows[i].text);
        begin();
        raise(&conflict);
        conflict.at_s = rows[i].again_s;
        if (conflict.at_s > 0)
            raise(&conflict);
        finish(rows[i].end_s, 0);
        assert_int_equal(only()->state, rows[i].state);
        assert_int_equal(only()->reason, rows[i].reason);
        assert_true(only()->opened_ns == ns_of(0));
        if (i == 0)
            memcpy(id, only()->id, sizeof(id));
        assert_memory_equal(only()->id, id, sizeof(id));
        end();
    }
}

static void
another_channel_makes_it_updated(void **state)
{
    static const struct made first = CONFLICT(0, GW_SPLIT_RESOLVER, 4, 3.1, 1.0);
    static const struct made then = FOLLOWED(30);

    (void)state;
    begin();
    raise(&first);
    raise(&then);
    finish(60, 0);
    assert_int_equal(only()->state, GW_INCIDENT_UPDATED);
    end();
}

static void
everybody_goes_over_and_it_was_a_change(void **state)
{
    static const struct made conflict = CONFLICT(0, GW_SPLIT_SERVER, 1, 3.1, 1.0);
    static const struct made change = {.at_s = 900,
        .kind = GW_KIND_GLUE_CHANGED_AFTER_STABLE,
        .severity = GW_INFO,
        .cut = "foo.example",
        .name = "ns1.foo.example",
        .address = FORGED,
        .resolver = ATTACKED,
        .server = PARENT,
        .points = {[GW_CHANNEL_HISTORY] = -3.0}};
    struct gw_name name = name_of("ns1.foo.example");

    (void)state;
    begin();
    raise(&conflict);
    assert_true(gw_incident_is_open(store.incidents, &name, ns_of(1)));
    raise(&change);
    assert_false(gw_incident_is_open(store.incidents, &name, ns_of(901)));
    finish(1000, 0);
    assert_int_equal(only()->state, GW_INCIDENT_CLOSED);
    assert_int_equal(only()->reason, GW_CLOSED_EXPLAINED);
    end();
}

static void
many_delegations_of_one_parent_are_one_incident_and_the_watched_stand_alone(void **state)
{
    const struct gw_incident *one;
    bool watched = false;
    uint32_t count = 0;

    (void)state;
    begin();
    for (uint32_t i = 0; i < 60; i++) {
        struct made made = CONFLICT(i * 5.0, GW_SPLIT_RESOLVER, 4, 3.1, 1.0);
        char cut[32];
        char host[32];
        char address[32];

        snprintf(cut, sizeof(cut), "c%u.example", i);
        snprintf(host, sizeof(host), "ns1.c%u.example", i);
        snprintf(address, sizeof(address), "198.51.100.%u", i + 1);
        made.cut = cut;
        made.name = host;
        made.address = address;
        made.watched = i == 7;
        raise(&made);
    }
    finish(400, 0);
    for (; (one = gw_incident_at(store.incidents, count)) != NULL; count++) {
        watched |= one->watched;
        if (one->watched)
            continue;
        assert_int_equal(one->scope, GW_SCOPE_PARENT);
        assert_int_equal(one->finding_total, 59);
        assert_int_equal(one->delegation_total, 59);
        assert_true(one->cut_count > 20 && one->cut_count <= GW_INCIDENT_CUTS_MAX);
    }
    assert_int_equal(count, 2);
    assert_true(watched);
    end();
}

static void
delegations_that_gain_one_address_are_one_incident(void **state)
{
    static const struct made surge = {.at_s = 1200,
        .kind = GW_KIND_GLUE_FANIN_SURGE,
        .severity = GW_HIGH,
        .cut = "c1.example",
        .address = FORGED,
        .resolver = ATTACKED,
        .server = PARENT,
        .points = {[GW_CHANNEL_CONTENT] = 1.9}};

    (void)state;
    begin();
    for (uint32_t i = 0; i < 30; i++) {
        struct made made = {.at_s = i * 100.0,
            .kind = GW_KIND_GLUE_CHANGED_AFTER_STABLE,
            .severity = GW_LOW,
            .address = FORGED,
            .resolver = ATTACKED,
            .server = PARENT,
            .points = {[GW_CHANNEL_HISTORY] = 0.5}};
        char cut[32];
        char host[32];

        snprintf(cut, sizeof(cut), "c%u.example", i % 20);
        snprintf(host, sizeof(host), "ns%u.c%u.example", i, i % 20);
        made.cut = cut;
        made.name = host;
        raise(&made);
        if (i == 12)
            raise(&surge);
    }
    finish(4000, 0);
    assert_int_equal(only()->family, GW_FAMILY_DELEGATION_HIJACK);
    assert_int_equal(only()->scope, GW_SCOPE_ADDRESS);
    assert_int_equal(only()->finding_total, 31);
    assert_int_equal(stats.opened, 1);
    end();
}

static void
changes_that_nobody_contradicts_are_no_incident_however_many(void **state)
{
    (void)state;
    begin();
    for (uint32_t i = 0; i < 500; i++) {
        struct made made = {.at_s = i * 7.0,
            .kind = GW_KIND_NS_SET_CHANGED,
            .severity = GW_LOW,
            .resolver = ATTACKED,
            .server = PARENT,
            .points = {[GW_CHANNEL_HISTORY] = 0.1}};
        char cut[32];

        snprintf(cut, sizeof(cut), "c%u.example", i);
        made.cut = cut;
        raise(&made);
    }
    finish(4000, 0);
    assert_null(gw_incident_at(store.incidents, 0));
    assert_int_equal(stats.opened, 0);
    end();
}

static void
without_queries_half_of_the_evidence_counts(void **state)
{
    static const struct made conflict = CONFLICT(0, GW_SPLIT_RESOLVER, 4, 3.1, 1.0);

    (void)state;
    begin();
    raise(&conflict);
    finish(10, GW_CAVEAT_RESPONSES_ONLY);
    assert_null(gw_incident_at(store.incidents, 0));
    assert_int_equal(stats.opened, 0);
    assert_int_equal(stats.evidence, 1);
    end();
}

static bool
hold_back(const void *rules, const struct gw_finding *finding)
{
    return finding->kind == *(const enum gw_kind *)rules;
}

static void
what_a_rule_holds_back_is_counted_and_no_evidence(void **state)
{
    static const enum gw_kind kind = GW_KIND_GLUE_ADDR_CONFLICT;
    static const struct made conflict = CONFLICT(0, GW_SPLIT_RESOLVER, 4, 3.1, 1.0);

    (void)state;
    begin();
    gw_signal_hold_back(&store, hold_back, &kind);
    raise(&conflict);
    finish(10, 0);
    assert_int_equal(finding_stats.suppressed_rule, 1);
    assert_int_equal(finding_stats.emitted, 0);
    assert_int_equal(stats.suppressed, 1);
    assert_null(gw_incident_at(store.incidents, 0));
    end();
}

static void
more_matters_than_there_is_room_for_are_counted(void **state)
{
    (void)state;
    begin();
    for (uint32_t i = 0; i < 3000; i++) {
        struct made made = MINORITY(i * 60.0, 2.1, 0.0);
        char cut[32];
        char host[32];
        char address[32];

        snprintf(cut, sizeof(cut), "c%u.example", i);
        snprintf(host, sizeof(host), "ns1.c%u.example", i);
        snprintf(address, sizeof(address), "198.51.%u.%u", i / 250, i % 250);
        made.cut = cut;
        made.name = host;
        made.address = address;
        raise(&made);
    }
    finish(3000 * 60.0, 0);
    assert_true(stats.dropped > 0);
    assert_int_equal(stats.opened, 0);
    end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stories_come_to_the_incidents_that_they_are),
        cmocka_unit_test(the_worked_example_adds_up),
        cmocka_unit_test(a_term_in_another_channel_is_not_counted_beside_the_finding_it_speaks_of),
        cmocka_unit_test(an_incident_goes_quiet_is_closed_and_comes_back_under_its_id),
        cmocka_unit_test(another_channel_makes_it_updated),
        cmocka_unit_test(everybody_goes_over_and_it_was_a_change),
        cmocka_unit_test(
            many_delegations_of_one_parent_are_one_incident_and_the_watched_stand_alone),
        cmocka_unit_test(delegations_that_gain_one_address_are_one_incident),
        cmocka_unit_test(changes_that_nobody_contradicts_are_no_incident_however_many),
        cmocka_unit_test(without_queries_half_of_the_evidence_counts),
        cmocka_unit_test(what_a_rule_holds_back_is_counted_and_no_evidence),
        cmocka_unit_test(more_matters_than_there_is_room_for_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
