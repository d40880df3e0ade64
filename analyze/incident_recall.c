/* SPDX-License-Identifier: BSD-2-Clause */
/* Incidents of earlier runs: known again, and written down for the next run. */
#include <string.h>

#include "analyze/snapshot_matter.h"

/* A closed incident may come back for a week; after that it would be another one. */
#define KEPT_NS (7 * 24 * 3600 * GW_NS_PER_S)

/* They leave at least a half of the room to what this run finds. */
#define ROOM_PART 2u

static struct gw_matter_cuts *
recall_cuts(struct gw_incident_log *log, const struct gw_matter_cuts *cuts)
{
    struct gw_matter_cuts *place = &log->cuts[log->cuts_used];

    if (cuts->surest_count == 0 || log->cuts_used >= log->cuts_most / ROOM_PART)
        return NULL;
    log->cuts_used++;
    *place = *cuts;
    return place;
}

void
gw_incident_recall(struct gw_incident_log *log, const struct gw_snapshot_matter *earlier)
{
    struct gw_matter *matter = &log->matter[log->count];

    if (log->count >= log->most / ROOM_PART) {
        log->stats->dropped++;
        return;
    }
    log->count++;
    *matter = earlier->matter;
    matter->used = true;
    matter->opened = true;
    matter->has_id = true;
    matter->dormant = matter->state == GW_INCIDENT_CLOSED;
    if (matter->state == GW_INCIDENT_NEW || matter->state == GW_INCIDENT_UPDATED)
        matter->state = GW_INCIDENT_OPEN;
    matter->cuts = recall_cuts(log, &earlier->cuts);
    gw_incident_score(matter);
    matter->severity_then = matter->severity;
    matter->channels_then = gw_incident_channels(matter);
    log->stats->opened++;
}

bool
gw_incident_tell(
    const struct gw_incident_log *log, uint32_t slot, struct gw_snapshot_matter *ret_matter)
{
    const struct gw_matter *matter = &log->matter[slot];

    if (!gw_incident_is_kept(log, slot))
        return false;
    memset(ret_matter, 0, sizeof(*ret_matter));
    ret_matter->matter = *matter;
    if (matter->cuts != NULL)
        ret_matter->cuts = *matter->cuts;
    gw_snapshot_sort_matter(ret_matter);
    return true;
}

bool
gw_incident_is_kept(const struct gw_incident_log *log, uint32_t slot)
{
    const struct gw_matter *matter = &log->matter[slot];

    return matter->used && matter->merged == 0 && matter->opened && matter->has_id &&
           (matter->state != GW_INCIDENT_CLOSED || log->last_ns - matter->closed_ns <= KEPT_NS);
}

uint32_t
gw_incident_slots(const struct gw_incident_log *log)
{
    return log->count;
}

const uint8_t *
gw_incident_id(const struct gw_incident_log *log, uint32_t slot)
{
    return log->matter[slot].id;
}
