/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/recent.h"

#include <stdlib.h>
#include <string.h>

int
gw_table_recent_init(struct gw_recent *recent, const struct gw_hash_key *hash_key, uint32_t key_len,
    uint32_t record_len, uint32_t room)
{
    uint32_t slots = 2;

    while (slots < 2 * room)
        slots *= 2;
    *recent = (struct gw_recent){.hash_key = hash_key,
        .key_len = key_len,
        .record_len = record_len,
        .room = room,
        .slot_mask = slots - 1};
    recent->keys = calloc(room, key_len);
    recent->records = calloc(room, record_len);
    recent->slot = calloc(slots, sizeof(recent->slot[0]));
    recent->chain = calloc(room, sizeof(recent->chain[0]));
    recent->older = calloc(room, sizeof(recent->older[0]));
    recent->newer = calloc(room, sizeof(recent->newer[0]));
    if (recent->keys != NULL && recent->records != NULL && recent->slot != NULL &&
        recent->chain != NULL && recent->older != NULL && recent->newer != NULL)
        return GW_DONE;
    gw_table_recent_done(recent);
    return GW_E_NOMEM;
}

void
gw_table_recent_done(struct gw_recent *recent)
{
    free(recent->keys);
    free(recent->records);
    free(recent->slot);
    free(recent->chain);
    free(recent->older);
    free(recent->newer);
    *recent = (struct gw_recent){0};
}

size_t
gw_table_recent_octets(const struct gw_recent *recent)
{
    return (size_t)recent->room *
               (recent->key_len + recent->record_len + 3 * sizeof(recent->chain[0])) +
           ((size_t)recent->slot_mask + 1) * sizeof(recent->slot[0]);
}

static uint8_t *
key_at(const struct gw_recent *recent, uint32_t number)
{
    return recent->keys + (size_t)number * recent->key_len;
}

static void *
record_at(const struct gw_recent *recent, uint32_t number)
{
    return recent->records + (size_t)number * recent->record_len;
}

static uint32_t *
slot_of(const struct gw_recent *recent, const void *key)
{
    const uint64_t hash = gw_hash_octets(recent->hash_key, key, recent->key_len);

    return &recent->slot[(uint32_t)hash & recent->slot_mask];
}

/* Its number, or `room`. */
static uint32_t
number_of(const struct gw_recent *recent, const void *key)
{
    for (uint32_t next = *slot_of(recent, key); next != 0; next = recent->chain[next - 1])
        if (memcmp(key_at(recent, next - 1), key, recent->key_len) == 0)
            return next - 1;
    return recent->room;
}

/* Takes it out of the order of meeting. */
static void
unlink_number(struct gw_recent *recent, uint32_t number)
{
    if (number == recent->oldest)
        recent->oldest = recent->newer[number];
    else
        recent->newer[recent->older[number]] = recent->newer[number];
    if (number == recent->newest)
        recent->newest = recent->older[number];
    else
        recent->older[recent->newer[number]] = recent->older[number];
}

static void
link_newest(struct gw_recent *recent, uint32_t number, bool first)
{
    if (first)
        recent->oldest = number;
    else
        recent->newer[recent->newest] = number;
    recent->older[number] = recent->newest;
    recent->newest = number;
}

/* The number of the key met longest ago, no longer found. */
static uint32_t
displace(struct gw_recent *recent)
{
    const uint32_t number = recent->oldest;
    uint32_t *next = slot_of(recent, key_at(recent, number));

    while (*next != number + 1)
        next = &recent->chain[*next - 1];
    *next = recent->chain[number];
    unlink_number(recent, number);
    recent->displaced++;
    return number;
}

void *
gw_table_recent_find(const struct gw_recent *recent, const void *key)
{
    const uint32_t number = number_of(recent, key);

    return number == recent->room ? NULL : record_at(recent, number);
}

void *
gw_table_recent_meet(struct gw_recent *recent, const void *key)
{
    uint32_t number = number_of(recent, key);

    if (number != recent->room) {
        if (number != recent->newest) {
            unlink_number(recent, number);
            link_newest(recent, number, false);
        }
        return record_at(recent, number);
    }
    number = recent->count < recent->room ? recent->count++ : displace(recent);

    uint32_t *slot = slot_of(recent, key);

    memcpy(key_at(recent, number), key, recent->key_len);
    memset(record_at(recent, number), 0, recent->record_len);
    recent->chain[number] = *slot;
    *slot = number + 1;
    link_newest(recent, number, recent->count == 1 && recent->displaced == 0);
    return record_at(recent, number);
}
