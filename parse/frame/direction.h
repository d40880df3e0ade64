/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file direction.h
 * One direction of a TCP connection: segments in order, and messages out of them. For this folder
 * only.
 *
 * The reader of stream.h's table; see there for what it does with gaps and copies.
 */
#ifndef GLUEWATCH_PARSE_FRAME_DIRECTION_H
#define GLUEWATCH_PARSE_FRAME_DIRECTION_H

#include "parse/frame/chain.h"
#include "parse/frame/layer.h"
#include "parse/frame/stream.h"

#define GW_STREAM_PAST 8u /**< segments whose octets are remembered by hash, per direction */

/** Which direction. Padding is zero: keys are compared and hashed as octets. */
struct gw_stream_key {
    struct gw_addr source, destination;
    uint16_t source_port, destination_port; /**< host order */
};

/** A segment that waits for a gap to be filled. */
struct gw_stream_held {
    uint32_t seq;                  /**< of its first octet */
    uint32_t len;                  /**< octets */
    uint32_t missing;              /**< octets behind them that the snap length cut off */
    uint32_t weight;               /**< frames that it stands for; 0 once octets of it were read */
    int64_t since_ns;              /**< when it came, on the decoder's clock */
    struct gw_frame_origin origin; /**< its frame */
    struct gw_frame_chain octets;  /**< what is not yet read; ends at seq + len */
};

/** A segment that was read. */
struct gw_stream_past {
    uint32_t seq, len;
    uint64_t hash; /**< of its octets */
};

/** Whether it is known where messages start. */
enum gw_stream_framing {
    GW_STREAM_UNFRAMED,  /**< no: the next segment may start one */
    GW_STREAM_TENTATIVE, /**< the octets read so far may be the start of one */
    GW_STREAM_FRAMED,    /**< yes */
};

/** One direction. Owned by the table in stream.c. */
struct gw_stream {
    struct gw_stream_key key;
    int64_t active_ns; /**< of its last packet, on the decoder's clock */
    uint32_t next_seq; /**< of the next octet to read; set when seq_known */
    uint32_t syn_seq;  /**< of the SYN; set when syn_known */
    uint32_t fin_seq;  /**< of the FIN; set when fin_known */
    uint32_t
        hole_end; /**< next_seq..hole_end were cut off by the snap length; set when hole_known */
    bool seq_known, syn_known, fin_known, hole_known;
    enum gw_stream_framing framing;
    uint32_t skip; /**< octets to pass over before the next message starts */
    struct gw_frame_chain
        buffer;      /**< octets read from the start of the first incomplete message on */
    uint32_t weight; /**< frames all of whose octets are in buffer */
    uint32_t parts;  /**< segments that the first message in buffer is made of */
    struct gw_frame_origin last; /**< of these segments the one captured last; set when parts > 0 */
    struct gw_frame_origin tail; /**< of the segment with the last octets in buffer; likewise */
    uint32_t past_count;         /**< segments ever put into past */
    struct gw_stream_past past[GW_STREAM_PAST];
    uint32_t held_count;
    struct gw_stream_held held[GW_STREAM_SEGMENTS + 1u]; /**< in order of arrival */
};

/**
 * Forget all but the key: the next octet is @p next_seq, and a message starts there if @p framed.
 */
void gw_stream_start(struct gw_stream *stream, uint32_t next_seq, bool framed);

/**
 * Let go of all octets: frames of the incomplete message get @p why, those held get @p why_held.
 */
void gw_stream_release(
    struct gw_frame *frame, struct gw_stream *stream, enum gw_why why, enum gw_why why_held);

/**
 * Take in the data of @p segment (one octet or more, at or after next_seq as far as it goes); call
 * gw_stream_pump() next. The pool has chunks for it.
 *
 * @param hash  of the segment's octets
 * @return GW_OK when it counts as held, or its fate: GW_TCP_AGAIN, GW_TCP_CONFLICT or GW_TCP_LOST
 */
GW_MUST_CHECK enum gw_why gw_stream_take(struct gw_frame *frame, struct gw_stream *stream,
    const struct gw_stream_segment *segment, uint64_t hash);

/**
 * Emit the messages that are complete, read what waited and is in order now, give up what waited
 * too long.
 *
 * @return true when all is done; false when the payloads had no room for the next message
 */
GW_MUST_CHECK bool gw_stream_pump(struct gw_frame *frame, struct gw_stream *stream);

/** The pool of the decoder's streams; defined in stream.c. */
struct gw_frame_pool *gw_stream_pool(struct gw_stream_table *table);

#endif
