/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file filter.h
 * Filter expressions: compiled by libpcap once per link type, run here over a batch.
 */
#ifndef GLUEWATCH_CAPTURE_FILTER_H
#define GLUEWATCH_CAPTURE_FILTER_H

#include "gluewatch/source.h"

/** Programs kept, one per link type; more link types replace the one that was compiled first. */
#define GW_FILTER_PROGRAMS 16u

struct gw_filter;

/**
 * Make a filter of @p expression and compile it for @p link_type to see that it is right.
 *
 * @param expression  libpcap's language; copied
 * @param link_type   LINKTYPE_ value
 * @param ret_filter  owned by the caller, to be freed with gw_source_filter_free()
 * @return GW_DONE; GW_E_FILTER or GW_E_NOMEM with @p ret_error written
 */
GW_MUST_CHECK int gw_source_filter_new(const char *expression, uint16_t link_type,
    struct gw_filter **ret_filter, struct gw_error_text *ret_error);

/** Free @p filter; accepts NULL. */
void gw_source_filter_free(struct gw_filter *filter);

/**
 * Compile the expression for @p link_type unless that was done before.
 *
 * @return GW_DONE, or GW_E_FILTER with @p ret_error written
 */
GW_MUST_CHECK int gw_source_filter_prepare(
    struct gw_filter *filter, uint16_t link_type, struct gw_error_text *ret_error);

/**
 * Take the frames out of @p batch that the expression does not match, and count them in @p input
 * (filtered, hidden_tagged, hidden_tunnelled).
 *
 * @return GW_DONE, or GW_E_FILTER with @p ret_error written when it does not compile for a link
 * type
 */
GW_MUST_CHECK int gw_source_filter_bulk(struct gw_filter *filter, struct gw_batch *batch,
    struct gw_input *input, struct gw_error_text *ret_error);

/** Return libpcap's DLT_ value for the LINKTYPE_ value @p link_type. */
int gw_source_filter_dlt(uint16_t link_type);

#endif
