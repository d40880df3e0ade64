/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/frame/ip.h"

#include <string.h>

#include "base/hash.h"
#include "base/load.h"

#define IP4_LEN       20u
#define IP4_OFFSET    0x1fffu
#define IP4_MORE      0x2000u
#define IP4_DONT      0x4000u
#define IP6_LEN       40u
#define JUMBO_OPT     0xc2u
#define JUMBO_LEN     8u
#define PROTO_HOPOPTS 0u
#define PROTO_NONE    59u

/* Octets from pos on belong to a datagram of declared_len octets; the rest is padding. */
static void
narrow(struct gw_layer *layer, size_t declared_len)
{
    const size_t declared_end = layer->pos + declared_len;

    /* The outermost IP header knows better than a record's length, which tools rewrite. */
    if (layer->ip_count == 0 || declared_end < layer->wire_end)
        layer->wire_end = declared_end;
    if (declared_end < layer->end)
        layer->end = declared_end;
}

static void
set_address(struct gw_addr *addr, const uint8_t *octets, uint8_t family)
{
    *addr = (struct gw_addr){.family = family};
    memcpy(addr->octet, octets, family == 4 ? 4 : 16);
}

/* Another IP header around this one makes a tunnel. */
static void
enter(struct gw_layer *layer)
{
    layer->depth++;
    if (layer->ip_count == 0)
        return;
    layer->seen_flags |= GW_SEEN_TUNNELLED;
    layer->flags |= GW_PAYLOAD_TUNNELLED;
    for (size_t i = 0; i < 16; i += 8)
        layer->context =
            gw_hash_mix(gw_hash_mix(layer->context, gw_load_ne64(layer->source.octet + i)),
                gw_load_ne64(layer->destination.octet + i));
}

static enum gw_why
read_ip4(struct gw_layer *layer)
{
    const uint8_t *header = gw_layer_at(layer);
    const size_t left = gw_layer_left(layer);

    if (left < IP4_LEN)
        return GW_IP_CUT;

    const size_t header_len = (header[0] & 0x0fu) * 4u;
    const size_t total_len = gw_load_be16(header + 2);

    if (header_len < IP4_LEN)
        return GW_IP_BAD;
    if (total_len != 0 && total_len < header_len)
        return GW_IP_LENGTH;
    if (left < header_len)
        return GW_IP_CUT;

    enter(layer);
    if (total_len != 0)
        narrow(layer, total_len);
    layer->ip_count++;
    set_address(&layer->source, header + 12, 4);
    set_address(&layer->destination, header + 16, 4);
    layer->ip_ttl = header[8];
    layer->chain = 0;

    const uint32_t fragment = gw_load_be16(header + 6);

    layer->flags &= (uint16_t) ~(GW_PAYLOAD_IP_ID | GW_PAYLOAD_DF);
    layer->flags |= (uint16_t)(GW_PAYLOAD_IP_ID | (fragment & IP4_DONT ? GW_PAYLOAD_DF : 0));

    layer->fragment_id = gw_load_be16(header + 4);
    layer->fragment_off = (fragment & IP4_OFFSET) * 8u;
    layer->fragment_more = (fragment & IP4_MORE) != 0;
    return gw_layer_go(layer, header_len,
        layer->fragment_more || layer->fragment_off != 0 ? GW_LAYER_FRAGMENT : GW_LAYER_PROTOCOL,
        header[9]);
}

/*
 * Find the payload length in a jumbo option at the start of the hop-by-hop header; 0: there is
 * none.
 */
static size_t
jumbo_len(const uint8_t *header, size_t left)
{
    if (header[6] != PROTO_HOPOPTS || left < IP6_LEN + JUMBO_LEN)
        return 0;
    if (header[IP6_LEN + 2] != JUMBO_OPT || header[IP6_LEN + 3] != 4)
        return 0;
    return gw_load_be32(header + IP6_LEN + 4);
}

static enum gw_why
read_ip6(struct gw_layer *layer)
{
    const uint8_t *header = gw_layer_at(layer);
    const size_t left = gw_layer_left(layer);

    if (left < IP6_LEN)
        return GW_IP_CUT;

    size_t payload_len = gw_load_be16(header + 4);

    if (payload_len == 0 && header[6] != PROTO_NONE) {
        payload_len = jumbo_len(header, left);
        if (payload_len == 0)
            return GW_IP_LENGTH;
    }
    enter(layer);
    narrow(layer, IP6_LEN + payload_len);
    layer->ip_count++;
    layer->flags &= (uint16_t) ~(GW_PAYLOAD_IP_ID | GW_PAYLOAD_DF);
    set_address(&layer->source, header + 8, 6);
    set_address(&layer->destination, header + 24, 6);
    layer->ip_ttl = header[7];
    layer->chain = 0;
    return gw_layer_go(layer, IP6_LEN, GW_LAYER_PROTOCOL, header[6]);
}

enum gw_why
gw_frame_ip(struct gw_layer *layer)
{
    if (gw_layer_left(layer) == 0)
        return GW_IP_CUT;

    const unsigned version = gw_layer_at(layer)[0] >> 4;

    if (version == 4)
        return read_ip4(layer);
    if (version == 6)
        return read_ip6(layer);
    return GW_IP_BAD;
}
