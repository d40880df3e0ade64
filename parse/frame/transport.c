/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/frame/transport.h"

#include <assert.h>
#include <string.h>

#include "base/load.h"
#include "parse/frame/emit.h"
#include "parse/frame/stream.h"
#include "parse/frame/tunnel.h"

/* IP protocol numbers. */
enum {
    PROTO_HOP_BY_HOP = 0,
    PROTO_ICMP = 1,
    PROTO_IP4 = 4,
    PROTO_TCP = 6,
    PROTO_UDP = 17,
    PROTO_IP6 = 41,
    PROTO_ROUTING = 43,
    PROTO_FRAGMENT = 44,
    PROTO_GRE = 47,
    PROTO_AUTHENTICATION = 51,
    PROTO_ICMP6 = 58,
    PROTO_DESTINATION = 60,
    PROTO_ETHERIP = 97,
    PROTO_MOBILITY = 135,
    PROTO_MPLS = 137,
    PROTO_HIP = 139,
    PROTO_SHIM6 = 140,
};

#define UDP_LEN       8u
#define TCP_LEN       20u
#define EXTENSION_LEN 8u
#define FRAGMENT_LEN  8u
#define ETHERIP_LEN   2u
#define PORT_DNS_TLS  853u
#define DNS_QR        0x80u

/* ICMP: type, code, checksum and four unused octets stand before the packet that it quotes. */
#define ICMP_LEN          8u
#define ICMP4_UNREACHABLE 3u
#define ICMP4_PORT        3u
#define ICMP6_UNREACHABLE 1u
#define ICMP6_PORT        4u
#define IP4_LEN           20u
#define IP6_LEN           40u

struct udp {
    uint16_t source_port, destination_port;
    size_t len;          /* octets of payload at hand */
    size_t declared_len; /* octets of payload that it had */
};

static bool
has_port(const uint8_t *header, uint16_t port)
{
    return gw_load_be16(header) == port || gw_load_be16(header + 2) == port;
}

/* Note encrypted DNS among the packets that are none of ours. */
static enum gw_why
pass_over(struct gw_layer *layer, const uint8_t *header)
{
    if (has_port(header, PORT_DNS_TLS))
        layer->seen_flags |= GW_SEEN_ENCRYPTED;
    return GW_NOT_DNS_PORT;
}

static enum gw_why
read_udp(const struct gw_layer *layer, struct udp *ret_udp)
{
    const uint8_t *header = gw_layer_at(layer);
    const size_t left = gw_layer_left(layer);
    const size_t ip_payload_len = layer->wire_end - layer->pos;

    if (left < UDP_LEN)
        return GW_UDP_CUT;

    size_t declared_len = gw_load_be16(header + 4);

    /* RFC 2675 section 4: a length that 16 bits cannot hold is 0. */
    if (declared_len == 0 && ip_payload_len > UINT16_MAX)
        declared_len = ip_payload_len;
    if (declared_len < UDP_LEN)
        return GW_UDP_LENGTH;
    if (declared_len > ip_payload_len)
        declared_len = ip_payload_len;
    *ret_udp = (struct udp){
        .source_port = gw_load_be16(header),
        .destination_port = gw_load_be16(header + 2),
        .len = (declared_len < left ? declared_len : left) - UDP_LEN,
        .declared_len = declared_len - UDP_LEN,
    };
    return GW_OK;
}

/* Turn offsets from the start of the IP payload into offsets from the start of the DNS message. */
static struct gw_frag_map *
rebase(struct gw_frag_map *map, size_t dns_off, size_t dns_len)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < map->count; i++) {
        size_t from = map->piece[i].offset;
        size_t to = from + map->piece[i].len;

        from = from > dns_off ? from - dns_off : 0;
        to = to > dns_off ? to - dns_off : 0;
        if (to > dns_len)
            to = dns_len;
        if (from >= to)
            continue;
        map->piece[kept].offset = (uint16_t)from;
        map->piece[kept].len = (uint16_t)(to - from);
        map->piece[kept].frame = map->piece[i].frame;
        kept++;
    }
    map->count = kept;
    return map;
}

/* Adds @p len octets as 16-bit words in host order to a one's complement sum. */
static uint64_t
add_words(uint64_t sum, const uint8_t *octets, size_t len)
{
    uint64_t word = 0;

    for (; len >= 4; len -= 4, octets += 4) {
        uint32_t pair;

        memcpy(&pair, octets, sizeof(pair));
        sum += pair; /* of at most 65,535 octets: the upper half never overflows */
    }
    memcpy(&word, octets, len);
    return sum + word;
}

/*
 * Whether the checksum over pseudo-header and datagram is right (RFC 768; RFC 8200 section 8.1).
 * One's complement sums do not depend on byte order (RFC 1071).
 */
static bool
sum_is_right(const struct gw_layer *layer, size_t len)
{
    const size_t addr_len = layer->source.family == 4 ? 4 : 16;
    const uint8_t rest[4] = {0, PROTO_UDP, (uint8_t)(len >> 8), (uint8_t)len};
    uint64_t sum = add_words(0, rest, sizeof(rest));

    sum = add_words(sum, layer->source.octet, addr_len);
    sum = add_words(sum, layer->destination.octet, addr_len);
    sum = add_words(sum, gw_layer_at(layer), len);
    while (sum >> 16 != 0)
        sum = (sum & 0xffffu) + (sum >> 16);
    return sum == 0xffffu;
}

/* What the checksum says; nothing of queries, which are often caught before the card sums. */
static uint16_t
sum_flags(const struct gw_layer *layer, const struct udp *udp)
{
    const uint8_t *header = gw_layer_at(layer);
    const bool response = (header[UDP_LEN + 2] & DNS_QR) != 0;

    if (!response || udp->len < udp->declared_len || gw_load_be16(header + 6) == 0 ||
        udp->len > UINT16_MAX - UDP_LEN)
        return 0;
    return sum_is_right(layer, UDP_LEN + udp->len) ? GW_PAYLOAD_SUM_GOOD : GW_PAYLOAD_SUM_BAD;
}

static enum gw_why
emit_udp(struct gw_frame_out *out, struct gw_layer *layer, const struct udp *udp)
{
    const bool fragmented = layer->fragments != NULL;

    if (udp->len < GW_DNS_HEADER_LEN)
        return GW_DNS_SHORT;
    if (udp->declared_len > GW_MESSAGE_MAX)
        return GW_UDP_LENGTH;
    gw_frame_emit(out, layer,
        &(struct gw_frame_message){
            .origin = layer->origin,
            .data = gw_layer_at(layer) + UDP_LEN,
            .len = (uint32_t)udp->len,
            .declared_len = (uint32_t)udp->declared_len,
            .source_port = udp->source_port,
            .destination_port = udp->destination_port,
            .flags = (uint16_t)(sum_flags(layer, udp) | (fragmented ? GW_PAYLOAD_FRAGMENTED : 0)),
            .transport = GW_TRANSPORT_UDP,
        });
    if (fragmented)
        out->payloads->item[out->payloads->count - 1].fragments =
            rebase(layer->fragments, layer->pos + UDP_LEN, udp->len);
    gw_frame_settle(out->stats, GW_OK, layer->weight);
    return gw_layer_go(layer, 0, GW_LAYER_DONE, 0);
}

static enum gw_why
open_udp(struct gw_frame *frame)
{
    struct gw_layer *layer = &frame->layer;
    const uint8_t *header = gw_layer_at(layer);
    struct udp udp;
    const enum gw_why why = read_udp(layer, &udp);

    if (why != GW_OK)
        return why;
    if (has_port(header, GW_PORT_DNS))
        return emit_udp(&frame->out, layer, &udp);

    const bool forward = gw_frame_is_tunnel(udp.destination_port);

    if (!forward && !gw_frame_is_tunnel(udp.source_port))
        return pass_over(layer, header);
    layer->pos += UDP_LEN;
    layer->end = layer->pos + udp.len;
    layer->wire_end = layer->pos + udp.declared_len;
    return gw_frame_udp_tunnel(layer, forward ? udp.destination_port : udp.source_port);
}

static enum gw_why
open_tcp(struct gw_frame *frame)
{
    struct gw_layer *layer = &frame->layer;
    const uint8_t *header = gw_layer_at(layer);
    const size_t left = gw_layer_left(layer);

    if (left < TCP_LEN)
        return GW_TCP_CUT;
    if (!has_port(header, GW_PORT_DNS))
        return pass_over(layer, header);

    const size_t header_len = (header[12] >> 4) * 4u;

    if (header_len < TCP_LEN || header_len > layer->wire_end - layer->pos)
        return GW_TCP_HEADER;
    if (header_len > left)
        return GW_TCP_CUT;
    return gw_stream_add(
        frame, &(struct gw_stream_segment){
                   .source_port = gw_load_be16(header),
                   .destination_port = gw_load_be16(header + 2),
                   .seq = gw_load_be32(header + 4),
                   .flags = header[13],
                   .data = header + header_len,
                   .len = (uint32_t)(left - header_len),
                   .wire_len = (uint32_t)(layer->wire_end - layer->pos - header_len),
               });
}

/* Count an extension header of @p len octets, and step over it to what its first octet names. */
static enum gw_why
step_over(struct gw_layer *layer, size_t len)
{
    if (gw_layer_left(layer) < len)
        return GW_IP_CUT;
    if (layer->chain == GW_IP6_CHAIN_MAX)
        return GW_IP6_CHAIN;
    layer->chain++;
    return gw_layer_go(layer, len, GW_LAYER_PROTOCOL, gw_layer_at(layer)[0]);
}

static enum gw_why
open_authentication(struct gw_layer *layer)
{
    if (gw_layer_left(layer) < EXTENSION_LEN)
        return GW_IP_CUT;
    return step_over(layer, (gw_layer_at(layer)[1] + 2u) * 4u);
}

static enum gw_why
open_fragment(struct gw_layer *layer)
{
    if (gw_layer_left(layer) < FRAGMENT_LEN)
        return GW_IP_CUT;

    const uint8_t *header = gw_layer_at(layer);
    const uint32_t field = gw_load_be16(header + 2);
    const enum gw_why why = step_over(layer, FRAGMENT_LEN);

    layer->fragment_off = field & 0xfff8u;
    layer->fragment_more = (field & 1u) != 0;
    layer->fragment_id = gw_load_be32(header + 4);
    /* A fragment that is the whole datagram waits for nothing: RFC 6946. */
    if (why == GW_OK && (layer->fragment_more || layer->fragment_off != 0))
        layer->next = GW_LAYER_FRAGMENT;
    return why;
}

static enum gw_why
open_extension(struct gw_layer *layer)
{
    if (layer->source.family != 6)
        return GW_NOT_TRANSPORT;
    if (layer->code == PROTO_FRAGMENT)
        return open_fragment(layer);
    if (gw_layer_left(layer) < EXTENSION_LEN)
        return GW_IP_CUT;
    return step_over(layer, (gw_layer_at(layer)[1] + 1u) * 8u);
}

static enum gw_why
open_etherip(struct gw_layer *layer)
{
    if (gw_layer_left(layer) < ETHERIP_LEN)
        return GW_LINK_CUT;
    return gw_layer_go(layer, ETHERIP_LEN, GW_LAYER_ETHERNET, 0);
}

static struct gw_addr
address_at(const uint8_t *octets, uint8_t family)
{
    struct gw_addr addr = {.family = family};

    memcpy(addr.octet, octets, family == 4 ? 4 : 16);
    return addr;
}

/* Tells of a UDP packet that @p quoted holds the start of, when it came from port 53. */
static void
sight_quoted(struct gw_frame *frame, const uint8_t *quoted, size_t left)
{
    const bool is_ip4 = quoted[0] >> 4 == 4;
    const size_t header_len = is_ip4 ? (quoted[0] & 0x0fu) * 4u : IP6_LEN;

    if (left < header_len + UDP_LEN || header_len < IP4_LEN ||
        quoted[is_ip4 ? 9 : 6] != PROTO_UDP || gw_load_be16(quoted + header_len) != GW_PORT_DNS)
        return;
    gw_frame_sight(&frame->out, &frame->layer,
        &(struct gw_sighting){
            .kind = GW_SIGHTING_UNREACHABLE,
            .source = address_at(quoted + (is_ip4 ? 12 : 8), is_ip4 ? 4 : 6),
            .destination = address_at(quoted + (is_ip4 ? 16 : 24), is_ip4 ? 4 : 6),
            .source_port = gw_load_be16(quoted + header_len),
            .destination_port = gw_load_be16(quoted + header_len + 2),
        });
}

/* ICMP is no message; a port unreachable tells that somebody tries ports (RFC 5452 section 9). */
static enum gw_why
open_icmp(struct gw_frame *frame)
{
    const struct gw_layer *layer = &frame->layer;
    const uint8_t *header = gw_layer_at(layer);
    const size_t left = gw_layer_left(layer);
    const bool is_ip4 = layer->code == PROTO_ICMP;

    if (left > ICMP_LEN && header[0] == (is_ip4 ? ICMP4_UNREACHABLE : ICMP6_UNREACHABLE) &&
        header[1] == (is_ip4 ? ICMP4_PORT : ICMP6_PORT) &&
        header[ICMP_LEN] >> 4 == (is_ip4 ? 4 : 6))
        sight_quoted(frame, header + ICMP_LEN, left - ICMP_LEN);
    return GW_ICMP_ERROR;
}

enum gw_why
gw_frame_protocol(struct gw_frame *frame)
{
    struct gw_layer *layer = &frame->layer;

    switch (layer->code) {
    case PROTO_UDP:
        return open_udp(frame);
    case PROTO_TCP:
        return open_tcp(frame);
    case PROTO_ICMP:
    case PROTO_ICMP6:
        return open_icmp(frame);
    case PROTO_HOP_BY_HOP:
    case PROTO_ROUTING:
    case PROTO_FRAGMENT:
    case PROTO_DESTINATION:
    case PROTO_MOBILITY:
    case PROTO_HIP:
    case PROTO_SHIM6:
        return open_extension(layer);
    case PROTO_AUTHENTICATION:
        return open_authentication(layer);
    case PROTO_IP4:
    case PROTO_IP6:
        return gw_layer_go(layer, 0, GW_LAYER_IP, 0);
    case PROTO_GRE:
        return gw_frame_gre(layer);
    case PROTO_MPLS:
        return gw_layer_go(layer, 0, GW_LAYER_MPLS, 0);
    case PROTO_ETHERIP:
        return open_etherip(layer);
    default:
        return GW_NOT_TRANSPORT;
    }
}

enum gw_why
gw_frame_promise(struct gw_layer *layer)
{
    const uint8_t *header = gw_layer_at(layer);

    switch (layer->code) {
    case PROTO_UDP:
    case PROTO_TCP:
        if (gw_layer_left(layer) < 4 || has_port(header, GW_PORT_DNS))
            return GW_OK;
        if (layer->code == PROTO_UDP && (gw_frame_is_tunnel(gw_load_be16(header)) ||
                                            gw_frame_is_tunnel(gw_load_be16(header + 2))))
            return GW_OK;
        return pass_over(layer, header);
    case PROTO_ICMP:
    case PROTO_ICMP6:
        return GW_ICMP_ERROR;
    case PROTO_HOP_BY_HOP:
    case PROTO_ROUTING:
    case PROTO_FRAGMENT:
    case PROTO_DESTINATION:
    case PROTO_MOBILITY:
    case PROTO_HIP:
    case PROTO_SHIM6:
    case PROTO_AUTHENTICATION:
    case PROTO_IP4:
    case PROTO_IP6:
    case PROTO_GRE:
    case PROTO_MPLS:
    case PROTO_ETHERIP:
        return GW_OK;
    default:
        return GW_NOT_TRANSPORT;
    }
}
