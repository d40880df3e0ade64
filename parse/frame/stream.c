/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/frame/stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "parse/frame/direction.h"
#include "parse/frame/slots.h"

#define IDLE_NS ((uint64_t)GW_STREAM_IDLE_S * GW_NS_PER_S)

/* A segment this far off belongs to another connection with the same ports. */
#define FAR_OFF (1 << 20)

/* A SYN this little before octets that were already read has only come late. */
#define LATE_SYN (1 << 16)

/* Chunks that one segment can need beside those of its octets. */
#define CHUNKS_SPARE 4u

struct gw_stream_table {
    struct gw_hash_key hash_key;
    struct gw_frame_pool pool;
    struct gw_frame_slots slots;
    struct gw_stream *stream; /* GW_STREAM_COUNT, by slot */
    uint32_t draining;        /* slot of the stream that gw_frame.draining speaks of */
};

_Static_assert(GW_STREAM_OCTETS / 2 > (GW_STREAM_SEGMENTS + 3) * GW_FRAME_MAX,
    "one direction alone cannot fill the pool");

struct gw_frame_pool *
gw_stream_pool(struct gw_stream_table *table)
{
    return &table->pool;
}

static void
forget_oldest(struct gw_frame *frame, enum gw_why why, enum gw_why why_held)
{
    struct gw_stream_table *table = frame->streams;
    const uint32_t oldest = table->slots.oldest;

    gw_stream_release(frame, &table->stream[oldest], why, why_held);
    gw_frame_slots_drop(&table->slots, oldest);
}

static void
expire(struct gw_frame *frame)
{
    const struct gw_stream_table *table = frame->streams;

    while (table->slots.count > 0) {
        const struct gw_stream *oldest = &table->stream[table->slots.oldest];

        if ((uint64_t)frame->layer.now_ns - (uint64_t)oldest->active_ns <= IDLE_NS)
            break;
        forget_oldest(frame, GW_TCP_UNFINISHED, GW_TCP_GAP);
    }
}

static uint32_t
find(const struct gw_stream_table *table, const struct gw_stream_key *key, uint64_t hash)
{
    uint32_t index = gw_frame_slots_find(&table->slots, hash);

    while (index != GW_SLOT_NONE && memcmp(&table->stream[index].key, key, sizeof(*key)) != 0)
        index = gw_frame_slots_next(&table->slots, index);
    return index;
}

static uint32_t
create(struct gw_frame *frame, const struct gw_stream_key *key, uint64_t hash)
{
    struct gw_stream_table *table = frame->streams;

    if (table->slots.count == GW_STREAM_COUNT)
        forget_oldest(frame, GW_TCP_EVICTED, GW_TCP_EVICTED);

    const uint32_t index = gw_frame_slots_take(&table->slots, hash);
    struct gw_stream *stream = &table->stream[index];

    stream->key = *key;
    gw_stream_start(stream, 0, false);
    stream->seq_known = false;
    return index;
}

/* Find the direction of @p segment; one that can start something is made if need be. */
static uint32_t
open_stream(struct gw_frame *frame, const struct gw_stream_segment *segment)
{
    struct gw_stream_table *table = frame->streams;
    struct gw_stream_key key;

    memset(&key, 0, sizeof(key)); /* padding is hashed and compared */
    key.source = frame->layer.source;
    key.destination = frame->layer.destination;
    key.source_port = segment->source_port;
    key.destination_port = segment->destination_port;

    const uint64_t hash = gw_hash_octets(&table->hash_key, &key, sizeof(key));
    uint32_t index = find(table, &key, hash);
    const bool starts = segment->wire_len > 0 || (segment->flags & GW_TCP_SYN) != 0;

    if (index == GW_SLOT_NONE && starts && (segment->flags & GW_TCP_RST) == 0)
        index = create(frame, &key, hash);
    if (index == GW_SLOT_NONE)
        return index;
    table->stream[index].active_ns = frame->layer.now_ns;
    gw_frame_slots_touch(&table->slots, index);
    return index;
}

/*
 * Evict the longest idle until a segment of @p len octets surely fits; the newest one never goes.
 */
static void
reserve(struct gw_frame *frame, uint32_t len)
{
    struct gw_stream_table *table = frame->streams;
    const uint32_t need = len / GW_CHUNK_DATA + CHUNKS_SPARE;

    while (table->pool.count - table->pool.used < need) {
        assert(table->slots.oldest != table->slots.newest);
        forget_oldest(frame, GW_TCP_EVICTED, GW_TCP_EVICTED);
    }
}

static void
restart(struct gw_frame *frame, struct gw_stream *stream, uint32_t next_seq, bool framed)
{
    gw_stream_release(frame, stream, GW_TCP_UNFINISHED, GW_TCP_GAP);
    gw_stream_start(stream, next_seq, framed);
}

static void
take_syn(struct gw_frame *frame, struct gw_stream *stream, uint32_t seq)
{
    const int32_t read = (int32_t)(stream->next_seq - (seq + 1));

    if (stream->syn_known && stream->syn_seq == seq)
        return;
    if (stream->syn_known || !stream->seq_known || stream->framing == GW_STREAM_UNFRAMED ||
        read < 0 || read > LATE_SYN)
        restart(frame, stream, seq + 1, true);
    stream->syn_known = true;
    stream->syn_seq = seq;
}

static void
take_reset(struct gw_frame *frame, struct gw_stream *stream, uint32_t seq)
{
    if (stream->seq_known && stream->next_seq == seq)
        gw_stream_release(frame, stream, GW_TCP_UNFINISHED, GW_TCP_GAP);
}

/* Make sure that the numbers of octets can be told from those already read. */
static void
place(struct gw_frame *frame, struct gw_stream *stream, uint32_t seq)
{
    const int32_t off = (int32_t)(seq - stream->next_seq);

    if (!stream->seq_known || off > FAR_OFF || off < -FAR_OFF)
        restart(frame, stream, seq, false);
}

static void
take_fin(struct gw_stream *stream, uint32_t fin_seq)
{
    const int32_t off = (int32_t)(fin_seq - stream->next_seq);

    if (off < 0 || off > FAR_OFF) /* of an earlier connection, or once more */
        return;
    stream->fin_known = true;
    stream->fin_seq = fin_seq;
}

static void
pump(struct gw_frame *frame, uint32_t index)
{
    struct gw_stream_table *table = frame->streams;

    table->draining = index;
    frame->draining = !gw_stream_pump(frame, &table->stream[index]);
}

/* Take in the data of a segment whose numbers are in place. */
static enum gw_why
take_data(struct gw_frame *frame, struct gw_stream *stream, const struct gw_stream_segment *segment)
{
    const struct gw_stream_table *table = frame->streams;

    if (segment->wire_len == 0)
        return GW_TCP_NO_DATA;
    if (segment->len == 0)
        return GW_TCP_CUT;
    reserve(frame, segment->len);
    return gw_stream_take(
        frame, stream, segment, gw_hash_octets(&table->hash_key, segment->data, segment->len));
}

enum gw_why
gw_stream_add(struct gw_frame *frame, const struct gw_stream_segment *segment)
{
    struct gw_stream_segment data = *segment;

    expire(frame);

    const uint32_t index = open_stream(frame, segment);

    if (index == GW_SLOT_NONE)
        return GW_TCP_NO_DATA;

    struct gw_stream *stream = &frame->streams->stream[index];

    if ((segment->flags & GW_TCP_RST) != 0) {
        take_reset(frame, stream, segment->seq);
        return GW_TCP_NO_DATA;
    }
    if ((segment->flags & GW_TCP_SYN) != 0) {
        take_syn(frame, stream, segment->seq);
        data.seq++; /* the SYN itself has a number */
    }
    if (data.wire_len > 0)
        place(frame, stream, data.seq);
    if ((segment->flags & GW_TCP_FIN) != 0)
        take_fin(stream, data.seq + data.wire_len);

    const enum gw_why why = take_data(frame, stream, &data);

    pump(frame, index);
    if (why == GW_OK)
        frame->layer.next = GW_LAYER_DONE;
    return why;
}

void
gw_stream_drain(struct gw_frame *frame)
{
    pump(frame, frame->streams->draining);
}

void
gw_stream_finish(struct gw_frame *frame)
{
    while (frame->streams->slots.count > 0)
        forget_oldest(frame, GW_TCP_UNFINISHED, GW_TCP_GAP);
    frame->draining = false;
}

struct gw_stream_table *
gw_stream_new(void)
{
    struct gw_stream_table *table = calloc(1, sizeof(*table));

    if (table == NULL)
        return NULL;
    table->stream = calloc(GW_STREAM_COUNT, sizeof(*table->stream));
    if (table->stream == NULL || gw_hash_key_random(&table->hash_key) != GW_DONE ||
        gw_frame_slots_init(&table->slots, GW_STREAM_COUNT) != GW_DONE ||
        gw_frame_pool_init(&table->pool, GW_STREAM_OCTETS) != GW_DONE) {
        gw_stream_free(table);
        return NULL;
    }
    return table;
}

void
gw_stream_free(struct gw_stream_table *table)
{
    if (table == NULL)
        return;
    gw_frame_pool_done(&table->pool);
    gw_frame_slots_done(&table->slots);
    free(table->stream);
    free(table);
}
