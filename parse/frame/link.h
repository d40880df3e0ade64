/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file link.h
 * Link headers and what stands between them and IP: tags, labels, PPP. For this folder only.
 */
#ifndef GLUEWATCH_PARSE_FRAME_LINK_H
#define GLUEWATCH_PARSE_FRAME_LINK_H

#include "parse/frame/layer.h"

/**
 * Read one header below IP: any kind before GW_LAYER_IP.
 *
 * @return GW_OK, and the layer is one header further; GW_LINK_TYPE, GW_LINK_CUT, GW_LINK_BAD, GW_NOT_IP
 */
GW_MUST_CHECK enum gw_why gw_frame_link(struct gw_layer *layer);

#endif
