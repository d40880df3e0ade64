/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/frame/link.h"

#include "base/load.h"
#include "parse/frame/ether.h"

/* Link types of capture files (LINKTYPE_). */
enum {
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_ARCNET = 7,
    LINK_PPP = 9,
    LINK_FDDI = 10,
    LINK_RAW_BSD = 12,
    LINK_RAW_OPENBSD = 14,
    LINK_PPP_HDLC = 50,
    LINK_PPPOE = 51,
    LINK_RAW = 101,
    LINK_C_HDLC = 104,
    LINK_80211 = 105,
    LINK_LOOP = 108,
    LINK_SLL = 113,
    LINK_RADIOTAP = 127,
    LINK_ARCNET_LINUX = 129,
    LINK_USER2 = 149, /* what macOS wrote before LINK_PKTAP was assigned */
    LINK_PPI = 192,
    LINK_RAW4 = 228,
    LINK_RAW6 = 229,
    LINK_NFLOG = 239,
    LINK_PKTAP = 258,
    LINK_SLL2 = 276,
};

#define NULL_LEN        4u
#define C_HDLC_LEN      4u
#define C_HDLC_UNICAST  0x0fu
#define C_HDLC_MULTI    0x8fu
#define FDDI_LEN        13u
#define FDDI_CLASS      0xc0u
#define FDDI_LLC        0x40u
#define SLL_LEN         16u
#define SLL2_LEN        20u
#define SLL_PROTO_LLC   4u
#define PPI_LEN         8u
#define PKTAP_LEN       12u
#define PKTAP_PACKET    1u
#define NFLOG_LEN       4u
#define NFLOG_TLV_LEN   4u
#define NFLOG_PAYLOAD   9u
#define ARCNET_IP       212u
#define ARCNET_IP_OLD   240u
#define ARCNET_IP6      196u
#define ARCNET_MORE     0xffu /* split flag of an exception packet */
#define RADIOTAP_LEN    8u
#define RADIOTAP_TSFT   0x01u
#define RADIOTAP_FLAGS  0x02u
#define RADIOTAP_MORE   0x80u /* highest bit of a presence word: another follows */
#define RADIOTAP_PADDED 0x20u /* flag: the body is aligned to four octets */
#define WLAN_LEN        24u
#define WLAN_MORE_FRAG  0x04u
#define WLAN_ENCRYPTED  0x40u
#define WLAN_ORDER      0x80u
#define WLAN_QOS        0x80u
#define WLAN_AMSDU      0x80u

static uint32_t
load_le16(const uint8_t *octets)
{
    return octets[0] | (uint32_t)octets[1] << 8;
}

static uint32_t
load_le32(const uint8_t *octets)
{
    return load_le16(octets) | load_le16(octets + 2) << 16;
}

/* BSD loopback: an address family in the byte order of the host that captured. */
static enum gw_why
read_null(struct gw_layer *layer)
{
    if (gw_layer_left(layer) < NULL_LEN)
        return GW_LINK_CUT;

    uint32_t family = gw_load_be32(gw_layer_at(layer));

    if (family > UINT16_MAX)
        family = load_le32(gw_layer_at(layer));
    switch (family) {
    case 2:  /* AF_INET everywhere */
    case 10: /* AF_INET6 of Linux, */
    case 24: /* of NetBSD and OpenBSD, */
    case 28: /* of FreeBSD, */
    case 30: /* of macOS */
        return gw_layer_go(layer, NULL_LEN, GW_LAYER_IP, 0);
    default: /* some write an EtherType into the last two octets */
        return gw_layer_go(
            layer, NULL_LEN, GW_LAYER_ETHERTYPE, gw_load_be16(gw_layer_at(layer) + 2));
    }
}

static enum gw_why
read_c_hdlc(struct gw_layer *layer)
{
    if (gw_layer_left(layer) < C_HDLC_LEN)
        return GW_LINK_CUT;
    return gw_layer_go(layer, C_HDLC_LEN, GW_LAYER_ETHERTYPE, gw_load_be16(gw_layer_at(layer) + 2));
}

/* PPP in HDLC framing; Cisco's HDLC shows itself by its first octet. */
static enum gw_why
read_ppp_hdlc(struct gw_layer *layer)
{
    if (gw_layer_left(layer) == 0)
        return GW_LINK_CUT;

    const uint8_t address = gw_layer_at(layer)[0];

    if (address == C_HDLC_UNICAST || address == C_HDLC_MULTI)
        return read_c_hdlc(layer);
    return gw_layer_go(layer, 0, GW_LAYER_PPP, 0);
}

static enum gw_why
read_cooked(struct gw_layer *layer, size_t len, size_t protocol_off)
{
    if (gw_layer_left(layer) < len)
        return GW_LINK_CUT;

    const uint32_t protocol = gw_load_be16(gw_layer_at(layer) + protocol_off);

    return gw_layer_go(
        layer, len, protocol == SLL_PROTO_LLC ? GW_LAYER_LLC : GW_LAYER_ETHERTYPE, protocol);
}

static enum gw_why
read_fddi(struct gw_layer *layer)
{
    if (gw_layer_left(layer) < FDDI_LEN)
        return GW_LINK_CUT;
    if ((gw_layer_at(layer)[0] & FDDI_CLASS) != FDDI_LLC)
        return GW_NOT_IP;
    return gw_layer_go(layer, FDDI_LEN, GW_LAYER_LLC, 0);
}

/* RFC 1201; the type stands at @p type_off, behind it the split flag and a sequence number. */
static enum gw_why
read_arcnet(struct gw_layer *layer, size_t type_off)
{
    const uint8_t *header = gw_layer_at(layer);
    const size_t left = gw_layer_left(layer);
    size_t len = type_off + 1;

    if (left < len)
        return GW_LINK_CUT;
    if (header[type_off] == ARCNET_IP_OLD) /* RFC 1051: nothing behind the type */
        return gw_layer_go(layer, len, GW_LAYER_IP, 0);
    if (header[type_off] != ARCNET_IP && header[type_off] != ARCNET_IP6)
        return GW_NOT_IP;
    len += 3;
    if (left >= len && header[type_off + 1] == ARCNET_MORE)
        len += 4;
    if (left < len)
        return GW_LINK_CUT;
    if (header[len - 3] != 0)
        return GW_NOT_IP;
    return gw_layer_go(layer, len, GW_LAYER_IP, 0);
}

static enum gw_why
read_80211(struct gw_layer *layer, bool padded)
{
    const uint8_t *header = gw_layer_at(layer);
    const size_t left = gw_layer_left(layer);

    if (left < WLAN_LEN)
        return GW_LINK_CUT;
    if ((header[0] & 0x4fu) != 0x08u) /* data frames that carry data */
        return GW_NOT_IP;
    if ((header[1] & (WLAN_MORE_FRAG | WLAN_ENCRYPTED)) != 0 || (header[22] & 0x0fu) != 0)
        return GW_NOT_IP;

    const bool qos = (header[0] & WLAN_QOS) != 0;
    const size_t qos_off = WLAN_LEN + ((header[1] & 3u) == 3u ? 6u : 0u);
    size_t len = qos_off + (qos ? 2u : 0u) + (qos && (header[1] & WLAN_ORDER) != 0 ? 4u : 0u);

    if (padded)
        len = (len + 3u) / 4u * 4u;
    if (left < len)
        return GW_LINK_CUT;
    if (qos && (header[qos_off] & WLAN_AMSDU) != 0)
        return GW_NOT_IP;
    return gw_layer_go(layer, len, GW_LAYER_LLC, 0);
}

/*
 * Find the flags among the fields of a radiotap header that is @p len octets long; 0 without them.
 */
static uint8_t
radiotap_flags(const uint8_t *header, size_t len)
{
    const uint8_t present = header[4];
    size_t off = RADIOTAP_LEN;

    if ((present & RADIOTAP_FLAGS) == 0)
        return 0;
    while (off <= len && (header[off - 1] & RADIOTAP_MORE) != 0)
        off += 4;
    if ((present & RADIOTAP_TSFT) != 0)
        off = (off + 7u) / 8u * 8u + 8u;
    return off < len ? header[off] : 0;
}

static enum gw_why
read_radiotap(struct gw_layer *layer)
{
    const uint8_t *header = gw_layer_at(layer);
    const size_t left = gw_layer_left(layer);

    if (left < RADIOTAP_LEN)
        return GW_LINK_CUT;

    const size_t len = load_le16(header + 2);

    if (header[0] != 0 || len < RADIOTAP_LEN)
        return GW_LINK_BAD;
    if (left < len)
        return GW_LINK_CUT;

    const bool padded = (radiotap_flags(header, len) & RADIOTAP_PADDED) != 0;

    layer->pos += len;
    return read_80211(layer, padded);
}

/* A header that names its own length and the link type inside; both once per frame. */
static enum gw_why
read_wrapped(struct gw_layer *layer, size_t len, uint32_t inner)
{
    if (gw_layer_left(layer) < len)
        return GW_LINK_CUT;
    layer->depth++;
    return gw_layer_go(layer, len, GW_LAYER_LINK, inner);
}

static enum gw_why
read_ppi(struct gw_layer *layer)
{
    const uint8_t *header = gw_layer_at(layer);

    if (gw_layer_left(layer) < PPI_LEN)
        return GW_LINK_CUT;
    if (header[0] != 0 || load_le16(header + 2) < PPI_LEN)
        return GW_LINK_BAD;
    return read_wrapped(layer, load_le16(header + 2), load_le32(header + 4));
}

static enum gw_why
read_pktap(struct gw_layer *layer)
{
    const uint8_t *header = gw_layer_at(layer);

    if (gw_layer_left(layer) < PKTAP_LEN)
        return GW_LINK_CUT;

    const bool bad = load_le32(header) < PKTAP_LEN || load_le32(header + 4) != PKTAP_PACKET;

    if (bad)
        return layer->code == LINK_USER2 ? GW_LINK_TYPE : GW_LINK_BAD;
    return read_wrapped(layer, load_le32(header), load_le32(header + 8));
}

/* Netfilter's log: attributes in the capturing host's byte order, taken as little endian. */
static enum gw_why
read_nflog(struct gw_layer *layer)
{
    if (gw_layer_left(layer) < NFLOG_LEN)
        return GW_LINK_CUT;
    for (layer->pos += NFLOG_LEN; gw_layer_left(layer) >= NFLOG_TLV_LEN;) {
        const uint8_t *header = gw_layer_at(layer);
        const size_t len = load_le16(header);
        const size_t step = (len + 3u) / 4u * 4u;

        if (len < NFLOG_TLV_LEN)
            return GW_LINK_BAD;
        if (load_le16(header + 2) == NFLOG_PAYLOAD)
            return gw_layer_go(layer, NFLOG_TLV_LEN, GW_LAYER_IP, 0);
        if (gw_layer_left(layer) < step)
            return GW_LINK_CUT;
        layer->pos += step;
    }
    return gw_layer_left(layer) == 0 ? GW_NOT_IP : GW_LINK_CUT;
}

enum gw_why
gw_frame_link(struct gw_layer *layer)
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
    case LINK_SLL:
        return read_cooked(layer, SLL_LEN, SLL_LEN - 2);
    case LINK_SLL2:
        return read_cooked(layer, SLL2_LEN, 0);
    case LINK_NULL:
    case LINK_LOOP:
        return read_null(layer);
    case LINK_PPP:
    case LINK_PPP_HDLC:
        return read_ppp_hdlc(layer);
    case LINK_PPPOE:
        return gw_layer_go(layer, 0, GW_LAYER_ETHERTYPE, GW_ETHER_PPPOE);
    case LINK_C_HDLC:
        return read_c_hdlc(layer);
    case LINK_FDDI:
        return read_fddi(layer);
    case LINK_ARCNET:
        return read_arcnet(layer, 2);
    case LINK_ARCNET_LINUX:
        return read_arcnet(layer, 4);
    case LINK_80211:
        return read_80211(layer, false);
    case LINK_RADIOTAP:
        return read_radiotap(layer);
    case LINK_PPI:
        return read_ppi(layer);
    case LINK_NFLOG:
        return read_nflog(layer);
    case LINK_PKTAP:
    case LINK_USER2:
        return read_pktap(layer);
    default:
        return GW_LINK_TYPE;
    }
}
