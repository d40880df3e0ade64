/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file frame_builder.h
 * Frames from text, so that a test shows what it is about, and a decoder that is watched at each
 * step.
 *
 * A frame is a list of headers from the outermost inwards, by spaces: "eth vlan ip4 udp dns". What
 * a header says of the one inside (EtherType, protocol, port, lengths) is made to fit. The words
 * stand in frame_builder.c; `dns` is a query of 28 octets, `short` 11 octets of it. Unknown words
 * end the program.
 */
#ifndef GLUEWATCH_TESTS_SUPPORT_FRAME_BUILDER_H
#define GLUEWATCH_TESTS_SUPPORT_FRAME_BUILDER_H

#include "parse/frame/frame.h"
#include "tests/support/guard.h"

#define GW_BUILT_ROOM 2048u

/** A frame being built from its end. By value. */
struct gw_built {
    uint8_t room[GW_BUILT_ROOM];
    uint32_t start;        /**< of the frame in room; it ends at the end of room */
    const char *inner;     /**< word of the header built last; NULL at first */
    uint16_t ether_type;   /**< what announces it */
    uint8_t ip_protocol;   /**< likewise */
    uint16_t ppp_protocol; /**< likewise */
    uint16_t port;         /**< likewise */
};

/** Build the frame of @p words. */
void gw_build(struct gw_built *built, const char *words);

/** First octet and octets of the frame; valid as long as @p built. */
const uint8_t *gw_built_data(const struct gw_built *built);
uint32_t gw_built_len(const struct gw_built *built);

/** A message that came out of a decoder; octets is malloc'ed and owned by the watch. */
struct gw_watched_message {
    struct gw_payload payload;    /**< data points to the copy */
    struct gw_frag_map fragments; /**< count 0 without */
};

#define GW_WATCH_MESSAGES 8192u

/** A decoder whose law of fates is checked after each call. Large: static or heap. */
struct gw_watch {
    struct gw_packet_stats stats;
    struct gw_frame *frame;
    struct gw_payloads payloads;
    struct gw_guard guard;
    uint64_t number; /**< of the last frame */
    int64_t time_ns; /**< of the next frame */
    uint32_t count;  /**< messages that came out */
    struct gw_watched_message message[GW_WATCH_MESSAGES];
};

/** Make a decoder; ends the program when there is no memory. */
void gw_watch_init(struct gw_watch *watch);

/** End of input: checks that nothing is held any longer, and frees all. */
void gw_watch_done(struct gw_watch *watch);

/** Forget the messages that came out so far. */
void gw_watch_clear(struct gw_watch *watch);

/**
 * Decode one frame of @p link_type with @p len octets at hand, against an unreadable page, of @p
 * wire_len on the wire.
 */
void gw_watch_frame(struct gw_watch *watch, uint16_t link_type, const uint8_t *data, uint32_t len,
    uint32_t wire_len);

/** Decode @p batch to its end. */
void gw_watch_batch(struct gw_watch *watch, const struct gw_batch *batch);

/** End the program unless seen = parsed + skipped + held, and gw_packet_stats.held is @p held. */
void gw_watch_law(const struct gw_watch *watch, uint64_t held);

/** An IPv4 or IPv6 datagram's piece, or all of it. */
struct gw_piece {
    uint8_t family; /**< 4 or 6 */
    uint8_t protocol;
    uint32_t id;
    uint32_t off; /**< octets before it in the datagram's payload */
    bool more;
    uint16_t vlan; /**< 0: none */
};

/** Write an Ethernet frame with @p piece of @p len octets @p data; returns its octets. */
uint32_t gw_build_piece(
    uint8_t *frame, const struct gw_piece *piece, const uint8_t *data, uint32_t len);

/** Write a UDP header in front of @p len octets of @p data; returns the octets of both. */
uint32_t gw_build_udp(uint8_t *datagram, uint16_t source_port, uint16_t destination_port,
    const uint8_t *data, uint32_t len);

/** Write a TCP header in front of @p len octets of @p data; returns the octets of both. */
uint32_t gw_build_tcp(uint8_t *segment, const uint16_t ports[2], uint32_t seq, uint8_t flags,
    const uint8_t *data, uint32_t len);

/**
 * Write a DNS message of @p len octets (>= 12): a header that fits its direction, then octets from
 * @p seed.
 */
void gw_build_dns(uint8_t *message, uint32_t len, bool response, uint32_t seed);

#endif
