/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/incident.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/matter.h"

/* Matters may take one part in so many of the memory, and there are never more than these. */
#define SHARE 32u
#define MOST  1024u

/* One matter in so many may name many delegations. */
#define WIDE_PART 16u

/* Two answers to so many questions, without any guessing, come from something on the path. */
#define INJECTED_QUESTIONS 3u

/* So many delegations of one parent zone within this time are one matter. */
#define ROLLED_CUTS 20u
#define ROLLED_NS   (600 * GW_NS_PER_S)

/* What is only broken does not hurry: it is one matter if it comes to light within a day. */
#define ROLLED_BROKEN_NS (24 * 3600 * GW_NS_PER_S)

/* Without news for so long, or the TTL of what was forged, it is quiet; a day later it is closed.
 */
#define QUIET_NS (3600 * GW_NS_PER_S)
#define CLOSE_NS (24 * 3600 * GW_NS_PER_S)

#define SLOT_BITS 12u

_Static_assert(MOST <= 1u << SLOT_BITS, "a slot fits beside its generation");
_Static_assert(
    ROLLED_CUTS == GW_ARRAY_LEN(((struct gw_matter_trend *)NULL)->when_ns), "one time for each");

static size_t
size_for(uint32_t most)
{
    return most * (sizeof(struct gw_matter) + sizeof(uint32_t)) +
           (most / WIDE_PART) * sizeof(struct gw_matter_cuts);
}

static uint32_t
room_in(uint64_t share)
{
    const uint64_t most = share / (size_for(WIDE_PART) / WIDE_PART + 1);

    return most > MOST ? MOST : most < WIDE_PART ? WIDE_PART : (uint32_t)most;
}

uint64_t
gw_incident_share(uint64_t memory)
{
    return size_for(room_in(memory / SHARE));
}

struct gw_incident_log *
gw_incident_new(uint64_t share, struct gw_incident_stats *stats)
{
    struct gw_incident_log *log = calloc(1, sizeof(*log));

    if (log == NULL)
        return NULL;
    log->stats = stats;
    log->most = room_in(share);
    log->cuts_most = log->most / WIDE_PART;
    log->matter = calloc(log->most, sizeof(*log->matter));
    log->told = calloc(log->most, sizeof(*log->told));
    log->cuts = calloc(log->cuts_most, sizeof(*log->cuts));
    if (log->matter == NULL || log->told == NULL || log->cuts == NULL) {
        gw_incident_free(log);
        return NULL;
    }
    return log;
}

void
gw_incident_free(struct gw_incident_log *log)
{
    if (log == NULL)
        return;
    free(log->matter);
    free(log->told);
    free(log->cuts);
    free(log);
}

uint64_t
gw_incident_octets(const struct gw_incident_log *log)
{
    return log->count * sizeof(struct gw_matter) + log->cuts_used * sizeof(struct gw_matter_cuts);
}

void
gw_incident_suppress(struct gw_incident_log *log)
{
    log->stats->suppressed++;
}

void
gw_incident_keep(struct gw_finding *finding, uint32_t matter)
{
    memcpy(finding->incident, &matter, sizeof(matter));
}

uint32_t
gw_incident_follow(const struct gw_incident_log *log, uint32_t index)
{
    while (log->matter[index].merged != 0)
        index = log->matter[index].merged - 1;
    return index;
}

static int64_t
quiet_after(const struct gw_matter *matter)
{
    const int64_t ttl_ns = (int64_t)matter->ttl_s * GW_NS_PER_S;

    return ttl_ns > CLOSE_NS ? CLOSE_NS : ttl_ns > QUIET_NS ? ttl_ns : QUIET_NS;
}

void
gw_incident_advance(struct gw_matter *matter, int64_t now_ns)
{
    const int64_t quiet_ns = matter->last_ns + quiet_after(matter);

    if (!matter->opened || matter->state == GW_INCIDENT_CLOSED || now_ns < quiet_ns)
        return;
    matter->state = GW_INCIDENT_QUIET;
    if (now_ns < quiet_ns + CLOSE_NS)
        return;
    matter->state = GW_INCIDENT_CLOSED;
    matter->reason = GW_CLOSED_RESOLVED;
    matter->closed_ns = quiet_ns + CLOSE_NS;
}

uint32_t
gw_incident_channels(const struct gw_matter *matter)
{
    uint32_t channels = 0;

    for (uint32_t i = 0; i < GW_CHANNEL_COUNT; i++)
        channels |= (uint32_t)(matter->channel[i] > 0.0) << i;
    return channels;
}

/*
 * Reopening keeps what it was; an explained change does not come back by more of the same, and to
 * judge old evidence again is no news.
 */
static void
renew_state(struct gw_incident_log *log, struct gw_matter *matter, bool news, int64_t now_ns)
{
    bool graver;

    if (matter->confidence < GW_INCIDENT_OPEN_MIN || matter->explained_ns != 0)
        return;
    if (!matter->opened) {
        matter->opened = true;
        matter->opened_ns = now_ns;
        matter->state = GW_INCIDENT_NEW;
        matter->severity_then = matter->severity;
        matter->channels_then = gw_incident_channels(matter);
        log->stats->opened++;
        return;
    }
    graver = matter->severity > matter->severity_then ||
             (gw_incident_channels(matter) & ~matter->channels_then) != 0;
    if (now_ns <= matter->opened_ns || !news)
        return;
    matter->reason = GW_CLOSED_NOT;
    matter->dormant = false;
    matter->state = graver ? GW_INCIDENT_UPDATED : GW_INCIDENT_OPEN;
}

/* Is what everybody was told by now what this matter is about? */
static bool
is_explained_by(const struct gw_matter *matter, const struct gw_matter_clue *clue)
{
    return matter->sort == GW_MATTER_ATTACK && !matter->rolled &&
           matter->channel[GW_CHANNEL_TRANSPORT] < 1.0 &&
           matter->channel[GW_CHANNEL_ACCEPTANCE] < 1.0 &&
           matter->channel[GW_CHANNEL_REFERENCE] <= 0.0 &&
           (gw_incident_has_key(matter, clue->name) || gw_incident_has_key(matter, clue->cut));
}

static void
explain(struct gw_incident_log *log, const struct gw_matter_clue *clue)
{
    for (uint32_t i = 0; i < log->count; i++) {
        struct gw_matter *matter = &log->matter[i];

        if (!matter->used || matter->merged != 0 || !is_explained_by(matter, clue))
            continue;
        matter->explained_ns = clue->now_ns;
        if (!matter->opened || matter->state == GW_INCIDENT_CLOSED)
            continue;
        matter->state = GW_INCIDENT_CLOSED;
        matter->reason = GW_CLOSED_EXPLAINED;
        matter->closed_ns = clue->now_ns;
    }
}

/* The weakest matter that never was an incident and was quiet for an hour. */
static struct gw_matter *
weakest(struct gw_incident_log *log, int64_t now_ns)
{
    struct gw_matter *found = NULL;

    for (uint32_t i = 0; i < log->count; i++) {
        struct gw_matter *matter = &log->matter[i];

        if (matter->merged == 0 && (matter->opened || now_ns - matter->last_ns < QUIET_NS))
            continue;
        if (found == NULL || matter->merged > found->merged ||
            (matter->merged == found->merged && matter->confidence < found->confidence))
            found = matter;
    }
    return found;
}

static void
count_forgotten(struct gw_incident_log *log, const struct gw_matter *matter)
{
    if (matter->merged == 0 && matter->confidence >= GW_INCIDENT_EVIDENCE_MIN)
        log->stats->evidence++;
}

/* A slot whose matter was merged away is kept while there are others: findings point at it. */
static struct gw_matter *
place_for(struct gw_incident_log *log, int64_t now_ns)
{
    struct gw_matter *matter;
    uint16_t generation;

    if (log->count < log->most) {
        matter = &log->matter[log->count++];
        matter->used = true;
        return matter;
    }
    matter = weakest(log, now_ns);
    log->stats->dropped++;
    if (matter == NULL)
        return NULL;
    count_forgotten(log, matter);
    generation = (uint16_t)(matter->generation + 1);
    for (uint32_t i = 0; i < log->count; i++)
        if (log->matter[i].merged == (uint32_t)(matter - log->matter) + 1)
            log->matter[i].merged = matter->merged;
    *matter = (struct gw_matter){.used = true, .generation = generation};
    return matter;
}

/* How often was an incident of these names closed for good before? */
static uint32_t
earlier_ones(const struct gw_incident_log *log, const struct gw_matter_clue *clue)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < log->count; i++) {
        const struct gw_matter *matter = &log->matter[i];

        count +=
            matter->merged == 0 && matter->opened && matter->sort == clue->sort &&
            (gw_incident_has_key(matter, clue->name) || gw_incident_has_key(matter, clue->cut));
    }
    return count;
}

static struct gw_matter *
begin(struct gw_incident_log *log, const struct gw_matter_clue *clue)
{
    const uint32_t again = earlier_ones(log, clue);
    struct gw_matter *matter = place_for(log, clue->now_ns);

    if (matter == NULL)
        return NULL;
    matter->sort = clue->sort;
    matter->again = again;
    matter->first_ns = clue->finding->first_ns;
    matter->last_ns = clue->finding->last_ns;
    return matter;
}

/* All matters that the clue fits become one: the one that was there first. */
static struct gw_matter *
find(struct gw_incident_log *log, const struct gw_matter_clue *clue)
{
    struct gw_matter *found = NULL;

    for (uint32_t i = 0; i < log->count; i++) {
        struct gw_matter *matter = &log->matter[i];

        if (!matter->used || matter->merged != 0)
            continue;
        gw_incident_advance(matter, clue->now_ns);
        if (!gw_incident_fits(matter, clue))
            continue;
        if (found == NULL)
            found = matter;
        else
            gw_incident_merge(log, found, matter);
    }
    return found;
}

static struct gw_matter_trend *
trend_of(struct gw_incident_log *log, const struct gw_matter_clue *clue)
{
    const enum gw_kind kind = clue->finding->kind;
    struct gw_matter_trend *trend;

    for (uint32_t i = 0; i < GW_MATTER_TRENDS; i++) {
        trend = &log->trend[i];
        if (trend->zone == clue->zone && trend->kind == kind && trend->sort == clue->sort)
            return trend;
    }
    trend = &log->trend[log->trend_next++ % GW_MATTER_TRENDS];
    *trend = (struct gw_matter_trend){.zone = clue->zone, .kind = kind, .sort = clue->sort};
    return trend;
}

/* Is this the last of so many delegations of one parent zone within a short time? */
static bool
is_trend(struct gw_incident_log *log, const struct gw_matter_clue *clue)
{
    const int64_t span_ns = clue->sort == GW_MATTER_BROKEN ? ROLLED_BROKEN_NS : ROLLED_NS;
    struct gw_matter_trend *trend = trend_of(log, clue);

    trend->when_ns[trend->at] = clue->now_ns;
    trend->at = (trend->at + 1) % ROLLED_CUTS;
    trend->count += trend->count < ROLLED_CUTS;
    return trend->count == ROLLED_CUTS && clue->now_ns - trend->when_ns[trend->at] <= span_ns;
}

/* What is grave, or on the watch list, stands for itself. */
static void
roll_up(struct gw_incident_log *log, const struct gw_matter_clue *clue)
{
    struct gw_matter *all = NULL;

    for (uint32_t i = 0; i < log->count; i++) {
        struct gw_matter *matter = &log->matter[i];

        if (!matter->used || matter->merged != 0 || matter->sort != clue->sort ||
            matter->zone_key != clue->zone || matter->injection || !matter->has_cut ||
            matter->kind_count[clue->finding->kind] == 0 || matter->watched ||
            matter->worst >= GW_HIGH || matter->state == GW_INCIDENT_CLOSED)
            continue;
        if (all == NULL)
            all = matter;
        else
            gw_incident_merge(log, all, matter);
    }
    if (all == NULL)
        return;
    all->rolled = true;
    all->rolled_kind = clue->finding->kind;
}

static bool
is_of_day(const struct gw_matter *matter, const struct gw_matter *latest)
{
    return latest->last_ns - matter->last_ns <= CLOSE_NS;
}

/*
 * Two answers to several questions of one resolver, by whatever servers, where nobody guesses:
 * whoever answers sees the questions.
 */
static void
find_injection(struct gw_incident_log *log, struct gw_matter *latest)
{
    struct gw_matter *all = NULL;
    uint32_t questions = 0;

    for (uint32_t i = 0; i < log->count; i++) {
        const struct gw_matter *matter = &log->matter[i];

        if (matter->used && matter->merged == 0 && matter->sort == GW_MATTER_ATTACK &&
            is_of_day(matter, latest) && gw_incident_has_resolver(matter, &latest->resolver)) {
            if (matter->kind_count[GW_KIND_RESP_TXID_BURST] != 0)
                return;
            questions += matter->question_count;
        }
    }
    if (questions < INJECTED_QUESTIONS)
        return;
    for (uint32_t i = 0; i < log->count; i++) {
        struct gw_matter *matter = &log->matter[i];

        if (!matter->used || matter->merged != 0 || matter->question_count == 0 ||
            matter->sort != GW_MATTER_ATTACK || !is_of_day(matter, latest) ||
            !gw_incident_has_resolver(matter, &latest->resolver))
            continue;
        if (all == NULL)
            all = matter;
        else
            gw_incident_merge(log, all, matter);
    }
    if (all != NULL)
        all->injection = true;
}

static uint32_t
pack(const struct gw_incident_log *log, const struct gw_matter *matter)
{
    const uint32_t slot = (uint32_t)(matter - log->matter);

    return ((uint32_t)matter->generation << SLOT_BITS | slot) + 1;
}

/* The matter that `finding` was put into before, or NULL. */
static struct gw_matter *
unpack(const struct gw_incident_log *log, const struct gw_finding *finding)
{
    uint32_t packed;

    memcpy(&packed, finding->incident, sizeof(packed));
    if (packed == 0)
        return NULL;

    const uint32_t slot = (packed - 1) & ((1u << SLOT_BITS) - 1);
    const uint16_t generation = (uint16_t)((packed - 1) >> SLOT_BITS);

    if (slot >= log->count || log->matter[slot].generation != generation)
        return NULL;
    return &log->matter[gw_incident_follow(log, slot)];
}

static bool
is_of_change(enum gw_kind kind)
{
    return kind == GW_KIND_GLUE_CHANGED_AFTER_STABLE || kind == GW_KIND_NS_SET_CHANGED;
}

/* A change that looked harmless until the child was heard, or until it was taken back. */
static bool
is_change_contradicted(const struct gw_finding *finding)
{
    return is_of_change(finding->kind) && finding->severity >= GW_MEDIUM;
}

static struct gw_matter_clue
clue_of(const struct gw_finding *finding, int64_t now_ns)
{
    return (struct gw_matter_clue){
        .finding = finding,
        .sort = gw_incident_sort(finding),
        .channel = gw_incident_channel(finding->kind),
        .zone = gw_incident_key(&finding->zone),
        .cut = gw_incident_key(&finding->cut),
        .name = gw_incident_key(&finding->name),
        .question = gw_incident_key(&finding->qname),
        .now_ns = now_ns,
    };
}

uint32_t
gw_incident_add(
    struct gw_incident_log *log, const struct gw_finding *finding, bool again, int64_t now_ns)
{
    const struct gw_matter_clue clue = clue_of(finding, now_ns);
    struct gw_matter *matter = again ? unpack(log, finding) : NULL;
    bool begun = false;
    int64_t last_ns;

    if (finding->severity == GW_INFO || finding->confidence < GW_INCIDENT_EVIDENCE_MIN) {
        if (is_of_change(finding->kind))
            explain(log, &clue);
        return matter == NULL ? 0 : pack(log, matter);
    }
    if (matter == NULL) {
        again = false;
        matter = find(log, &clue);
        begun = matter == NULL;
        if (begun)
            matter = begin(log, &clue);
        if (matter == NULL)
            return 0;
    } else {
        gw_incident_advance(matter, now_ns);
    }
    last_ns = matter->last_ns;
    gw_incident_collect(log, matter, &clue, again);
    if (finding->first_ns > matter->explained_ns || is_change_contradicted(finding))
        matter->explained_ns = 0;
    if (finding->kind == GW_KIND_RESP_DOUBLE_CONFLICT && !matter->injection)
        find_injection(log, matter);
    if (begun && clue.zone != 0 && clue.cut != 0 && is_trend(log, &clue))
        roll_up(log, &clue);
    matter = &log->matter[gw_incident_follow(log, (uint32_t)(matter - log->matter))];
    gw_incident_score(matter);
    renew_state(log, matter, !again || matter->last_ns > last_ns, now_ns);
    return pack(log, matter);
}

bool
gw_incident_is_open(struct gw_incident_log *log, const struct gw_name *name, int64_t now_ns)
{
    const uint64_t key = gw_incident_key(name);

    for (uint32_t i = 0; i < log->count; i++) {
        struct gw_matter *matter = &log->matter[i];

        if (matter->merged != 0 || !matter->opened || !gw_incident_has_key(matter, key))
            continue;
        gw_incident_advance(matter, now_ns);
        if (matter->state != GW_INCIDENT_CLOSED)
            return true;
    }
    return false;
}

void
gw_incident_name(const struct gw_incident_log *log, struct gw_finding *finding)
{
    const struct gw_matter *matter = unpack(log, finding);

    if (matter != NULL && matter->opened)
        memcpy(finding->incident, matter->id, sizeof(finding->incident));
    else
        memset(finding->incident, 0, sizeof(finding->incident));
}
