/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file transport.h
 * What an IP datagram carries: UDP, TCP, IPv6 extensions, tunnels. For this folder only.
 */
#ifndef GLUEWATCH_PARSE_FRAME_TRANSPORT_H
#define GLUEWATCH_PARSE_FRAME_TRANSPORT_H

#include "parse/frame/layer.h"

#define GW_PORT_DNS 53u

/**
 * Read the header of IP protocol `code` of the decoder's packet, and hand on or emit what it carries.
 *
 * @return GW_OK (the packet is one header further, or GW_LAYER_DONE) or the packet's fate
 *
 * Source: RFC 768; RFC 9293 section 3.1; RFC 8200 section 4.
 */
GW_MUST_CHECK enum gw_why gw_frame_protocol(struct gw_frame *frame);

#endif
