/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * While an incident is open, what it holds against somebody must not become what is known: its
 * claims are marked, and the mark goes when the incident is closed. A change that was explained
 * closes it, and so what was new is adopted.
 */
#include "analyze/rules.h"

#include <string.h>

/* The subject that a finding sets sides of, or NULL. */
static struct gw_subject *
subject_of(const struct gw_rule_event *event, const struct gw_finding *finding)
{
    const struct gw_table *table = event->table;

    if (finding->set_count != GW_FINDING_SETS_MAX || finding->severity == GW_INFO)
        return NULL;
    if (finding->name.len != 0) {
        struct gw_host *host = gw_rule_host_of(table, finding);

        return host == NULL ? NULL : &host->subject;
    }
    return event->cut == NULL ? NULL : &event->cut->subject;
}

static bool
has_name(const struct gw_finding_set *set, const uint8_t *wire, uint8_t len)
{
    for (uint32_t i = 0; i < set->name_count; i++)
        if (set->name[i].len == len && memcmp(set->name[i].wire, wire, len) == 0)
            return true;
    return false;
}

static bool
has_claim(
    const struct gw_table *table, const struct gw_finding_set *set, const struct gw_claim *claim)
{
    if (claim->family == 0) {
        const struct gw_host *host = gw_table_claim_host(table, claim);

        return has_name(set, gw_arena_at(&table->arena, host->name), host->name_len);
    }
    for (uint32_t i = 0; i < set->address_count; i++)
        if (set->address[i].family == claim->family &&
            memcmp(set->address[i].octet, claim->octet, sizeof(claim->octet)) == 0)
            return true;
    return false;
}

void
gw_rule_freeze(const struct gw_rule_event *event, const struct gw_finding *finding)
{
    const struct gw_table *table = event->table;
    struct gw_incident_log *log = event->store->incidents;
    struct gw_subject *subject = subject_of(event, finding);

    if (log == NULL || subject == NULL ||
        !gw_incident_is_open(
            log, finding->name.len != 0 ? &finding->name : &finding->cut, event->store->now_ns))
        return;

    struct gw_claim *claim = gw_table_claims(table, subject);

    for (uint32_t i = 0; i < subject->claim_count; i++) {
        if (has_claim(table, &finding->set[0], &claim[i]) ||
            !has_claim(table, &finding->set[1], &claim[i]))
            continue;
        claim[i].flags |= GW_CLAIM_SUSPECT;
        subject->frozen = 1;
    }
}

void
gw_rule_thaw(
    const struct gw_rule_event *event, struct gw_subject *subject, const struct gw_host *host)
{
    const struct gw_table *table = event->table;
    const struct gw_cut *cut = host == NULL ? gw_table_cut_of(table, subject) : NULL;
    const gw_arena_ref wire = host == NULL ? cut->name : host->name;
    struct gw_name name = {.len = host == NULL ? cut->name_len : host->name_len};

    memcpy(name.wire, gw_arena_at(&table->arena, wire), name.len);
    if (gw_incident_is_open(event->store->incidents, &name, event->store->now_ns))
        return;

    struct gw_claim *claim = gw_table_claims(table, subject);

    for (uint32_t i = 0; i < subject->claim_count; i++)
        claim[i].flags &= (uint8_t)~GW_CLAIM_SUSPECT;
    subject->frozen = 0;
}
