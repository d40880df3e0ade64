/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/frame/chain.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

_Static_assert(sizeof(struct gw_frame_chunk) == GW_CHUNK_LEN, "a chunk has no padding");

/* Where a walk over a chain stands. */
struct cursor {
    uint32_t chunk; /* reference */
    uint32_t off;   /* octets into its data */
};

static struct gw_frame_chunk *
chunk_at(const struct gw_frame_pool *pool, uint32_t ref)
{
    assert(ref != 0 && ref <= pool->top);
    return &pool->chunk[ref - 1];
}

static uint32_t
take_chunk(struct gw_frame_pool *pool)
{
    uint32_t ref = pool->freed;

    if (ref != 0)
        pool->freed = chunk_at(pool, ref)->next;
    else
        ref = ++pool->top;
    pool->used++;
    chunk_at(pool, ref)->next = 0;
    return ref;
}

static void
free_chunk(struct gw_frame_pool *pool, uint32_t ref)
{
    chunk_at(pool, ref)->next = pool->freed;
    pool->freed = ref;
    pool->used--;
}

/* Octets that the last chunk can still take. */
static size_t
tail_room(const struct gw_frame_chain *chain)
{
    if (chain->head == 0)
        return 0;

    const uint32_t used = (chain->start + chain->len) % GW_CHUNK_DATA;

    return used == 0 ? 0 : GW_CHUNK_DATA - used;
}

static struct cursor
seek(const struct gw_frame_pool *pool, const struct gw_frame_chain *chain, size_t off)
{
    struct cursor cursor = {.chunk = chain->head};

    for (off += chain->start; off >= GW_CHUNK_DATA; off -= GW_CHUNK_DATA)
        cursor.chunk = chunk_at(pool, cursor.chunk)->next;
    cursor.off = (uint32_t)off;
    return cursor;
}

/* Return the next run of octets, at most *len of them, and step behind it; *len is what it has. */
static const uint8_t *
run(const struct gw_frame_pool *pool, struct cursor *cursor, size_t *len)
{
    const struct gw_frame_chunk *chunk = chunk_at(pool, cursor->chunk);
    const uint8_t *data = chunk->data + cursor->off;
    const size_t room = GW_CHUNK_DATA - cursor->off;

    if (*len < room) {
        cursor->off += (uint32_t)*len;
        return data;
    }
    *len = room;
    *cursor = (struct cursor){.chunk = chunk->next};
    return data;
}

int
gw_frame_pool_init(struct gw_frame_pool *pool, size_t octets)
{
    const size_t count = octets / GW_CHUNK_LEN;
    void *range = mmap(NULL, count * GW_CHUNK_LEN, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (range == MAP_FAILED)
        return GW_E_NOMEM;
    *pool = (struct gw_frame_pool){.chunk = range, .count = (uint32_t)count};
    return GW_DONE;
}

void
gw_frame_pool_done(struct gw_frame_pool *pool)
{
    if (pool->chunk != NULL)
        munmap(pool->chunk, (size_t)pool->count * GW_CHUNK_LEN);
    *pool = (struct gw_frame_pool){0};
}

bool
gw_frame_chain_append(
    struct gw_frame_pool *pool, struct gw_frame_chain *chain, const uint8_t *data, size_t len)
{
    size_t room = tail_room(chain);
    const size_t fresh = len > room ? len - room : 0;

    if ((fresh + GW_CHUNK_DATA - 1) / GW_CHUNK_DATA > pool->count - pool->used)
        return false;
    while (len > 0) {
        if (room == 0) {
            const uint32_t ref = take_chunk(pool);

            if (chain->head == 0)
                *chain = (struct gw_frame_chain){.head = ref};
            else
                chunk_at(pool, chain->tail)->next = ref;
            chain->tail = ref;
            room = GW_CHUNK_DATA;
        }

        const size_t step = len < room ? len : room;

        memcpy(chunk_at(pool, chain->tail)->data + (GW_CHUNK_DATA - room), data, step);
        chain->len += (uint32_t)step;
        room -= step;
        data += step;
        len -= step;
    }
    return true;
}

void
gw_frame_chain_copy(const struct gw_frame_pool *pool, const struct gw_frame_chain *chain,
    size_t off, size_t len, uint8_t *ret_data)
{
    assert(off + len <= chain->len);
    if (len == 0)
        return;
    for (struct cursor cursor = seek(pool, chain, off); len > 0;) {
        size_t step = len;
        const uint8_t *data = run(pool, &cursor, &step);

        memcpy(ret_data, data, step);
        ret_data += step;
        len -= step;
    }
}

bool
gw_frame_chain_equals(const struct gw_frame_pool *pool, const struct gw_frame_chain *chain,
    size_t off, const uint8_t *data, size_t len)
{
    assert(off + len <= chain->len);
    if (len == 0)
        return true;
    for (struct cursor cursor = seek(pool, chain, off); len > 0;) {
        size_t step = len;
        const uint8_t *octets = run(pool, &cursor, &step);

        if (memcmp(octets, data, step) != 0)
            return false;
        data += step;
        len -= step;
    }
    return true;
}

void
gw_frame_chain_consume(struct gw_frame_pool *pool, struct gw_frame_chain *chain, size_t len)
{
    assert(len <= chain->len);
    if (len == chain->len) {
        gw_frame_chain_drop(pool, chain);
        return;
    }
    chain->len -= (uint32_t)len;
    chain->start += (uint32_t)len;
    while (chain->start >= GW_CHUNK_DATA) {
        const uint32_t next = chunk_at(pool, chain->head)->next;

        free_chunk(pool, chain->head);
        chain->head = next;
        chain->start -= GW_CHUNK_DATA;
    }
}

void
gw_frame_chain_drop(struct gw_frame_pool *pool, struct gw_frame_chain *chain)
{
    for (uint32_t ref = chain->head; ref != 0;) {
        const uint32_t next = chunk_at(pool, ref)->next;

        free_chunk(pool, ref);
        ref = next;
    }
    *chain = (struct gw_frame_chain){0};
}
