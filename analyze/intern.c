/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/table.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64u

void
gw_table_intern_init(struct gw_intern *intern, const struct gw_hash_key *hash_key, uint32_t key_len,
    uint32_t record_len, uint32_t most)
{
    *intern = (struct gw_intern){
        .hash_key = hash_key, .key_len = key_len, .record_len = record_len, .most = most};
}

void
gw_table_intern_done(struct gw_intern *intern)
{
    free(intern->keys);
    free(intern->records);
    free(intern->slot);
    *intern = (struct gw_intern){0};
}

static size_t
octets_of(const struct gw_intern *intern, uint32_t room, uint32_t slots)
{
    return (size_t)room * (intern->key_len + intern->record_len) + slots * sizeof(uint32_t);
}

size_t
gw_table_intern_octets(const struct gw_intern *intern)
{
    return octets_of(intern, intern->room, intern->slot == NULL ? 0 : intern->slot_mask + 1);
}

/* Half of the slots at most are taken, so that probing always ends. */
static uint32_t
slots_for(uint32_t room)
{
    uint32_t slots = 2 * FIRST_ROOM;

    while (slots < 2 * room)
        slots *= 2;
    return slots;
}

static uint32_t
next_room(const struct gw_intern *intern)
{
    const uint32_t room = intern->room == 0 ? FIRST_ROOM : intern->room * 2;

    return room < intern->most ? room : intern->most;
}

size_t
gw_table_intern_growth(const struct gw_intern *intern)
{
    const uint32_t room = next_room(intern);

    if (intern->count < intern->room || intern->count == intern->most)
        return 0;
    return octets_of(intern, room, slots_for(room)) - gw_table_intern_octets(intern);
}

static uint32_t *
slot_of(const struct gw_intern *intern, const void *key)
{
    const uint64_t hash = gw_hash_octets(intern->hash_key, key, intern->key_len);
    uint32_t index = (uint32_t)hash & intern->slot_mask;

    while (intern->slot[index] != 0) {
        if (memcmp(gw_table_intern_at(intern, intern->slot[index] - 1), key, intern->key_len) == 0)
            break;
        index = (index + 1) & intern->slot_mask;
    }
    return &intern->slot[index];
}

static bool
grow_init(struct gw_intern *intern)
{
    const uint32_t room = next_room(intern);
    const uint32_t slots = slots_for(room);
    uint8_t *keys = realloc(intern->keys, (size_t)room * intern->key_len);

    if (keys == NULL)
        return false;
    intern->keys = keys;
    if (intern->record_len != 0) {
        uint8_t *records = realloc(intern->records, (size_t)room * intern->record_len);

        if (records == NULL)
            return false;
        intern->records = records;
    }

    uint32_t *slot = calloc(slots, sizeof(*slot));

    if (slot == NULL)
        return false;
    free(intern->slot);
    intern->slot = slot;
    intern->slot_mask = slots - 1;
    intern->room = room;
    for (uint32_t number = 0; number < intern->count; number++)
        *slot_of(intern, gw_table_intern_at(intern, number)) = number + 1;
    return true;
}

uint32_t
gw_table_intern_find(const struct gw_intern *intern, const void *key)
{
    return intern->count == 0 ? UINT32_MAX : *slot_of(intern, key) - 1;
}

uint32_t
gw_table_intern(struct gw_intern *intern, const void *key)
{
    const uint32_t held = gw_table_intern_find(intern, key);

    if (held != UINT32_MAX)
        return held;
    if (intern->count == intern->most)
        return UINT32_MAX;
    if (intern->count == intern->room && !grow_init(intern))
        return UINT32_MAX;

    const uint32_t number = intern->count++;

    memcpy(intern->keys + (size_t)number * intern->key_len, key, intern->key_len);
    if (intern->record_len != 0)
        memset(gw_table_intern_record(intern, number), 0, intern->record_len);
    *slot_of(intern, key) = number + 1;
    return number;
}
