/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file incident_text.h
 * Incidents in plain words: what, since when, how sure, who is affected, what to do next.
 */
#ifndef GLUEWATCH_REPORT_INCIDENT_TEXT_H
#define GLUEWATCH_REPORT_INCIDENT_TEXT_H

#include "gluewatch/incident.h"
#include "report/page.h"

/** Room for a sentence about an incident, NUL included. */
#define GW_TEXT_INCIDENT_SIZE 8192u

/** Incidents that a report for people tells in full; the JSON has all. */
#define GW_TEXT_INCIDENTS_MAX 20u

/**
 * Write what @p incident is, in one sentence. The mechanism is named, nobody is blamed.
 *
 * @param name_room  octets that a name may take before its middle is left out; 0: any
 */
void gw_text_incident(
    const struct gw_incident *incident, size_t name_room, char ret_text[GW_TEXT_INCIDENT_SIZE]);

/** Return what to do next about an incident of @p family; static. */
const char *gw_text_advice(enum gw_family family);

/** Write @p incident as block number @p number. */
void gw_text_incident_block(
    struct gw_text_page *page, const struct gw_incident *incident, uint32_t number);

#endif
