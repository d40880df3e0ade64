/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/frame/transport.h"

#include <assert.h>

#include "base/load.h"

enum {
    PROTO_ICMP = 1,
    PROTO_UDP = 17,
    PROTO_ICMP6 = 58,
};

#define UDP_LEN        8u
#define DNS_HEADER_LEN 12u

/* A UDP datagram: ports and the payload's place. */
struct udp {
    uint16_t source_port, destination_port;
    size_t len;          /* octets of payload at hand */
    size_t declared_len; /* octets of payload that it had */
};

static enum gw_why
read_udp(const struct gw_layer *layer, struct udp *ret_udp)
{
    const uint8_t *header = gw_layer_at(layer);
    const size_t left = gw_layer_left(layer);
    const size_t ip_payload_len = layer->wire_end - layer->pos;

    if (left < UDP_LEN)
        return GW_UDP_CUT;

    size_t declared_len = gw_load_be16(header + 4);

    /* RFC 2675 section 4: a length that 16 bits cannot hold is 0. */
    if (declared_len == 0 && ip_payload_len > UINT16_MAX)
        declared_len = ip_payload_len;
    if (declared_len < UDP_LEN)
        return GW_UDP_LENGTH;
    if (declared_len > ip_payload_len)
        declared_len = ip_payload_len;
    *ret_udp = (struct udp){
        .source_port = gw_load_be16(header),
        .destination_port = gw_load_be16(header + 2),
        .len = (declared_len < left ? declared_len : left) - UDP_LEN,
        .declared_len = declared_len - UDP_LEN,
    };
    return GW_OK;
}

static enum gw_why
emit_udp(struct gw_frame_out *out, struct gw_layer *layer, const struct udp *udp)
{
    struct gw_payloads *payloads = out->payloads;

    if (udp->len < DNS_HEADER_LEN)
        return GW_DNS_SHORT;
    if (udp->declared_len > GW_MESSAGE_MAX)
        return GW_UDP_LENGTH;
    assert(payloads->count < GW_BATCH_FRAMES);

    const bool cut = udp->len < udp->declared_len;
    struct gw_payload *payload = &payloads->item[payloads->count++];

    *payload = (struct gw_payload){
        .data = gw_layer_at(layer) + UDP_LEN,
        .len = (uint32_t)udp->len,
        .declared_len = (uint32_t)udp->declared_len,
        .time_ns = layer->time_ns,
        .frame = layer->number,
        .input = layer->input,
        .source = layer->source,
        .destination = layer->destination,
        .source_port = udp->source_port,
        .destination_port = udp->destination_port,
        .flags = (uint16_t)(layer->flags | (cut ? GW_PAYLOAD_CUT : 0)),
        .transport = GW_TRANSPORT_UDP,
        .ip_ttl = layer->ip_ttl,
    };
    out->stats->udp++;
    out->stats->ip4 += layer->source.family == 4;
    out->stats->ip6 += layer->source.family == 6;
    gw_frame_settle(out->stats, GW_OK, layer->weight);
    return gw_layer_go(layer, 0, GW_LAYER_DONE, 0);
}

static enum gw_why
open_udp(struct gw_frame *frame)
{
    struct gw_layer *layer = &frame->layer;
    struct udp udp;
    const enum gw_why why = read_udp(layer, &udp);

    if (why != GW_OK)
        return why;
    if (udp.source_port == GW_PORT_DNS || udp.destination_port == GW_PORT_DNS)
        return emit_udp(&frame->out, layer, &udp);
    return GW_NOT_DNS_PORT;
}

enum gw_why
gw_frame_protocol(struct gw_frame *frame)
{
    switch (frame->layer.code) {
    case PROTO_UDP:
        return open_udp(frame);
    case PROTO_ICMP:
    case PROTO_ICMP6:
        return GW_ICMP_ERROR;
    default:
        return GW_NOT_TRANSPORT;
    }
}
