/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

#define GRAIN     16u
#define PIECE_MAX (1024u * 1024u)

/* References count grains in 32 bits. */
#define RANGE_MAX ((size_t)UINT32_MAX * GRAIN)

/* A freed piece starts with the reference of the next freed piece of its size. */
struct freed_piece {
    gw_arena_ref next;
};

/* Sizes in grains: 1 2 3 4, 5 6 7 8, 10 12 14 16, 20 24 28 32, … */
static uint32_t
class_of(size_t len, size_t *ret_grains)
{
    const size_t grains = (len + GRAIN - 1) / GRAIN;
    uint32_t shift = 0;

    assert(len > 0 && len <= PIECE_MAX);
    while (((grains + ((size_t)1 << shift) - 1) >> shift) > 8)
        shift++;

    const size_t steps = (grains + ((size_t)1 << shift) - 1) >> shift; /* 1..8, 5..8 when shifted */

    *ret_grains = steps << shift;
    return shift * 4 + (uint32_t)steps - 1;
}

/* The grains of a piece of size `class`. */
static uint32_t
grains_of(uint32_t class)
{
    return class < 8 ? class + 1 : ((class - 4) % 4 + 5) << ((class - 4) / 4);
}

static void
put_freed(struct gw_arena *arena, uint32_t class, gw_arena_ref ref)
{
    struct freed_piece *piece = gw_arena_at(arena, ref);

    piece->next = arena->freed[class];
    arena->freed[class] = ref;
}

static gw_arena_ref
take_freed(struct gw_arena *arena, uint32_t class)
{
    const gw_arena_ref ref = arena->freed[class];

    if (ref != 0)
        arena->freed[class] = ((const struct freed_piece *)gw_arena_at(arena, ref))->next;
    return ref;
}

/* Cut a piece of size `class` from a larger freed one; what is left of it is freed in its turn. */
static gw_arena_ref
take_from_larger(struct gw_arena *arena, uint32_t class)
{
    gw_arena_ref ref = 0;
    uint32_t larger = class;

    while (ref == 0 && ++larger < GW_ARENA_CLASSES)
        ref = take_freed(arena, larger);
    if (ref == 0)
        return 0;

    uint32_t rest = grains_of(larger) - grains_of(class);
    gw_arena_ref at = ref + grains_of(class);

    for (uint32_t part = larger; rest != 0; part--)
        for (; grains_of(part) <= rest; at += grains_of(part), rest -= grains_of(part))
            put_freed(arena, part, at);
    return ref;
}

int
gw_arena_init(struct gw_arena *arena, size_t budget)
{
    /* Fragmentation between sizes can cost room that the budget does not count: reserve for it. */
    size_t range_len = budget + budget / 2 + 2 * (size_t)PIECE_MAX;

    if (range_len > RANGE_MAX)
        range_len = RANGE_MAX;

    void *range = mmap(NULL, range_len, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (range == MAP_FAILED)
        return GW_E_NOMEM;
    *arena =
        (struct gw_arena){.range = range, .range_len = range_len, .top = GRAIN, .budget = budget};
    return GW_DONE;
}

void
gw_arena_done(struct gw_arena *arena)
{
    if (arena->range != NULL)
        munmap(arena->range, arena->range_len);
    *arena = (struct gw_arena){0};
}

gw_arena_ref
gw_arena_take(struct gw_arena *arena, size_t len)
{
    size_t grains;
    const uint32_t class = class_of(len, &grains);
    const size_t size = grains * GRAIN;
    gw_arena_ref ref;

    assert(class < GW_ARENA_CLASSES);
    if (arena->used + size > arena->budget)
        return 0;
    ref = take_freed(arena, class);
    if (ref == 0 && arena->range_len - arena->top >= size) {
        ref = (gw_arena_ref)(arena->top / GRAIN);
        arena->top += size;
        arena->used += size;
        return ref; /* never touched: zero as the system gave it */
    }
    if (ref == 0)
        ref = take_from_larger(arena, class);
    if (ref == 0)
        return 0;
    memset(gw_arena_at(arena, ref), 0, size);
    arena->used += size;
    return ref;
}

void
gw_arena_free(struct gw_arena *arena, gw_arena_ref ref, size_t len)
{
    size_t grains;
    const uint32_t class = class_of(len, &grains);

    if (ref == 0)
        return;

    put_freed(arena, class, ref);
    arena->used -= grains * GRAIN;
}

size_t
gw_arena_size(size_t len)
{
    size_t grains;

    (void)class_of(len, &grains);
    return grains * GRAIN;
}
