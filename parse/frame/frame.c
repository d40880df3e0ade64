/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/frame/frame.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "parse/frame/ether.h"
#include "parse/frame/frag.h"
#include "parse/frame/ip.h"
#include "parse/frame/layer.h"
#include "parse/frame/link.h"
#include "parse/frame/stream.h"
#include "parse/frame/transport.h"

#define ROOM_GRAIN 16u

uint8_t *
gw_frame_room(struct gw_frame_out *out, size_t len)
{
    uint8_t *room = out->room + out->room_used;
    const size_t take = (len + GW_FRAME_PAD + ROOM_GRAIN - 1) / ROOM_GRAIN * ROOM_GRAIN;

    assert(take <= GW_OUT_ROOM - out->room_used);
    out->room_used += take;
    return room;
}

/*
 * Decode headers until the packet is done; returns its fate, or GW_OK when a step has settled it.
 */
static enum gw_why
walk(struct gw_frame *frame)
{
    struct gw_layer *layer = &frame->layer;
    enum gw_why why = GW_OK;

    while (why == GW_OK && layer->next != GW_LAYER_DONE) {
        if (layer->depth > GW_LAYERS_MAX)
            return GW_LAYERS;
        switch (layer->next) {
        case GW_LAYER_LINK:
            why = gw_frame_link(layer);
            break;
        case GW_LAYER_ETHERNET:
        case GW_LAYER_ETHERTYPE:
        case GW_LAYER_LLC:
        case GW_LAYER_PPP:
        case GW_LAYER_MPLS:
            why = gw_frame_ether(layer);
            break;
        case GW_LAYER_IP:
            why = gw_frame_ip(layer);
            break;
        case GW_LAYER_FRAGMENT:
            why = gw_frag_add(frame);
            break;
        case GW_LAYER_PROTOCOL:
            why = gw_frame_protocol(frame);
            break;
        case GW_LAYER_DONE:
            break;
        }
    }
    return why;
}

static void
count_seen(struct gw_packet_stats *stats, const struct gw_layer *layer, bool snapped)
{
    stats->snapped += snapped;
    stats->tagged += (layer->seen_flags & GW_SEEN_TAGGED) != 0;
    stats->tunnelled += (layer->seen_flags & GW_SEEN_TUNNELLED) != 0;
    stats->fragments += (layer->seen_flags & GW_SEEN_FRAGMENT) != 0;
    stats->encrypted += (layer->seen_flags & GW_SEEN_ENCRYPTED) != 0;
}

static void
decode_one(struct gw_frame *frame, const struct gw_batch *batch, uint32_t i)
{
    struct gw_packet_stats *stats = frame->out.stats;
    const bool snapped = batch->captured_len[i] < batch->wire_len[i];

    if (!frame->clock_set || batch->time_ns[i] > frame->now_ns)
        frame->now_ns = batch->time_ns[i];
    frame->clock_set = true;
    frame->out.sighted = 0;
    frame->layer = (struct gw_layer){
        .data = batch->data[i],
        .end = batch->captured_len[i],
        .wire_end = snapped ? batch->wire_len[i] : batch->captured_len[i],
        .next = GW_LAYER_LINK,
        .code = batch->link_type[i],
        .weight = 1,
        .origin = {.number = batch->number[i], .time_ns = batch->time_ns[i], .input = batch->input},
        .now_ns = frame->now_ns,
    };
    stats->seen++;

    const enum gw_why why = walk(frame);

    if (why != GW_OK)
        gw_frame_settle(stats, why, frame->layer.weight);
    count_seen(stats, &frame->layer, snapped);
}

/* Room for all that one more frame can bring. */
static bool
has_room(const struct gw_frame_out *out)
{
    return out->payloads->count < GW_BATCH_FRAMES &&
           out->payloads->sighting_count + GW_FRAME_SIGHTINGS <= GW_BATCH_FRAMES &&
           GW_OUT_ROOM - out->room_used >= GW_OUT_PACKET;
}

bool
gw_frame_decode(
    struct gw_frame *frame, const struct gw_batch *batch, struct gw_payloads *ret_payloads)
{
    ret_payloads->count = 0;
    ret_payloads->sighting_count = 0;
    frame->out.payloads = ret_payloads;
    frame->out.room_used = 0;
    if (frame->draining)
        gw_stream_drain(frame);
    while (frame->draining || frame->next_frame < batch->count) {
        if (frame->draining || !has_room(&frame->out))
            return true;
        decode_one(frame, batch, frame->next_frame++);
    }
    frame->next_frame = 0;
    return false;
}

struct gw_frame *
gw_frame_new(struct gw_packet_stats *stats)
{
    struct gw_frame *frame = calloc(1, sizeof(*frame));

    if (frame == NULL)
        return NULL;

    void *room = mmap(NULL, GW_OUT_ROOM, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    frame->out.room = room == MAP_FAILED ? NULL : room;
    frame->out.stats = stats;
    frame->frags = gw_frag_new();
    frame->streams = gw_stream_new();
    if (frame->out.room == NULL || frame->frags == NULL || frame->streams == NULL) {
        gw_frame_free(frame);
        return NULL;
    }
    return frame;
}

void
gw_frame_free(struct gw_frame *frame)
{
    if (frame == NULL)
        return;
    gw_stream_free(frame->streams);
    gw_frag_free(frame->frags);
    if (frame->out.room != NULL)
        munmap(frame->out.room, GW_OUT_ROOM);
    free(frame);
}

void
gw_frame_finish(struct gw_frame *frame)
{
    frame->out.payloads = NULL; /* what is seen now is counted, not told */
    gw_frag_finish(frame);
    gw_stream_finish(frame);
    frame->next_frame = 0;
    frame->clock_set = false;
}
