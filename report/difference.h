/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file difference.h
 * Differences between two snapshots, for people and for programs.
 */
#ifndef GLUEWATCH_REPORT_DIFFERENCE_H
#define GLUEWATCH_REPORT_DIFFERENCE_H

#include "gluewatch/difference.h"
#include "report/json.h"
#include "report/text.h"

/** Octets that the line of any difference fits into. */
#define GW_TEXT_DIFFERENCE_SIZE 65536u

/**
 * Write @p difference as one line without newline, e.g.
 * "~ ns1.foo.example address -192.0.2.11 +192.0.2.21".
 * The first character tells its kind: + new, - gone, ~ changed.
 */
void gw_text_difference(
    const struct gw_difference *difference, char ret_text[GW_TEXT_DIFFERENCE_SIZE]);

/** Append @p difference to @p json as one object on a line. */
void gw_json_difference(struct gw_json *json, const struct gw_difference *difference);

#endif
