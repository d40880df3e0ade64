/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file emit.h
 * Handing on one DNS message. For this folder only.
 */
#ifndef GLUEWATCH_PARSE_FRAME_EMIT_H
#define GLUEWATCH_PARSE_FRAME_EMIT_H

#include "parse/frame/layer.h"

#define GW_PORT_DNS       53u
#define GW_DNS_HEADER_LEN 12u

/**
 * A DNS message with what the transport knows of it. For the call; the octets as in struct
 * gw_payload.
 */
struct gw_frame_message {
    struct gw_frame_origin origin; /**< the frame that completed it */
    const uint8_t *data;
    uint32_t len;              /**< octets at hand, >= GW_DNS_HEADER_LEN */
    uint32_t declared_len;     /**< octets that it had, >= len, <= GW_MESSAGE_MAX */
    uint16_t source_port;      /**< host order */
    uint16_t destination_port; /**< host order */
    uint16_t flags;            /**< enum gw_payload_flag that the transport adds */
    uint8_t transport;         /**< enum gw_transport */
};

/** Append @p message of packet @p layer to the payloads, which must have room, and count it. */
void gw_frame_emit(
    struct gw_frame_out *out, const struct gw_layer *layer, const struct gw_frame_message *message);

/**
 * Tell of a sighting: its kind, addresses, ports and identification; the rest is that of the
 * packet. What is beyond GW_FRAME_SIGHTINGS of one frame is counted.
 */
void gw_frame_sight(
    struct gw_frame_out *out, const struct gw_layer *layer, const struct gw_sighting *sighting);

#endif
