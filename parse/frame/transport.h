/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file transport.h
 * What an IP datagram carries: UDP, TCP, IPv6 extensions, tunnels. For this folder only.
 */
#ifndef GLUEWATCH_PARSE_FRAME_TRANSPORT_H
#define GLUEWATCH_PARSE_FRAME_TRANSPORT_H

#include "parse/frame/layer.h"

/**
 * Read the header of IP protocol `code` of the decoder's packet, and hand on or emit what it
 * carries.
 *
 * Quirks:
 * - Checksums are not looked at.
 * - Of a UDP length and an IP length that contradict each other, the shorter one counts.
 *
 * @return GW_OK (the packet is one header further, or done) or the packet's fate
 *
 * Source: RFC 768; RFC 9293 section 3.1; RFC 8200 section 4; RFC 4302 section 2; RFC 2675 section
 * 4.
 */
GW_MUST_CHECK enum gw_why gw_frame_protocol(struct gw_frame *frame);

/**
 * Tell from a first fragment whether its datagram can carry DNS.
 *
 * @param layer  at the first octet of the IP payload of protocol `code`; marks encrypted DNS as
 *               seen
 * @return GW_OK when it can, or the fate of all its fragments: GW_NOT_DNS_PORT, GW_NOT_TRANSPORT,
 *         GW_ICMP_ERROR
 */
GW_MUST_CHECK enum gw_why gw_frame_promise(struct gw_layer *layer);

#endif
