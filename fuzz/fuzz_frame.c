/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames of any link type at any time, in batches of any size: every frame keeps exactly one fate.
 */
#include <stdlib.h>
#include <string.h>

#include "parse/frame/frame.h"

#define HEADER_LEN 7u /* link type, seconds, octets cut off, octets (two), batch ends, spare */

/* Input that is eaten up. */
struct input {
    const uint8_t *data;
    size_t len;
};

static const uint8_t link_types[] = {0, 1, 7, 9, 10, 12, 14, 50, 51, 101, 104, 105, 108, 113, 127,
    129, 149, 192, 195, 228, 229, 239};
static const uint16_t long_link_types[] = {258, 276};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
require(bool holds)
{
    if (!holds)
        abort();
}

static void
check_law(const struct gw_packet_stats *stats)
{
    uint64_t sum = stats->parsed + stats->held;

    for (size_t i = 0; i < GW_WHY_COUNT; i++)
        sum += stats->skipped[i];
    require(stats->seen == sum);
}

/* Touch all that a payload promises to be readable. */
static void
check_payload(const struct gw_payload *payload)
{
    volatile uint8_t sum = 0;

    require(payload->len >= 12 && payload->len <= payload->declared_len);
    require(payload->declared_len <= GW_MESSAGE_MAX);
    require(((payload->flags & GW_PAYLOAD_CUT) != 0) == (payload->len < payload->declared_len));
    require(((payload->flags & GW_PAYLOAD_FRAGMENTED) != 0) == (payload->fragments != NULL));
    require(payload->source_port == 53 || payload->destination_port == 53);
    require(payload->source.family == 4 || payload->source.family == 6);
    for (uint32_t i = 0; i < payload->len; i++)
        sum = (uint8_t)(sum + payload->data[i]);
    if (payload->fragments == NULL)
        return;

    const struct gw_frag_map *map = payload->fragments;

    require(map->count >= 1 && map->count <= GW_FRAG_PIECES && map->piece[0].offset == 0);
    for (uint32_t i = 1; i < map->count; i++)
        require(map->piece[i].offset == map->piece[i - 1].offset + map->piece[i - 1].len);
    require((uint32_t)map->piece[map->count - 1].offset + map->piece[map->count - 1].len ==
            payload->len);
}

/* Copy the next frame, so that the sanitizer sees its end; false when there is none. */
static bool
next_frame(struct input *input, struct gw_batch *batch, int64_t *now_ns, bool *ret_last)
{
    if (input->len < HEADER_LEN)
        return false;

    const uint8_t *header = input->data;
    const size_t index = header[0] % (sizeof(link_types) + GW_ARRAY_LEN(long_link_types));
    size_t frame_len = header[3] + ((size_t)header[4] << 8);
    const uint32_t i = batch->count++;

    input->data += HEADER_LEN;
    input->len -= HEADER_LEN;
    if (frame_len > input->len)
        frame_len = input->len;

    uint8_t *copy = malloc(frame_len > 0 ? frame_len : 1);

    require(copy != NULL);
    memcpy(copy, input->data, frame_len);
    *now_ns += (int8_t)header[1] * GW_NS_PER_S;
    batch->data[i] = copy;
    batch->captured_len[i] = (uint32_t)frame_len;
    batch->wire_len[i] = (uint32_t)frame_len + header[2];
    batch->time_ns[i] = *now_ns;
    batch->number[i] = input->len;
    batch->link_type[i] = index < sizeof(link_types) ? link_types[index]
                                                     : long_link_types[index - sizeof(link_types)];
    *ret_last = (header[5] & 1) != 0 || batch->count == GW_BATCH_FRAMES;
    input->data += frame_len;
    input->len -= frame_len;
    return true;
}

static void
decode(struct gw_frame *frame, const struct gw_batch *batch, const struct gw_packet_stats *stats)
{
    static struct gw_payloads payloads;
    bool more = true;

    while (more) {
        more = gw_frame_decode(frame, batch, &payloads);
        check_law(stats);
        for (uint32_t i = 0; i < payloads.count; i++)
            check_payload(&payloads.item[i]);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct gw_packet_stats stats;
    static struct gw_frame *frame; /* kept: making one costs more than most inputs */
    struct input input = {.data = data, .len = len};
    int64_t now_ns = 0;

    if (frame == NULL)
        frame = gw_frame_new(&stats);
    require(frame != NULL);
    for (bool any = true; any;) {
        struct gw_batch batch = {.count = 0};
        bool last = false;

        while (!last && (any = next_frame(&input, &batch, &now_ns, &last)))
            continue;
        decode(frame, &batch, &stats);
        for (uint32_t i = 0; i < batch.count; i++) {
            union {
                const uint8_t *constant;
                void *owned;
            } octets = {.constant = batch.data[i]};

            free(octets.owned);
        }
    }
    gw_frame_finish(frame);
    check_law(&stats);
    require(stats.held == 0);
    return 0;
}
