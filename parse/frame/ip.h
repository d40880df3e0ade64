/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file ip.h
 * IPv4 and IPv6 headers. For this folder only.
 */
#ifndef GLUEWATCH_PARSE_FRAME_IP_H
#define GLUEWATCH_PARSE_FRAME_IP_H

#include "parse/frame/layer.h"

/**
 * Read an IPv4 header with its options, or an IPv6 fixed header; the layer goes on with its
 * protocol.
 *
 * Quirks:
 * - An IPv4 total length of 0 (segmentation left to the network card) stands for all octets at
 *   hand.
 * - Header checksums are not looked at.
 *
 * @return GW_OK, GW_NOT_IP, GW_IP_BAD, GW_IP_CUT or GW_IP_LENGTH
 *
 * Source: RFC 791 section 3.1; RFC 8200 section 3; RFC 2675 section 2.
 */
GW_MUST_CHECK enum gw_why gw_frame_ip(struct gw_layer *layer);

#endif
