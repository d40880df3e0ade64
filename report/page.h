/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file page.h
 * Setting text for people: lines, wrapped paragraphs and two columns that never exceed the width
 * and never cut an escape. All text that comes in is printable ASCII. Only for report.
 */
#ifndef GLUEWATCH_REPORT_PAGE_H
#define GLUEWATCH_REPORT_PAGE_H

#include "report/text.h"
#include "report/writer.h"

/** Widest page. */
#define GW_TEXT_WIDTH_MAX 160u

/** Lines of one column; what comes after them is left out. */
#define GW_TEXT_COLUMN_LINES 96u

/** How a line is shown on a terminal with colours; nothing depends on it alone. */
enum gw_text_style {
    GW_TEXT_PLAIN,
    GW_TEXT_STRONG,
    GW_TEXT_DIM,
    GW_TEXT_GOOD,
    GW_TEXT_ALARM, /**< the contrary side, broken laws */
    GW_TEXT_INFO,  /**< the five severities in their order */
    GW_TEXT_LOW,
    GW_TEXT_MEDIUM,
    GW_TEXT_HIGH,
    GW_TEXT_CRITICAL,
    GW_TEXT_STYLE_COUNT
};

/** Where the lines go; made by the caller. */
struct gw_text_page {
    struct gw_sink_writer *writer;
    uint32_t width; /**< columns, 60..GW_TEXT_WIDTH_MAX */
    bool colour;
    bool utf8;
    int status; /**< GW_DONE, or the first error: what follows is not written */
};

/** One column of a table: lines that fit it. */
struct gw_text_column {
    uint32_t width; /**< columns, 20..GW_TEXT_WIDTH_MAX */
    uint32_t count; /**< lines */
    struct {
        enum gw_text_style style;
        char text[GW_TEXT_WIDTH_MAX + 1];
    } line[GW_TEXT_COLUMN_LINES];
};

/** Write an empty line. */
void gw_text_page_gap(struct gw_text_page *page);

/** Write a rule over the full width, heavy or light. */
void gw_text_page_rule(struct gw_text_page *page, bool heavy);

/** Write @p left and, at the right margin, @p right; @p left is elided when both do not fit. */
void gw_text_page_ends(
    struct gw_text_page *page, enum gw_text_style style, const char *left, const char *right);

/**
 * Write @p text as a paragraph: @p lead before its first line, all lines begin at column @p indent.
 * Breaks at spaces; a word longer than a line is broken between escapes.
 *
 * @param indent  columns, at least those of @p lead, at most 40
 */
void gw_text_page_paragraph(struct gw_text_page *page, enum gw_text_style style, const char *lead,
    uint32_t indent, const char *text);

/** Add @p text to a column as a paragraph whose second and later lines are indented by two. */
void gw_text_column_add(struct gw_text_column *column, enum gw_text_style style, const char *text);

/** Write a column alone at column @p indent. */
void gw_text_page_column(
    struct gw_text_page *page, uint32_t indent, const struct gw_text_column *column);

/** Write two columns side by side at column @p indent, a line between them. */
void gw_text_page_columns(struct gw_text_page *page, uint32_t indent,
    const struct gw_text_column *left, const struct gw_text_column *right);

/**
 * Shorten @p text to @p room octets by leaving out its middle, never part of an escape.
 *
 * @param text  NUL-terminated; changed in place
 * @param room  octets, at least 12
 */
void gw_text_elide(char *text, size_t room);

#endif
