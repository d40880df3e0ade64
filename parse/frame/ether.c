/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/frame/ether.h"

#include <assert.h>

#include "base/hash.h"
#include "base/load.h"

#define ETHERNET_LEN    14u
#define VLAN_LEN        4u
#define LABEL_LEN       4u
#define LABEL_BOTTOM    0x100u /* in the low 32 bits of a label stack entry */
#define CONTROL_LEN     4u     /* control word of a pseudowire */
#define LENGTH_MAX      1500u  /* a larger EtherType is a type, no length */
#define PPPOE_LEN       6u
#define PPPOE_VERSION   0x11u
#define LLC_LEN         3u
#define SNAP_LEN        8u
#define LLC_SNAP        0xaau
#define LLC_IP          0x06u
#define LLC_UNNUMBERED  0x03u
#define PPP_ADDRESS_ALL 0xff03u

enum {
    PPP_IP4 = 0x0021,
    PPP_IP6 = 0x0057,
    PPP_MPLS = 0x0281,
};

static void
tag(struct gw_layer *layer)
{
    layer->depth++;
    layer->seen_flags |= GW_SEEN_TAGGED;
    layer->flags |= GW_PAYLOAD_TAGGED;
}

static enum gw_why
read_ethernet(struct gw_layer *layer)
{
    if (gw_layer_left(layer) < ETHERNET_LEN)
        return GW_LINK_CUT;

    const uint32_t type = gw_load_be16(gw_layer_at(layer) + ETHERNET_LEN - 2);

    return gw_layer_go(
        layer, ETHERNET_LEN, type <= LENGTH_MAX ? GW_LAYER_LLC : GW_LAYER_ETHERTYPE, type);
}

static enum gw_why
read_vlan(struct gw_layer *layer)
{
    if (gw_layer_left(layer) < VLAN_LEN)
        return GW_LINK_CUT;

    const uint8_t *header = gw_layer_at(layer);
    const uint32_t type = gw_load_be16(header + 2);

    tag(layer);
    layer->context = gw_hash_mix(layer->context, gw_load_be16(header) & 0x0fffu);
    return gw_layer_go(
        layer, VLAN_LEN, type <= LENGTH_MAX ? GW_LAYER_LLC : GW_LAYER_ETHERTYPE, type);
}

static enum gw_why
read_pppoe(struct gw_layer *layer)
{
    if (gw_layer_left(layer) < PPPOE_LEN)
        return GW_LINK_CUT;

    const uint8_t *header = gw_layer_at(layer);

    if (header[0] != PPPOE_VERSION)
        return GW_LINK_BAD;
    if (header[1] != 0) /* discovery, no session data */
        return GW_NOT_IP;
    tag(layer);
    layer->context = gw_hash_mix(layer->context, gw_load_be16(header + 2));
    return gw_layer_go(layer, PPPOE_LEN, GW_LAYER_PPP, 0);
}

bool
gw_frame_ether_opens(uint32_t type)
{
    switch (type) {
    case GW_ETHER_IP4:
    case GW_ETHER_IP6:
    case GW_ETHER_VLAN:
    case GW_ETHER_QINQ:
    case GW_ETHER_VLAN_9100:
    case GW_ETHER_VLAN_9200:
    case GW_ETHER_MPLS:
    case GW_ETHER_MPLS_UPSTREAM:
    case GW_ETHER_PPPOE:
    case GW_ETHER_PPP:
    case GW_ETHER_TRANSPARENT:
        return true;
    default:
        return false;
    }
}

static enum gw_why
read_ethertype(struct gw_layer *layer)
{
    switch (layer->code) {
    case GW_ETHER_IP4:
    case GW_ETHER_IP6:
        return gw_layer_go(layer, 0, GW_LAYER_IP, 0);
    case GW_ETHER_VLAN:
    case GW_ETHER_QINQ:
    case GW_ETHER_VLAN_9100:
    case GW_ETHER_VLAN_9200:
        return read_vlan(layer);
    case GW_ETHER_MPLS:
    case GW_ETHER_MPLS_UPSTREAM:
        return gw_layer_go(layer, 0, GW_LAYER_MPLS, 0);
    case GW_ETHER_PPPOE:
        return read_pppoe(layer);
    case GW_ETHER_PPP:
        return gw_layer_go(layer, 0, GW_LAYER_PPP, 0);
    case GW_ETHER_TRANSPARENT:
        return gw_layer_go(layer, 0, GW_LAYER_ETHERNET, 0);
    default:
        return GW_NOT_IP;
    }
}

static enum gw_why
read_llc(struct gw_layer *layer)
{
    const uint8_t *header = gw_layer_at(layer);
    const size_t left = gw_layer_left(layer);

    if (left < LLC_LEN)
        return GW_LINK_CUT;
    if (header[0] == LLC_IP && header[1] == LLC_IP && header[2] == LLC_UNNUMBERED)
        return gw_layer_go(layer, LLC_LEN, GW_LAYER_IP, 0);
    if (header[0] != LLC_SNAP || header[1] != LLC_SNAP || header[2] != LLC_UNNUMBERED)
        return GW_NOT_IP;
    if (left < SNAP_LEN)
        return GW_LINK_CUT;
    if (header[3] != 0 || header[4] != 0 || header[5] != 0) /* organization */
        return GW_NOT_IP;
    return gw_layer_go(layer, SNAP_LEN, GW_LAYER_ETHERTYPE, gw_load_be16(header + 6));
}

static enum gw_why
read_ppp(struct gw_layer *layer)
{
    if (gw_layer_left(layer) >= 2 && gw_load_be16(gw_layer_at(layer)) == PPP_ADDRESS_ALL)
        layer->pos += 2;

    const uint8_t *header = gw_layer_at(layer);
    const size_t left = gw_layer_left(layer);
    /* An odd first octet is the whole field, compressed: RFC 1661 section 6.5. */
    const size_t len = left > 0 && (header[0] & 1) != 0 ? 1 : 2;

    if (left < len)
        return GW_LINK_CUT;
    switch (len == 1 ? header[0] : gw_load_be16(header)) {
    case PPP_IP4:
    case PPP_IP6:
        return gw_layer_go(layer, len, GW_LAYER_IP, 0);
    case PPP_MPLS:
        return gw_layer_go(layer, len, GW_LAYER_MPLS, 0);
    default:
        return GW_NOT_IP;
    }
}

/* Does an Ethernet header @p off octets further announce something that we open? */
static bool
looks_like_ethernet(const struct gw_layer *layer, size_t off)
{
    if (gw_layer_left(layer) < off + ETHERNET_LEN)
        return false;
    return gw_frame_ether_opens(gw_load_be16(gw_layer_at(layer) + off + ETHERNET_LEN - 2));
}

/* Below the last label nothing says what follows: RFC 4928 section 3 has the convention. */
static enum gw_why
read_below_labels(struct gw_layer *layer)
{
    if (gw_layer_left(layer) == 0)
        return GW_LINK_CUT;

    const unsigned nibble = gw_layer_at(layer)[0] >> 4;

    if (nibble == 4 || nibble == 6)
        return gw_layer_go(layer, 0, GW_LAYER_IP, 0);
    if (nibble == 0 && looks_like_ethernet(layer, CONTROL_LEN))
        return gw_layer_go(layer, CONTROL_LEN, GW_LAYER_ETHERNET, 0);
    if (looks_like_ethernet(layer, 0))
        return gw_layer_go(layer, 0, GW_LAYER_ETHERNET, 0);
    return gw_layer_left(layer) < CONTROL_LEN + ETHERNET_LEN ? GW_LINK_CUT : GW_NOT_IP;
}

static enum gw_why
read_label(struct gw_layer *layer)
{
    if (gw_layer_left(layer) < LABEL_LEN)
        return GW_LINK_CUT;

    const uint32_t entry = gw_load_be32(gw_layer_at(layer));

    tag(layer);
    layer->pos += LABEL_LEN;
    return (entry & LABEL_BOTTOM) != 0 ? read_below_labels(layer) : GW_OK;
}

enum gw_why
gw_frame_ether(struct gw_layer *layer)
{
    if (layer->next == GW_LAYER_ETHERNET)
        return read_ethernet(layer);
    if (layer->next == GW_LAYER_LLC)
        return read_llc(layer);
    if (layer->next == GW_LAYER_PPP)
        return read_ppp(layer);
    if (layer->next == GW_LAYER_MPLS)
        return read_label(layer);
    return read_ethertype(layer);
}
