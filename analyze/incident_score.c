/* SPDX-License-Identifier: BSD-2-Clause */
/* How sure is a matter, how grave, and what is it called? (docs/DETECTION.md, section 6) */
#include "analyze/matter.h"

#include <math.h>

/* Findings less sure than this do not change what a matter is taken for. */
#define LIKELY 0.5

/* A channel with so many points was convincing by itself. */
#define CONVINCING 1.0

static const double caps[GW_CHANNEL_COUNT] = {
    [GW_CHANNEL_CONTENT] = 5.0,
    [GW_CHANNEL_TRANSPORT] = 4.5,
    [GW_CHANNEL_HISTORY] = 2.5,
    [GW_CHANNEL_REFERENCE] = 6.0,
    [GW_CHANNEL_ACCEPTANCE] = 4.0,
};

enum gw_channel
gw_incident_channel(enum gw_kind kind)
{
    static const enum gw_channel channels[GW_KIND_COUNT] = {
#define CHANNEL(id, name, stem, channel, title, technique, cwe, source) GW_CHANNEL_##channel,
        GW_KIND_LIST(CHANNEL)
#undef CHANNEL
    };

    return channels[kind];
}

/*
 * The strongest finding of the channel's own kinds, and three tenths of the second. A term of
 * another kind's finding that speaks in this channel tells of the same fact as these: it counts
 * only where it is the strongest, and never as a second.
 */
static double
points_of(const struct gw_matter *matter, enum gw_channel channel)
{
    const struct gw_matter_evidence *best = NULL;
    double second = 0.0;
    double crossing = 0.0;
    double points = 0.0;

    for (uint32_t i = 0; i < matter->evidence_count; i++) {
        const struct gw_matter_evidence *item = &matter->evidence[i];
        const double own = item->points[channel];

        if (gw_incident_channel(item->kind) != channel) {
            crossing = own > crossing ? own : crossing;
        } else if (best == NULL || own > best->points[channel]) {
            second = best == NULL ? 0.0 : fmax(second, best->points[channel]);
            best = item;
        } else {
            second = fmax(second, own);
        }
    }
    if (best != NULL && (best->points[channel] > crossing || crossing == 0.0)) {
        const uint32_t repeats = matter->kind_count[best->kind];

        points = best->points[channel] + 0.3 * second;
        if (repeats > 1 && best->points[channel] > 0.0)
            points += fmin(1.0, 0.2 * log2(repeats));
    } else {
        points = crossing;
    }
    return points > caps[channel] ? caps[channel] : points;
}

static bool
holds(const struct gw_matter *matter, enum gw_kind kind, double confidence, enum gw_severity least)
{
    for (uint32_t i = 0; i < matter->evidence_count; i++)
        if (matter->evidence[i].kind == kind && matter->evidence[i].confidence >= confidence &&
            matter->evidence[i].severity >= least)
            return true;
    return false;
}

/* Did several servers tell one resolver alone what the others were not told? */
static bool
is_told_by_several(const struct gw_matter *matter)
{
    for (uint32_t i = 0; i < matter->evidence_count; i++)
        if (matter->evidence[i].told_by_several && matter->evidence[i].confidence >= 0.7)
            return true;
    return false;
}

/* Did a parent, or somebody in its name, say it to everybody? */
static bool
is_of_the_parent(const struct gw_matter *matter)
{
    for (uint32_t i = 0; i < matter->evidence_count; i++) {
        const struct gw_matter_evidence *item = &matter->evidence[i];

        if (item->confidence >= LIKELY &&
            (item->server_split || item->kind == GW_KIND_GLUE_CHANGED_AFTER_STABLE ||
                item->kind == GW_KIND_NS_SET_CHANGED || item->kind == GW_KIND_GLUE_FANIN_SURGE ||
                item->kind == GW_KIND_PARENT_CHILD_MISMATCH ||
                gw_incident_channel(item->kind) == GW_CHANNEL_REFERENCE))
            return true;
    }
    return false;
}

static enum gw_family
family_of(const struct gw_matter *matter)
{
    if (matter->sort == GW_MATTER_BROKEN)
        return GW_FAMILY_MISCONFIG;
    if (matter->sort == GW_MATTER_DOS)
        return GW_FAMILY_RESOLVER_DOS;
    if (matter->injection)
        return GW_FAMILY_PATH_INJECTION;
    if (matter->channel[GW_CHANNEL_TRANSPORT] < CONVINCING && is_of_the_parent(matter))
        return GW_FAMILY_DELEGATION_HIJACK;
    return GW_FAMILY_POISON_RACE;
}

/* One finding of something broken says it all: it is an incident with others, or when it is grave.
 */
static bool
is_more_than_its_finding(const struct gw_matter *matter)
{
    uint32_t kinds = 0;

    for (uint32_t i = 0; i < GW_KIND_COUNT; i++)
        kinds += matter->kind_count[i] != 0;
    return kinds > 1 || matter->rolled || matter->worst >= GW_HIGH;
}

/*
 * Is it worth somebody's time? What is of low severity is not, however many there are: every large
 * zone has thousands of delegations to servers that do not serve them.
 */
static double
prior_of_broken(const struct gw_matter *matter)
{
    if (matter->worst < GW_MEDIUM)
        return -4.0;
    return is_more_than_its_finding(matter) ? 0.0 : -2.0;
}

/*
 * How likely is an attack before the evidence speaks? Few are: -4. More are where the evidence
 * itself has hardly any harmless cause.
 */
static double
prior_of(const struct gw_matter *matter)
{
    double prior = -4.0;

    if (matter->sort == GW_MATTER_BROKEN)
        return prior_of_broken(matter);
    if (matter->channel[GW_CHANNEL_REFERENCE] > 0.0)
        return 0.0;
    if (matter->sort == GW_MATTER_DOS || matter->injection)
        return -2.0;
    if (holds(matter, GW_KIND_GLUE_CHANGED_AFTER_STABLE, LIKELY, GW_MEDIUM) ||
        holds(matter, GW_KIND_NS_SET_CHANGED, LIKELY, GW_MEDIUM))
        return 0.0;
    if (holds(matter, GW_KIND_GLUE_ADDR_CONFLICT, 0.7, GW_MEDIUM) ||
        holds(matter, GW_KIND_NS_SET_DIVERGENCE, 0.7, GW_MEDIUM))
        prior = -3.0;
    if (holds(matter, GW_KIND_RESP_DOUBLE_CONFLICT, 0.9, GW_LOW) ||
        holds(matter, GW_KIND_POISONED_ANSWER_SUSPECTED, 0.9, GW_HIGH) ||
        is_told_by_several(matter))
        prior = -2.0;
    if (holds(matter, GW_KIND_GLUE_FANIN_SURGE, 0.7, GW_LOW))
        prior = -1.0;
    return prior;
}

/*
 * As grave as its gravest finding. What is not sure enough to wake somebody up is not above medium;
 * what is only broken is low, and medium where a finding of it is high. What was forged, or
 * contradicts what is known, and was taken for true, is critical.
 */
static enum gw_severity
severity_of(const struct gw_matter *matter)
{
    const double *channel = matter->channel;
    enum gw_severity severity = GW_INFO;

    for (uint32_t i = 0; i < matter->evidence_count; i++)
        if (matter->evidence[i].confidence >= LIKELY && matter->evidence[i].severity > severity)
            severity = matter->evidence[i].severity;
    if (matter->sort == GW_MATTER_BROKEN)
        return severity > GW_MEDIUM ? GW_MEDIUM : severity > GW_LOW ? GW_LOW : severity;
    if (matter->confidence < GW_INCIDENT_PAGE_MIN)
        return severity > GW_MEDIUM ? GW_MEDIUM : severity;
    if (channel[GW_CHANNEL_ACCEPTANCE] >= 2.0 && matter->confidence >= 0.95 &&
        (channel[GW_CHANNEL_TRANSPORT] >= 2.0 || channel[GW_CHANNEL_REFERENCE] >= 2.0))
        return GW_CRITICAL;
    return severity;
}

void
gw_incident_score(struct gw_matter *matter)
{
    double sum;

    for (uint32_t i = 0; i < GW_CHANNEL_COUNT; i++)
        matter->channel[i] = points_of(matter, (enum gw_channel)i);
    matter->family = family_of(matter);
    matter->prior = prior_of(matter);
    sum = matter->prior;
    for (uint32_t i = 0; i < GW_CHANNEL_COUNT; i++)
        sum += matter->channel[i];

    const double confidence = 1.0 / (1.0 + exp(-sum));

    matter->confidence = confidence < 0.01 ? 0.01 : confidence > 0.99 ? 0.99 : confidence;
    matter->severity = severity_of(matter);
}
