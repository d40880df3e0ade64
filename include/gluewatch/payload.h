/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file payload.h
 * DNS messages as parse/frame hands them to parse/dns: octets with the facts of their transport.
 */
#ifndef GLUEWATCH_PAYLOAD_H
#define GLUEWATCH_PAYLOAD_H

#include "gluewatch/base.h"
#include "gluewatch/limits.h"

enum gw_transport {
    GW_TRANSPORT_UDP = 17,
    GW_TRANSPORT_TCP = 6
};

/** Facts of a payload, or-ed into gw_payload.flags. */
enum gw_payload_flag {
    GW_PAYLOAD_CUT = 1u << 0,        /**< the capture holds fewer octets than the message had */
    GW_PAYLOAD_FRAGMENTED = 1u << 1, /**< put together from IP fragments */
    GW_PAYLOAD_SEGMENTED = 1u << 2,  /**< put together from more than one TCP segment */
    GW_PAYLOAD_TAGGED = 1u << 3,     /**< inside VLAN, MPLS or PPPoE */
    GW_PAYLOAD_TUNNELLED = 1u << 4,  /**< inside another IP datagram */
    GW_PAYLOAD_IP_ID = 1u << 5,      /**< IPv4: gw_payload.ip_id means something */
    GW_PAYLOAD_DF = 1u << 6,         /**< IPv4 with the DF bit */
    GW_PAYLOAD_SUM_BAD = 1u << 7,    /**< UDP checksum is there, could be computed, and is wrong */
    GW_PAYLOAD_SUM_GOOD = 1u << 8,   /**< UDP checksum is there and right */
    GW_PAYLOAD_FRAG_CONFLICT = 1u << 9, /**< a fragment of it came twice, with other octets */
};

/** Those that tell what stood around the message, and how it was put together. */
#define GW_PAYLOAD_AROUND                                                                \
    (GW_PAYLOAD_CUT | GW_PAYLOAD_FRAGMENTED | GW_PAYLOAD_SEGMENTED | GW_PAYLOAD_TAGGED | \
        GW_PAYLOAD_TUNNELLED)

/** Which fragment brought which octets of a reassembled message. */
struct gw_frag_map {
    uint32_t count; /**< pieces, 1..GW_FRAG_PIECES, by offset */
    struct {
        uint16_t offset; /**< octets from the start of the DNS message (0 for the first piece) */
        uint16_t len;    /**< octets of the DNS message that it brought */
        uint64_t frame;  /**< record number of the frame that carried it */
    } piece[GW_FRAG_PIECES];
};

/**
 * One DNS message's octets, from its header on, without TCP's length prefix. Filled by parse/frame.
 * Valid until the batch is released or gw_frame_decode() is called again, whichever comes first.
 * GW_FRAME_PAD octets after the message are readable.
 */
struct gw_payload {
    const uint8_t *data;                 /**< first octet of the DNS header */
    uint32_t len;                        /**< octets at hand, >= 12, <= GW_MESSAGE_MAX */
    uint32_t declared_len;               /**< octets the message had; > len when cut */
    int64_t time_ns;                     /**< of the frame that completed it; ns since 1970 UTC */
    uint64_t frame;                      /**< record number of that frame in its input, from 1 */
    uint32_t input;                      /**< index of the input */
    struct gw_addr source;               /**< of the innermost IP header */
    struct gw_addr destination;          /**< likewise */
    uint16_t source_port;                /**< host order */
    uint16_t destination_port;           /**< host order */
    uint16_t flags;                      /**< enum gw_payload_flag */
    uint8_t transport;                   /**< enum gw_transport */
    uint8_t ip_ttl;                      /**< TTL or hop limit of the innermost IP header */
    uint16_t ip_id;                      /**< IPv4 identification, host order */
    const struct gw_frag_map *fragments; /**< NULL unless GW_PAYLOAD_FRAGMENTED */
};

/** What a packet showed that is no message. */
enum gw_sighting_kind {
    GW_SIGHTING_UNREACHABLE,   /**< ICMP port unreachable that quotes a packet from or to port 53 */
    GW_SIGHTING_FRAG_CONFLICT, /**< two fragments with the same place and other octets */
    GW_SIGHTING_FRAG_ORPHAN,   /**< a later fragment whose first fragment never came */
};

/** A sighting; valid as long as the payloads beside it. */
struct gw_sighting {
    enum gw_sighting_kind kind;
    uint32_t before;            /**< index of the message that it came before */
    int64_t time_ns;            /**< ns since 1970 UTC */
    uint64_t frame;             /**< record number */
    uint32_t input;             /**< index of the input */
    struct gw_addr source;      /**< of the fragment; of the quoted packet for ICMP */
    struct gw_addr destination; /**< likewise */
    uint16_t source_port;       /**< of the quoted packet, host order; 0 for fragments */
    uint16_t destination_port;  /**< likewise */
    uint32_t ip_id;             /**< identification of the fragment, host order */
};

/** The messages that one call of gw_frame_decode() found, in capture order. */
struct gw_payloads {
    uint32_t count;          /**< 0..GW_BATCH_FRAMES */
    uint32_t sighting_count; /**< 0..GW_BATCH_FRAMES, of each frame GW_FRAME_SIGHTINGS */
    struct gw_payload item[GW_BATCH_FRAMES];
    struct gw_sighting sighting[GW_BATCH_FRAMES];
};

#endif
