/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file observation.h
 * From a message to the fact about delegations that it tells.
 */
#ifndef GLUEWATCH_PARSE_DNS_OBSERVATION_H
#define GLUEWATCH_PARSE_DNS_OBSERVATION_H

#include "base/hash.h"
#include "gluewatch/observation.h"

/**
 * Copy out of @p msg the fact that it tells.
 *
 * GW_OBSERVATION_DELEGATION: class GW_CLASS_DELEGATION and GW_CLASS_MULTI_CUT (the first NS owner's
 * records), every referral-shaped message, and NS in AUTHORITY where none belongs
 * (GW_FACT_PROMISCUOUS; not where its owner is the SOA's owner too). What it means is for the
 * class to say.
 *
 * GW_OBSERVATION_AUTHORITY: AA=1 and the SOA that the QNAME is under, or the NS
 * RRset of the QNAME.
 *
 * GW_OBSERVATION_ADDRESS: AA=1 and addresses that the QNAME itself owns.
 *
 * GW_OBSERVATION_DENIAL, _ERROR, _ALIAS, _ANSWER: see gluewatch/observation.h. Of a resolver's
 * answer to its client or to another resolver, the NS RRset of AUTHORITY and its addresses are
 * taken beside the addresses of ANSWER.
 *
 * Glue is the addresses of ADDITIONAL. In a delegation with GW_FACT_ADDRESS, the addresses of the
 * QNAME in ANSWER follow, when the QNAME is one of the targets; their `stray` is GW_IN_ANSWER.
 *
 * @param msg  a parsed message, malformed ones included
 * @param ret_observation  whole on true, in no particular state on false
 * @return whether there is such a fact; always when msg->teaches
 *
 * Quirks: target_total and glue_total count each record of its own beyond 256 distinct ones. A cut
 * message gives what it holds.
 */
bool gw_observation_extract(const struct gw_msg *msg, const struct gw_hash_key *key,
    struct gw_observation *ret_observation);

/**
 * Make an observation of any response that can be read: one that tells nothing is of kind
 * GW_OBSERVATION_OTHER, with the addresses of ANSWER in glue. Else as gw_observation_extract().
 */
bool gw_observation_extract_any(const struct gw_msg *msg, const struct gw_hash_key *key,
    struct gw_observation *ret_observation);

#endif
