/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/signal.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SLOT_MASK (2u * GW_FINDINGS_MAX - 1)

/* Findings may take one part in so many of the memory. */
#define SHARE 4u

/* Held findings that a full store looks at for a new one. */
#define LOOKS 64u

_Static_assert((GW_FINDINGS_MAX & (GW_FINDINGS_MAX - 1)) == 0, "slots are masked");

uint64_t
gw_signal_share(uint64_t memory)
{
    const uint64_t all = GW_FINDINGS_MAX * (uint64_t)gw_arena_size(sizeof(struct gw_finding));

    return memory / SHARE < all ? memory / SHARE : all;
}

int
gw_signal_init(struct gw_signal_store *store, const struct gw_hash_key *key, uint64_t share,
    struct gw_finding_stats *stats)
{
    *store = (struct gw_signal_store){.key = *key, .stats = stats};
    store->most = (uint32_t)(share / gw_arena_size(sizeof(struct gw_finding)));
    return gw_arena_init(&store->arena, share);
}

void
gw_signal_hold_back(struct gw_signal_store *store, gw_signal_rule holds_back, const void *rules)
{
    store->holds_back = holds_back;
    store->rules = rules;
}

void
gw_signal_done(struct gw_signal_store *store)
{
    gw_arena_done(&store->arena);
}

struct gw_finding *
gw_signal_at(const struct gw_signal_store *store, uint32_t index)
{
    return (struct gw_finding *)gw_arena_at(&store->arena, store->finding[index]);
}

bool
gw_signal_has_term(const struct gw_finding *finding, const char *name)
{
    for (uint32_t i = 0; i < finding->term_count; i++)
        if (strcmp(finding->term[i].name, name) == 0)
            return true;
    return false;
}

bool
gw_signal_is_stale_server(const struct gw_finding *finding)
{
    return finding->split == GW_SPLIT_SERVER &&
           (finding->baseline_s <= 0.0 || (finding->caveats & GW_CAVEAT_SHORT_BASELINE)) &&
           (finding->kind == GW_KIND_GLUE_ADDR_CONFLICT ||
               finding->kind == GW_KIND_NS_SET_DIVERGENCE) &&
           !gw_signal_has_term(finding, GW_TERM_TURNED);
}

double
gw_signal_confidence(const struct gw_finding *finding)
{
    double sum = 0.0;

    for (uint32_t i = 0; i < finding->term_count; i++)
        sum += finding->term[i].points;

    const double confidence = 1.0 / (1.0 + exp(-sum));

    return confidence < 0.01 ? 0.01 : confidence > 0.99 ? 0.99 : confidence;
}

void
gw_signal_halve(struct gw_finding *finding, const char *why)
{
    double evidence = 0.0;

    for (uint32_t i = 1; i < finding->term_count; i++)
        evidence += finding->term[i].points;
    assert(finding->term_count < GW_TERMS_MAX);
    if (evidence > 0.0)
        finding->term[finding->term_count++] =
            (struct gw_term){why, -0.5 * evidence, finding->term[0].channel};
}

/* A change that is explained is told for its own sake, however unlikely an attack is. */
static bool
is_too_weak(const struct gw_finding *finding)
{
    return finding->confidence < GW_SIGNAL_CONFIDENCE_MIN && finding->severity > GW_INFO;
}

/* Keyed: ids are hashes that anybody can compute. */
static uint32_t
home_of(const struct gw_signal_store *store, const uint8_t id[16])
{
    return (uint32_t)gw_hash_octets(&store->key, id, 16) & SLOT_MASK;
}

static uint16_t *
slot_of(struct gw_signal_store *store, const uint8_t id[16])
{
    uint32_t index = home_of(store, id);

    for (; store->slot[index] != 0; index = (index + 1) & SLOT_MASK)
        if (memcmp(gw_signal_at(store, store->slot[index] - 1u)->id, id, 16) == 0)
            break;
    return &store->slot[index];
}

/* Later slots of the same run move back. */
static void
free_slot(struct gw_signal_store *store, uint32_t hole)
{
    for (uint32_t next = (hole + 1) & SLOT_MASK; store->slot[next] != 0;
         next = (next + 1) & SLOT_MASK) {
        const uint32_t home = home_of(store, gw_signal_at(store, store->slot[next] - 1u)->id);

        if (((next - home) & SLOT_MASK) >= ((next - hole) & SLOT_MASK)) {
            store->slot[hole] = store->slot[next];
            hole = next;
        }
    }
    store->slot[hole] = 0;
}

/* The index where a finding of `severity` may be held, or `most`. */
static uint32_t
place_for(struct gw_signal_store *store, enum gw_severity severity)
{
    if (store->count < store->most) {
        store->finding[store->count] = gw_arena_take(&store->arena, sizeof(struct gw_finding));
        return store->finding[store->count] == 0 ? store->most : store->count++;
    }
    for (uint32_t look = 0; look < LOOKS && look < store->count; look++) {
        const uint32_t index = store->hand++ % store->count;
        const struct gw_finding *held = gw_signal_at(store, index);

        if (held->severity < severity) {
            free_slot(store, (uint32_t)(slot_of(store, held->id) - store->slot));
            store->stats->suppressed_full++;
            return index;
        }
    }
    return store->most;
}

static uint64_t
count_of(const struct gw_finding *held, const struct gw_finding *later)
{
    if (later->message_count == 0)
        return held->message_count + 1;
    return later->message_count > held->message_count ? later->message_count : held->message_count;
}

static void
copy_trigger(struct gw_finding *to, const struct gw_finding *from)
{
    to->class = from->class;
    to->facts = from->facts;
    to->server = from->server;
    to->resolver = from->resolver;
    to->server_port = from->server_port;
    to->resolver_port = from->resolver_port;
    to->id_dns = from->id_dns;
    to->qtype = from->qtype;
    to->transport = from->transport;
    to->ip_ttl = from->ip_ttl;
    to->qname = from->qname;
    to->trigger_ns = from->trigger_ns;
    to->frame = from->frame;
    to->input = from->input;
}

/*
 * A finding keeps its first packet, the message that raised it, and its highest severity;
 * everything else is the latest evidence.
 */
static void
join(struct gw_finding *held, const struct gw_finding *later)
{
    const struct gw_finding before = *held;
    const uint64_t messages = count_of(held, later);

    if (later->confidence >= before.confidence)
        *held = *later;
    if (before.trigger_ns <= held->trigger_ns)
        copy_trigger(held, &before);
    if (before.first_ns < held->first_ns)
        held->first_ns = before.first_ns;
    if (before.last_ns > held->last_ns)
        held->last_ns = before.last_ns;
    if (later->last_ns > held->last_ns)
        held->last_ns = later->last_ns;
    if (before.severity > held->severity)
        held->severity = before.severity;
    held->message_count = messages;
    held->detected_ns = before.detected_ns;
    held->watched |= before.watched;
    memcpy(held->incident, before.incident, sizeof(held->incident));
}

/* Packet time; a test that raises findings without a run has only theirs. */
static int64_t
time_of(const struct gw_signal_store *store, const struct gw_finding *finding)
{
    if (store->now_ns != 0)
        return store->now_ns;
    return finding->last_ns > finding->trigger_ns ? finding->last_ns : finding->trigger_ns;
}

static uint32_t
tell_log(struct gw_signal_store *store, const struct gw_finding *finding, bool again)
{
    if (store->incidents == NULL)
        return 0;
    return gw_incident_add(store->incidents, finding, again, time_of(store, finding));
}

/* More evidence for what is held: what it adds up to by now is what the log is told. */
static void
join_held(struct gw_signal_store *store, struct gw_finding *held, const struct gw_finding *later)
{
    store->stats->aggregated++;
    join(held, later);
    gw_incident_keep(held, tell_log(store, held, true));
}

static bool
is_held_back(struct gw_signal_store *store, const struct gw_finding *finding)
{
    if (store->holds_back == NULL || !store->holds_back(store->rules, finding))
        return false;
    store->stats->suppressed_rule++;
    if (store->incidents != NULL)
        gw_incident_suppress(store->incidents);
    return true;
}

void
gw_signal_raise(struct gw_signal_store *store, const struct gw_finding *finding)
{
    const uint16_t *slot = slot_of(store, finding->id);

    store->stats->raised++;
    if (*slot != 0) {
        join_held(store, gw_signal_at(store, *slot - 1u), finding);
        return;
    }
    if (is_too_weak(finding)) {
        store->stats->suppressed_low++;
        return;
    }
    if (is_held_back(store, finding))
        return;

    const uint32_t matter = tell_log(store, finding, false);

    if (!gw_signal_spend(&store->budget, finding, time_of(store, finding))) {
        store->stats->suppressed_rate++;
        return;
    }

    const uint32_t index = place_for(store, finding->severity);

    if (index == store->most) {
        store->stats->suppressed_full++;
        return;
    }

    struct gw_finding *kept = gw_signal_at(store, index);

    *kept = *finding;
    if (kept->message_count == 0)
        kept->message_count = 1;
    kept->detected_ns = time_of(store, finding);
    gw_incident_keep(kept, matter);
    *slot_of(store, finding->id) = (uint16_t)(index + 1);
}

static int
by_telling(const void *left_ptr, const void *right_ptr, void *arena)
{
    const struct gw_finding *left = gw_arena_at(arena, *(const gw_arena_ref *)left_ptr);
    const struct gw_finding *right = gw_arena_at(arena, *(const gw_arena_ref *)right_ptr);

    if (left->first_ns != right->first_ns)
        return left->first_ns < right->first_ns ? -1 : 1;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    return memcmp(left->id, right->id, sizeof(left->id));
}

void
gw_signal_finish(struct gw_signal_store *store, uint32_t caveats)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < store->count; i++) {
        struct gw_finding *finding = gw_signal_at(store, i);

        finding->caveats |= caveats;
        if (caveats & GW_CAVEAT_RESPONSES_ONLY)
            gw_signal_halve(finding, "responses-only");
        finding->confidence = gw_signal_confidence(finding);
        if (is_too_weak(finding))
            store->stats->suppressed_low++;
        else
            store->finding[kept++] = store->finding[i];
    }
    store->count = kept;
    if (store->incidents != NULL)
        gw_incident_finish(store->incidents, store->now_ns, caveats);
    qsort_r(store->finding, kept, sizeof(store->finding[0]), by_telling, &store->arena);
    for (uint32_t i = 0; i < kept; i++) {
        struct gw_finding *finding = gw_signal_at(store, i);

        finding->sequence = i + 1u;
        if (store->incidents != NULL)
            gw_incident_name(store->incidents, finding);
        store->stats->emitted++;
        store->stats->by_kind[finding->kind]++;
        store->stats->by_severity[finding->severity]++;
    }
}
