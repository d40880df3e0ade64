/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * promiscuous-ns: NS records in AUTHORITY of a response that gives no delegation: an answer, a
 * negative one, an error. A server may add its own zone's NS RRset as a courtesy; anything else
 * is there for resolvers that believe it.
 */
#include "analyze/accept.h"
#include "analyze/served.h"

#include <string.h>

#define RCODE_YXDOMAIN 6u

/* What there is to say of the NS RRset before it is judged. */
struct shape {
    enum gw_rule_ns known; /* against what referrals say of the same cut */
    bool forwards;         /* one resolver answers another */
    bool covers;           /* the QNAME is under the NS owner */
    bool chained;          /* an alias led to another name than was asked */
    bool above;            /* the NS owner is strictly above the zone asked in */
    bool below;            /* strictly below */
    bool top;              /* the root or a TLD */
    bool unlike;           /* the server's answers before had nothing of the kind */
};

static bool
is_strictly_above(const struct gw_observation *seen, const struct gw_zone *zone)
{
    return zone->name != NULL && zone->len > seen->cut.len &&
           gw_zone_covers(seen->names + seen->cut.off, seen->cut.len, zone->name, zone->len);
}

static bool
is_strictly_below(const struct gw_observation *seen, const struct gw_zone *zone)
{
    return zone->name != NULL && zone->len < seen->cut.len &&
           gw_zone_covers(zone->name, zone->len, seen->names + seen->cut.off, seen->cut.len);
}

static bool
is_chained(const struct gw_observation *seen)
{
    const struct gw_exchange *exchange = &seen->exchange;

    return exchange->qname_len != 0 &&
           (exchange->qname_len != seen->qname.len || exchange->qname_hash != seen->qname.hash);
}

static struct gw_table_name
zone_of(const struct gw_rule_event *event)
{
    return (struct gw_table_name){event->zone.name,
        gw_hash_octets(&event->table->key, event->zone.name, event->zone.len), event->zone.len};
}

static bool
is_unlike_before(const struct gw_rule_event *event)
{
    if (event->zone.name == NULL)
        return false;

    const struct gw_table_name zone = zone_of(event);

    return gw_served_is_known_plain(event->context->served, &zone, &event->seen->server);
}

static struct shape
shape_of(const struct gw_rule_event *event)
{
    const struct gw_observation *seen = event->seen;
    const uint8_t *cut = seen->names + seen->cut.off;

    return (struct shape){
        .known = gw_rule_ns_known(event),
        .forwards = seen->exchange.leg == GW_LEG_FORWARD,
        .covers =
            gw_zone_covers(cut, seen->cut.len, seen->names + seen->qname.off, seen->qname.len),
        .chained = is_chained(seen),
        .above = is_strictly_above(seen, &event->zone),
        .below = is_strictly_below(seen, &event->zone),
        .top = gw_rule_labels(cut) <= 1,
        .unlike = is_unlike_before(event),
    };
}

/*
 * Servers that add what they are known to serve, what referrals say as well, or what nobody knows
 * better of below their own zone; and resolvers that add the closest NS RRset of their cache. Who
 * serves the zone may name what he likes, unless he never did so before.
 */
static bool
is_courtesy(const struct gw_rule_event *event, const struct shape *shape)
{
    const struct gw_table_name owner = gw_zone_name(event->seen, &event->seen->cut);

    if (shape->known == GW_NS_AS_KNOWN)
        return true;
    if (shape->forwards)
        return shape->known == GW_NS_NOT_KNOWN && (shape->covers || shape->chained);
    if (shape->known == GW_NS_NOT_KNOWN && (shape->below || (shape->chained && !shape->covers)))
        return true;
    if (shape->known == GW_NS_OTHERWISE && shape->unlike)
        return false;
    return gw_zone_is_served_by(event->table, &owner, &event->seen->server);
}

static bool
is_weak(const struct gw_observation *seen, const struct shape *shape)
{
    const bool answers_as_resolver = (seen->facts & (GW_FACT_RA | GW_FACT_AA)) == GW_FACT_RA;

    if (gw_rule_is_guarded(seen) || (shape->chained && !shape->covers))
        return true;
    return !shape->forwards && shape->known == GW_NS_NOT_KNOWN &&
           (answers_as_resolver || seen->class == GW_CLASS_ERROR);
}

static enum gw_severity
severity_of(const struct gw_rule_event *event, const struct shape *shape)
{
    if (is_weak(event->seen, shape))
        return GW_LOW;
    if (shape->forwards)
        return shape->top ? GW_CRITICAL : GW_HIGH;
    if (shape->known == GW_NS_OTHERWISE)
        return shape->above || shape->top ? GW_HIGH : GW_MEDIUM;
    return shape->above && shape->unlike && gw_rule_has_glue(event->seen) ? GW_MEDIUM : GW_LOW;
}

static const char *
variant_of(const struct gw_rule_event *event, const struct shape *shape)
{
    if (shape->forwards)
        return "forwarder";
    if (event->seen->rcode == RCODE_YXDOMAIN)
        return "yxdomain";
    switch ((uint32_t)event->class) {
    case GW_CLASS_NEGATIVE:
        return "negative";
    case GW_CLASS_NODATA:
        return "nodata";
    case GW_CLASS_ERROR:
        return "error";
    default:
        return "answer";
    }
}

static void
add_terms(const struct gw_rule_event *event, const struct shape *shape, struct gw_finding *finding)
{
    gw_rule_term(finding, "base", -1.0);
    gw_rule_term(finding, "other-servers-known", shape->known == GW_NS_OTHERWISE ? 2.0 : 0.0);
    gw_rule_term(finding, "above-zone", !shape->above ? 0.0 : event->zone.sure ? 2.0 : 1.0);
    gw_rule_term(finding, "unlike-before", shape->above && shape->unlike ? 0.5 : 0.0);
    gw_rule_term(finding, "forward-leg", shape->forwards ? 2.0 : 0.0);
    gw_rule_term(finding, "not-asked-for", !shape->covers && !shape->chained ? 1.0 : 0.0);
    gw_rule_term(finding, "with-glue", gw_rule_has_glue(event->seen) ? 1.0 : 0.0);
    gw_rule_term(finding, "guarded-transport", gw_rule_is_guarded(event->seen) ? -4.0 : 0.0);
}

static void
conclude(const struct gw_rule_event *event, const struct shape *shape, struct gw_finding *finding)
{
    struct {
        struct gw_addr server;
        uint8_t leg;
    } identity = {event->seen->server, shape->forwards};

    gw_rule_add_targets(event, finding);
    if (shape->known == GW_NS_OTHERWISE)
        gw_rule_add_known_targets(event, finding);
    gw_accept_ns(event, finding);
    gw_rule_conclude(event, finding, &identity, sizeof(identity));
}

/*
 * The courtesy itself may be forged: a server whose answers always came with the zone's known
 * servers names others.
 */
static void
judge_apex(const struct gw_rule_event *event, const struct shape *shape)
{
    const struct gw_table_name owner = gw_zone_name(event->seen, &event->seen->cut);
    struct gw_finding finding;

    if (shape->chained || gw_rule_is_guarded(event->seen) ||
        !gw_served_is_unusual(
            event->context->served, &owner, &event->seen->server, shape->known == GW_NS_AS_KNOWN))
        return;
    gw_rule_begin(event, GW_KIND_PROMISCUOUS_NS, NULL, &finding);
    gw_rule_term(&finding, "base", -1.0);
    gw_rule_term(&finding, "other-servers-known", 2.0);
    finding.variant = "apex";
    finding.severity = GW_LOW;
    conclude(event, shape, &finding);
}

/* What the server says when it is itself. */
static void
note_plain(const struct gw_rule_event *event)
{
    if (event->zone.name == NULL || !(event->seen->facts & GW_FACT_AA))
        return;

    const struct gw_table_name zone = zone_of(event);

    gw_served_plain(event->context->served, &zone, &event->seen->server);
}

static void
judge(const struct gw_rule_event *event)
{
    const struct gw_observation *seen = event->seen;
    const bool is_promiscuous = (seen->facts & GW_FACT_PROMISCUOUS) != 0;
    const bool is_forwarded =
        event->class == GW_CLASS_RECURSIVE_ANSWER && seen->exchange.leg == GW_LEG_FORWARD;
    struct shape shape = {0};
    struct gw_finding finding;

    if (gw_rule_is_to_client(seen))
        return;
    if (seen->kind != GW_OBSERVATION_DELEGATION && !(seen->facts & GW_FACT_NS))
        note_plain(event);
    if (seen->target_count == 0 || !(seen->facts & GW_FACT_NS))
        return;
    if (!is_promiscuous && !is_forwarded && event->class != GW_CLASS_ANSWER)
        return;
    shape = shape_of(event);
    if (!is_promiscuous && !is_forwarded) {
        if (shape.known != GW_NS_NOT_KNOWN)
            judge_apex(event, &shape);
        return;
    }
    if (is_courtesy(event, &shape))
        return;
    gw_rule_begin(event, GW_KIND_PROMISCUOUS_NS, NULL, &finding);
    add_terms(event, &shape, &finding);
    finding.variant = variant_of(event, &shape);
    finding.severity = severity_of(event, &shape);
    conclude(event, &shape, &finding);
}

/* The second of two responses may be the forged one; nothing is learned from it. */
static void
judge_second(const struct gw_rule_event *event, const struct gw_observation *first)
{
    (void)first;
    if (event->seen->facts & GW_FACT_PROMISCUOUS)
        judge(event);
}

const struct gw_rule gw_rule_promiscuous = {
    .kind = GW_KIND_PROMISCUOUS_NS, .odd = judge, .fact = judge, .second = judge_second};
