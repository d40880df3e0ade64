/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/table.h"

#include <assert.h>
#include <string.h>

/* Of a full array, so many of the newest entries are never the ones to go. */
#define NEWEST_KEPT 16u

_Static_assert(sizeof(struct gw_naming) <= sizeof(((struct gw_claim *)0)->octet), "fits a claim");
_Static_assert(GW_CLAIMS_MAX == 64 && GW_ROWS_MAX == 64, "bits of a mask");

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

static uint32_t
log2_of(uint32_t value)
{
    return 31u - (uint32_t)__builtin_clz(value | 1u);
}

/* The newest entries: a flood of others must not hide a newcomer. Ties go to the later entry. */
static uint64_t
newest_of(const int64_t *since, uint32_t count)
{
    uint64_t newest = 0;

    for (uint32_t n = 0; n < NEWEST_KEPT && n < count; n++) {
        uint32_t best = GW_CLAIMS_MAX;

        for (uint32_t i = 0; i < count; i++)
            if (!((newest >> i) & 1u) && (best == GW_CLAIMS_MAX || since[i] >= since[best]))
                best = i;
        newest |= 1ull << best;
    }
    return newest;
}

/* The least supported claim that is neither new nor in `keep`, or GW_CLAIMS_MAX. */
static uint32_t
weakest_claim(const struct gw_table *table, const struct gw_subject *subject, uint64_t keep)
{
    const struct gw_claim *claim = gw_table_claims(table, subject);
    int64_t since[GW_CLAIMS_MAX];
    uint32_t weakest = GW_CLAIMS_MAX;

    for (uint32_t i = 0; i < subject->claim_count; i++)
        since[i] = claim[i].first;
    keep |= newest_of(since, subject->claim_count);
    for (uint32_t i = 0; i < subject->claim_count; i++) {
        const uint32_t support = log2_of(claim[i].messages);

        if ((keep >> i) & 1u)
            continue;
        if (weakest == GW_CLAIMS_MAX || support < log2_of(claim[weakest].messages) ||
            (support == log2_of(claim[weakest].messages) && claim[i].last < claim[weakest].last))
            weakest = i;
    }
    return weakest;
}

void
gw_table_part_claim(const struct gw_table *table, const struct gw_subject *subject, uint32_t index)
{
    struct gw_claim *claim = gw_table_claims(table, subject);

    for (uint32_t i = 0; i < subject->claim_count; i++)
        claim[i].with &= ~(1ull << index);
}

static void
forget_claim(struct gw_table *table, struct gw_subject *subject, uint32_t index)
{
    struct gw_row *row = gw_table_rows(table, subject);
    const struct gw_claim *claim = &gw_table_claims(table, subject)[index];

    for (uint32_t i = 0; i < subject->row_count; i++) {
        row[i].now &= ~(1ull << index);
        row[i].ever &= ~(1ull << index);
    }
    gw_table_part_claim(table, subject, index);
    if (claim->family == 0)
        gw_table_unname(table, gw_table_cut_of(table, subject), index);
}

static bool
is_same(const struct gw_claim *claim, const struct gw_claim *like)
{
    const size_t len = like->family == 0 ? sizeof(gw_arena_ref) : sizeof(like->octet);

    return claim->family == like->family && memcmp(claim->octet, like->octet, len) == 0;
}

uint32_t
gw_table_claim(
    struct gw_table *table, struct gw_subject *subject, const struct gw_claim *like, uint64_t keep)
{
    const struct gw_claim *claim = gw_table_claims(table, subject);
    uint32_t index = subject->claim_count;

    for (uint32_t i = 0; i < subject->claim_count; i++)
        if (is_same(&claim[i], like))
            return i;
    if (index == GW_CLAIMS_MAX) {
        table->stats->claims_dropped++;
        index = weakest_claim(table, subject, keep);
        if (index == GW_CLAIMS_MAX)
            return GW_CLAIMS_MAX;
        forget_claim(table, subject, index);
    } else {
        if (index == subject->claim_room &&
            !make_room(table, &subject->claims, &subject->claim_room, sizeof(*claim))) {
            table->stats->claims_dropped++;
            return GW_CLAIMS_MAX;
        }
        subject->claim_count++;
    }
    gw_table_claims(table, subject)[index] = *like;
    return index;
}

/* The row of the witness that said least and longest ago, the newest apart. */
static uint32_t
weakest_row(const struct gw_row *row)
{
    int64_t since[GW_ROWS_MAX];
    uint32_t weakest = GW_ROWS_MAX;

    for (uint32_t i = 0; i < GW_ROWS_MAX; i++)
        since[i] = row[i].since_ns;

    const uint64_t keep = newest_of(since, GW_ROWS_MAX);

    for (uint32_t i = 0; i < GW_ROWS_MAX; i++) {
        if ((keep >> i) & 1u)
            continue;
        if (weakest == GW_ROWS_MAX || log2_of(row[i].count) < log2_of(row[weakest].count) ||
            (log2_of(row[i].count) == log2_of(row[weakest].count) &&
                row[i].last < row[weakest].last))
            weakest = i;
    }
    return weakest;
}

uint32_t
gw_table_row(
    struct gw_table *table, struct gw_subject *subject, gw_witness_id witness, gw_zone_id zone)
{
    struct gw_row *row = gw_table_rows(table, subject);
    uint32_t index = subject->row_count;
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
    if (index == GW_ROWS_MAX) {
        table->stats->rows_dropped++;
        index = weakest_row(row);
    } else {
        if (index == subject->row_room &&
            !make_room(table, &subject->rows, &subject->row_room, sizeof(*row))) {
            table->stats->rows_dropped++;
            return GW_ROWS_MAX;
        }
        subject->row_count++;
    }
    row = &gw_table_rows(table, subject)[index];
    *row = (struct gw_row){.witness = witness, .zone = zone};
    return index;
}

static struct gw_naming
naming_of(const struct gw_claim *claim)
{
    struct gw_naming naming;

    assert(claim->family == 0);
    memcpy(&naming, claim->octet, sizeof(naming));
    return naming;
}

struct gw_host *
gw_table_claim_host(const struct gw_table *table, const struct gw_claim *claim)
{
    const gw_arena_ref host = naming_of(claim).host;

    assert(host != 0);
    return gw_arena_at(&table->arena, host);
}

/* The claim of cut `cut` that names `host`. */
static struct gw_claim *
claim_naming(const struct gw_table *table, gw_arena_ref cut, gw_arena_ref host)
{
    const struct gw_subject *subject = gw_arena_at(&table->arena, cut);
    struct gw_claim *claim = gw_table_claims(table, subject);

    while (naming_of(claim).host != host)
        claim++;
    return claim;
}

static void
set_neighbour(
    struct gw_table *table, gw_arena_ref cut, const struct gw_naming *naming, bool is_newer)
{
    struct gw_claim *claim = claim_naming(table, cut, naming->host);
    struct gw_naming neighbour = naming_of(claim);

    if (is_newer)
        neighbour.older = naming->older;
    else
        neighbour.newer = naming->newer;
    memcpy(claim->octet, &neighbour, sizeof(neighbour));
}

void
gw_table_name_host(struct gw_table *table, struct gw_cut *cut, uint32_t index)
{
    struct gw_claim *claim = &gw_table_claims(table, &cut->subject)[index];
    const gw_arena_ref ref = gw_table_ref(table, cut);
    struct gw_naming naming = naming_of(claim);
    struct gw_host *host = gw_arena_at(&table->arena, naming.host);

    naming.older = host->newest;
    naming.newer = 0;
    memcpy(claim->octet, &naming, sizeof(naming));
    if (host->newest != 0) {
        const struct gw_naming back = {.host = naming.host, .newer = ref};

        set_neighbour(table, host->newest, &back, false);
    } else {
        host->oldest = ref;
    }
    host->newest = ref;
    host->refs++;
}

void
gw_table_unname(struct gw_table *table, struct gw_cut *cut, uint32_t index)
{
    const struct gw_naming naming = naming_of(&gw_table_claims(table, &cut->subject)[index]);
    struct gw_host *host = gw_arena_at(&table->arena, naming.host);

    if (naming.older != 0)
        set_neighbour(table, naming.older, &naming, false);
    else
        host->oldest = naming.newer;
    if (naming.newer != 0)
        set_neighbour(table, naming.newer, &naming, true);
    else
        host->newest = naming.older;
    gw_table_host_unref(table, host);
}

gw_arena_ref
gw_table_next_naming(const struct gw_table *table, const struct gw_host *host, gw_arena_ref cut)
{
    return naming_of(claim_naming(table, cut, gw_table_ref(table, host))).newer;
}
