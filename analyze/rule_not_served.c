/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * delegation-not-served: a server to which a zone is delegated does not serve it; and its variant
 * `revived`: nobody served it for a week, and now somebody does, though the delegation is the same.
 */
#include "analyze/accept.h"
#include "analyze/served.h"

#include <string.h>

#define RCODE_SERVFAIL 2u
#define RCODE_REFUSED  5u
#define RCODE_NOTAUTH  9u

/* So many names within an hour, or two again and again, or one for a day. */
#define NAMES_NEEDED    3u
#define AGAIN_AND_AGAIN 10u
#define MESSAGES_NEEDED 3u
#define DAY_TICKS       GW_TICKS_PER_DAY

/* So long and so often dark is a delegation that anybody may claim who can get the server. */
#define DARK_TICKS    (7u * GW_TICKS_PER_DAY)
#define DARK_MESSAGES 5u

static const char *const reason_names[GW_SERVED_REASONS] = {
    [GW_SERVED_REFUSED] = "refused",
    [GW_SERVED_SERVFAIL] = "servfail",
    [GW_SERVED_UPWARD] = "upward",
    [GW_SERVED_SELF] = "self",
    [GW_SERVED_SELF_POINTING] = "self-pointing",
    [GW_SERVED_RECURSIVE] = "nonaa-recursive",
};

static enum gw_served_reason
reason_of_rcode(const struct gw_observation *seen)
{
    if (seen->rcode == RCODE_REFUSED || seen->rcode == RCODE_NOTAUTH)
        return GW_SERVED_REFUSED;
    return seen->rcode == RCODE_SERVFAIL ? GW_SERVED_SERVFAIL : GW_SERVED_REASONS;
}

static bool
points_at_itself(const struct gw_observation *seen)
{
    for (uint32_t i = 0; i < seen->glue_count; i++)
        if (seen->glue[i].target != GW_NO_TARGET &&
            memcmp(&seen->glue[i].addr, &seen->server, sizeof(seen->server)) == 0)
            return true;
    return false;
}

/* GW_SERVED_REASONS: the message does not speak against its server. */
static enum gw_served_reason
reason_of(const struct gw_rule_event *event)
{
    const struct gw_observation *seen = event->seen;
    const bool answers_as_resolver =
        (seen->facts & (GW_FACT_RA | GW_FACT_RD | GW_FACT_AA)) == GW_FACT_RA;

    if (answers_as_resolver && (event->class == GW_CLASS_ANSWER || event->class == GW_CLASS_NODATA))
        return GW_SERVED_RECURSIVE;
    if (seen->kind == GW_OBSERVATION_ERROR || event->class == GW_CLASS_ERROR)
        return reason_of_rcode(seen);
    if (event->class == GW_CLASS_UPWARD)
        return GW_SERVED_UPWARD;
    if (event->class == GW_CLASS_SELF_REFERRAL)
        return points_at_itself(seen) ? GW_SERVED_SELF_POINTING : GW_SERVED_SELF;
    return GW_SERVED_REASONS;
}

/* The finding is about the zone that the server was asked in, below the zone that delegates it. */
static void
begin(const struct gw_rule_event *event, struct gw_finding *finding)
{
    const struct gw_table_name zone = {event->zone.name,
        gw_hash_octets(&event->table->key, event->zone.name, event->zone.len), event->zone.len};
    const struct gw_cut *cut = gw_table_cut(event->table, &zone);

    gw_rule_begin(event, GW_KIND_DELEGATION_NOT_SERVED, NULL, finding);
    gw_rule_about(finding, zone.wire, zone.len);
    finding->zone.len = 0;
    if (cut == NULL || cut->parent == GW_ZONE_UNKNOWN)
        return;

    const struct gw_zone_record *parent = gw_table_zone_at(event->table, cut->parent);

    finding->zone.len = parent->name_len;
    memcpy(finding->zone.wire, gw_arena_at(&event->table->arena, parent->name), parent->name_len);
}

static void
conclude_denied(const struct gw_rule_event *event, enum gw_served_reason reason,
    const struct gw_served_state *state)
{
    const bool is_passing = reason == GW_SERVED_SERVFAIL;
    struct gw_finding finding;

    begin(event, &finding);
    gw_rule_term(&finding, "base", is_passing ? 0.0 : 1.5);
    gw_rule_term(&finding, "served-before", event->zone.sure ? -0.5 : 0.0);
    finding.variant = reason_names[reason];
    finding.severity = is_passing ? GW_INFO : GW_LOW;
    finding.message_count = state->count;
    finding.first_ns = gw_table_tick_ns(event->table, state->first);
    if (finding.first_ns > finding.last_ns)
        finding.first_ns = finding.last_ns;
    gw_rule_conclude(event, &finding, &event->seen->server, sizeof(event->seen->server));
}

static bool
is_enough(const struct gw_served_state *state)
{
    const gw_tick span = state->last - state->first;

    return (state->names >= NAMES_NEEDED && span <= GW_TICKS_PER_H) ||
           (state->names == NAMES_NEEDED - 1 && state->count >= AGAIN_AND_AGAIN) ||
           (state->count >= MESSAGES_NEEDED && span >= DAY_TICKS);
}

/* Has the NS set of the zone been as it is since before @p since? */
static bool
is_unchanged(const struct gw_rule_event *event, const struct gw_cut *cut, gw_tick since)
{
    const struct gw_claim *claim = gw_table_claims(event->table, &cut->subject);

    for (uint32_t i = 0; i < cut->subject.claim_count; i++)
        if (claim[i].first > since)
            return false;
    return cut->subject.claim_count != 0;
}

/* Others than the zone's owner have names there, too: a server name that is not under the zone. */
static bool
is_hosted(const struct gw_rule_event *event, const struct gw_cut *cut)
{
    const uint8_t *zone = gw_arena_at(&event->table->arena, cut->name);
    const struct gw_claim *claim = gw_table_claims(event->table, &cut->subject);

    for (uint32_t i = 0; i < cut->subject.claim_count; i++) {
        const struct gw_host *host = gw_table_claim_host(event->table, &claim[i]);

        if (!gw_zone_covers(
                zone, cut->name_len, gw_arena_at(&event->table->arena, host->name), host->name_len))
            return true;
    }
    return false;
}

static void
judge_revived(const struct gw_rule_event *event, const struct gw_table_name *zone,
    const struct gw_served_dark *dark)
{
    const struct gw_cut *cut = gw_table_cut(event->table, zone);
    const gw_tick span = dark->last - dark->since;
    const double weeks = (double)(event->now - dark->since) / DARK_TICKS;
    struct gw_finding finding;

    if (cut == NULL || dark->count < DARK_MESSAGES || span < DARK_TICKS ||
        !is_unchanged(event, cut, dark->since))
        return;
    begin(event, &finding);
    gw_rule_term(&finding, "base", -0.5);
    gw_rule_term(&finding, "stable-history", weeks < 2.0 ? weeks : 2.0);
    gw_rule_term(&finding, "hosted-elsewhere", is_hosted(event, cut) ? 1.0 : 0.0);
    finding.variant = "revived";
    finding.severity = GW_MEDIUM;
    finding.baseline_s = (double)(event->now - dark->since) * (1 << GW_TICK_SHIFT) / 1e9;
    gw_rule_conclude(event, &finding, "revived", sizeof("revived"));
}

/* Data of the zone, not only word that there are none. */
static bool
is_serving(const struct gw_observation *seen)
{
    return (seen->facts & GW_FACT_AA) != 0 && seen->rcode == 0 &&
           seen->kind != GW_OBSERVATION_ERROR && seen->kind != GW_OBSERVATION_DENIAL &&
           !(seen->facts & GW_FACT_PROMISCUOUS);
}

static void
judge(const struct gw_rule_event *event)
{
    const struct gw_observation *seen = event->seen;
    const enum gw_served_reason reason = reason_of(event);

    if (event->zone.name == NULL || event->zone.len == 1 || gw_rule_is_to_client(seen) ||
        (seen->facts & (GW_FACT_RD | GW_FACT_RA)) == (GW_FACT_RD | GW_FACT_RA))
        return;

    const struct gw_table_name zone = {event->zone.name,
        gw_hash_octets(&event->table->key, event->zone.name, event->zone.len), event->zone.len};

    if (reason != GW_SERVED_REASONS) {
        const struct gw_served_state state = gw_served_deny(
            event->context->served, &zone, &seen->server, seen->qname.hash, event->now);

        if (is_enough(&state))
            conclude_denied(event, reason, &state);
    } else if (is_serving(seen)) {
        const struct gw_served_dark dark =
            gw_served_affirm(event->context->served, &zone, &seen->server);

        if (dark.count != 0)
            judge_revived(event, &zone, &dark);
    }
}

/* A referral from within the zone shows that the server serves it. */
static void
judge_message(const struct gw_rule_event *event)
{
    if (event->zone.name == NULL || event->zone.len == 1)
        return;

    const struct gw_table_name zone = {event->zone.name,
        gw_hash_octets(&event->table->key, event->zone.name, event->zone.len), event->zone.len};

    (void)gw_served_affirm(event->context->served, &zone, &event->seen->server);
}

const struct gw_rule gw_rule_not_served = {
    .kind = GW_KIND_DELEGATION_NOT_SERVED, .message = judge_message, .odd = judge, .fact = judge};
