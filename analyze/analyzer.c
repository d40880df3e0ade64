/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/analyzer.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/answers.h"
#include "analyze/child.h"
#include "analyze/denial.h"
#include "analyze/fanout.h"
#include "analyze/learn.h"
#include "analyze/lists.h"
#include "analyze/normal.h"
#include "analyze/race.h"
#include "analyze/reference.h"
#include "analyze/resolver.h"
#include "analyze/restore.h"
#include "analyze/rules.h"
#include "analyze/served.h"
#include "analyze/server.h"
#include "analyze/suspect.h"

/* Not twice within one tick. */
#define NEWS_PAUSE_TICKS 1u

struct gw_analyzer {
    struct gw_table table;
    struct gw_signal_store store;
    struct gw_rule_context context;
    struct gw_table_stats *stats;
    bool lab;
};

/* What came of glue is remembered in parts of the memory: 4, 4, 2 and 1 of 128. */
#define EFFECTS_PARTS 11u
#define PARTS         128u

static bool
effects_init(struct gw_rule_context *context, const struct gw_table *table, uint64_t memory)
{
    const uint64_t share = memory / PARTS * 4;

    context->suspects = gw_suspect_new(&table->key, share);
    context->answers = gw_suspect_answers_new(&table->key, share);
    context->children = gw_zone_children_new(&table->key, share / 2);
    context->denials = gw_denial_new(&table->key, share / 4);
    return context->suspects != NULL && context->answers != NULL && context->children != NULL &&
           context->denials != NULL;
}

static uint64_t
effects_octets(const struct gw_rule_context *context)
{
    return gw_suspect_octets(context->suspects) + gw_suspect_answers_octets(context->answers) +
           gw_zone_children_octets(context->children) + gw_denial_octets(context->denials);
}

static bool
is_held_back(const void *analyzer_ptr, const struct gw_finding *finding)
{
    const struct gw_analyzer *analyzer = analyzer_ptr;

    return gw_lists_suppression(analyzer->context.lists, finding, analyzer->store.now_ns) != NULL;
}

struct gw_analyzer *
gw_analyzer_new(const struct gw_analyzer_options *options, struct gw_stats *stats)
{
    const uint64_t share = gw_signal_share(options->memory);
    const uint64_t effects = options->memory / PARTS * EFFECTS_PARTS;
    const uint64_t matters = gw_incident_share(options->memory);
    struct gw_analyzer *analyzer = calloc(1, sizeof(*analyzer));

    if (analyzer == NULL)
        return NULL;
    if (gw_signal_init(&analyzer->store, options->key, share, &stats->finding) != GW_DONE ||
        gw_table_init(&analyzer->table, options->key, options->memory - share - matters - effects,
            &stats->table) != GW_DONE ||
        !effects_init(&analyzer->context, &analyzer->table, options->memory)) {
        gw_analyzer_free(analyzer);
        return NULL;
    }
    analyzer->store.incidents = gw_incident_new(matters, &stats->incident);
    if (analyzer->store.incidents == NULL) {
        gw_analyzer_free(analyzer);
        return NULL;
    }
    analyzer->context.normal = gw_normal_new();
    if (analyzer->context.normal == NULL) {
        gw_analyzer_free(analyzer);
        return NULL;
    }
    if (options->reference != NULL) {
        analyzer->context.meter = gw_reference_meter_new(options->reference, &stats->reference);
        if (analyzer->context.meter == NULL) {
            gw_analyzer_free(analyzer);
            return NULL;
        }
    }
    stats->table.memory_budget = options->memory;
    analyzer->table.anchors =
        (struct gw_table_anchors){options->lists, options->reference, options->roots};
    analyzer->stats = &stats->table;
    analyzer->lab = options->lab;
    analyzer->context.table = &analyzer->table;
    analyzer->context.store = &analyzer->store;
    analyzer->context.reference = options->reference;
    analyzer->context.roots = options->roots;
    analyzer->context.lists = options->lists;
    analyzer->context.lab = options->lab;
    analyzer->context.served = gw_served_new(&analyzer->table.key);
    analyzer->context.fanout = gw_fanout_new(&analyzer->table.key);
    analyzer->context.servers = gw_server_new(&analyzer->table.key);
    analyzer->context.resolvers = gw_resolver_new(&analyzer->table.key);
    analyzer->context.races = gw_race_new(&analyzer->table.key);
    if (analyzer->context.served == NULL || analyzer->context.fanout == NULL ||
        analyzer->context.servers == NULL || analyzer->context.resolvers == NULL ||
        analyzer->context.races == NULL) {
        gw_analyzer_free(analyzer);
        return NULL;
    }
    if (options->lists != NULL)
        gw_signal_hold_back(&analyzer->store, is_held_back, analyzer);
    return analyzer;
}

void
gw_analyzer_free(struct gw_analyzer *analyzer)
{
    if (analyzer == NULL)
        return;
    gw_served_free(analyzer->context.served);
    gw_fanout_free(analyzer->context.fanout);
    gw_suspect_free(analyzer->context.suspects);
    gw_suspect_answers_free(analyzer->context.answers);
    gw_zone_children_free(analyzer->context.children);
    gw_denial_free(analyzer->context.denials);
    gw_normal_free(analyzer->context.normal);

    gw_server_free(analyzer->context.servers);
    gw_resolver_free(analyzer->context.resolvers);
    gw_race_free(analyzer->context.races);
    gw_reference_meter_free(analyzer->context.meter);
    gw_table_done(&analyzer->table);
    gw_incident_free(analyzer->store.incidents);
    gw_signal_done(&analyzer->store);
    free(analyzer);
}

void
gw_analyzer_prefetch_bulk(
    const struct gw_analyzer *analyzer, const struct gw_referral *referral, uint32_t count)
{
    gw_table_prefetch_bulk(&analyzer->table, referral, count);
}

bool
gw_analyzer_is_repeat(
    struct gw_analyzer *analyzer, const struct gw_referral *referral, enum gw_class *ret_class)
{
    return gw_table_is_repeat(&analyzer->table, referral, ret_class);
}

/* Before a host is judged, the repeats of the cuts that first named it are counted. */
static void
fold_some(struct gw_table *table, const struct gw_host *host)
{
    gw_arena_ref cut = host->oldest;

    for (uint32_t i = 0; i < GW_FOLDED_CUTS && cut != 0; i++) {
        gw_table_fold(table, gw_arena_at(&table->arena, cut));
        cut = gw_table_next_naming(table, host, cut);
    }
}

/* From now on, every referral that names the host takes the slow path. */
static void
watch_all(struct gw_table *table, const struct gw_host *host)
{
    for (gw_arena_ref cut = host->oldest; cut != 0; cut = gw_table_next_naming(table, host, cut))
        gw_table_forget(table, gw_arena_at(&table->arena, cut));
}

static void
judge_host(const struct gw_rule_event *event, struct gw_host *host)
{
    const bool before = host->subject.contested;

    if (!before)
        fold_some(event->table, host);
    gw_rule_judge_subject(event, &host->subject, host);
    if (before || !host->subject.contested)
        return;
    watch_all(event->table, host);
    if (host->refs > GW_FOLDED_CUTS)
        gw_rule_judge_subject(event, &host->subject, host);
}

/*
 * What is contested is compared once in a while only, sooner when there is news: a flood of
 * messages about large contested sets must not cost more than it has to. The end of the run sees
 * it again.
 */
static bool
is_due(const struct gw_rule_event *event, struct gw_subject *subject, bool news)
{
    const gw_tick pause = !subject->contested ? 0 : news ? NEWS_PAUSE_TICKS : GW_TICKS_PER_S;

    if (!news && !subject->contested)
        return false;
    if (event->now >= subject->judged && event->now - subject->judged < pause)
        return false;
    subject->judged = event->now;
    return true;
}

static void
judge(const struct gw_rule_event *event, const struct gw_table_learned *learned)
{
    gw_rule_judge_message(event);
    if (learned->cut == NULL)
        return;
    if (is_due(event, &learned->cut->subject, learned->cut_news))
        gw_rule_judge_subject(event, &learned->cut->subject, NULL);
    if (learned->cut->subject.contested)
        gw_table_forget(event->table, learned->cut);
    for (uint32_t i = 0; i < event->seen->target_count; i++)
        if (learned->host[i] != NULL &&
            is_due(event, &learned->host[i]->subject, learned->host_news[i]))
            judge_host(event, learned->host[i]);
}

/* What every event has. */
static struct gw_rule_event
event_at(struct gw_analyzer *analyzer, gw_tick now)
{
    return (struct gw_rule_event){
        .context = &analyzer->context,
        .table = &analyzer->table,
        .store = &analyzer->store,
        .begin = analyzer->table.begin,
        .now = now,
        .lab = analyzer->lab,
    };
}

static void
judge_fact(struct gw_analyzer *analyzer, const struct gw_observation *seen, gw_tick now)
{
    struct gw_rule_event event = event_at(analyzer, now);

    event.seen = seen;
    event.exchange = &seen->exchange;
    event.zone = gw_zone_infer(&analyzer->table, seen);
    event.class = seen->class;
    gw_rule_judge_fact(&event);
}

static bool
has_unrelated(const struct gw_rule_event *event)
{
    const struct gw_observation *seen = event->seen;

    for (uint32_t i = 0; i < seen->target_count; i++) {
        const enum gw_zone_relation relation =
            seen->target[i].has_a || seen->target[i].has_aaaa
                ? gw_zone_relate(event->table, seen, &event->zone, &seen->target[i].name)
                : GW_ZONE_SIBLING;

        if (relation == GW_ZONE_FOREIGN || relation == GW_ZONE_COHOSTED)
            return true;
    }
    return false;
}

/* What is usual is learned from what is new: repeats were new once. */
static void
learn_normal(const struct gw_rule_event *event)
{
    const bool is_new =
        event->cut != NULL && event->zone.id != GW_ZONE_UNKNOWN && !event->cut->counted;

    if (event->cut == NULL)
        return;
    if (is_new)
        event->cut->counted = 1;
    gw_normal_learn(event->context->normal, event->zone.id, event->seen, is_new,
        is_new && has_unrelated(event));
}

/* An answer with the NS RRset of the zone that it comes from: a courtesy of some servers. */
static bool
is_own_zone(const struct gw_observation *seen, enum gw_class class)
{
    return class == GW_CLASS_ANSWER && (seen->facts & GW_FACT_AA) != 0 &&
           (seen->facts & GW_FACT_PROMISCUOUS) == 0;
}

static void
learn_own_zone(struct gw_analyzer *analyzer, struct gw_observation *seen, gw_tick now)
{
    const struct gw_table_name apex = gw_zone_name(seen, &seen->cut);

    gw_table_learn_truth(&analyzer->table, seen, now);
    seen->kind = GW_OBSERVATION_AUTHORITY;
    seen->class = GW_CLASS_ANSWER;
    judge_fact(analyzer, seen, now);
    gw_zone_learn(&analyzer->table, &apex, &seen->server);
}

static enum gw_class
observe_delegation(struct gw_analyzer *analyzer, struct gw_observation *seen, gw_tick now)
{
    struct gw_table *table = &analyzer->table;
    const struct gw_zone zone = gw_zone_infer(table, seen);
    const enum gw_class class = gw_zone_classify(table, seen, &zone);
    const struct gw_table_lesson lesson = {seen, &zone, class, now};
    struct gw_rule_event event = event_at(analyzer, now);
    struct gw_table_learned learned;

    event.seen = seen;
    event.exchange = &seen->exchange;
    event.zone = zone;
    event.class = class;
    if (is_own_zone(seen, class)) {
        learn_own_zone(analyzer, seen, now);
        return class;
    }
    if (class != GW_CLASS_REFERRAL && class != GW_CLASS_PARTIAL_REFERRAL) {
        gw_rule_judge_odd(&event);
        return class;
    }
    if (zone.name == NULL)
        analyzer->stats->zone_unknown++;
    else
        analyzer->stats->zone_known++;
    gw_table_learn(table, &lesson, &learned);
    event.cut = learned.cut;
    learn_normal(&event);
    judge(&event, &learned);
    return class;
}

enum gw_class
gw_analyzer_observe(struct gw_analyzer *analyzer, struct gw_observation *seen)
{
    struct gw_table *table = &analyzer->table;
    const gw_tick now = gw_table_tick(table, seen->time_ns);
    const struct gw_table_name apex = gw_zone_name(seen, &seen->cut);

    analyzer->store.now_ns = seen->time_ns;
    analyzer->stats->observations++;
    if (seen->kind != GW_OBSERVATION_DELEGATION)
        judge_fact(analyzer, seen, now);
    switch (seen->kind) {
    case GW_OBSERVATION_DELEGATION:
        return observe_delegation(analyzer, seen, now);
    case GW_OBSERVATION_AUTHORITY:
        gw_zone_learn(table, &apex, &seen->server);
        break;
    case GW_OBSERVATION_ADDRESS:
        gw_table_learn_truth(table, seen, now);
        break;
    case GW_OBSERVATION_DENIAL:
        if (seen->facts & GW_FACT_SOA)
            gw_zone_learn(table, &apex, &seen->server);
        break;
    case GW_OBSERVATION_ERROR:
    case GW_OBSERVATION_ALIAS:
    case GW_OBSERVATION_ANSWER:
    case GW_OBSERVATION_OTHER:
        break;
    }
    return seen->class;
}

enum gw_class
gw_analyzer_classify(struct gw_analyzer *analyzer, struct gw_observation *seen)
{
    const struct gw_zone zone = gw_zone_infer(&analyzer->table, seen);

    if (seen->kind != GW_OBSERVATION_DELEGATION)
        return seen->class;
    return gw_zone_classify(&analyzer->table, seen, &zone);
}

void
gw_analyzer_exchange(struct gw_analyzer *analyzer, const struct gw_exchange *exchange)
{
    struct gw_rule_event event =
        event_at(analyzer, gw_table_tick(&analyzer->table, exchange->time_ns));

    analyzer->store.now_ns = exchange->time_ns;
    event.exchange = exchange;
    event.class = exchange->class;
    gw_server_judge(analyzer->context.servers, exchange);
    gw_rule_judge_exchange(&event);
    gw_server_learn(analyzer->context.servers, exchange);
    gw_resolver_learn(analyzer->context.resolvers, exchange);
    gw_race_learn(analyzer->context.races, exchange);
}

/* Whether both responses have addresses of one family for their targets, and none in common. */
static bool
is_disjoint(const struct gw_observation *seen, uint32_t target, const struct gw_observation *other,
    uint32_t other_target)
{
    bool compared = false;

    for (uint32_t i = 0; i < seen->glue_count; i++) {
        const struct gw_observation_glue *glue = &seen->glue[i];

        for (uint32_t j = 0; glue->target == target && j < other->glue_count; j++) {
            const struct gw_observation_glue *contrary = &other->glue[j];

            if (contrary->target != other_target || contrary->addr.family != glue->addr.family)
                continue;
            if (memcmp(&contrary->addr, &glue->addr, sizeof(glue->addr)) == 0)
                return false;
            compared = true;
        }
    }
    return compared;
}

/* Neither response is believed more for it; but the known witnesses are no longer thought late. */
static void
note_disputes(
    struct gw_table *table, const struct gw_observation *second, const struct gw_observation *first)
{
    if (second->kind != GW_OBSERVATION_DELEGATION || first->kind != GW_OBSERVATION_DELEGATION)
        return;
    for (uint32_t i = 0; i < second->target_count; i++) {
        const struct gw_table_name name = gw_zone_name(second, &second->target[i].name);
        struct gw_host *host = gw_table_host(table, &name);

        for (uint32_t j = 0; host != NULL && j < first->target_count; j++)
            if (first->target[j].name.hash == name.hash && is_disjoint(second, i, first, j) &&
                host->subject.disputed != UINT8_MAX)
                host->subject.disputed++;
    }
}

void
gw_analyzer_second(
    struct gw_analyzer *analyzer, struct gw_observation *second, const struct gw_observation *first)
{
    struct gw_table *table = &analyzer->table;
    struct gw_rule_event event = event_at(analyzer, gw_table_tick(table, second->time_ns));

    analyzer->store.now_ns = second->time_ns;
    event.seen = second;
    event.exchange = &second->exchange;
    event.zone = gw_zone_infer(table, second);
    event.class = second->kind == GW_OBSERVATION_DELEGATION
                      ? gw_zone_classify(table, second, &event.zone)
                      : second->class;
    note_disputes(table, second, first);
    gw_rule_judge_second(&event, first);
}

void
gw_analyzer_sighting(struct gw_analyzer *analyzer, const struct gw_sighting *sighting)
{
    const struct gw_rule_event event =
        event_at(analyzer, gw_table_tick(&analyzer->table, sighting->time_ns));

    analyzer->store.now_ns = sighting->time_ns;
    gw_rule_judge_sighting(&event, sighting);
}

/* Judge one contested subject at the end of the run. */
static void
judge_last(struct gw_analyzer *analyzer, gw_arena_ref subject, bool is_cut)
{
    struct gw_table *table = &analyzer->table;
    struct gw_host *host = is_cut ? NULL : gw_arena_at(&table->arena, subject);
    const gw_arena_ref cut_ref = is_cut ? subject : host->oldest;
    struct gw_cut *cut = cut_ref == 0 ? NULL : gw_arena_at(&table->arena, cut_ref);
    struct gw_rule_event event = event_at(analyzer, table->latest);

    event.class = GW_CLASS_REFERRAL;
    event.cut = cut;

    if (cut != NULL && cut->parent != GW_ZONE_UNKNOWN) {
        const struct gw_zone_record *parent = gw_table_zone_at(table, cut->parent);

        event.zone = (struct gw_zone){
            cut->parent, gw_arena_at(&table->arena, parent->name), parent->name_len, true};
    }
    if (is_cut) {
        gw_table_fold(table, cut);
        gw_rule_judge_subject(&event, &cut->subject, NULL);
    } else {
        fold_some(table, host);
        gw_rule_judge_subject(&event, &host->subject, host);
    }
}

/* What one message showed was told to others, too: renew it from all that is known by now. */
static void
renew(struct gw_analyzer *analyzer, struct gw_finding *finding)
{
    struct gw_table *table = &analyzer->table;
    const struct gw_host *host = gw_rule_host_of(table, finding);

    if (host == NULL)
        return;
    fold_some(table, host);
    gw_rule_renew(table, host, finding);
}

static bool
is_about_one_address(const struct gw_finding *finding)
{
    return finding->kind == GW_KIND_GLUE_BOGON || finding->kind == GW_KIND_GLUE_LOOPBACK ||
           finding->kind == GW_KIND_GLUE_UNRELATED || finding->kind == GW_KIND_ROOT_MISMATCH ||
           finding->kind == GW_KIND_REFERENCE_MISMATCH;
}

void
gw_analyzer_finish(struct gw_analyzer *analyzer, int64_t last_ns, uint32_t caveats)
{
    struct gw_table *table = &analyzer->table;

    const struct gw_rule_event event = event_at(analyzer, gw_table_tick(table, last_ns));

    analyzer->store.now_ns = last_ns;
    for (uint32_t i = 0; i < table->contested_count; i++)
        judge_last(analyzer, table->contested[i], table->contested_is_cut[i] != 0);
    for (uint32_t i = 0; i < analyzer->store.count; i++)
        if (is_about_one_address(gw_signal_at(&analyzer->store, i)))
            renew(analyzer, gw_signal_at(&analyzer->store, i));
    gw_rule_judge_finish(&event);
    gw_signal_finish(&analyzer->store, caveats);
    gw_table_account(table);
    analyzer->stats->memory_octets += analyzer->store.arena.used +
                                      gw_incident_octets(analyzer->store.incidents) +
                                      effects_octets(&analyzer->context);
    analyzer->stats->resolver_groups = table->group.count;
    analyzer->stats->servers = table->server.count;
    analyzer->stats->witnesses = table->witness.count;
}

const struct gw_finding *
gw_analyzer_finding(const struct gw_analyzer *analyzer, uint32_t index)
{
    return index < analyzer->store.count ? gw_signal_at(&analyzer->store, index) : NULL;
}

const struct gw_incident *
gw_analyzer_incident(const struct gw_analyzer *analyzer, uint32_t index)
{
    return gw_incident_at(analyzer->store.incidents, index);
}

void
gw_analyzer_recall_begin(struct gw_analyzer *analyzer, int64_t begin_ns, int64_t latest_ns)
{
    gw_snapshot_recall_begin(&analyzer->table, begin_ns, latest_ns);
}

void
gw_analyzer_recall(struct gw_analyzer *analyzer, const struct gw_snapshot_record *record)
{
    if (record->kind == GW_SNAPSHOT_INCIDENT)
        gw_incident_recall(analyzer->store.incidents, &record->incident);
    else
        gw_snapshot_recall(&analyzer->table, record);
}

struct gw_snapshot_walk *
gw_analyzer_walk_new(struct gw_analyzer *analyzer)
{
    return gw_snapshot_walk_new(&analyzer->table, analyzer->store.incidents);
}
