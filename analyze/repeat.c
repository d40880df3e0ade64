/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Repeats: a referral whose witness said exactly this before is counted and done. The first few
 * witnesses of a cut have a slot in its line, one cache miss away; the others have theirs in an
 * array of the cut, two more away, and still far cheaper than learning the message again.
 */
#include "analyze/table.h"

#include <assert.h>
#include <string.h>

uint32_t
gw_table_tag(uint64_t content, uint64_t witness_hash)
{
    return (uint32_t)(gw_hash_mix(content, witness_hash) >> 32) | 1u;
}

static struct gw_slot *
slots_of(const struct gw_table *table, const struct gw_cut *cut)
{
    return (struct gw_slot *)gw_arena_at(&table->arena, cut->slots);
}

static void
take_line_slot(struct gw_cut_line *line, uint32_t index, const struct gw_slot *slot)
{
    const uint32_t bit = 1u << index;

    line->tag[index] = slot->tag;
    line->row[index] = slot->row;
    line->last[index] = slot->last;
    line->count[index] = 0;
    line->partial =
        (uint16_t)(slot->partial ? line->partial | bit : (uint32_t)line->partial & ~bit);
}

/* The slot of the line that has this tag, or else a free one, or GW_LINE_SLOTS. */
static uint32_t
line_slot_for(const struct gw_cut_line *line, uint32_t tag)
{
    uint32_t found = GW_LINE_SLOTS;

    for (uint32_t i = 0; i < GW_LINE_SLOTS; i++) {
        if (line->tag[i] == tag)
            return i;
        if (line->tag[i] == 0 && found == GW_LINE_SLOTS)
            found = i;
    }
    return found;
}

static bool
make_room(struct gw_table *table, struct gw_cut *cut)
{
    const uint8_t more = cut->slot_room == 0 ? 4 : (uint8_t)(cut->slot_room * 2);
    gw_arena_ref bigger;

    if (cut->slot_room >= GW_SLOTS_MAX)
        return false;
    bigger = gw_arena_take(&table->arena, more * sizeof(struct gw_slot));
    if (bigger == 0)
        return false;
    if (cut->slots != 0) {
        memcpy(gw_arena_at(&table->arena, bigger), slots_of(table, cut),
            cut->slot_room * sizeof(struct gw_slot));
        gw_arena_free(&table->arena, cut->slots, cut->slot_room * sizeof(struct gw_slot));
    }
    cut->slots = bigger;
    cut->slot_room = more;
    return true;
}

/* The place in the cut's array for this tag: its own, a free one, a new one, or the oldest. */
static struct gw_slot *
spilled_slot_for(struct gw_table *table, struct gw_cut *cut, uint32_t tag)
{
    struct gw_slot *slot = slots_of(table, cut);
    uint32_t best = 0;

    for (uint32_t i = 0; i < cut->slot_count; i++) {
        if (slot[i].tag == tag)
            return &slot[i];
        if (slot[best].tag != 0 && (slot[i].tag == 0 || slot[i].last < slot[best].last))
            best = i;
    }
    if (cut->slot_count != 0 && slot[best].tag == 0)
        return &slot[best];
    if (cut->slot_count == cut->slot_room && !make_room(table, cut))
        return cut->slot_count == 0 ? NULL : &slot[best];
    return &slots_of(table, cut)[cut->slot_count++];
}

void
gw_table_remember(
    struct gw_table *table, struct gw_cut *cut, uint32_t tag, uint8_t row, bool partial)
{
    const struct gw_slot slot = {
        .tag = tag, .last = cut->subject.last, .row = row, .partial = partial};
    struct gw_cut_line *line = gw_table_line(table, cut);

    if (line == NULL || cut->subject.contested)
        return;
    gw_table_fold(table, cut);

    const uint32_t index = line_slot_for(line, tag);

    if (index < GW_LINE_SLOTS) {
        take_line_slot(line, index, &slot);
        return;
    }

    struct gw_slot *spilled = spilled_slot_for(table, cut, tag);

    if (spilled != NULL)
        *spilled = slot;
}

void
gw_table_forget(struct gw_table *table, struct gw_cut *cut)
{
    struct gw_cut_line *line = gw_table_line(table, cut);

    if (line == NULL)
        return;
    gw_table_fold(table, cut);
    memset(line->tag, 0, sizeof(line->tag));
    cut->slot_count = 0;
}

void
gw_table_forget_row(struct gw_table *table, struct gw_cut *cut, uint32_t row)
{
    struct gw_cut_line *line = gw_table_line(table, cut);
    struct gw_slot *slot = slots_of(table, cut);

    if (line == NULL)
        return;
    gw_table_fold(table, cut);
    for (uint32_t i = 0; i < GW_LINE_SLOTS; i++)
        if (line->row[i] == row)
            line->tag[i] = 0;
    for (uint32_t i = 0; i < cut->slot_count; i++)
        if (slot[i].row == row)
            slot[i].tag = 0;
}

/*
 * Tell the repeats of one slot to a subject's row. Those from before the row changed, through
 * another delegation, say nothing of what it holds now.
 */
static void
fold_row(const struct gw_table *table, struct gw_subject *subject, struct gw_row *row,
    uint32_t count, gw_tick last)
{
    struct gw_claim *claim = gw_table_claims(table, subject);
    const bool is_past = last < row->last && gw_table_tick_ns(table, last) < row->since_ns;

    row->count = gw_table_add(row->count, count);
    subject->messages = gw_table_add(subject->messages, count);
    if (last > row->last)
        row->last = last;
    if (last > subject->last)
        subject->last = last;
    if (is_past)
        return;
    row->told = gw_table_add(row->told, count);
    for (uint64_t mask = row->now; mask != 0; mask &= mask - 1) {
        struct gw_claim *said = &claim[__builtin_ctzll(mask)];

        if (last > said->last)
            said->last = last;
        said->messages =
            (uint16_t)(said->messages + count < UINT16_MAX ? said->messages + count : UINT16_MAX);
    }
}

static void
fold_hosts(const struct gw_table *table, const struct gw_cut *cut, const struct gw_row *told,
    uint32_t count, gw_tick last)
{
    const struct gw_claim *claim = gw_table_claims(table, &cut->subject);

    for (uint64_t mask = told->now; mask != 0; mask &= mask - 1) {
        struct gw_subject *host =
            &gw_table_claim_host(table, &claim[__builtin_ctzll(mask)])->subject;
        struct gw_row *row = gw_table_rows(table, host);

        for (uint32_t i = 0; i < host->row_count; i++)
            if (row[i].witness == told->witness && row[i].zone == told->zone)
                fold_row(table, host, &row[i], count, last);
    }
}

/* Tell the repeats of one slot to the cut's row and to the rows of its hosts. */
static void
fold_slot(struct gw_table *table, struct gw_cut *cut, uint32_t index, uint32_t count, gw_tick last)
{
    struct gw_row *row = &gw_table_rows(table, &cut->subject)[index];

    assert(index < cut->subject.row_count);
    fold_row(table, &cut->subject, row, count, last);
    fold_hosts(table, cut, row, count, last);
}

void
gw_table_fold(struct gw_table *table, struct gw_cut *cut)
{
    struct gw_cut_line *line = gw_table_line(table, cut);
    struct gw_slot *slot = slots_of(table, cut);

    if (line == NULL)
        return;
    for (uint32_t i = 0; i < GW_LINE_SLOTS; i++) {
        if (line->count[i] == 0)
            continue;
        fold_slot(table, cut, line->row[i], line->count[i], line->last[i]);
        line->count[i] = 0;
    }
    for (uint32_t i = 0; i < cut->slot_count; i++) {
        if (slot[i].count == 0)
            continue;
        fold_slot(table, cut, slot[i].row, slot[i].count, slot[i].last);
        slot[i].count = 0;
    }
}

void
gw_table_prefetch_bulk(
    const struct gw_table *table, const struct gw_referral *referral, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        GW_PREFETCH(&table->line[(uint32_t)referral[i].cut_hash & table->line_mask]);
}

/* Count one repeat; false when the count is full and has to be folded first. */
static bool
count_repeat(uint8_t *count, gw_tick *last, gw_tick now)
{
    if (*count == UINT8_MAX)
        return false;
    ++*count;
    if (now > *last)
        *last = now;
    return true;
}

static bool
is_in_line(struct gw_cut_line *line, uint32_t tag, gw_tick now, bool *ret_partial)
{
    for (uint32_t i = 0; i < GW_LINE_SLOTS; i++) {
        if (line->tag[i] != tag)
            continue;
        *ret_partial = (line->partial & (1u << i)) != 0;
        return count_repeat(&line->count[i], &line->last[i], now);
    }
    return false;
}

static bool
is_spilled(const struct gw_table *table, const struct gw_cut *cut, uint32_t tag, gw_tick now,
    bool *ret_partial)
{
    struct gw_slot *slot = slots_of(table, cut);

    for (uint32_t i = 0; i < cut->slot_count; i++) {
        if (slot[i].tag != tag)
            continue;
        *ret_partial = slot[i].partial;
        return count_repeat(&slot[i].count, &slot[i].last, now);
    }
    return false;
}

bool
gw_table_is_repeat(
    struct gw_table *table, const struct gw_referral *referral, enum gw_class *ret_class)
{
    const struct gw_payload *payload = referral->msg->payload;
    const gw_tick now = gw_table_tick(table, payload->time_ns);
    struct gw_cut_line *line = gw_table_line_at(table, referral->cut_hash);
    bool partial = false;

    if (line == NULL || line->cut == 0)
        return false;

    const struct gw_cut *cut = gw_arena_at(&table->arena, line->cut);
    const uint32_t tag = gw_table_tag(
        referral->content, gw_table_witness_hash(table, &payload->destination, &payload->source));

    if (!is_in_line(line, tag, now, &partial) && !is_spilled(table, cut, tag, now, &partial))
        return false;
    *ret_class = partial ? GW_CLASS_PARTIAL_REFERRAL : GW_CLASS_REFERRAL;
    table->stats->repeats++;
    return true;
}
