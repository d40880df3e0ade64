/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file answers.h
 * What was answered to questions for addresses lately: by resolvers to their clients, and by
 * authoritative servers. Nothing of a client is kept.
 */
#ifndef GLUEWATCH_ANALYZE_ANSWERS_H
#define GLUEWATCH_ANALYZE_ANSWERS_H

#include "analyze/recall.h"
#include "analyze/table.h"

/** Who was heard of one question, at most: the one not heard for longest gives way. */
#define GW_ANSWER_SOURCES 8u

/** Addresses kept of one answer. */
#define GW_ANSWER_ADDRESSES 4u

/** Addresses of one family that one source gave. */
struct gw_answer_set {
    int64_t time_ns; /**< when it was given last */
    uint8_t count;   /**< entries in addr; 0: none */
    struct gw_addr addr[GW_ANSWER_ADDRESSES];
};

/** What one source says. */
struct gw_answer_source {
    struct gw_addr who;          /**< the server; of a resolver one address of its group */
    struct gw_addr group;        /**< of a resolver; of an authoritative server it is `who` */
    bool authority;              /**< it answered with AA=1 */
    uint64_t frame;              /**< record number of the latest message */
    uint32_t input;              /**< and its input */
    struct gw_answer_set now;    /**< what it said last */
    struct gw_answer_set before; /**< what it said before, where that was disjoint */
};

/** One question: a QNAME and a family. */
struct gw_answer {
    uint8_t source_count; /**< entries in source */
    struct gw_answer_source source[GW_ANSWER_SOURCES];
};

/** The stores; owned by the analyzer. */
struct gw_answers {
    const struct gw_hash_key *key; /**< the tables' */
    struct gw_recall questions;    /**< struct gw_answer */
    struct gw_recall addresses;    /**< int64_t: when an address was first given, never 0 */
};

/** Make empty stores that take @p memory octets at most, where it is 256 KiB at least; or NULL. */
struct gw_answers *gw_suspect_answers_new(const struct gw_hash_key *key, uint64_t memory);

/** Free them; accepts NULL. */
void gw_suspect_answers_free(struct gw_answers *answers);

/**
 * Note what @p seen, of kind ANSWER or ADDRESS, says.
 *
 * @param ret_source  which of its sources it is
 * @return the question, or NULL when there are no addresses in it; valid until the next call
 */
struct gw_answer *gw_suspect_answers_note(
    struct gw_answers *answers, const struct gw_observation *seen, uint32_t *ret_source);

/** Tell whether two sets have an address in common. */
bool gw_suspect_answers_overlap(
    const struct gw_answer_set *left, const struct gw_answer_set *right);

/** Tell whether nobody gave @p addr before @p since_ns. */
bool gw_suspect_answers_is_new(
    const struct gw_answers *answers, const struct gw_addr *addr, int64_t since_ns);

/** Octets of memory that @p answers takes now. */
uint64_t gw_suspect_answers_octets(const struct gw_answers *answers);

#endif
