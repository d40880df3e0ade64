/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/memo.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct generation {
    struct gw_memo_key *keys;
    uint8_t *records;
    uint32_t *slot; /* open addressing: number + 1, or 0; half of them at most are taken */
    uint32_t count;
};

struct gw_memo {
    const struct gw_hash_key *hash_key;
    uint32_t room;
    uint32_t record_len;
    uint32_t slot_mask;
    struct generation young, old;
    uint64_t forgotten;
};

static bool
generation_init(struct generation *generation, uint32_t room, uint32_t record_len)
{
    generation->keys = calloc(room, sizeof(struct gw_memo_key));
    generation->records = calloc(room, record_len);
    generation->slot = calloc(2u * (size_t)room, sizeof(uint32_t));
    return generation->keys != NULL && generation->records != NULL && generation->slot != NULL;
}

static void
generation_done(struct generation *generation)
{
    free(generation->keys);
    free(generation->records);
    free(generation->slot);
}

struct gw_memo *
gw_memo_new(const struct gw_hash_key *key, uint32_t room, uint32_t record_len)
{
    struct gw_memo *memo = calloc(1, sizeof(*memo));

    assert(room != 0 && (room & (room - 1)) == 0);
    assert(record_len % 8 == 0 && record_len <= GW_MEMO_RECORD_MAX);
    if (memo == NULL)
        return NULL;
    memo->hash_key = key;
    memo->room = room;
    memo->record_len = record_len;
    memo->slot_mask = 2 * room - 1;
    if (!generation_init(&memo->young, room, record_len) ||
        !generation_init(&memo->old, room, record_len)) {
        gw_memo_free(memo);
        return NULL;
    }
    return memo;
}

void
gw_memo_free(struct gw_memo *memo)
{
    if (memo == NULL)
        return;
    generation_done(&memo->young);
    generation_done(&memo->old);
    free(memo);
}

static uint32_t *
slot_of(const struct gw_memo *memo, const struct generation *from, const struct gw_memo_key *key)
{
    uint32_t index = (uint32_t)gw_hash_octets(memo->hash_key, key, sizeof(*key)) & memo->slot_mask;

    while (from->slot[index] != 0 &&
           memcmp(&from->keys[from->slot[index] - 1], key, sizeof(*key)) != 0)
        index = (index + 1) & memo->slot_mask;
    return &from->slot[index];
}

static void *
record_of(const struct gw_memo *memo, const struct generation *from, uint32_t slot)
{
    return slot == 0 ? NULL : from->records + (size_t)(slot - 1) * memo->record_len;
}

void *
gw_memo_find(struct gw_memo *memo, const struct gw_memo_key *key)
{
    void *record = record_of(memo, &memo->young, *slot_of(memo, &memo->young, key));

    return record != NULL ? record : record_of(memo, &memo->old, *slot_of(memo, &memo->old, key));
}

static void
grow_old(struct gw_memo *memo)
{
    const struct generation before = memo->old;

    memo->forgotten += before.count;
    memo->old = memo->young;
    memo->young = before;
    memo->young.count = 0;
    memset(memo->young.slot, 0, (memo->slot_mask + 1) * sizeof(uint32_t));
}

void *
gw_memo_take(struct gw_memo *memo, const struct gw_memo_key *key)
{
    uint32_t *slot = slot_of(memo, &memo->young, key);
    uint8_t record[GW_MEMO_RECORD_MAX] = {0};

    if (*slot != 0)
        return record_of(memo, &memo->young, *slot);

    const void *before = gw_memo_find(memo, key);

    if (before != NULL)
        memcpy(record, before, memo->record_len);
    if (memo->young.count == memo->room) {
        grow_old(memo);
        slot = slot_of(memo, &memo->young, key);
    }
    *slot = ++memo->young.count;
    memo->young.keys[*slot - 1] = *key;

    void *taken = record_of(memo, &memo->young, *slot);

    memcpy(taken, record, memo->record_len);
    return taken;
}

uint64_t
gw_memo_forgotten(const struct gw_memo *memo)
{
    return memo->forgotten;
}
