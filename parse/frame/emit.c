/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/frame/emit.h"

#include <assert.h>

void
gw_frame_sight(
    struct gw_frame_out *out, const struct gw_layer *layer, const struct gw_sighting *sighting)
{
    struct gw_payloads *payloads = out->payloads;

    out->stats->sightings[sighting->kind]++;
    if (payloads == NULL || out->sighted == GW_FRAME_SIGHTINGS) {
        out->stats->sightings_dropped++;
        return;
    }
    assert(payloads->sighting_count < GW_BATCH_FRAMES);
    out->sighted++;

    struct gw_sighting *told = &payloads->sighting[payloads->sighting_count++];

    *told = *sighting;
    told->before = payloads->count;
    told->time_ns = layer->origin.time_ns;
    told->frame = layer->origin.number;
    told->input = layer->origin.input;
}

void
gw_frame_emit(
    struct gw_frame_out *out, const struct gw_layer *layer, const struct gw_frame_message *message)
{
    const bool cut = message->len < message->declared_len;

    assert(out->payloads->count < GW_BATCH_FRAMES);
    assert(message->len >= GW_DNS_HEADER_LEN && message->declared_len <= GW_MESSAGE_MAX);
    out->payloads->item[out->payloads->count++] = (struct gw_payload){
        .data = message->data,
        .len = message->len,
        .declared_len = message->declared_len,
        .time_ns = message->origin.time_ns,
        .frame = message->origin.number,
        .input = message->origin.input,
        .source = layer->source,
        .destination = layer->destination,
        .source_port = message->source_port,
        .destination_port = message->destination_port,
        .flags = (uint16_t)(layer->flags | message->flags | (cut ? GW_PAYLOAD_CUT : 0)),
        .transport = message->transport,
        .ip_ttl = layer->ip_ttl,
        .ip_id = (uint16_t)layer->fragment_id,
    };
    out->stats->udp += message->transport == GW_TRANSPORT_UDP;
    out->stats->tcp += message->transport == GW_TRANSPORT_TCP;
    out->stats->ip4 += layer->source.family == 4;
    out->stats->ip6 += layer->source.family == 6;
}
