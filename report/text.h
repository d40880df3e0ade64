/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file text.h
 * Building one piece of text in the caller's memory. What goes in is ASCII of ours or passed
 * through report/escape; what does not fit is left out and remembered.
 */
#ifndef GLUEWATCH_REPORT_TEXT_H
#define GLUEWATCH_REPORT_TEXT_H

#include "gluewatch/finding.h"

/** Text under construction; valid as long as the caller's memory. */
struct gw_text {
    char *data;       /**< NUL-terminated */
    size_t size;      /**< octets at data, NUL included */
    size_t len;       /**< octets of text */
    bool cut;         /**< something did not fit */
    size_t name_room; /**< octets that a name may take before its middle is left out; 0: any */
};

/** Start an empty text in @p size octets (at least 1) at @p data. */
void gw_text_init(struct gw_text *text, char *data, size_t size);

/** Append NUL-terminated @p more. */
void gw_text_put(struct gw_text *text, const char *more);

/** Append a formatted piece of at most 255 octets; only for numbers and static text. */
void gw_text_format(struct gw_text *text, const char *format, ...) GW_PRINTF(2, 3);

/** Append a name in presentation form. */
void gw_text_name(struct gw_text *text, const struct gw_name *name);

/** Append an address. */
void gw_text_addr(struct gw_text *text, const struct gw_addr *addr);

/** Append a number with a comma between groups of three digits. */
void gw_text_number(struct gw_text *text, uint64_t number);

/** Append a number and what it counts: "1 server", "2 servers". */
void gw_text_count(struct gw_text *text, uint64_t number, const char *one, const char *more);

/**
 * Append how long something took in its largest unit, with one more digit below ten: "14 days",
 * "1.5 hours", "1 minute", "0.2 seconds".
 *
 * @param seconds  0 or more; negative counts as 0
 */
void gw_text_duration(struct gw_text *text, double seconds);

/**
 * Append text from outside our control, e.g. a path: octets outside 0x20..0x7e and the backslash
 * become `\DDD`, so that what is shown is one line of ASCII.
 */
void gw_text_outside(struct gw_text *text, const char *outside);

#endif
