/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file capture_writer.h
 * Frames, given in any order, that become a capture file: Ethernet, IPv4 and IPv6, fragments, UDP,
 * TCP, ICMP, with right checksums unless asked otherwise.
 */
#ifndef GLUEWATCH_TESTS_SCENARIO_CAPTURE_WRITER_H
#define GLUEWATCH_TESTS_SCENARIO_CAPTURE_WRITER_H

#include <stdio.h>

#include "tests/scenario/wire.h"

enum sc_checksum {
    SC_SUM_RIGHT,
    SC_SUM_WRONG,
    SC_SUM_NONE, /**< 0, which over IPv4 says that there is none */
};

enum {
    SC_FIN = 1,
    SC_SYN = 2,
    SC_PSH = 8,
    SC_ACK = 16,
};

/** How a capture is recorded; what happened on the wire does not change. */
struct sc_recording {
    bool vlan;               /**< frames carry an 802.1Q tag */
    bool mpls;               /**< and an MPLS label */
    bool extension;          /**< IPv6 packets carry a destination options header */
    bool swap_families;      /**< IPv4 and IPv6 change places */
    bool doubled;            /**< each frame is there twice, as of a mirror port */
    int64_t second_tap_ns;   /**< from then on each frame is there again, one hop on; 0: never */
    bool responses_only;     /**< frames marked as queries are not there */
    uint32_t loss_per_mille; /**< of frames that are not there */
    uint32_t snap_len;       /**< octets kept of a frame; 0: all */
    int64_t shift_ns;        /**< added to all times */
};

/** What the headers of a packet say. Ports in host order. */
struct sc_packet {
    int64_t at_ns; /**< since 1970 */
    struct sc_addr src;
    struct sc_addr dst;
    uint16_t sport;
    uint16_t dport;
    uint8_t ip_ttl;
    uint32_t ipid;
    bool df;
    bool query; /**< it is on the way to a server */
    enum sc_checksum checksum;
};

/** A frame's place among the others. */
struct sc_frame {
    int64_t at_ns;
    uint64_t off; /**< of its first octet in sc_capture.octets */
    uint32_t len;
    uint32_t number; /**< in the order of adding, which decides between equal times */
};

/** The frames so far. */
struct sc_capture {
    struct sc_recording recording;
    uint64_t seed; /**< of what is lost */
    uint8_t *octets;
    uint64_t len;
    uint64_t room;
    struct sc_frame *frame;
    uint32_t count;
    uint32_t frame_room;
};

void sc_capture_init(
    struct sc_capture *capture, const struct sc_recording *recording, uint64_t seed);
void sc_capture_done(struct sc_capture *capture);

/** Add the UDP datagram with the @p len octets at @p data. */
void sc_udp(
    struct sc_capture *capture, const struct sc_packet *packet, const uint8_t *data, uint32_t len);

/**
 * Write the UDP datagram (header and @p len octets of @p data) into @p ret_datagram, for
 * sc_udp_piece().
 *
 * @return octets, @p len + 8
 */
uint32_t sc_udp_datagram(const struct sc_capture *capture, const struct sc_packet *packet,
    const uint8_t *data, uint32_t len, uint8_t *ret_datagram);

/**
 * Add the octets @p from to @p to (half-open) of a datagram of @p len octets as one IP fragment.
 * @p from is a multiple of 8, and so is @p to unless it is @p len.
 */
void sc_udp_piece(struct sc_capture *capture, const struct sc_packet *packet,
    const uint8_t *datagram, uint32_t len, uint32_t from, uint32_t to);

/** Return the Internet checksum's sum over @p len octets (RFC 1071), folded, not complemented. */
uint16_t sc_sum(const uint8_t *data, uint32_t len);

/** Add a TCP segment. */
void sc_tcp_segment(struct sc_capture *capture, const struct sc_packet *packet,
    const uint32_t seq_ack[2], uint8_t flags, const uint8_t *data, uint32_t len);

/**
 * Add a whole TCP connection that begins at packet->at_ns: handshake, the @p query_len octets of
 * @p query, the reply after @p rtt_ns, its end. The two-octet lengths are put in front of both.
 * @p packet is how the client sends; @p server_ttl is the IP TTL of the server's packets.
 *
 * @return time at which the last segment with data of the reply is sent
 */
int64_t sc_tcp_exchange(struct sc_capture *capture, const struct sc_packet *packet,
    const uint8_t *query, uint32_t query_len, const uint8_t *reply, uint32_t reply_len,
    int64_t rtt_ns, uint8_t server_ttl);

/** Add an ICMP port unreachable that the destination of @p cause sends back to its source. */
void sc_icmp_unreachable(struct sc_capture *capture, const struct sc_packet *cause, int64_t at_ns);

/** Write all frames by time as a pcap file with nanoseconds. @return whether that worked */
bool sc_capture_write(struct sc_capture *capture, FILE *stream);

#endif
