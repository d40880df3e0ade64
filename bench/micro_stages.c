/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each stage costs: the capture is read again and again, each time one stage further, and the
 * CPU time of the quickest round is told per packet. Stages: read, frame, message, digest, analyze.
 * Usage: micro_stages CAPTURE [ROUNDS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "analyze/analyzer.h"
#include "capture/source.h"
#include "parse/dns/message.h"
#include "parse/dns/observation.h"
#include "parse/dns/referral.h"
#include "parse/frame/frame.h"

enum stage {
    READ,
    FRAME,
    MESSAGE,
    DIGEST,
    ANALYZE,
    STAGE_COUNT
};

static const char *const stage_names[STAGE_COUNT] = {
    "read", "frame", "message", "digest", "analyze"};

struct bench {
    struct gw_hash_key key;
    struct gw_stats stats;
    struct gw_frame *frame;
    struct gw_analyzer *analyzer;
    struct gw_batch batch;
    struct gw_payloads payloads;
    struct gw_msg msg[GW_BATCH_FRAMES];
    struct gw_referral referral[GW_BATCH_FRAMES];
    struct gw_observation seen;
    uint64_t packets;
};

static void
analyze(struct bench *bench)
{
    const struct gw_referral *referral = bench->referral;
    enum gw_class class;

    for (uint32_t i = 0; i < bench->payloads.count; i++) {
        const struct gw_msg *msg = &bench->msg[i];
        const bool repeat = msg->class == GW_CLASS_DELEGATION &&
                            gw_analyzer_is_repeat(bench->analyzer, referral++, &class);

        if (!repeat && (msg->class == GW_CLASS_DELEGATION || msg->teaches) &&
            gw_observation_extract(msg, &bench->key, &bench->seen))
            (void)gw_analyzer_observe(bench->analyzer, &bench->seen);
    }
}

static void
take_batch(struct bench *bench, enum stage last)
{
    bool more;

    do {
        more = gw_frame_decode(bench->frame, &bench->batch, &bench->payloads);
        if (last >= MESSAGE)
            gw_msg_parse_bulk(&bench->payloads, bench->msg, &bench->stats.message);
        if (last >= DIGEST)
            (void)gw_referral_digest_bulk(
                bench->msg, bench->payloads.count, &bench->key, bench->referral);
        if (last >= ANALYZE)
            analyze(bench);
    } while (more);
}

static double
cpu_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* One round up to stage `last`; returns CPU seconds, or a negative number. */
static double
run_round(struct bench *bench, const char *path, enum stage last)
{
    const char *const paths[] = {path};
    const struct gw_source_spec spec = {.path = paths, .path_count = 1};
    const struct gw_analyzer_options options = {
        .key = &bench->key, .memory = GW_MEMORY_DEFAULT, .lab = true};
    struct gw_error_text error;
    struct gw_source *source;

    if (gw_source_open_files(&spec, &source, &error) != GW_DONE) {
        fprintf(stderr, "%s\n", error.text);
        return -1.0;
    }
    bench->frame = gw_frame_new(&bench->stats.packet);
    bench->analyzer = gw_analyzer_new(&options, &bench->stats);
    if (bench->frame == NULL || bench->analyzer == NULL)
        return -1.0;
    bench->packets = 0;

    const double start = cpu_seconds();

    while (source->ops->fill(source, &bench->batch) > 0) {
        bench->packets += bench->batch.count;
        if (last >= FRAME)
            take_batch(bench, last);
        source->ops->release(source);
    }

    const double seconds = cpu_seconds() - start;

    source->ops->close(source);
    gw_frame_free(bench->frame);
    gw_analyzer_free(bench->analyzer);
    return seconds;
}

int
main(int argc, char **argv)
{
    static struct bench bench;
    const long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 5;
    double before = 0.0;

    if (argc < 2 || rounds < 1) {
        fputs("usage: micro_stages CAPTURE [ROUNDS]\n", stderr);
        return 2;
    }
    gw_hash_key_seeded(&bench.key, 1);
    for (enum stage last = READ; last < STAGE_COUNT; last++) {
        double best = -1.0;

        for (long i = 0; i < rounds; i++) {
            const double seconds = run_round(&bench, argv[1], last);

            if (seconds < 0.0)
                return 1;
            if (best < 0.0 || seconds < best)
                best = seconds;
        }

        const double ns = best * 1e9 / (double)(bench.packets == 0 ? 1 : bench.packets);

        printf("%-8s %8.1f ns/packet  %+8.1f\n", stage_names[last], ns, ns - before);
        before = ns;
    }
    return 0;
}
