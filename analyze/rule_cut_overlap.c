/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cut-overlap: two zone cuts where there can be one: NS records of two owners in one message, or
 * a referral past a cut that the same server gave a moment ago.
 */
#include "analyze/accept.h"

#define RECENT_TICKS (600u * GW_TICKS_PER_S)

/* How often a server gave the upper cut before, so that it is no passing state of its zone. */
#define UPPER_MESSAGES 2u

static void
judge_several(const struct gw_rule_event *event)
{
    const struct gw_observation *seen = event->seen;
    const struct gw_table_name other = gw_zone_name(seen, &seen->other);
    const enum gw_rule_ns known = gw_rule_ns_known(event);
    struct gw_finding finding;

    if (event->class != GW_CLASS_MULTI_CUT || gw_rule_is_to_client(seen))
        return;
    gw_rule_begin(event, GW_KIND_CUT_OVERLAP, other.len == 0 ? NULL : &other, &finding);
    gw_rule_term(&finding, "base", 0.0);
    gw_rule_term(&finding, "several-owners", 1.0);
    gw_rule_term(&finding, "other-servers-known", known == GW_NS_OTHERWISE ? 1.0 : 0.0);
    finding.variant = "several-owners";
    finding.severity = known == GW_NS_OTHERWISE && !gw_rule_is_guarded(seen) ? GW_MEDIUM : GW_LOW;
    gw_rule_add_targets(event, &finding);
    if (known == GW_NS_OTHERWISE)
        gw_rule_add_known_targets(event, &finding);
    gw_accept_ns(event, &finding);
    gw_rule_conclude(event, &finding, &seen->server, sizeof(seen->server));
}

/* Did this server give this cut out of this zone within the last minutes? */
static bool
gave_lately(const struct gw_rule_event *event, struct gw_cut *cut)
{
    const struct gw_table *table = event->table;
    const uint32_t server = gw_table_intern_find(&table->server, &event->seen->server);

    gw_table_fold(event->table, cut);

    const struct gw_row *row = gw_table_rows(table, &cut->subject);

    for (uint32_t i = 0; i < cut->subject.row_count; i++)
        if (row[i].zone == event->zone.id && row[i].count >= UPPER_MESSAGES &&
            gw_table_witness_at(table, row[i].witness)->server == server &&
            (event->now <= row[i].last || event->now - row[i].last <= RECENT_TICKS))
            return true;
    return false;
}

static void
conclude_past(const struct gw_rule_event *event, const struct gw_table_name *upper)
{
    struct gw_finding finding;

    gw_rule_begin(event, GW_KIND_CUT_OVERLAP, upper, &finding);
    gw_rule_term(&finding, "base", 0.0);
    gw_rule_term(&finding, "zone-by-glue-only", event->zone.sure ? 0.0 : -0.5);
    finding.variant = "past-a-cut";
    finding.severity = GW_LOW;
    gw_rule_add_targets(event, &finding);
    gw_rule_conclude(event, &finding, &event->seen->server, sizeof(event->seen->server));
}

/* The names between the cut and the zone, from below. */
static void
judge_past(const struct gw_rule_event *event)
{
    const struct gw_table_name name = gw_zone_name(event->seen, &event->seen->cut);
    uint32_t pos = 1u + name.wire[0];

    if (event->zone.name == NULL || name.wire[0] == 0)
        return;
    for (; (uint32_t)name.len - pos > event->zone.len; pos += 1u + name.wire[pos]) {
        const uint8_t len = (uint8_t)(name.len - pos);
        const struct gw_table_name upper = {
            name.wire + pos, gw_hash_octets(&event->table->key, name.wire + pos, len), len};
        struct gw_cut *cut = gw_table_cut(event->table, &upper);

        if (cut != NULL && gave_lately(event, cut) &&
            !gw_zone_is_served_by(event->table, &upper, &event->seen->server))
            conclude_past(event, &upper);
    }
}

const struct gw_rule gw_rule_cut_overlap = {
    .kind = GW_KIND_CUT_OVERLAP, .message = judge_past, .odd = judge_several};
