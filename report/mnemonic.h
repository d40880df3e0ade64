/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file mnemonic.h
 * The words for what the contracts number: RR types, classes, facts, kinds, severities and the
 * like. All text is static, lower case with dashes unless said otherwise, and stable.
 */
#ifndef GLUEWATCH_REPORT_MNEMONIC_H
#define GLUEWATCH_REPORT_MNEMONIC_H

#include "gluewatch/finding.h"

/** Room for an RR type's text, NUL included. */
#define GW_TEXT_TYPE_SIZE 16u

/** What is told of a kind, from the list in gluewatch/kind.h. */
struct gw_text_kind {
    const char *name;      /**< as in every output, e.g. "glue-bogon" */
    const char *title;     /**< a heading for people */
    const char *technique; /**< MITRE ATT&CK technique, or "" */
    const char *source;    /**< RFC and section, e.g. "RFC 6890 2.2" */
    uint32_t cwe;          /**< CWE number, or 0 */
};

/** Return what is told of @p kind; static. */
const struct gw_text_kind *gw_text_kind(enum gw_kind kind);

/** Return the name of @p severity: info, low, medium, high or critical. */
const char *gw_text_severity(enum gw_severity severity);

/** Return the name of @p class, "delegation" for GW_CLASS_DELEGATION. */
const char *gw_text_class(enum gw_class class);

/** Return the name of @p fit: first, second, wrong-id and so on. */
const char *gw_text_fit(enum gw_fit fit);

/**
 * Return the name of fact number @p bit (GW_FACT_AA is 0), or NULL past the last one.
 */
const char *gw_text_fact(uint32_t bit);

/** Return the name of caveat number @p bit, or NULL past the last one. */
const char *gw_text_caveat(uint32_t bit);

/** Return what caveat number @p bit means, as a clause for people, or NULL past the last one. */
const char *gw_text_caveat_meaning(uint32_t bit);

/** Return the name of @p split: none, resolver, server or both. */
const char *gw_text_split(enum gw_split split);

/** Return the name of @p role: known or contrary. */
const char *gw_text_role(enum gw_set_role role);

/** Return "udp" or "tcp". */
const char *gw_text_transport(uint8_t transport);

/**
 * Write the mnemonic of an RR type, or TYPE and its number.
 *
 * @return @p ret_text
 *
 * Source: RFC 3597 section 5.
 */
const char *gw_text_type(uint16_t type, char ret_text[GW_TEXT_TYPE_SIZE]);

#endif
