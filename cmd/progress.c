/* SPDX-License-Identifier: BSD-2-Clause */
#include "cmd/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define PERIOD_NS (GW_NS_PER_S / 2)

/* The clock is read once in so many batches. */
#define BATCHES_PER_LOOK 64u

uint64_t
gw_progress_clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * GW_NS_PER_S + (uint64_t)now.tv_nsec;
}

void
gw_progress_init(struct gw_progress *progress, bool on)
{
    *progress = (struct gw_progress){.on = on, .start_ns = gw_progress_clock_ns()};
    progress->next_ns = progress->start_ns + PERIOD_NS;
}

static void
show_line(const struct gw_progress *progress, const struct gw_source *source,
    const struct gw_stats *stats, uint64_t now_ns)
{
    const double seconds = (double)(now_ns - progress->start_ns) / (double)GW_NS_PER_S;
    uint64_t done;
    uint64_t total;

    source->ops->progress(source, &done, &total);
    fprintf(stderr, "\r\033[K%" PRIu64 " packets, %.0f a second, %.0f MB/s", stats->packet.seen,
        (double)stats->packet.seen / seconds, (double)done / seconds / 1e6);
    if (total != 0 && done != 0 && done <= total)
        fprintf(stderr, ", %.0f %%, %.0f s left", 100.0 * (double)done / (double)total,
            seconds * (double)(total - done) / (double)done);
    fflush(stderr);
}

void
gw_progress_show(
    struct gw_progress *progress, const struct gw_source *source, const struct gw_stats *stats)
{
    if (!progress->on || ++progress->batches < BATCHES_PER_LOOK)
        return;
    progress->batches = 0;

    const uint64_t now_ns = gw_progress_clock_ns();

    if (now_ns < progress->next_ns)
        return;
    progress->next_ns = now_ns + PERIOD_NS;
    progress->shown = true;
    show_line(progress, source, stats, now_ns);
}

void
gw_progress_end(struct gw_progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->shown = false;
}
