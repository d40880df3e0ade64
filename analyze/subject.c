/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/table.h"

#include <assert.h>
#include <string.h>

/* Make room for one more entry; arrays grow 1, 2, 4, … since most subjects have one or two. */
static bool
make_room(struct gw_table *table, gw_arena_ref *array, uint8_t *room, size_t entry_len)
{
    const uint8_t more = *room == 0 ? 1 : (uint8_t)(*room * 2);
    const gw_arena_ref bigger = gw_arena_take(&table->arena, more * entry_len);

    if (bigger == 0)
        return false;
    if (*array != 0) {
        memcpy(gw_arena_at(&table->arena, bigger), gw_arena_at(&table->arena, *array),
            *room * entry_len);
        gw_arena_free(&table->arena, *array, *room * entry_len);
    }
    *array = bigger;
    *room = more;
    return true;
}

uint32_t
gw_table_claim(struct gw_table *table, struct gw_subject *subject, const struct gw_claim *like)
{
    struct gw_claim *claim = gw_table_claims(table, subject);

    for (uint32_t i = 0; i < subject->claim_count; i++)
        if (claim[i].family == like->family &&
            memcmp(claim[i].octet, like->octet, sizeof(like->octet)) == 0)
            return i;
    if (subject->claim_count == GW_CLAIMS_MAX ||
        (subject->claim_count == subject->claim_room &&
            !make_room(table, &subject->claims, &subject->claim_room, sizeof(*claim)))) {
        table->stats->claims_dropped++;
        return GW_CLAIMS_MAX;
    }
    gw_table_claims(table, subject)[subject->claim_count] = *like;
    return subject->claim_count++;
}

uint32_t
gw_table_row(
    struct gw_table *table, struct gw_subject *subject, gw_witness_id witness, gw_zone_id zone)
{
    struct gw_row *row = gw_table_rows(table, subject);
    uint32_t unknown = GW_ROWS_MAX;

    for (uint32_t i = 0; i < subject->row_count; i++) {
        if (row[i].witness != witness)
            continue;
        if (row[i].zone == zone || zone == GW_ZONE_UNKNOWN)
            return i;
        if (row[i].zone == GW_ZONE_UNKNOWN)
            unknown = i;
    }
    if (unknown != GW_ROWS_MAX) {
        row[unknown].zone = zone;
        return unknown;
    }
    if (subject->row_count == GW_ROWS_MAX ||
        (subject->row_count == subject->row_room &&
            !make_room(table, &subject->rows, &subject->row_room, sizeof(*row)))) {
        table->stats->rows_dropped++;
        return GW_ROWS_MAX;
    }
    row = gw_table_rows(table, subject) + subject->row_count;
    memset(row, 0, sizeof(*row));
    row->witness = witness;
    row->zone = zone;
    return subject->row_count++;
}

struct gw_host *
gw_table_claim_host(const struct gw_table *table, const struct gw_claim *claim)
{
    gw_arena_ref ref;

    memcpy(&ref, claim->octet, sizeof(ref));
    assert(claim->family == 0 && ref != 0);
    return (struct gw_host *)gw_arena_at(&table->arena, ref);
}
