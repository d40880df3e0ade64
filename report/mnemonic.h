/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file mnemonic.h
 * The words for what the contracts number: RR types, classes, facts, kinds, severities and the
 * like. All text is static, lower case with dashes unless said otherwise, and stable.
 */
#ifndef GLUEWATCH_REPORT_MNEMONIC_H
#define GLUEWATCH_REPORT_MNEMONIC_H

#include "gluewatch/incident.h"

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

/** What is told of a family of incidents, from the list in gluewatch/incident.h. */
struct gw_text_family {
    const char *name; /**< as in every output, e.g. "poison-race" */
    const char *text; /**< what it means, as a clause for people */
};

/** Return what is told of @p family; static. */
const struct gw_text_family *gw_text_family(enum gw_family family);

/** Return the name of @p scope: host, cut, parent, server, resolver or address. */
const char *gw_text_scope(enum gw_scope scope);

/** Return the name of @p state: new, open, updated, quiet or closed. */
const char *gw_text_state(enum gw_incident_state state);

/** Return the name of @p reason: none, resolved, superseded, explained-change or operator. */
const char *gw_text_reason(enum gw_incident_reason reason);

/** Return the name of @p channel: content, transport, history, reference or acceptance. */
const char *gw_text_channel(enum gw_channel channel);

/** Return the name of @p fit, from the list in gluewatch/exchange.h. */
const char *gw_text_fit(enum gw_fit fit);

/** Return what @p fit means, as a clause for people. */
const char *gw_text_fit_meaning(enum gw_fit fit);

/** Return the name of @p leg: unknown, upstream, client or forward. */
const char *gw_text_leg(enum gw_leg leg);

/** Return the name of resolver family number @p bit of enum gw_accept, or NULL past the last. */
const char *gw_text_accept(uint32_t bit);

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
