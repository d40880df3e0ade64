/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/analyzer.h"

#include <stdlib.h>

#include "analyze/learn.h"
#include "analyze/rules.h"

/* A twentieth of a second. */
#define NEWS_PAUSE_TICKS (GW_TICKS_PER_S / 20)

struct gw_analyzer {
    struct gw_table table;
    struct gw_signal_store store;
    struct gw_rule_context context;
    struct gw_table_stats *stats;
    bool lab;
};

struct gw_analyzer *
gw_analyzer_new(const struct gw_analyzer_options *options, struct gw_stats *stats)
{
    const uint64_t share = gw_signal_share(options->memory);
    const uint64_t matters = gw_incident_share(options->memory);
    struct gw_analyzer *analyzer = calloc(1, sizeof(*analyzer));

    if (analyzer == NULL)
        return NULL;
    if (gw_signal_init(&analyzer->store, options->key, share, &stats->finding) != GW_DONE ||
        gw_table_init(&analyzer->table, options->key, options->memory - share - matters,
            &stats->table) != GW_DONE) {
        gw_analyzer_free(analyzer);
        return NULL;
    }
    analyzer->store.incidents = gw_incident_new(matters, &stats->incident);
    if (analyzer->store.incidents == NULL) {
        gw_analyzer_free(analyzer);
        return NULL;
    }
    stats->table.memory_budget = options->memory;
    analyzer->stats = &stats->table;
    analyzer->lab = options->lab;
    analyzer->context = (struct gw_rule_context){
        .table = &analyzer->table,
        .store = &analyzer->store,
        .reference = options->reference,
        .lists = options->lists,
        .lab = options->lab,
    };
    return analyzer;
}

void
gw_analyzer_free(struct gw_analyzer *analyzer)
{
    if (analyzer == NULL)
        return;
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
    judge(&event, &learned);
    return class;
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
    case GW_OBSERVATION_ERROR:
    case GW_OBSERVATION_ALIAS:
    case GW_OBSERVATION_ANSWER:
    case GW_OBSERVATION_OTHER:
        break;
    }
    return seen->class;
}

void
gw_analyzer_exchange(struct gw_analyzer *analyzer, const struct gw_exchange *exchange)
{
    struct gw_rule_event event =
        event_at(analyzer, gw_table_tick(&analyzer->table, exchange->time_ns));

    analyzer->store.now_ns = exchange->time_ns;
    event.exchange = exchange;
    event.class = exchange->class;
    gw_rule_judge_exchange(&event);
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
           finding->kind == GW_KIND_GLUE_UNRELATED;
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
    analyzer->stats->memory_octets +=
        analyzer->store.arena.used + gw_incident_octets(analyzer->store.incidents);
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
