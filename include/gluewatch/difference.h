/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file difference.h
 * How what is known of one delegation or name server differs between two snapshots.
 */
#ifndef GLUEWATCH_DIFFERENCE_H
#define GLUEWATCH_DIFFERENCE_H

#include "gluewatch/finding.h"

/** Members told of one side of a difference; more are counted. */
#define GW_DIFFERENCE_MEMBERS_MAX 16u

enum gw_difference_kind {
    GW_DIFFERENCE_NEW,     /**< known in the second snapshot only */
    GW_DIFFERENCE_GONE,    /**< known in the first snapshot only */
    GW_DIFFERENCE_CHANGED, /**< other members are said now */
};

/** Names or addresses. */
struct gw_difference_set {
    uint32_t total; /**< members; those beyond the bound are not kept */
    uint32_t name_count, address_count;
    struct gw_name name[GW_DIFFERENCE_MEMBERS_MAX];    /**< ascending in wire form */
    struct gw_addr address[GW_DIFFERENCE_MEMBERS_MAX]; /**< ascending */
};

/** One difference, by value. */
struct gw_difference {
    enum gw_difference_kind kind;
    bool is_host; /**< about the addresses of a name server; else about a delegation's NS set */
    struct gw_name name;             /**< of the delegation or the name server */
    struct gw_name zone;             /**< parent zone of the delegation; len 0: not known */
    struct gw_difference_set lost;   /**< said in the first snapshot, not in the second */
    struct gw_difference_set gained; /**< the other way round */
    struct gw_difference_set kept;   /**< said in both */
    int64_t first_ns, last_ns; /**< of what is known of it, in the snapshot that knows it later */
};

#endif
