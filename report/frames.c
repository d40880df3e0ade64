/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/frames.h"

#include <inttypes.h>
#include <string.h>

static bool
is_before(const struct gw_text_frame *left, const struct gw_text_frame *right)
{
    return left->input != right->input ? left->input < right->input : left->number < right->number;
}

/* Insert in order unless it is there. */
static uint32_t
insert(struct gw_text_frame *frames, uint32_t count, struct gw_text_frame frame)
{
    uint32_t at = 0;

    while (at < count && is_before(&frames[at], &frame))
        at++;
    if (at < count && !is_before(&frame, &frames[at]))
        return count;
    memmove(&frames[at + 1], &frames[at], (count - at) * sizeof(*frames));
    frames[at] = frame;
    return count + 1;
}

uint32_t
gw_text_frames(
    const struct gw_finding *finding, struct gw_text_frame ret_frames[GW_TEXT_FRAMES_MAX])
{
    uint32_t count = 1;

    const struct gw_finding_transport *way = &finding->transport_facts;

    ret_frames[0] = (struct gw_text_frame){.input = finding->input, .number = finding->frame};
    if (way->has_query)
        count = insert(ret_frames, count,
            (struct gw_text_frame){.input = way->query_input, .number = way->query_frame});
    if (way->has_rival)
        count = insert(ret_frames, count,
            (struct gw_text_frame){.input = way->rival_input, .number = way->rival_frame});
    if (way->fragment_frame != 0)
        count = insert(ret_frames, count,
            (struct gw_text_frame){.input = finding->input, .number = way->fragment_frame});
    for (uint32_t i = 0; i < finding->set_count; i++) {
        const struct gw_finding_set *set = &finding->set[i];

        for (uint32_t j = 0; j < set->witness_count; j++)
            count = insert(ret_frames, count,
                (struct gw_text_frame){
                    .input = set->witness[j].input, .number = set->witness[j].frame});
    }
    return count;
}

uint32_t
gw_text_frames_of_input(const struct gw_text_frame *frames, uint32_t count)
{
    uint32_t same = 0;

    while (same < count && frames[same].input == frames[0].input)
        same++;
    return same;
}

void
gw_text_frame_filter(struct gw_text *text, const struct gw_text_frame *frames, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        gw_text_format(text, "%sframe.number == %" PRIu64, i > 0 ? " || " : "", frames[i].number);
}
