/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file link.h
 * The headers with which frames of each link type begin. For this folder only.
 */
#ifndef GLUEWATCH_PARSE_FRAME_LINK_H
#define GLUEWATCH_PARSE_FRAME_LINK_H

#include "parse/frame/layer.h"

/**
 * Read the link header of link type `code`.
 *
 * Quirks:
 * - IEEE 802.11: encrypted, fragmented and aggregated (A-MSDU) frames are not opened: `not-ip`.
 * - ARCNET: packets split by RFC 1201 section 3 are not put together: `not-ip`.
 *
 * @return GW_OK, and the layer is one header further; GW_LINK_TYPE, GW_LINK_CUT, GW_LINK_BAD,
 *         GW_NOT_IP
 */
GW_MUST_CHECK enum gw_why gw_frame_link(struct gw_layer *layer);

#endif
