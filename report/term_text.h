/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file term_text.h
 * What the terms of a confidence mean, for people. Only for report.
 */
#ifndef GLUEWATCH_REPORT_TERM_TEXT_H
#define GLUEWATCH_REPORT_TERM_TEXT_H

/** Return what term @p name means, as a clause; static. A name that is not listed has a general
 * one. */
const char *gw_text_term(const char *name);

#endif
