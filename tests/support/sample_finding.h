/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file sample_finding.h
 * Findings and counters as a run could yield them, one of every kind, for the tests of report.
 */
#ifndef GLUEWATCH_TESTS_SAMPLE_FINDING_H
#define GLUEWATCH_TESTS_SAMPLE_FINDING_H

#include "gluewatch/observation.h"
#include "gluewatch/stats.h"

/** Build a finding of @p kind about foo.example with documentation addresses (RFC 5737). */
void gw_sample_finding(enum gw_kind kind, struct gw_finding *ret_finding);

/** Number of hostile variants that gw_sample_nasty() knows. */
#define GW_SAMPLE_NASTY_COUNT 16u

/**
 * Build a finding of @p kind whose names are hostile and whose sets are as large as they can be.
 *
 * @param variant  0..GW_SAMPLE_NASTY_COUNT - 1: which octets the names are made of
 */
void gw_sample_nasty(enum gw_kind kind, uint32_t variant, struct gw_finding *ret_finding);

/** Write hostile name number @p variant, made different by @p salt; valid canonical wire form. */
void gw_sample_nasty_name(uint32_t variant, uint8_t salt, struct gw_name *ret_name);

/** Build an incident of @p family about foo.example; each family has another scope. */
void gw_sample_incident(enum gw_family family, struct gw_incident *ret_incident);

/** Build an incident of @p family whose names are hostile and whose lists are full. */
void gw_sample_nasty_incident(
    enum gw_family family, uint32_t variant, struct gw_incident *ret_incident);

/** Return the wire form of @p text, labels between dots, no escapes. */
struct gw_name gw_sample_name(const char *text);

/** Return the address that @p text writes. */
struct gw_addr gw_sample_addr(const char *text);

/**
 * Build counters for which all laws hold, and a source with two inputs, the second one damaged.
 *
 * @param ret_source  its inputs are static
 */
void gw_sample_stats(struct gw_stats *ret_stats, struct gw_source *ret_source);

/** Build a referral for foo.example with two name servers, three addresses and a stray one. */
void gw_sample_referral(struct gw_observation *ret_seen);

#endif
