/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * glue-unreferenced: an address record whose owner no NS record names, in a referral or beside
 * records that have no place where they stand (an MX record in AUTHORITY, say).
 */
#include "analyze/accept.h"

/* A server that adds such records again and again is old software, not an attacker. */
#define HABIT_REPEATS 20u

static uint8_t
count_habit(const struct gw_rule_event *event)
{
    const uint32_t server = gw_table_intern_find(&event->table->server, &event->seen->server);

    if (server == UINT32_MAX)
        return 0;

    uint8_t *habit = gw_table_habit(event->table, server);

    if (*habit < UINT8_MAX)
        (*habit)++;
    return *habit;
}

/*
 * Does the name lie in a delegation that is known, of a zone that this server does not serve, and
 * outside the zone that it was asked in?
 */
static bool
is_of_others(const struct gw_rule_event *event, const struct gw_table_name *name)
{
    if (event->zone.name == NULL ||
        gw_zone_covers(event->zone.name, event->zone.len, name->wire, name->len))
        return false;
    for (uint32_t pos = 0; name->wire[pos] != 0; pos += 1u + name->wire[pos]) {
        const uint8_t len = (uint8_t)(name->len - pos);
        const struct gw_table_name zone = {
            name->wire + pos, gw_hash_octets(&event->table->key, name->wire + pos, len), len};

        if (gw_table_cut(event->table, &zone) != NULL)
            return !gw_zone_is_served_by(event->table, &zone, &event->seen->server);
    }
    return false;
}

static void
judge_glue(const struct gw_rule_event *event, const struct gw_observation_glue *glue)
{
    const struct gw_table_name name = gw_rule_glue_owner(event->seen, glue);
    const struct gw_host *host = gw_table_host(event->table, &name);
    const bool contradicts = host != NULL && gw_rule_contradicts(event, host, &glue->addr);
    const bool misplaced = (event->seen->facts & GW_FACT_WRONG_SECTION) != 0;
    const bool intrudes = misplaced && is_of_others(event, &name);
    const uint8_t repeats = count_habit(event);
    struct gw_finding finding;

    gw_rule_begin(event, GW_KIND_GLUE_UNREFERENCED, &name, &finding);
    gw_rule_term(&finding, "base", 0.0);
    gw_rule_term(&finding, "other-address-known", contradicts ? 3.0 : 0.0);
    gw_rule_term(&finding, "wrong-section", misplaced ? 1.0 : 0.0);
    gw_rule_term(&finding, "zone-of-others", intrudes ? 2.0 : 0.0);
    gw_rule_term(&finding, "server-habit", repeats > HABIT_REPEATS ? -4.0 : 0.0);
    if (misplaced) {
        finding.variant = "wrong-section";
        if (event->zone.name != NULL)
            gw_rule_about(&finding, event->zone.name, event->zone.len);
    }
    gw_rule_add_address(event, glue, &finding);
    if (contradicts)
        gw_rule_add_known(event, host, &finding);
    gw_accept_nobody(&finding);
    finding.severity = contradicts || intrudes ? GW_HIGH : GW_LOW;
    gw_rule_conclude(event, &finding, &glue->addr, sizeof(glue->addr));
}

static void
judge(const struct gw_rule_event *event)
{
    for (uint32_t i = 0; i < event->seen->glue_count; i++)
        if (event->seen->glue[i].target == GW_NO_TARGET &&
            event->seen->glue[i].stray < event->seen->stray_count)
            judge_glue(event, &event->seen->glue[i]);
}

/* Beside an answer, addresses may belong to it; what has no place where it stands does not. */
static void
judge_misplaced(const struct gw_rule_event *event)
{
    if ((event->seen->facts & GW_FACT_WRONG_SECTION) && !gw_rule_is_to_client(event->seen))
        judge(event);
}

const struct gw_rule gw_rule_unreferenced = {.kind = GW_KIND_GLUE_UNREFERENCED,
    .message = judge,
    .odd = judge_misplaced,
    .fact = judge_misplaced};
