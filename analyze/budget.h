/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file budget.h
 * How many new findings are told in a time: token buckets by packet time for each kind, parent zone
 * and resolver group.
 *
 * Information, low and medium, high and critical findings have buckets of their own, so that lesser
 * ones cannot drain those of graver ones, and what is on the watch list is always told. A bucket
 * that is full holds an hour's worth, so that a short capture loses nothing; a flood is held to the
 * rate. Who comes when no bucket is free shares one with all others like it.
 */
#ifndef GLUEWATCH_ANALYZE_BUDGET_H
#define GLUEWATCH_ANALYZE_BUDGET_H

#include "gluewatch/finding.h"

/** Findings of one kind, of one parent zone and of one resolver group in a minute. */
#define GW_SIGNAL_KIND_RATE     60u
#define GW_SIGNAL_PARENT_RATE   10u
#define GW_SIGNAL_RESOLVER_RATE 20u

/** Minutes' worth that a full bucket holds. */
#define GW_SIGNAL_BURST_MINUTES 60u

/** Parents and resolver groups with a bucket of their own. */
#define GW_SIGNAL_BUCKETS 128u

/** Tokens, in nanoseconds of refill, of one kind, parent or resolver group. */
struct gw_signal_bucket {
    uint64_t key;     /**< of the parent's name or the group; 0: free */
    int64_t spent_ns; /**< packet time at which it is full again */
};

/** All buckets; zeroed they are full. Index 0: of information, 1: low and medium, 2: above. */
struct gw_signal_budget {
    struct gw_signal_bucket kind[3][GW_KIND_COUNT];
    struct gw_signal_bucket parent[3][GW_SIGNAL_BUCKETS + 1];   /**< the last one is shared */
    struct gw_signal_bucket resolver[3][GW_SIGNAL_BUCKETS + 1]; /**< likewise */
};

/**
 * Take one token for @p finding from each of its buckets, or from none when one of them is empty.
 *
 * @param now_ns  packet time
 * @return whether there were tokens
 */
bool gw_signal_spend(
    struct gw_signal_budget *budget, const struct gw_finding *finding, int64_t now_ns);

#endif
