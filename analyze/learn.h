/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file learn.h
 * How an observation changes what the tables hold.
 */
#ifndef GLUEWATCH_ANALYZE_LEARN_H
#define GLUEWATCH_ANALYZE_LEARN_H

#include "analyze/zone.h"

/** One referral being learned. */
struct gw_table_lesson {
    const struct gw_observation *seen;
    const struct gw_zone *zone; /**< that the server was asked in */
    enum gw_class class;        /**< referral or partial referral */
    gw_tick now;                /**< of the message */
};

/** What came of it. */
struct gw_table_learned {
    struct gw_cut *cut;                   /**< NULL: refused a place (counted) */
    bool cut_news;                        /**< the witness says something else of the NS set */
    struct gw_host *host[GW_TARGETS_MAX]; /**< per target of the observation, or NULL */
    bool host_news[GW_TARGETS_MAX];       /**< the witness says something else of it */
};

/** Write a referral's claims: the NS set for its cut, and each name server's addresses. */
void gw_table_learn(struct gw_table *table, const struct gw_table_lesson *lesson,
    struct gw_table_learned *ret_learned);

/** Note the addresses that a name server's own zone gives for it. */
void gw_table_learn_truth(struct gw_table *table, const struct gw_observation *seen, gw_tick now);

#endif
