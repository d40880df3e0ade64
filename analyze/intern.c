/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/table.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64u

void
gw_table_intern_init(
    struct gw_intern *intern, const struct gw_hash_key *hash_key, uint32_t key_len, uint32_t most)
{
    *intern = (struct gw_intern){.hash_key = hash_key, .key_len = key_len, .most = most};
}

void
gw_table_intern_done(struct gw_intern *intern)
{
    free(intern->keys);
    free(intern->slot);
    *intern = (struct gw_intern){0};
}

size_t
gw_table_intern_octets(const struct gw_intern *intern)
{
    const size_t slots = intern->slot == NULL ? 0 : (size_t)intern->slot_mask + 1;

    return (size_t)intern->room * intern->key_len + slots * sizeof(uint32_t);
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

/* Half of the slots at most are taken, so that probing always ends. */
static bool
grow_init(struct gw_intern *intern)
{
    const uint32_t room = intern->room == 0 ? FIRST_ROOM : intern->room * 2;
    uint8_t *keys = realloc(intern->keys, (size_t)room * intern->key_len);

    if (keys == NULL)
        return false;
    intern->keys = keys;

    uint32_t *slot = calloc((size_t)room * 2, sizeof(*slot));

    if (slot == NULL)
        return false;
    free(intern->slot);
    intern->slot = slot;
    intern->slot_mask = room * 2 - 1;
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
    *slot_of(intern, key) = number + 1;
    return number;
}
