/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ns-fanout: a referral that names many servers elsewhere, all without an address, so that a
 * resolver has to ask for each; many of them from one zone; and whether the resolver does.
 */
#include "analyze/accept.h"
#include "analyze/fanout.h"

/* No honest NS set is as large: they end at 13, and resolvers look at 13 to 20. */
#define LARGE 25u

/* So large are those counted that a zone gives again and again with names never seen. */
#define ABOVE_USUAL 14u

#define POINTS_PER_NAME 0.05
#define NAMES_MOST      100u
#define HUGE            100u

/* What one referral asks of a resolver. */
struct burden {
    uint32_t glueless; /* targets without an address */
    bool elsewhere;    /* four in five of those kept are not under the zone */
    bool unseen;       /* four in five are named by this delegation alone */
};

static bool
is_unseen(const struct gw_rule_event *event, const struct gw_table_name *name)
{
    const struct gw_host *host = gw_table_host(event->table, name);

    return host == NULL || host->refs <= 1;
}

static bool
is_elsewhere(const struct gw_rule_event *event, const struct gw_table_name *name)
{
    const struct gw_observation *seen = event->seen;

    if (gw_zone_covers(seen->names + seen->cut.off, seen->cut.len, name->wire, name->len))
        return false;
    return event->zone.name == NULL || event->zone.len == 1 ||
           !gw_zone_covers(event->zone.name, event->zone.len, name->wire, name->len);
}

static struct burden
weigh(const struct gw_rule_event *event)
{
    const struct gw_observation *seen = event->seen;
    uint32_t with_glue = 0;
    uint32_t elsewhere = 0;
    uint32_t unseen = 0;

    for (uint32_t i = 0; i < seen->target_count; i++) {
        const struct gw_table_name name = gw_zone_name(seen, &seen->target[i].name);

        with_glue += seen->target[i].has_a || seen->target[i].has_aaaa;
        elsewhere += is_elsewhere(event, &name);
        unseen += is_unseen(event, &name);
    }
    return (struct burden){
        .glueless = seen->target_total > with_glue ? seen->target_total - with_glue : 0,
        .elsewhere = 5 * elsewhere >= 4u * seen->target_count,
        .unseen = 5 * unseen >= 4u * seen->target_count,
    };
}

/* A zone that anybody may register is answerable for what it delegates; a TLD is not. */
static struct gw_table_name
who_does_it(const struct gw_rule_event *event)
{
    const uint8_t *zone = event->zone.name;

    if (zone == NULL || gw_rule_labels(zone) < 2)
        return gw_zone_name(event->seen, &event->seen->cut);
    return (struct gw_table_name){
        zone, gw_hash_octets(&event->table->key, zone, event->zone.len), event->zone.len};
}

static void
judge(const struct gw_rule_event *event)
{
    struct burden burden = {0};
    struct gw_finding finding;
    bool surges = false;

    if (event->seen->target_total < ABOVE_USUAL)
        return;
    burden = weigh(event);

    const struct gw_table_name who = who_does_it(event);

    if (!burden.elsewhere || burden.glueless < ABOVE_USUAL)
        return;
    if (burden.unseen)
        surges = gw_fanout_count(event->context->fanout, who.hash, event->now);
    if (burden.glueless < LARGE && !surges)
        return;
    gw_rule_begin(event, GW_KIND_NS_FANOUT, NULL, &finding);
    gw_rule_about(&finding, who.wire, who.len);
    gw_rule_term(&finding, "base", -1.0);
    gw_rule_term(&finding, "names-without-address",
        POINTS_PER_NAME * (burden.glueless < NAMES_MOST ? burden.glueless : NAMES_MOST));
    gw_rule_term(&finding, "many-referrals", surges ? 1.5 : 0.0);
    finding.variant = surges                             ? "many-referrals"
                      : event->seen->target_total > HUGE ? "huge-referral"
                                                         : "large-referral";
    finding.severity = surges ? GW_HIGH : GW_MEDIUM;
    gw_rule_add_targets(event, &finding);
    gw_fanout_watch(event->context->fanout, event->seen, &finding);
    gw_rule_conclude(event, &finding, NULL, 0);
}

/* The resolver takes the bait: the same finding, graver. */
static void
judge_query(const struct gw_rule_event *event)
{
    const struct gw_finding *told = NULL;
    struct gw_rule_event again = *event;
    struct gw_finding finding;

    if (event->exchange->fit != GW_FIT_QUERY)
        return;
    told = gw_fanout_query(event->context->fanout, event->exchange);
    if (told == NULL)
        return;
    finding = *told;
    if (finding.zone.len != 0)
        again.zone = (struct gw_zone){.name = finding.zone.wire, .len = finding.zone.len};
    gw_rule_term_in(&finding, GW_CHANNEL_ACCEPTANCE, "resolver-asks-them", 2.0);
    finding.variant = "query-burst";
    finding.severity = GW_HIGH;
    finding.last_ns = event->exchange->time_ns;
    finding.message_count = 1;
    gw_rule_conclude(&again, &finding, NULL, 0);
}

const struct gw_rule gw_rule_ns_fanout = {
    .kind = GW_KIND_NS_FANOUT, .message = judge, .exchange = judge_query};
