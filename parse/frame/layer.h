/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file layer.h
 * One packet on its way inwards, header by header, and what the steps share. For this folder only.
 *
 * A step reads the header at gw_layer.pos, moves pos behind it and says in gw_layer.next what
 * follows. frame.c calls step after step: nesting never costs stack.
 */
#ifndef GLUEWATCH_PARSE_FRAME_LAYER_H
#define GLUEWATCH_PARSE_FRAME_LAYER_H

#include "gluewatch/payload.h"
#include "gluewatch/stats.h"
#include "gluewatch/why.h"

/** What stands at gw_layer.pos. */
enum gw_layer_kind {
    GW_LAYER_LINK,      /**< a frame of link type `code` */
    GW_LAYER_ETHERNET,  /**< an Ethernet header */
    GW_LAYER_ETHERTYPE, /**< what EtherType `code` announces */
    GW_LAYER_LLC,       /**< an 802.2 header */
    GW_LAYER_PPP,       /**< a PPP protocol field */
    GW_LAYER_MPLS,      /**< a label stack entry */
    GW_LAYER_IP,        /**< IPv4 or IPv6 by its first four bits */
    GW_LAYER_FRAGMENT,  /**< a piece of an IP payload of protocol `code` */
    GW_LAYER_PROTOCOL,  /**< what IP protocol number `code` announces */
    GW_LAYER_DONE,      /**< nothing: the packet has its fate, or waits in reassembly */
};

/** Which frame brought something. */
struct gw_frame_origin {
    uint64_t number; /**< record number in its input, from 1 */
    int64_t time_ns; /**< its time, ns since 1970 UTC */
    uint32_t input;  /**< index of its input */
};

/** The packet being decoded. Pointers are for the call of gw_frame_decode() that set them. */
struct gw_layer {
    const uint8_t *data; /**< first octet of the frame, or of a reassembled datagram's payload */
    size_t pos;          /**< octets from data to what comes next, <= end */
    size_t end;          /**< octets at hand from data on, of the layers opened so far */
    size_t wire_end;     /**< the same, had nothing been cut; >= end */
    enum gw_layer_kind next;       /**< what stands at pos */
    uint32_t code;                 /**< which one, see enum gw_layer_kind */
    uint32_t depth;                /**< tags, tunnels and IP headers so far */
    uint32_t weight;               /**< frames whose fate this packet decides, >= 1 */
    uint64_t context;              /**< hash of VLANs and tunnels around the innermost IP header */
    struct gw_frame_origin origin; /**< the frame */
    int64_t now_ns;                /**< latest time of any frame so far */
    uint32_t seen_flags;           /**< enum gw_layer_seen, of the frame */
    uint16_t flags;                /**< enum gw_payload_flag, of a message in here */
    uint8_t ip_ttl;                /**< of the innermost IP header */
    uint8_t ip_count;              /**< IP headers so far */
    struct gw_addr source;         /**< of the innermost IP header; family 0 before it */
    struct gw_addr destination;    /**< likewise */
    struct gw_frag_map *fragments; /**< offsets from data; NULL unless data is reassembled */
    uint32_t fragment_id;          /**< of a GW_LAYER_FRAGMENT: its identification */
    uint32_t fragment_off;         /**< octets before it in the datagram's payload */
    bool fragment_more;            /**< more fragments follow it */
    uint8_t chain;                 /**< extension headers of the innermost IP header so far */
};

/** What is counted once per frame, or-ed into gw_layer.seen_flags. */
enum gw_layer_seen {
    GW_SEEN_TAGGED = 1u << 0,
    GW_SEEN_TUNNELLED = 1u << 1,
    GW_SEEN_FRAGMENT = 1u << 2,
    GW_SEEN_ENCRYPTED = 1u << 3,
};

/** Where messages go during one call of gw_frame_decode(), and the memory that lasts as long. */
struct gw_frame_out {
    struct gw_payloads *payloads;  /**< owned by the caller of gw_frame_decode() */
    struct gw_packet_stats *stats; /**< owned by the caller of gw_frame_new() */
    uint8_t *room;                 /**< GW_OUT_ROOM octets; owned by the decoder */
    size_t room_used;              /**< octets given out in this call */
    uint32_t sighted;              /**< sightings told of the frame being decoded */
};

/** Octets for one packet's worst case: reassembled datagrams nested as deep as layers go. */
#define GW_OUT_PACKET ((GW_LAYERS_MAX + 2u) * (64u * 1024u + 4096u))

/** Octets of gw_frame_out.room. */
#define GW_OUT_ROOM (GW_OUT_PACKET + (size_t)GW_BATCH_FRAMES * (GW_MESSAGE_MAX + 2u * GW_FRAME_PAD))

struct gw_frag_table;
struct gw_stream_table;

/** The decoder; see frame.h. */
struct gw_frame {
    struct gw_frame_out out;
    struct gw_layer layer;           /**< the packet being decoded */
    struct gw_frag_table *frags;     /**< owned */
    struct gw_stream_table *streams; /**< owned */
    int64_t now_ns;                  /**< latest packet time; meaningless before the first frame */
    uint32_t next_frame;             /**< index in the batch of the next frame to decode */
    bool draining;                   /**< the TCP stream of `layer` has more messages to give */
    bool clock_set;                  /**< now_ns is set */
};

/** Octets at hand from pos on. */
static inline size_t
gw_layer_left(const struct gw_layer *layer)
{
    return layer->end - layer->pos;
}

/** The octets at pos; gw_layer_left() of them are there. */
static inline const uint8_t *
gw_layer_at(const struct gw_layer *layer)
{
    return layer->data + layer->pos;
}

/** Go on with @p kind and @p code, @p len octets further (0..gw_layer_left()). */
static inline enum gw_why
gw_layer_go(struct gw_layer *layer, size_t len, enum gw_layer_kind kind, uint32_t code)
{
    layer->pos += len;
    layer->next = kind;
    layer->code = code;
    return GW_OK;
}

/** Settle the fate of @p weight frames: GW_OK is parsed, all else is skipped. */
static inline void
gw_frame_settle(struct gw_packet_stats *stats, enum gw_why why, uint64_t weight)
{
    if (why == GW_OK)
        stats->parsed += weight;
    else
        stats->skipped[why] += weight;
}

/**
 * Take @p len octets that last until the next gw_frame_decode(); GW_FRAME_PAD more are readable.
 */
uint8_t *gw_frame_room(struct gw_frame_out *out, size_t len);

#endif
