/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/frame/tunnel.h"

#include "base/hash.h"
#include "base/load.h"
#include "parse/frame/ether.h"

#define GRE_LEN         4u
#define GRE_CHECKSUM    0x8000u
#define GRE_ROUTING     0x4000u
#define GRE_KEY         0x2000u
#define GRE_SEQUENCE    0x1000u
#define GRE_ACK         0x0080u /* version 1 only */
#define GRE_VERSION     0x0007u
#define PPTP_LEN        8u
#define ERSPAN2_LEN     8u
#define ERSPAN3_LEN     12u
#define ERSPAN3_MORE    0x01u /* in its last octet: a platform subheader follows */
#define ERSPAN3_SUB_LEN 8u
#define VXLAN_LEN       8u
#define VXLAN_VALID     0x08u
#define GENEVE_LEN      8u
#define GENEVE_CONTROL  0x80u
#define GTP_LEN         8u
#define GTP_V1          0x30u /* version 1, protocol type GTP */
#define GTP_OPTIONAL    0x07u
#define GTP_EXTENSION   0x04u
#define GTP_PACKET      255u
#define IP6_LEN         40u

enum {
    GRE_ERSPAN2 = 0x88be, /* without a sequence number: type I */
    GRE_ERSPAN3 = 0x22eb,
};

enum {
    GPE_IP4 = 1,
    GPE_IP6 = 2,
    GPE_ETHERNET = 3,
    GPE_MPLS = 5,
};

enum {
    PORT_GTP = 2152,
    PORT_TEREDO = 3544,
    PORT_GRE = 4754,
    PORT_VXLAN = 4789,
    PORT_VXLAN_GPE = 4790,
    PORT_GENEVE = 6081,
    PORT_MPLS = 6635,
    PORT_VXLAN_LINUX = 8472,
};

static enum gw_why
read_erspan3(struct gw_layer *layer, size_t gre_len)
{
    if (gw_layer_left(layer) < gre_len + ERSPAN3_LEN)
        return GW_LINK_CUT;

    const bool more = (gw_layer_at(layer)[gre_len + ERSPAN3_LEN - 1] & ERSPAN3_MORE) != 0;
    const size_t len = gre_len + ERSPAN3_LEN + (more ? ERSPAN3_SUB_LEN : 0);

    if (gw_layer_left(layer) < len)
        return GW_LINK_CUT;
    return gw_layer_go(layer, len, GW_LAYER_ETHERNET, 0);
}

static enum gw_why
read_gre0(struct gw_layer *layer, uint32_t flags, uint32_t type)
{
    const size_t len = GRE_LEN + ((flags & GRE_CHECKSUM) != 0 ? 4u : 0u) +
                       ((flags & GRE_KEY) != 0 ? 4u : 0u) + ((flags & GRE_SEQUENCE) != 0 ? 4u : 0u);

    if ((flags & GRE_ROUTING) != 0) /* RFC 2784 section 2.3: discard */
        return GW_LINK_BAD;
    if (type == GRE_ERSPAN3)
        return read_erspan3(layer, len);

    const size_t erspan_len = type == GRE_ERSPAN2 && (flags & GRE_SEQUENCE) != 0 ? ERSPAN2_LEN : 0u;

    if (gw_layer_left(layer) < len + erspan_len)
        return GW_LINK_CUT;
    if (type == GRE_ERSPAN2)
        return gw_layer_go(layer, len + erspan_len, GW_LAYER_ETHERNET, 0);
    return gw_layer_go(layer, len, GW_LAYER_ETHERTYPE, type);
}

/* The GRE of PPTP: RFC 2637 section 4.1. */
static enum gw_why
read_gre1(struct gw_layer *layer, uint32_t flags, uint32_t type)
{
    const size_t len =
        PPTP_LEN + ((flags & GRE_SEQUENCE) != 0 ? 4u : 0u) + ((flags & GRE_ACK) != 0 ? 4u : 0u);

    if (type != GW_ETHER_PPP || (flags & GRE_KEY) == 0)
        return GW_LINK_BAD;
    if ((flags & GRE_SEQUENCE) == 0) /* an acknowledgement carries nothing */
        return GW_NOT_IP;
    if (gw_layer_left(layer) < len)
        return GW_LINK_CUT;
    return gw_layer_go(layer, len, GW_LAYER_PPP, 0);
}

enum gw_why
gw_frame_gre(struct gw_layer *layer)
{
    if (gw_layer_left(layer) < GRE_LEN)
        return GW_LINK_CUT;

    const uint32_t flags = gw_load_be16(gw_layer_at(layer));
    const uint32_t type = gw_load_be16(gw_layer_at(layer) + 2);

    layer->depth++;
    if ((flags & GRE_VERSION) == 0)
        return read_gre0(layer, flags, type);
    if ((flags & GRE_VERSION) == 1)
        return read_gre1(layer, flags, type);
    return GW_LINK_BAD;
}

static enum gw_why
read_vxlan(struct gw_layer *layer)
{
    if (gw_layer_left(layer) < VXLAN_LEN)
        return GW_LINK_CUT;
    if ((gw_layer_at(layer)[0] & VXLAN_VALID) == 0)
        return GW_NOT_DNS_PORT;
    layer->context = gw_hash_mix(layer->context, gw_load_be32(gw_layer_at(layer) + 4) >> 8);
    return gw_layer_go(layer, VXLAN_LEN, GW_LAYER_ETHERNET, 0);
}

static enum gw_why
read_vxlan_gpe(struct gw_layer *layer)
{
    const uint8_t *header = gw_layer_at(layer);
    const enum gw_why why = read_vxlan(layer);

    if (why != GW_OK)
        return why;
    switch (header[3]) { /* in plain VXLAN it is reserved, and 0 */
    case GPE_IP4:
    case GPE_IP6:
        return gw_layer_go(layer, 0, GW_LAYER_IP, 0);
    case 0:
    case GPE_ETHERNET:
        return GW_OK;
    case GPE_MPLS:
        return gw_layer_go(layer, 0, GW_LAYER_MPLS, 0);
    default:
        return GW_NOT_IP;
    }
}

static enum gw_why
read_geneve(struct gw_layer *layer)
{
    if (gw_layer_left(layer) < GENEVE_LEN)
        return GW_LINK_CUT;

    const uint8_t *header = gw_layer_at(layer);
    const size_t len = GENEVE_LEN + (header[0] & 0x3fu) * 4u;

    if (header[0] >> 6 != 0 || (header[1] & GENEVE_CONTROL) != 0)
        return GW_NOT_DNS_PORT;
    if (gw_layer_left(layer) < len)
        return GW_LINK_CUT;
    layer->context = gw_hash_mix(layer->context, gw_load_be32(header + 4) >> 8);
    return gw_layer_go(layer, len, GW_LAYER_ETHERTYPE, gw_load_be16(header + 2));
}

static enum gw_why
read_gtp(struct gw_layer *layer)
{
    const uint8_t *header = gw_layer_at(layer);
    const size_t left = gw_layer_left(layer);

    if (left < GTP_LEN)
        return GW_LINK_CUT;
    if ((header[0] & 0xf0u) != GTP_V1 || header[1] != GTP_PACKET)
        return GW_NOT_DNS_PORT;

    size_t len = GTP_LEN + ((header[0] & GTP_OPTIONAL) != 0 ? 4u : 0u);

    if (left < len)
        return GW_LINK_CUT;

    uint8_t next = (header[0] & GTP_EXTENSION) != 0 ? header[len - 1] : 0;

    while (next != 0) {
        const size_t step = left > len ? header[len] * 4u : 4u;

        if (step == 0)
            return GW_LINK_BAD;
        if (left - len < step)
            return GW_LINK_CUT;
        len += step;
        next = header[len - 1];
    }
    layer->context = gw_hash_mix(layer->context, gw_load_be32(header + 4));
    return gw_layer_go(layer, len, GW_LAYER_IP, 0);
}

/* Length of the authentication and origin indications in front of the IPv6 packet. */
static size_t
teredo_len(const uint8_t *header, size_t left)
{
    size_t len = 0;

    if (left >= 4 && header[0] == 0 && header[1] == 1)
        len = 13u + header[2] + header[3];
    if (left >= len + 2 && header[len] == 0 && header[len + 1] == 0)
        len += 8;
    return len;
}

/* Only a whole IPv6 packet that ends where the UDP datagram ends is taken for Teredo. */
static enum gw_why
read_teredo(struct gw_layer *layer)
{
    const size_t left = gw_layer_left(layer);
    const uint8_t *header = gw_layer_at(layer);
    const size_t len = teredo_len(header, left);

    if (left < len + IP6_LEN || header[len] >> 4 != 6)
        return GW_NOT_DNS_PORT;
    if (len + IP6_LEN + gw_load_be16(header + len + 4) != layer->wire_end - layer->pos)
        return GW_NOT_DNS_PORT;
    return gw_layer_go(layer, len, GW_LAYER_IP, 0);
}

bool
gw_frame_is_tunnel(uint16_t port)
{
    switch (port) {
    case PORT_GTP:
    case PORT_TEREDO:
    case PORT_GRE:
    case PORT_VXLAN:
    case PORT_VXLAN_GPE:
    case PORT_GENEVE:
    case PORT_MPLS:
    case PORT_VXLAN_LINUX:
        return true;
    default:
        return false;
    }
}

enum gw_why
gw_frame_udp_tunnel(struct gw_layer *layer, uint16_t port)
{
    layer->depth++;
    switch (port) {
    case PORT_GTP:
        return read_gtp(layer);
    case PORT_TEREDO:
        return read_teredo(layer);
    case PORT_GRE:
        return gw_frame_gre(layer);
    case PORT_VXLAN:
    case PORT_VXLAN_LINUX:
        return read_vxlan(layer);
    case PORT_VXLAN_GPE:
        return read_vxlan_gpe(layer);
    case PORT_GENEVE:
        return read_geneve(layer);
    case PORT_MPLS:
        return gw_layer_go(layer, 0, GW_LAYER_MPLS, 0);
    default:
        return GW_NOT_DNS_PORT;
    }
}
