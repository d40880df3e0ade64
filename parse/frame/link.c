/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/frame/link.h"

#include <assert.h>

#include "base/hash.h"
#include "base/load.h"

/* Link types of capture files (LINKTYPE_). */
enum {
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_RAW_OPENBSD = 14,
    LINK_RAW_BSD = 12,
    LINK_RAW = 101,
    LINK_RAW4 = 228,
    LINK_RAW6 = 229,
};

enum {
    ETHER_IP4 = 0x0800,
    ETHER_VLAN = 0x8100,
    ETHER_IP6 = 0x86dd,
    ETHER_QINQ = 0x88a8,
    ETHER_VLAN_9100 = 0x9100,
    ETHER_VLAN_9200 = 0x9200,
};

#define ETHER_LEN 14u
#define VLAN_LEN  4u

static enum gw_why
read_link(struct gw_layer *layer)
{
    switch (layer->code) {
    case LINK_ETHERNET:
        return gw_layer_go(layer, 0, GW_LAYER_ETHERNET, 0);
    case LINK_RAW:
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
    case LINK_RAW4:
    case LINK_RAW6:
        return gw_layer_go(layer, 0, GW_LAYER_IP, 0);
    default:
        return GW_LINK_TYPE;
    }
}

static enum gw_why
read_ethernet(struct gw_layer *layer)
{
    if (gw_layer_left(layer) < ETHER_LEN)
        return GW_LINK_CUT;
    return gw_layer_go(
        layer, ETHER_LEN, GW_LAYER_ETHERTYPE, gw_load_be16(gw_layer_at(layer) + ETHER_LEN - 2));
}

static enum gw_why
read_vlan(struct gw_layer *layer)
{
    const uint8_t *tag = gw_layer_at(layer);

    if (gw_layer_left(layer) < VLAN_LEN)
        return GW_LINK_CUT;
    layer->depth++;
    layer->seen_flags |= GW_SEEN_TAGGED;
    layer->flags |= GW_PAYLOAD_TAGGED;
    layer->context = gw_hash_mix(layer->context, gw_load_be16(tag) & 0x0fffu);
    return gw_layer_go(layer, VLAN_LEN, GW_LAYER_ETHERTYPE, gw_load_be16(tag + 2));
}

static enum gw_why
read_ethertype(struct gw_layer *layer)
{
    switch (layer->code) {
    case ETHER_IP4:
    case ETHER_IP6:
        return gw_layer_go(layer, 0, GW_LAYER_IP, 0);
    case ETHER_VLAN:
    case ETHER_QINQ:
    case ETHER_VLAN_9100:
    case ETHER_VLAN_9200:
        return read_vlan(layer);
    default:
        return GW_NOT_IP;
    }
}

enum gw_why
gw_frame_link(struct gw_layer *layer)
{
    if (layer->next == GW_LAYER_LINK)
        return read_link(layer);
    if (layer->next == GW_LAYER_ETHERNET)
        return read_ethernet(layer);
    return read_ethertype(layer);
}
