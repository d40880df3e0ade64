/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file ether.h
 * What stands between a link header and IP: Ethernet, tags, labels, LLC, PPP. For this folder only.
 */
#ifndef GLUEWATCH_PARSE_FRAME_ETHER_H
#define GLUEWATCH_PARSE_FRAME_ETHER_H

#include "parse/frame/layer.h"

enum gw_ether_type {
    GW_ETHER_IP4 = 0x0800,
    GW_ETHER_TRANSPARENT = 0x6558,
    GW_ETHER_VLAN = 0x8100,
    GW_ETHER_IP6 = 0x86dd,
    GW_ETHER_PPP = 0x880b,
    GW_ETHER_MPLS = 0x8847,
    GW_ETHER_MPLS_UPSTREAM = 0x8848,
    GW_ETHER_PPPOE = 0x8864,
    GW_ETHER_QINQ = 0x88a8,
    GW_ETHER_VLAN_9100 = 0x9100,
    GW_ETHER_VLAN_9200 = 0x9200,
};

/**
 * Read an Ethernet header, what an EtherType announces, an LLC header, a PPP protocol field, or a
 * stack of MPLS labels.
 *
 * @return GW_OK, and the layer is one header further; GW_LINK_CUT, GW_LINK_BAD, GW_LAYERS or
 *         GW_NOT_IP
 *
 * Source: IEEE 802.3 section 3.2; IEEE 802.1Q section 9; RFC 1042; RFC 1661 section 2; RFC 2516
 * section 4; RFC 3032 section 2.1; RFC 4448 section 4.6.
 */
GW_MUST_CHECK enum gw_why gw_frame_ether(struct gw_layer *layer);

/** Return whether @p type announces something that gw_frame_ether() opens. */
bool gw_frame_ether_opens(uint32_t type);

#endif
