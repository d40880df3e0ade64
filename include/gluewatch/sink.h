/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file sink.h
 * What every output is to the rest of the program.
 */
#ifndef GLUEWATCH_SINK_H
#define GLUEWATCH_SINK_H

#include "gluewatch/observation.h"
#include "gluewatch/stats.h"

struct gw_sink;

/** The functions of one output format. All return GW_DONE or GW_E_WRITE. NULL: not wanted. */
struct gw_sink_ops {
    const char *name; /**< as in -o NAME[:DEST] */
    const char *text; /**< one line for the help */
    /** Every response shaped like a referral (gw_msg.referral_shaped), in capture order. */
    int (*referral)(struct gw_sink *sink, const struct gw_observation *seen, enum gw_class class);
    /** A finding. */
    int (*finding)(struct gw_sink *sink, const struct gw_finding *finding);
    /** An incident, after all findings. */
    int (*incident)(struct gw_sink *sink, const struct gw_incident *incident);
    /** The end of the run; every finding was told before. */
    int (*end)(struct gw_sink *sink, const struct gw_stats *stats);
};

#endif
