/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/scenario/capture_writer.h"

#include <stdlib.h>
#include <string.h>

#define HEADERS_MAX      128u
#define ROOM_FIRST       (UINT64_C(32) << 20)
#define FRAMES_FIRST     (1u << 18)
#define UDP_HEADER       8u
#define MTU              1500u
#define SEGMENT_MAX      1400u
#define PROTOCOL_ICMP    1u
#define PROTOCOL_TCP     6u
#define PROTOCOL_UDP     17u
#define PROTOCOL_ICMP6   58u
#define COPY_DELAY_NS    1500
#define HOP_DELAY_NS     40000
#define LINK_ETHERNET    1u
#define PURPOSE_LOSS     77u
#define NANOSECOND_MAGIC 0xa1b23c4du

/** An IP packet to be framed: its payload, and where in a datagram that stands. */
struct cargo {
    const struct sc_packet *packet;
    uint8_t protocol;
    const uint8_t *data;
    uint32_t len;
    uint32_t off;
    bool more;
};

void
sc_capture_init(struct sc_capture *capture, const struct sc_recording *recording, uint64_t seed)
{
    *capture = (struct sc_capture){.recording = *recording, .seed = seed};
    capture->room = ROOM_FIRST;
    capture->octets = calloc(capture->room, 1);
    capture->frame_room = FRAMES_FIRST;
    capture->frame = calloc(capture->frame_room, sizeof(capture->frame[0]));
    if (!capture->octets || !capture->frame) {
        sc_die("no memory");
    }
}

void
sc_capture_done(struct sc_capture *capture)
{
    free(capture->octets);
    free(capture->frame);
    *capture = (struct sc_capture){.count = 0};
}

static uint8_t *
put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
    return at + 2;
}

static uint8_t *
put32(uint8_t *at, uint32_t value)
{
    return put16(put16(at, value >> 16), value & 0xffff);
}

/** Sum of 16-bit words, unfolded. */
static uint64_t
sum_of(const uint8_t *data, uint32_t len)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i + 1 < len; i += 2) {
        sum += (uint32_t)data[i] << 8 | data[i + 1];
    }
    return len % 2 ? sum + ((uint32_t)data[len - 1] << 8) : sum;
}

static uint16_t
fold(uint64_t sum)
{
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)sum;
}

uint16_t
sc_sum(const uint8_t *data, uint32_t len)
{
    return fold(sum_of(data, len));
}

static uint32_t
addr_len(const struct sc_addr *addr)
{
    return addr->family == 4 ? 4 : 16;
}

static struct sc_addr
on_wire(const struct sc_capture *capture, struct sc_addr addr)
{
    return capture->recording.swap_families ? sc_addr_swap(addr) : addr;
}

/** The checksum of a transport's octets with the pseudo header (RFC 768, RFC 8200 section 8.1). */
static uint16_t
transport_sum(const struct sc_capture *capture, const struct sc_packet *packet, uint8_t protocol,
    const uint8_t *data, uint32_t len)
{
    struct sc_addr src = on_wire(capture, packet->src);
    struct sc_addr dst = on_wire(capture, packet->dst);
    uint64_t sum = sum_of(src.octets, addr_len(&src)) + sum_of(dst.octets, addr_len(&dst));

    return (uint16_t)~fold(sum + protocol + len + sum_of(data, len));
}

/** Make room for one more frame of up to @p len octets and return where it is to be written. */
static uint8_t *
reserve(struct sc_capture *capture, uint32_t len)
{
    if (capture->room - capture->len < len) {
        capture->room *= 2;
        capture->octets = realloc(capture->octets, capture->room);
    }
    if (capture->count == capture->frame_room) {
        capture->frame_room *= 2;
        capture->frame = realloc(capture->frame, capture->frame_room * sizeof(capture->frame[0]));
    }
    if (!capture->octets || !capture->frame) {
        sc_die("no memory");
    }
    return capture->octets + capture->len;
}

/** Octets of a station's Ethernet address, which only tells resolvers' side from servers'. */
static uint8_t *
put_link(const struct sc_recording *recording, uint8_t *at, bool query, uint32_t ether_type)
{
    static const uint8_t inside[6] = {0x02, 0, 0, 0, 0, 1};
    static const uint8_t outside[6] = {0x02, 0, 0, 0, 0, 2};

    memcpy(at, query ? outside : inside, 6);
    memcpy(at + 6, query ? inside : outside, 6);
    at += 12;
    if (recording->vlan) {
        at = put16(put16(at, 0x8100), 42);
    }
    if (recording->mpls) {
        return put32(put16(at, 0x8847), 1000u << 12 | 1u << 8 | 60);
    }
    return put16(at, ether_type);
}

static uint8_t *
put_ip4(
    uint8_t *at, const struct cargo *cargo, const struct sc_addr *src, const struct sc_addr *dst)
{
    uint8_t *start = at;
    uint32_t flags = (cargo->packet->df ? 0x4000u : 0) | (cargo->more ? 0x2000u : 0);

    at = put16(at, 0x4500);
    at = put16(at, 20 + cargo->len);
    at = put16(at, cargo->packet->ipid & 0xffff);
    at = put16(at, flags | cargo->off / 8);
    *at++ = cargo->packet->ip_ttl;
    *at++ = cargo->protocol;
    at = put16(at, 0);
    memcpy(at, src->octets, 4);
    memcpy(at + 4, dst->octets, 4);
    put16(start + 10, (uint16_t)~sc_sum(start, 20));
    return at + 8;
}

static uint8_t *
put_ip6(uint8_t *at, const struct cargo *cargo, const struct sc_addr *src,
    const struct sc_addr *dst, bool extension)
{
    bool piece = cargo->more || cargo->off != 0;
    uint8_t inner = piece ? 44 : cargo->protocol;

    at = put32(at, 0x60000000u);
    at = put16(at, cargo->len + (piece ? 8 : 0) + (extension ? 8 : 0));
    *at++ = extension ? 60 : inner;
    *at++ = cargo->packet->ip_ttl;
    memcpy(at, src->octets, 16);
    memcpy(at + 16, dst->octets, 16);
    at += 32;
    if (extension) {
        static const uint8_t rest[7] = {0, 1, 4};
        *at++ = inner;
        memcpy(at, rest, 7);
        at += 7;
    }
    if (piece) {
        *at++ = cargo->protocol;
        *at++ = 0;
        at = put16(at, cargo->off | (cargo->more ? 1 : 0));
        at = put32(at, cargo->packet->ipid);
    }
    return at;
}

static void
add_frame(struct sc_capture *capture, const struct cargo *cargo)
{
    const struct sc_packet *packet = cargo->packet;
    struct sc_addr src = on_wire(capture, packet->src);
    struct sc_addr dst = on_wire(capture, packet->dst);

    if (capture->recording.responses_only && packet->query) {
        return;
    }
    uint8_t *start = reserve(capture, cargo->len + HEADERS_MAX);
    uint8_t *at =
        put_link(&capture->recording, start, packet->query, src.family == 4 ? 0x0800 : 0x86dd);
    if (src.family == 4) {
        at = put_ip4(at, cargo, &src, &dst);
    } else {
        at = put_ip6(at, cargo, &src, &dst, capture->recording.extension);
    }
    memcpy(at, cargo->data, cargo->len);
    uint32_t len = (uint32_t)(at - start) + cargo->len;
    capture->frame[capture->count] =
        (struct sc_frame){packet->at_ns, capture->len, len, capture->count};
    capture->count++;
    capture->len += len;
}

uint32_t
sc_udp_datagram(const struct sc_capture *capture, const struct sc_packet *packet,
    const uint8_t *data, uint32_t len, uint8_t *ret_datagram)
{
    put16(put16(ret_datagram, packet->sport), packet->dport);
    put32(ret_datagram + 4, (len + UDP_HEADER) << 16);
    memcpy(ret_datagram + UDP_HEADER, data, len);
    len += UDP_HEADER;
    if (packet->checksum != SC_SUM_NONE) {
        uint16_t sum = transport_sum(capture, packet, PROTOCOL_UDP, ret_datagram, len);
        put16(ret_datagram + 6, sum == 0 ? 0xffff : sum);
    }
    if (packet->checksum == SC_SUM_WRONG) {
        ret_datagram[7] ^= 0x5a;
    }
    return len;
}

void
sc_udp_piece(struct sc_capture *capture, const struct sc_packet *packet, const uint8_t *datagram,
    uint32_t len, uint32_t from, uint32_t to)
{
    add_frame(
        capture, &(struct cargo){packet, PROTOCOL_UDP, datagram + from, to - from, from, to < len});
}

void
sc_udp(
    struct sc_capture *capture, const struct sc_packet *packet, const uint8_t *data, uint32_t len)
{
    uint8_t datagram[UDP_HEADER + SC_MESSAGE_MAX];
    uint32_t total = sc_udp_datagram(capture, packet, data, len, datagram);
    uint32_t room = (MTU - 56) / 8 * 8;

    if (total <= room) {
        sc_udp_piece(capture, packet, datagram, total, 0, total);
        return;
    }
    for (uint32_t from = 0; from < total; from += room) {
        struct sc_packet piece = *packet;
        piece.df = false;
        piece.at_ns += from / room * 12000;
        sc_udp_piece(
            capture, &piece, datagram, total, from, from + room < total ? from + room : total);
    }
}

void
sc_tcp_segment(struct sc_capture *capture, const struct sc_packet *packet,
    const uint32_t seq_ack[2], uint8_t flags, const uint8_t *data, uint32_t len)
{
    uint8_t segment[20 + SEGMENT_MAX + 2];

    if (len > SEGMENT_MAX) {
        sc_die("a TCP segment is too long");
    }
    put32(put16(put16(segment, packet->sport), packet->dport), seq_ack[0]);
    put32(segment + 8, flags & SC_ACK ? seq_ack[1] : 0);
    put32(put32(segment + 12, 0x50000000u | (uint32_t)flags << 16 | 0xffff), 0);
    memcpy(segment + 20, data, len);
    put16(segment + 16, transport_sum(capture, packet, PROTOCOL_TCP, segment, 20 + len));
    add_frame(capture, &(struct cargo){packet, PROTOCOL_TCP, segment, 20 + len, 0, false});
}

/** Send @p len octets of @p data behind their two-octet length; returns the last one's time. */
static int64_t
send_stream(struct sc_capture *capture, struct sc_packet *packet, uint32_t seq_ack[2],
    const uint8_t *data, uint32_t len)
{
    static uint8_t stream[2 + SC_MESSAGE_MAX];

    put16(stream, len);
    memcpy(stream + 2, data, len);
    for (uint32_t from = 0; from < len + 2; from += SEGMENT_MAX) {
        uint32_t rest = len + 2 - from;
        uint32_t part = rest < SEGMENT_MAX ? rest : SEGMENT_MAX;
        packet->at_ns += 20000;
        packet->ipid++;
        sc_tcp_segment(
            capture, packet, seq_ack, part == rest ? SC_PSH | SC_ACK : SC_ACK, stream + from, part);
        seq_ack[0] += part;
    }
    return packet->at_ns;
}

static struct sc_packet
way_back(const struct sc_packet *packet, uint8_t ip_ttl)
{
    struct sc_packet back = *packet;

    back.src = packet->dst;
    back.dst = packet->src;
    back.sport = packet->dport;
    back.dport = packet->sport;
    back.ip_ttl = ip_ttl;
    back.ipid = packet->ipid ^ 0x5555;
    back.query = !packet->query;
    return back;
}

int64_t
sc_tcp_exchange(struct sc_capture *capture, const struct sc_packet *packet, const uint8_t *query,
    uint32_t query_len, const uint8_t *reply, uint32_t reply_len, int64_t rtt_ns,
    uint8_t server_ttl)
{
    struct sc_packet out = *packet;
    struct sc_packet in = way_back(packet, server_ttl);
    uint32_t base = (uint32_t)sc_mix((uint64_t)packet->at_ns + packet->sport);
    uint32_t sent[2] = {base, 0};
    uint32_t got[2] = {(uint32_t)sc_mix(base), base + 1};

    sc_tcp_segment(capture, &out, sent, SC_SYN, query, 0);
    in.at_ns = out.at_ns + rtt_ns;
    sc_tcp_segment(capture, &in, got, SC_SYN | SC_ACK, query, 0);
    sent[0]++;
    sent[1] = ++got[0];
    out.at_ns = in.at_ns + 15000;
    sc_tcp_segment(capture, &out, sent, SC_ACK, query, 0);
    in.at_ns = send_stream(capture, &out, sent, query, query_len) + rtt_ns;
    got[1] = sent[0];
    int64_t answered = send_stream(capture, &in, got, reply, reply_len);
    sent[1] = got[0];
    out.at_ns = answered + 30000;
    sc_tcp_segment(capture, &out, sent, SC_FIN | SC_ACK, query, 0);
    got[1] = ++sent[0];
    in.at_ns = out.at_ns + rtt_ns;
    sc_tcp_segment(capture, &in, got, SC_FIN | SC_ACK, query, 0);
    sent[1] = ++got[0];
    out.at_ns = in.at_ns + 15000;
    sc_tcp_segment(capture, &out, sent, SC_ACK, query, 0);
    return answered;
}

void
sc_icmp_unreachable(struct sc_capture *capture, const struct sc_packet *cause, int64_t at_ns)
{
    uint8_t message[8 + 40 + UDP_HEADER] = {0};
    uint8_t udp[UDP_HEADER] = {0};
    struct sc_packet back = way_back(cause, 64);
    struct sc_addr src = on_wire(capture, cause->src);
    struct sc_addr dst = on_wire(capture, cause->dst);
    bool four = src.family == 4;
    struct cargo quoted = {cause, PROTOCOL_UDP, udp, UDP_HEADER, 0, false};
    uint8_t *at = message + 8;

    put32(put16(put16(udp, cause->sport), cause->dport), UDP_HEADER << 16);
    at = four ? put_ip4(at, &quoted, &src, &dst) : put_ip6(at, &quoted, &src, &dst, false);
    memcpy(at, udp, UDP_HEADER);
    uint32_t len = (uint32_t)(at - message) + UDP_HEADER;
    put16(message, four ? 0x0303 : 0x0104);
    put16(message + 2, four ? (uint16_t)~sc_sum(message, len)
                            : transport_sum(capture, &back, PROTOCOL_ICMP6, message, len));
    back.at_ns = at_ns;
    add_frame(capture,
        &(struct cargo){&back, four ? PROTOCOL_ICMP : PROTOCOL_ICMP6, message, len, 0, false});
}

static int
by_time(const void *one, const void *other)
{
    const struct sc_frame *left = one;
    const struct sc_frame *right = other;

    if (left->at_ns != right->at_ns) {
        return left->at_ns < right->at_ns ? -1 : 1;
    }
    return left->number < right->number ? -1 : 1;
}

/** Count one hop more in a frame of IPv4 (and its checksum) or IPv6. */
static void
hop(const struct sc_recording *recording, uint8_t *frame)
{
    uint8_t *ip = frame + 14 + (recording->vlan ? 4 : 0) + (recording->mpls ? 4 : 0);
    uint8_t *ttl = ip + ((ip[0] >> 4) == 4 ? 8 : 7);

    *ttl = (uint8_t)(*ttl - 1);
    if (ttl == ip + 8) {
        put16(ip + 10, 0);
        put16(ip + 10, (uint16_t)~sc_sum(ip, 20));
    }
}

/** Record each frame from second_tap_ns on at a second place, one hop further on. */
static void
tap_twice(struct sc_capture *capture)
{
    uint32_t count = capture->count;

    for (uint32_t i = 0; i < count; i++) {
        if (capture->frame[i].at_ns < capture->recording.second_tap_ns) {
            continue;
        }
        uint8_t *octets = reserve(capture, capture->frame[i].len);
        struct sc_frame *frame = &capture->frame[i];
        memcpy(octets, capture->octets + frame->off, frame->len);
        hop(&capture->recording, octets);
        capture->frame[capture->count] = *frame;
        capture->frame[capture->count].at_ns += HOP_DELAY_NS;
        capture->frame[capture->count].off = capture->len;
        capture->frame[capture->count].number = capture->count;
        capture->len += frame->len;
        capture->count++;
    }
}

/** Drop the frames that are lost, and add a copy of each that is doubled. */
static void
damage(struct sc_capture *capture)
{
    struct sc_draw draw = sc_draw_from(capture->seed, PURPOSE_LOSS);
    uint32_t kept = 0;

    if (capture->recording.second_tap_ns != 0) {
        tap_twice(capture);
    }
    for (uint32_t i = 0; i < capture->count; i++) {
        if (!sc_draw_chance(&draw, capture->recording.loss_per_mille)) {
            capture->frame[kept++] = capture->frame[i];
        }
    }
    capture->count = kept;
    if (!capture->recording.doubled) {
        return;
    }
    capture->frame_room = 2 * kept + 1;
    capture->frame = realloc(capture->frame, capture->frame_room * sizeof(capture->frame[0]));
    if (!capture->frame) {
        sc_die("no memory");
    }
    for (uint32_t i = 0; i < kept; i++) {
        struct sc_frame *copy = &capture->frame[capture->count++];
        *copy = capture->frame[i];
        copy->at_ns += COPY_DELAY_NS;
        copy->number += UINT32_MAX / 2;
    }
}

bool
sc_capture_write(struct sc_capture *capture, FILE *stream)
{
    const uint32_t snap = capture->recording.snap_len ? capture->recording.snap_len : 262144;
    const uint32_t header[6] = {NANOSECOND_MAGIC, 2 | 4 << 16, 0, 0, snap, LINK_ETHERNET};

    damage(capture);
    if (capture->count > 1) {
        qsort(capture->frame, capture->count, sizeof(capture->frame[0]), by_time);
    }
    fwrite(header, sizeof(header), 1, stream);
    for (uint32_t i = 0; i < capture->count; i++) {
        const struct sc_frame *frame = &capture->frame[i];
        int64_t at_ns = frame->at_ns + capture->recording.shift_ns;
        uint32_t kept = frame->len < snap ? frame->len : snap;
        const uint32_t record[4] = {
            (uint32_t)(at_ns / 1000000000), (uint32_t)(at_ns % 1000000000), kept, frame->len};
        fwrite_unlocked(record, sizeof(record), 1, stream);
        fwrite_unlocked(capture->octets + frame->off, kept, 1, stream);
    }
    return fflush(stream) == 0 && !ferror(stream);
}
