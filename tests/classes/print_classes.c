/* SPDX-License-Identifier: BSD-2-Clause */
/* Print "id,class,flags" for each response of a capture, for comparison with labels made by hand.
 */
#include <stdio.h>
#include <stdlib.h>

#include "analyze/analyzer.h"
#include "capture/source.h"
#include "parse/dns/message.h"
#include "parse/dns/observation.h"
#include "parse/frame/frame.h"

static const char *const class_names[GW_CLASS_COUNT] = {
#define NAME(id, name, text) name,
    GW_CLASS_LIST(NAME)
#undef NAME
};

struct state {
    struct gw_hash_key key;
    struct gw_stats stats;
    struct gw_frame *frame;
    struct gw_analyzer *analyzer;
    struct gw_batch batch;
    struct gw_payloads payloads;
    struct gw_msg msg[GW_BATCH_FRAMES];
    struct gw_observation seen;
};

static void
print_message(struct state *state, const struct gw_msg *msg)
{
    enum gw_class class = msg->class;
    uint32_t facts = msg->facts;

    if ((class == GW_CLASS_DELEGATION || msg->teaches) &&
        gw_observation_extract(msg, &state->key, &state->seen)) {
        class = gw_analyzer_observe(state->analyzer, &state->seen);
        facts |= state->seen.facts;
    }
    if (!msg->response)
        return;
    printf("%u,%s,", msg->id, class_names[class]);
    if (class == GW_CLASS_REFERRAL && (facts & GW_FACT_AA))
        printf(" aa-referral");
    if (class == GW_CLASS_REFERRAL && (facts & GW_FACT_NS_IN_ANSWER))
        printf(" ns-in-answer");
    if (facts & GW_FACT_PROMISCUOUS)
        printf(" promisc");
    if (facts & GW_FACT_TC)
        printf(" partial");
    putchar('\n');
}

static int
print_all(struct state *state, struct gw_source *source)
{
    bool more;
    int got;

    while ((got = source->ops->fill(source, &state->batch)) > 0) {
        do {
            more = gw_frame_decode(state->frame, &state->batch, &state->payloads);
            gw_msg_parse_bulk(&state->payloads, state->msg, &state->stats.message);
            for (uint32_t i = 0; i < state->payloads.count; i++)
                print_message(state, &state->msg[i]);
        } while (more);
        source->ops->release(source);
    }
    return got;
}

int
main(int argc, char **argv)
{
    const char *const path[] = {argc == 2 ? argv[1] : "-"};
    const struct gw_source_spec spec = {.path = path, .path_count = 1};
    struct state *state = calloc(1, sizeof(*state));
    struct gw_error_text error;
    struct gw_source *source;

    if (state == NULL || gw_source_open_files(&spec, &source, &error) != GW_DONE)
        return EXIT_FAILURE;
    gw_hash_key_seeded(&state->key, 1);
    state->frame = gw_frame_new(&state->stats.packet);

    const struct gw_analyzer_options options = {
        .key = &state->key, .memory = GW_MEMORY_DEFAULT, .lab = true};

    state->analyzer = gw_analyzer_new(&options, &state->stats);
    if (state->frame == NULL || state->analyzer == NULL)
        return EXIT_FAILURE;

    const int result = print_all(state, source);

    source->ops->close(source);
    gw_frame_free(state->frame);
    gw_analyzer_free(state->analyzer);
    free(state);
    return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
