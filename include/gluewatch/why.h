/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file why.h
 * The one list of reasons for traffic that is not understood. It yields the enumerator, the
 * counter's name, the manual's text and the source. Wrong traffic is data: it gets a reason, and
 * the batch goes on.
 *
 * Stages: PACKET, why a frame's octets went no further; MESSAGE, why a DNS message is malformed;
 * RECORD, what was passed over inside a message that is otherwise understood.
 */
#ifndef GLUEWATCH_WHY_H
#define GLUEWATCH_WHY_H

/* X(enumerator, stage, name, text, source) */
#define GW_WHY_LIST(X)                                                                             \
    X(OK, NONE, "ok", "understood", "")                                                            \
    X(FILTERED, PACKET, "filtered-out", "the filter expression does not match", "")                \
    X(FRAME_TOO_LONG, PACKET, "frame-too-long", "captured length over 256 KiB", "")                \
    X(LINK_TYPE, PACKET, "link-type-unknown", "link type that is not decoded", "")                 \
    X(LINK_CUT, PACKET, "link-cut", "link or tunnel header runs past the captured octets", "")     \
    X(LINK_BAD, PACKET, "link-bad", "link or tunnel header contradicts itself", "")                \
    X(LAYERS, PACKET, "too-many-layers", "more than 16 nested headers", "")                        \
    X(NOT_IP, PACKET, "not-ip", "neither IPv4 nor IPv6 inside", "")                                \
    X(IP_BAD, PACKET, "ip-bad", "IP version or header length is impossible", "RFC 791 3.1")        \
    X(IP_CUT, PACKET, "ip-cut", "IP header runs past the captured octets", "RFC 791 3.1")          \
    X(IP_LENGTH, PACKET, "ip-length", "IP length is shorter than its headers", "RFC 791 3.1")      \
    X(IP6_CHAIN, PACKET, "ip6-chain-too-long", "more than 16 extension headers", "RFC 8200 4")     \
    X(NOT_TRANSPORT, PACKET, "not-udp-or-tcp", "IP payload is neither UDP nor TCP", "")            \
    X(ICMP_ERROR, PACKET, "icmp", "ICMP; what it quotes is not a message", "RFC 792, RFC 4443")    \
    X(UDP_CUT, PACKET, "udp-cut", "UDP header runs past the octets at hand", "RFC 768")            \
    X(UDP_LENGTH, PACKET, "udp-length", "UDP length is impossible", "RFC 768")                     \
    X(TCP_CUT, PACKET, "tcp-cut", "TCP header runs past the octets at hand", "RFC 9293 3.1")       \
    X(TCP_HEADER, PACKET, "tcp-header", "TCP data offset is impossible", "RFC 9293 3.1")           \
    X(NOT_DNS_PORT, PACKET, "not-port-53", "neither port is 53", "")                               \
    X(DNS_SHORT, PACKET, "dns-too-short", "fewer than 12 octets of DNS", "RFC 1035 4.1.1")         \
    X(FRAG_BAD, PACKET, "fragment-bad", "fragment offset or length is impossible", "RFC 791 3.2")  \
    X(FRAG_CUT, PACKET, "fragment-cut", "fragment cut by the snap length", "")                     \
    X(FRAG_DUPLICATE, PACKET, "fragment-duplicate", "the same octets again", "")                   \
    X(FRAG_OVERLAP, PACKET, "fragment-overlap", "overlapping octets differ: datagram dropped",     \
        "RFC 5722 3")                                                                              \
    X(FRAG_INCOMPLETE, PACKET, "fragment-incomplete", "the datagram's other fragments never came", \
        "RFC 8200 4.5")                                                                            \
    X(FRAG_EVICTED, PACKET, "fragment-evicted", "reassembly memory was needed for others", "")     \
    X(FRAG_TOO_MANY, PACKET, "fragment-too-many", "more than 64 fragments of one datagram", "")    \
    X(TCP_NO_DATA, PACKET, "tcp-no-data", "segment without data (SYN, ACK, FIN, RST)", "")         \
    X(TCP_AGAIN, PACKET, "tcp-again", "octets already read (retransmission, keep-alive)", "")      \
    X(TCP_CONFLICT, PACKET, "tcp-conflict", "a retransmission with other octets", "RFC 9293 3.4")  \
    X(TCP_GAP, PACKET, "tcp-gap", "octets after a gap that was never filled", "")                  \
    X(TCP_EVICTED, PACKET, "tcp-evicted", "stream memory was needed for others", "")               \
    X(TCP_LOST, PACKET, "tcp-unframed", "stream octets in which no message starts",                \
        "RFC 1035 4.2.2")                                                                          \
    X(TCP_UNFINISHED, PACKET, "tcp-unfinished", "stream ended inside a message", "RFC 7766 8")     \
    X(QUESTION_COUNT, MESSAGE, "question-count", "QDCOUNT is not one", "RFC 9619")                 \
    X(NAME_CUT, MESSAGE, "name-truncated", "name runs past the message", "RFC 1035 4.1.4")         \
    X(NAME_LONG, MESSAGE, "name-too-long", "name over 255 octets", "RFC 1035 2.3.4")               \
    X(LABEL_TYPE, MESSAGE, "label-type", "label type 01 or 10", "RFC 6891 5")                      \
    X(POINTER_FORWARD, MESSAGE, "pointer-forward", "compression pointer not strictly backwards",   \
        "RFC 1035 4.1.4")                                                                          \
    X(POINTER_HEADER, MESSAGE, "pointer-into-header", "compression pointer into the header",       \
        "RFC 1035 4.1.4")                                                                          \
    X(POINTERS, MESSAGE, "too-many-pointers", "more than 20 compression pointers in a name",       \
        "RFC 1035 4.1.4")                                                                          \
    X(QUESTION_CUT, MESSAGE, "question-truncated", "message ends inside the question",             \
        "RFC 1035 4.1.2")                                                                          \
    X(RR_CUT, MESSAGE, "record-truncated", "message ends inside a record", "RFC 1035 4.1.3")       \
    X(RDATA_LENGTH, MESSAGE, "rdata-length", "a name does not end where its RDATA ends",           \
        "RFC 1035 3.2.1")                                                                          \
    X(OPT_TWICE, MESSAGE, "opt-twice", "more than one OPT record", "RFC 6891 6.1.1")               \
    X(WORK, MESSAGE, "too-much-work", "names cost more than the message's work budget", "")        \
    X(RR_CLASS, RECORD, "class-not-in", "record of another class than IN", "")                     \
    X(RR_ADDRESS_LENGTH, RECORD, "address-length", "A or AAAA of a wrong length", "RFC 3596 2.2")  \
    X(RR_DUPLICATE, RECORD, "duplicate-record", "the same record twice in a set", "RFC 2181 5")    \
    X(RR_TTL, RECORD, "ttl-high-bit", "TTL with its highest bit set, read as 0", "RFC 2181 8")     \
    X(RR_TRAILING, RECORD, "trailing-octets", "octets after the last record", "")                  \
    X(RR_OVERFLOW, RECORD, "record-overflow", "more NS or address records than are kept", "")

enum gw_why {
#define GW_WHY_ENUM(id, stage, name, text, source) GW_##id,
    GW_WHY_LIST(GW_WHY_ENUM)
#undef GW_WHY_ENUM
    GW_WHY_COUNT
};

/** Where in a packet's way a reason applies. */
enum gw_stage {
    GW_STAGE_NONE,
    GW_STAGE_PACKET,
    GW_STAGE_MESSAGE,
    GW_STAGE_RECORD
};

#endif
