/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file ecs.h
 * What lines of findings and of incidents share in the shape of the Elastic Common Schema. Only for
 * report.
 */
#ifndef GLUEWATCH_REPORT_ECS_H
#define GLUEWATCH_REPORT_ECS_H

#include "gluewatch/finding.h"
#include "report/format.h"

/** Version of the fields under gluewatch, in each line. */
#define GW_ECS_SCHEMA_VERSION "1"

/** Room for an id in hexadecimal digits, NUL included. */
#define GW_ECS_ID_SIZE 33u

/** Write an id as 32 hexadecimal digits. @return @p ret_text */
const char *gw_ecs_id(const uint8_t id[16], char ret_text[GW_ECS_ID_SIZE]);

/** Return the number that stands for @p severity: 0, 21, 47, 73 or 99. */
uint32_t gw_ecs_severity(enum gw_severity severity);

/** Write the version of the schema, and our tag. */
void gw_ecs_version(struct gw_json *json);

/** Write kind, category and origin of an event, into an open object. */
void gw_ecs_event(struct gw_json *json, const char *kind, bool detection, const char *dataset);

/** Write who observed it. */
void gw_ecs_observer(struct gw_json *json, const struct gw_sink *sink);

/** Tell an incident as a line. @return GW_DONE or GW_E_WRITE */
GW_MUST_CHECK int gw_ecs_incident(struct gw_sink *sink, const struct gw_incident *incident);

#endif
