/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes the sample findings through one output: `write_samples SPEC [WIDTH [WORDS]]`,
 * WORDS being any of colour, utf8 and nasty. For the schema test, and for looking at reports with
 * one's own eyes.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/sink.h"
#include "tests/support/sample_finding.h"

static bool
has_word(int argc, char **argv, const char *word)
{
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], word) == 0)
            return true;
    }
    return false;
}

static int
tell_kind(struct gw_sink *sink, enum gw_kind kind, bool hostile)
{
    static struct gw_finding finding;
    int status;

    gw_sample_finding(kind, &finding);
    status = gw_sink_finding(sink, &finding);
    finding.qname.len = 0; /* the message itself is not known any more */
    if (hostile && status == GW_DONE)
        status = gw_sink_finding(sink, &finding);
    for (uint32_t i = 0; hostile && i < GW_SAMPLE_NASTY_COUNT && status == GW_DONE; i++) {
        gw_sample_nasty(kind, i, &finding);
        status = gw_sink_finding(sink, &finding);
    }
    return status;
}

static int
tell_family(struct gw_sink *sink, enum gw_family family, bool hostile)
{
    static struct gw_incident incident;
    int status;

    gw_sample_incident(family, &incident);
    status = gw_sink_incident(sink, &incident);
    for (uint32_t i = 0; hostile && i < GW_SAMPLE_NASTY_COUNT && status == GW_DONE; i++) {
        gw_sample_nasty_incident(family, i, &incident);
        status = gw_sink_incident(sink, &incident);
    }
    return status;
}

static int
tell_all(struct gw_sink *sink, bool hostile, const struct gw_stats *stats)
{
    static struct gw_observation seen;
    int status = GW_DONE;

    gw_sample_referral(&seen);
    if (gw_sink_wants_referrals(sink))
        status = gw_sink_referral(sink, &seen, GW_CLASS_REFERRAL);
    for (uint32_t kind = 0; kind < GW_KIND_COUNT && status == GW_DONE; kind++)
        status = tell_kind(sink, (enum gw_kind)kind, hostile);
    for (uint32_t family = 0; family < GW_FAMILY_COUNT && status == GW_DONE; family++)
        status = tell_family(sink, (enum gw_family)family, hostile);
    return status != GW_DONE ? status : gw_sink_end(sink, stats);
}

int
main(int argc, char **argv)
{
    static struct gw_stats stats;
    struct gw_source source;
    struct gw_error_text error;
    struct gw_sink *sink;
    struct gw_sink_options options = {.observer = "pop2", .source = &source};

    if (argc < 2) {
        (void)fprintf(stderr, "usage: write_samples SPEC [WIDTH [colour] [utf8] [nasty]]\n");
        return 2;
    }
    gw_sample_stats(&stats, &source);
    options.width = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
    options.colour = has_word(argc, argv, "colour");
    options.utf8 = has_word(argc, argv, "utf8");
    if (gw_sink_open(argv[1], &options, &sink, &error) != GW_DONE) {
        (void)fprintf(stderr, "write_samples: %s\n", error.text);
        return 2;
    }

    const int status = tell_all(sink, has_word(argc, argv, "nasty"), &stats);

    if (status != GW_DONE)
        (void)fprintf(stderr, "write_samples: %s\n", gw_sink_error(sink)->text);
    gw_sink_close(sink);
    return status == GW_DONE ? 0 : 1;
}
