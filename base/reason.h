/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file reason.h
 * Names and texts of the reasons in gluewatch/why.h.
 */
#ifndef GLUEWATCH_BASE_REASON_H
#define GLUEWATCH_BASE_REASON_H

#include "gluewatch/why.h"

/** Return the stable name of @p why, lower case with dashes; static text. */
const char *gw_why_name(enum gw_why why);

/** Return what @p why means, for the manual; static text. */
const char *gw_why_text(enum gw_why why);

/** Return the stage in which @p why applies. */
enum gw_stage gw_why_stage(enum gw_why why);

#endif
