/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/frame/direction.h"

#include <assert.h>
#include <string.h>

#include "base/load.h"
#include "parse/frame/emit.h"

#define PREFIX_LEN   2u
#define START_LEN    (PREFIX_LEN + GW_DNS_HEADER_LEN)
#define OPCODE_MAX   6u
#define QUESTION_LEN 5u  /* least octets of a question */
#define RECORD_LEN   11u /* least octets of a record */
#define WAIT_NS      ((uint64_t)GW_FRAG_WAIT_S * GW_NS_PER_S)

/* Octets from @p from on to @p to; negative when @p to lies before it: numbers wrap at 32 bits. */
static int32_t
distance(uint32_t from, uint32_t to)
{
    return (int32_t)(to - from);
}

static uint32_t
held_end(const struct gw_stream_held *held)
{
    return held->seq + held->len;
}

/* The pool has a chunk whenever one is asked for: gw_stream_add() saw to that. */
static void
append(struct gw_frame *frame, struct gw_frame_chain *chain, const uint8_t *data, size_t len)
{
    const bool fits = gw_frame_chain_append(gw_stream_pool(frame->streams), chain, data, len);

    assert(fits);
    (void)fits;
}

/* The frames whose octets wait in the buffer get their fate. */
static void
settle_weight(struct gw_frame *frame, struct gw_stream *stream, enum gw_why why)
{
    gw_frame_settle(frame->out.stats, why, stream->weight);
    frame->out.stats->held -= stream->weight;
    stream->weight = 0;
}

static void
drop_buffer(struct gw_frame *frame, struct gw_stream *stream, enum gw_why why)
{
    settle_weight(frame, stream, why);
    gw_frame_chain_drop(gw_stream_pool(frame->streams), &stream->buffer);
    stream->parts = 0;
}

static void
drop_held(struct gw_frame *frame, struct gw_stream *stream, uint32_t index, enum gw_why why)
{
    struct gw_stream_held *held = &stream->held[index];

    gw_frame_settle(frame->out.stats, why, held->weight);
    frame->out.stats->held -= held->weight;
    gw_frame_chain_drop(gw_stream_pool(frame->streams), &held->octets);
    stream->held_count--;
    memmove(held, held + 1, (stream->held_count - index) * sizeof(*held));
}

void
gw_stream_start(struct gw_stream *stream, uint32_t next_seq, bool framed)
{
    assert(stream->held_count == 0 && stream->buffer.len == 0 && stream->weight == 0);
    stream->next_seq = next_seq;
    stream->seq_known = true;
    stream->syn_known = stream->fin_known = stream->hole_known = false;
    stream->framing = framed ? GW_STREAM_FRAMED : GW_STREAM_UNFRAMED;
    stream->skip = 0;
    stream->parts = 0;
    stream->past_count = 0;
}

void
gw_stream_release(
    struct gw_frame *frame, struct gw_stream *stream, enum gw_why why, enum gw_why why_held)
{
    drop_buffer(frame, stream, why);
    while (stream->held_count > 0)
        drop_held(frame, stream, stream->held_count - 1, why_held);
    stream->framing = GW_STREAM_UNFRAMED;
    stream->skip = 0;
    stream->hole_known = stream->fin_known = false;
}

/* May a DNS header with these counts stand in front of a message of @p len octets? */
static bool
has_plausible_counts(const uint8_t *header, uint32_t len)
{
    const bool query = (header[2] & 0x80u) == 0;
    const unsigned opcode = (header[2] >> 3) & 0x0fu;
    const uint32_t questions = gw_load_be16(header + 4);
    const uint32_t answers = gw_load_be16(header + 6);
    const uint32_t authorities = gw_load_be16(header + 8);
    const uint32_t additionals = gw_load_be16(header + 10);
    const uint32_t records = answers + authorities + additionals;

    if (opcode > OPCODE_MAX || questions > 1)
        return false;
    /* IXFR has one authority record; additional ones are OPT, TSIG and SIG(0). */
    if (query && opcode == 0 &&
        (questions != 1 || answers != 0 || authorities > 1 || additionals > 3))
        return false;
    return GW_DNS_HEADER_LEN + questions * QUESTION_LEN + records * RECORD_LEN <= len;
}

/* May a message with its length prefix start with these octets (0..START_LEN)? */
static bool
is_plausible(const struct gw_stream_key *key, const uint8_t *start, size_t len)
{
    if (len < PREFIX_LEN)
        return true;
    if (gw_load_be16(start) < GW_DNS_HEADER_LEN)
        return false;
    if (len < START_LEN)
        return true;

    const uint8_t *header = start + PREFIX_LEN;
    const bool response = (header[2] & 0x80u) != 0;

    if (key->source_port != key->destination_port && response != (key->source_port == GW_PORT_DNS))
        return false;
    return has_plausible_counts(header, gw_load_be16(start));
}

/*
 * Decide whether octets that follow the buffer are read; if not, nothing is known to start in them.
 */
static bool
admit(struct gw_frame *frame, struct gw_stream *stream, const uint8_t *data, size_t len)
{
    while (stream->framing != GW_STREAM_FRAMED) {
        uint8_t start[START_LEN];
        const size_t have = stream->buffer.len;

        assert(have < START_LEN);

        const size_t take = len < START_LEN - have ? len : START_LEN - have;

        gw_frame_chain_copy(gw_stream_pool(frame->streams), &stream->buffer, 0, have, start);
        memcpy(start + have, data, take);
        if (is_plausible(&stream->key, start, have + take)) {
            stream->framing = have + take == START_LEN ? GW_STREAM_FRAMED : GW_STREAM_TENTATIVE;
            return true;
        }
        if (have == 0)
            return false;
        stream->framing = GW_STREAM_UNFRAMED;
        drop_buffer(frame, stream, GW_TCP_LOST);
    }
    return true;
}

/* Note that octets of the frame @p origin were appended to the buffer. */
static void
add_part(struct gw_stream *stream, const struct gw_frame_origin *origin, uint32_t weight)
{
    const bool later = origin->input != stream->last.input ? origin->input > stream->last.input
                                                           : origin->number > stream->last.number;

    if (stream->parts == 0 || later)
        stream->last = *origin;
    stream->tail = *origin;
    stream->parts++;
    stream->weight += weight;
}

static bool
has_room(const struct gw_frame_out *out, size_t len)
{
    return out->payloads->count < GW_BATCH_FRAMES &&
           GW_OUT_ROOM - out->room_used >= len + 2u * GW_FRAME_PAD;
}

/* Emit @p len octets behind the prefix as a message that had @p declared_len. */
static void
emit(struct gw_frame *frame, struct gw_stream *stream, uint32_t len, uint32_t declared_len)
{
    uint8_t *message = gw_frame_room(&frame->out, len);

    gw_frame_chain_copy(gw_stream_pool(frame->streams), &stream->buffer, PREFIX_LEN, len, message);
    gw_frame_emit(&frame->out, &frame->layer,
        &(struct gw_frame_message){
            .origin = stream->last,
            .data = message,
            .len = len,
            .declared_len = declared_len,
            .source_port = stream->key.source_port,
            .destination_port = stream->key.destination_port,
            .flags = stream->parts > 1 ? GW_PAYLOAD_SEGMENTED : 0,
            .transport = GW_TRANSPORT_TCP,
        });
    settle_weight(frame, stream, GW_OK);
}

static void
consume(struct gw_frame *frame, struct gw_stream *stream, size_t len)
{
    gw_frame_chain_consume(gw_stream_pool(frame->streams), &stream->buffer, len);
    stream->parts = stream->buffer.len > 0;
    stream->last = stream->tail;
}

static uint32_t
message_len(struct gw_frame *frame, const struct gw_stream *stream)
{
    uint8_t prefix[PREFIX_LEN];

    gw_frame_chain_copy(gw_stream_pool(frame->streams), &stream->buffer, 0, PREFIX_LEN, prefix);
    return gw_load_be16(prefix);
}

/* Emit what is complete in the buffer; false when there is no room for it. */
static bool
drain(struct gw_frame *frame, struct gw_stream *stream)
{
    while (stream->framing == GW_STREAM_FRAMED && stream->buffer.len > 0) {
        if (stream->skip > 0) {
            const uint32_t step =
                stream->skip < stream->buffer.len ? stream->skip : stream->buffer.len;

            stream->skip -= step;
            consume(frame, stream, step);
            settle_weight(frame, stream, GW_OK);
            continue;
        }
        if (stream->buffer.len < PREFIX_LEN)
            break;

        const uint32_t len = message_len(frame, stream);

        if (len < GW_DNS_HEADER_LEN) { /* too short for a message: step over it */
            stream->skip = PREFIX_LEN + len;
            continue;
        }
        if (stream->buffer.len < PREFIX_LEN + len)
            break;
        if (!has_room(&frame->out, len))
            return false;
        emit(frame, stream, len, len);
        consume(frame, stream, PREFIX_LEN + len);
    }
    return true;
}

/*
 * Octets from next_seq on that surely belong to the message at which reading stands; 0: not known.
 */
static uint32_t
rest_of_message(struct gw_frame *frame, const struct gw_stream *stream)
{
    if (stream->framing != GW_STREAM_FRAMED)
        return 0;
    if (stream->skip > 0)
        return stream->skip;
    if (stream->buffer.len < PREFIX_LEN)
        return 0;
    return PREFIX_LEN + message_len(frame, stream) - stream->buffer.len;
}

/* Go on reading at @p seq, after next_seq; the buffer was drained. The octets between are lost. */
static void
jump(struct gw_frame *frame, struct gw_stream *stream, uint32_t seq)
{
    const uint32_t missing = seq - stream->next_seq;
    const uint32_t rest = rest_of_message(frame, stream);

    drop_buffer(frame, stream, GW_TCP_UNFINISHED);
    stream->next_seq = seq;
    stream->skip = rest >= missing ? rest - missing : 0;
    stream->framing = rest >= missing ? GW_STREAM_FRAMED : GW_STREAM_UNFRAMED;
}

/* Find the held segment that starts first; there is one. */
static uint32_t
first_held(const struct gw_stream *stream)
{
    uint32_t first = 0;

    assert(stream->held_count > 0);
    for (uint32_t i = 1; i < stream->held_count; i++)
        if (distance(stream->held[first].seq, stream->held[i].seq) < 0)
            first = i;
    return first;
}

/*
 * Pass over octets that the snap length cut off: what there is of their message is emitted as cut.
 */
static bool
pass_hole(struct gw_frame *frame, struct gw_stream *stream)
{
    uint32_t end = stream->hole_end;

    if (stream->held_count > 0) {
        const uint32_t seq = stream->held[first_held(stream)].seq;

        if (distance(seq, end) > 0)
            end = seq;
    }
    if (distance(stream->next_seq, end) > 0) {
        const bool framed = stream->framing == GW_STREAM_FRAMED && stream->skip == 0;

        if (framed && stream->buffer.len >= START_LEN) {
            if (!has_room(&frame->out, stream->buffer.len))
                return false;
            emit(frame, stream, stream->buffer.len - PREFIX_LEN, message_len(frame, stream));
        }
        jump(frame, stream, end);
    }
    stream->hole_known = false;
    return true;
}

/* Drop held segments of which nothing is left to read. */
static void
retire(struct gw_frame *frame, struct gw_stream *stream)
{
    for (uint32_t i = stream->held_count; i-- > 0;) {
        const struct gw_stream_held *held = &stream->held[i];

        if (distance(held_end(held), stream->next_seq) < 0)
            continue;
        if (held->missing > 0 && held_end(held) == stream->next_seq) {
            stream->hole_known = true;
            stream->hole_end = stream->next_seq + held->missing;
        }
        drop_held(frame, stream, i, GW_TCP_AGAIN);
    }
}

/* Move octets [next_seq, end) of a held segment to the buffer. */
static void
move(struct gw_frame *frame, struct gw_stream *stream, struct gw_stream_held *held, uint32_t end)
{
    struct gw_frame_pool *pool = gw_stream_pool(frame->streams);
    uint8_t octets[GW_CHUNK_DATA];

    gw_frame_chain_consume(
        pool, &held->octets, held->octets.len - (held_end(held) - stream->next_seq));
    while (stream->next_seq != end) {
        const uint32_t left = end - stream->next_seq;
        const uint32_t step = left < GW_CHUNK_DATA ? left : GW_CHUNK_DATA;

        gw_frame_chain_copy(pool, &held->octets, 0, step, octets);
        gw_frame_chain_consume(pool, &held->octets, step);
        append(frame, &stream->buffer, octets, step);
        stream->next_seq += step;
    }
    add_part(stream, &held->origin, held->weight);
    held->weight = 0;
}

/*
 * Read on in the segment that came first of those that hold the next octet; false when none does.
 */
static bool
read_held(struct gw_frame *frame, struct gw_stream *stream)
{
    uint8_t start[START_LEN];
    uint32_t i = 0;

    while (
        i < stream->held_count && (distance(stream->held[i].seq, stream->next_seq) < 0 ||
                                      distance(stream->next_seq, held_end(&stream->held[i])) <= 0))
        i++;
    if (i == stream->held_count)
        return false;

    struct gw_stream_held *held = &stream->held[i];
    const uint32_t off = held->octets.len - (held_end(held) - stream->next_seq);
    const uint32_t left = held->octets.len - off;
    const size_t start_len = left < START_LEN ? left : START_LEN;
    uint32_t end = held_end(held);

    gw_frame_chain_copy(gw_stream_pool(frame->streams), &held->octets, off, start_len, start);
    if (!admit(frame, stream, start, start_len)) {
        stream->next_seq = end + held->missing;
        drop_held(frame, stream, i, GW_TCP_GAP);
        return true;
    }
    for (uint32_t j = 0; j < i; j++) /* an earlier copy begins inside: it goes first */
        if (distance(stream->next_seq, stream->held[j].seq) > 0 &&
            distance(stream->held[j].seq, end) > 0)
            end = stream->held[j].seq;
    move(frame, stream, held, end);
    return true;
}

/* Is the gap at next_seq not worth waiting for any longer? */
static bool
is_hopeless(const struct gw_frame *frame, const struct gw_stream *stream)
{
    if (stream->held_count == 0)
        return false;
    return stream->framing == GW_STREAM_UNFRAMED || stream->held_count > GW_STREAM_SEGMENTS ||
           stream->fin_known ||
           (uint64_t)frame->layer.now_ns - (uint64_t)stream->held[0].since_ns > WAIT_NS;
}

static void
close_at_fin(struct gw_frame *frame, struct gw_stream *stream)
{
    if (!stream->fin_known || distance(stream->fin_seq, stream->next_seq) < 0)
        return;
    gw_stream_release(frame, stream, GW_TCP_UNFINISHED, GW_TCP_GAP);
    stream->next_seq = stream->fin_seq + 1;
}

bool
gw_stream_pump(struct gw_frame *frame, struct gw_stream *stream)
{
    for (;;) {
        if (!drain(frame, stream))
            return false;
        retire(frame, stream);
        if (read_held(frame, stream))
            continue;
        if (stream->hole_known) {
            if (!pass_hole(frame, stream))
                return false;
        } else if (is_hopeless(frame, stream)) {
            jump(frame, stream, stream->held[first_held(stream)].seq);
        } else {
            break;
        }
    }
    close_at_fin(frame, stream);
    return true;
}

/* Compare a segment that lies wholly before next_seq with what is known of the octets there. */
static bool
is_conflict(struct gw_frame *frame, const struct gw_stream *stream,
    const struct gw_stream_segment *segment, uint64_t hash)
{
    const uint32_t buffer_seq = stream->next_seq - stream->buffer.len;
    const int32_t before = distance(segment->seq, buffer_seq);
    const uint32_t from = before > 0 ? (uint32_t)before : 0;
    const uint32_t count =
        stream->past_count < GW_STREAM_PAST ? stream->past_count : GW_STREAM_PAST;

    for (uint32_t i = 0; i < count; i++)
        if (stream->past[i].seq == segment->seq && stream->past[i].len == segment->len)
            return stream->past[i].hash != hash;
    if (from >= segment->len || stream->skip > 0)
        return false;
    return !gw_frame_chain_equals(gw_stream_pool(frame->streams), &stream->buffer,
        segment->seq + from - buffer_seq, segment->data + from, segment->len - from);
}

static void
remember(struct gw_stream *stream, const struct gw_stream_segment *segment, uint64_t hash)
{
    stream->past[stream->past_count++ % GW_STREAM_PAST] =
        (struct gw_stream_past){.seq = segment->seq, .len = segment->len, .hash = hash};
}

/* Find whether one held segment has all octets of @p segment: its fate then, else GW_OK. */
static enum gw_why
compare_held(
    struct gw_frame *frame, const struct gw_stream *stream, const struct gw_stream_segment *segment)
{
    for (uint32_t i = 0; i < stream->held_count; i++) {
        const struct gw_stream_held *held = &stream->held[i];
        const int32_t off = distance(held->seq, segment->seq);

        if (off < 0 || distance(segment->seq + segment->len, held_end(held)) < 0)
            continue;
        return gw_frame_chain_equals(gw_stream_pool(frame->streams), &held->octets, (size_t)off,
                   segment->data, segment->len)
                   ? GW_TCP_AGAIN
                   : GW_TCP_CONFLICT;
    }
    return GW_OK;
}

static enum gw_why
hold(struct gw_frame *frame, struct gw_stream *stream, const struct gw_stream_segment *segment)
{
    const enum gw_why why = compare_held(frame, stream, segment);

    if (why != GW_OK)
        return why;
    assert(stream->held_count <= GW_STREAM_SEGMENTS);

    struct gw_stream_held *held = &stream->held[stream->held_count++];

    *held = (struct gw_stream_held){
        .seq = segment->seq,
        .len = segment->len,
        .missing = segment->wire_len - segment->len,
        .weight = frame->layer.weight,
        .since_ns = frame->layer.now_ns,
        .origin = frame->layer.origin,
    };
    append(frame, &held->octets, segment->data, segment->len);
    frame->out.stats->held += frame->layer.weight;
    return GW_OK;
}

/* Read a segment that starts at next_seq while nothing waits. */
static enum gw_why
read_next(struct gw_frame *frame, struct gw_stream *stream, const struct gw_stream_segment *segment)
{
    if (!admit(frame, stream, segment->data, segment->len)) {
        stream->next_seq += segment->wire_len;
        return GW_TCP_LOST;
    }
    append(frame, &stream->buffer, segment->data, segment->len);
    stream->next_seq += segment->len;
    add_part(stream, &frame->layer.origin, frame->layer.weight);
    frame->out.stats->held += frame->layer.weight;
    stream->hole_known = segment->wire_len > segment->len;
    stream->hole_end = segment->seq + segment->wire_len;
    return GW_OK;
}

enum gw_why
gw_stream_take(struct gw_frame *frame, struct gw_stream *stream,
    const struct gw_stream_segment *segment, uint64_t hash)
{
    const int32_t old = distance(segment->seq, stream->next_seq);
    struct gw_stream_segment fresh = *segment;

    assert(segment->len > 0);
    if (old >= 0 && (uint32_t)old >= segment->len)
        return is_conflict(frame, stream, segment, hash) ? GW_TCP_CONFLICT : GW_TCP_AGAIN;
    if (old > 0) {
        fresh.seq += (uint32_t)old;
        fresh.data += old;
        fresh.len -= (uint32_t)old;
        fresh.wire_len -= (uint32_t)old;
    }

    const bool in_order = old >= 0 && stream->held_count == 0;
    const enum gw_why why =
        in_order ? read_next(frame, stream, &fresh) : hold(frame, stream, &fresh);

    if (why == GW_OK)
        remember(stream, segment, hash);
    return why;
}
