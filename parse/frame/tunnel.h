/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file tunnel.h
 * Packets inside packets: GRE and its kin, and tunnels over UDP. For this folder only.
 */
#ifndef GLUEWATCH_PARSE_FRAME_TUNNEL_H
#define GLUEWATCH_PARSE_FRAME_TUNNEL_H

#include "parse/frame/layer.h"

/**
 * Read a GRE header, with the ERSPAN header that may follow.
 *
 * @return GW_OK, and the layer is one header further; GW_LINK_CUT, GW_LINK_BAD or GW_NOT_IP
 *
 * Source: RFC 2784 section 2; RFC 2890 section 2; RFC 2637 section 4.1.
 */
GW_MUST_CHECK enum gw_why gw_frame_gre(struct gw_layer *layer);

/**
 * Return whether UDP port @p port (host order) is one of a tunnel that gw_frame_udp_tunnel() opens.
 */
bool gw_frame_is_tunnel(uint16_t port);

/**
 * Read the tunnel header that UDP port @p port announces; the layer stands behind the UDP header.
 *
 * @return GW_OK, and the layer is one header further; GW_LINK_CUT, GW_LINK_BAD, or GW_NOT_DNS_PORT
 *         when these octets are no such tunnel
 *
 * Source: RFC 7348 section 5; RFC 8926 section 3.4; RFC 4380 section 5.1.1; RFC 8086 section 3;
 * 3GPP TS 29.281 section 5.
 */
GW_MUST_CHECK enum gw_why gw_frame_udp_tunnel(struct gw_layer *layer, uint16_t port);

#endif
