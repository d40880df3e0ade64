/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file split.h
 * Do the witnesses of a subject agree? If not: who stands on which side, and is it a change in
 * time?
 *
 * Groups and servers are counted per IP family, and the larger number is taken: dual-stack is no
 * second witness. Sides are clusters of claims that are said together. Sets of which one contains
 * the other agree; so do rotating pools. A difference is a *change* when, for every witness, the
 * older side came first and the newer side after: one server may then lag behind another, but no
 * server goes back. The method and its limits are in docs/DETECTION.md, section 3.
 */
#ifndef GLUEWATCH_ANALYZE_SPLIT_H
#define GLUEWATCH_ANALYZE_SPLIT_H

#include "analyze/table.h"
#include "gluewatch/finding.h"

/** Witnesses older than this say nothing about now. */
#define GW_WINDOW_TICKS GW_TICKS_PER_DAY

/** Servers of a parent zone may lag behind each other for this long (zone transfers). */
#define GW_LAG_TICKS (2u * GW_TICKS_PER_H)

/** One side of a split. */
struct gw_side {
    uint64_t claims;     /**< mask over the subject's claims */
    uint64_t rows;       /**< mask over its rows: who ever said one of them */
    uint32_t groups;     /**< distinct resolver groups among the rows */
    uint32_t servers;    /**< distinct servers among the rows */
    uint32_t messages;   /**< messages that said the best supported claim */
    gw_tick first, last; /**< of its claims */
    bool suspect;        /**< every claim of it is contrary to others in an open incident */
};

/** How the witnesses of one subject differ. */
struct gw_split_view {
    struct gw_side known;    /**< better supported */
    struct gw_side contrary; /**< worse supported */
    uint32_t group_total;    /**< distinct groups that said anything */
    uint32_t server_total;   /**< distinct servers that said anything */
    uint32_t steady_groups;  /**< groups that said one set again and again, without the contrary */
    uint32_t steady_servers; /**< servers likewise */
    bool steady;            /**< two of them, or one and another that is steady with the contrary */
    bool disjoint;          /**< no set overlaps both sides; else the contrary is an extra member */
    bool newer_is_contrary; /**< the contrary side was seen first later than the known side */
    bool change;            /**< old before, new after, for every witness so far */
    bool taken_back;        /**< a server went back to the older side: no change of the zone */
    bool reverted;          /**< a change that everybody saw, and then back to the older side */
    bool caught_up;  /**< who said the older side after the newer began went over to the newer */
    gw_tick overlap; /**< how long the older side was still said after the newer was */
    gw_tick since;   /**< first sight of the newer side */
    uint64_t left;   /**< claims that nobody says since all went over to the newest side */
    enum gw_split split; /**< along which line the sides part */
};

/** What is to be compared. */
struct gw_split_query {
    const struct gw_subject *subject;
    uint8_t family;  /**< 4 or 6; 0 for name servers of a cut */
    gw_zone_id zone; /**< witnesses of another zone are left out */
    gw_tick now;
};

/** Return the side that holds the claims of mask @p claims of @p subject, whoever said them. */
struct gw_side gw_table_side(
    const struct gw_table *table, const struct gw_subject *subject, uint64_t claims);

/**
 * Let go of the claims in @p left: every witness has gone over from them to others. When one comes
 * back, it is new.
 */
void gw_table_settle(const struct gw_table *table, const struct gw_subject *subject, uint64_t left);

/** Compare the witnesses; false when they agree. */
bool gw_table_split(const struct gw_table *table, const struct gw_split_query *query,
    struct gw_split_view *ret_view);

#endif
