/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file stream.h
 * DNS messages out of TCP, each direction by itself, in bounded memory. For this folder only.
 *
 * A direction is read from its SYN, or from the first segment that starts like a message. Octets
 * out of order wait for the gap before them; of octets that came twice the first copy stays. A gap
 * is given up when too many segments wait behind it, when they waited GW_FRAG_WAIT_S, or at FIN.
 * Reading then goes on where the next message must start if the length prefix in front of the gap
 * tells it, else at the next segment that starts like a message.
 *
 * Frames whose octets are all in a message that is not yet complete count as held.
 */
#ifndef GLUEWATCH_PARSE_FRAME_STREAM_H
#define GLUEWATCH_PARSE_FRAME_STREAM_H

#include "parse/frame/layer.h"

/** TCP flags (RFC 9293 section 3.1), or-ed into gw_stream_segment.flags. */
enum gw_tcp_flag {
    GW_TCP_FIN = 0x01,
    GW_TCP_SYN = 0x02,
    GW_TCP_RST = 0x04,
};

/** A TCP segment; its addresses are those of the decoder's packet. For the call. */
struct gw_stream_segment {
    uint16_t source_port;      /**< host order */
    uint16_t destination_port; /**< host order */
    uint32_t seq;              /**< of the SYN if there is one, else of the first octet */
    uint32_t flags;            /**< enum gw_tcp_flag */
    const uint8_t *data;       /**< the octets */
    uint32_t len;              /**< octets at hand */
    uint32_t wire_len;         /**< octets that it had, >= len */
};

/** Make an empty table; NULL without memory or random source. */
GW_MUST_CHECK struct gw_stream_table *gw_stream_new(void);

/** Free @p table and all it holds; accepts NULL. */
void gw_stream_free(struct gw_stream_table *table);

/**
 * Take in @p segment of the decoder's packet; emit the messages that it completes. When they are
 * more than the payloads have room for, gw_frame.draining is set.
 *
 * Quirks:
 * - Checksums, windows and acknowledgements are not looked at.
 * - A reset counts only with exactly the next sequence number (RFC 5961 section 3.2).
 * - Whether a retransmission brought other octets is known for those still held and for the last
 *   few segments; older ones count as `tcp-again`.
 *
 * @return GW_OK when the packet is held or settled, or its fate: GW_TCP_NO_DATA, GW_TCP_AGAIN,
 *         GW_TCP_CONFLICT, GW_TCP_LOST or GW_TCP_EVICTED
 *
 * Source: RFC 9293 sections 3.4 and 3.10; RFC 7413; RFC 7766 section 8; RFC 1035 section 4.2.2.
 */
GW_MUST_CHECK enum gw_why gw_stream_add(
    struct gw_frame *frame, const struct gw_stream_segment *segment);

/**
 * Emit more messages of the direction that set gw_frame.draining; clears it when there are no more.
 */
void gw_stream_drain(struct gw_frame *frame);

/** End of input: everything held becomes GW_TCP_GAP or GW_TCP_UNFINISHED. */
void gw_stream_finish(struct gw_frame *frame);

#endif
