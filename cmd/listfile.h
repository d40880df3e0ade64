/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file listfile.h
 * The operator's lists, from text files: one entry per line, words with blanks between them, a
 * comment from a number sign at the start of a word to the end of the line.
 */
#ifndef GLUEWATCH_CMD_LISTFILE_H
#define GLUEWATCH_CMD_LISTFILE_H

#include "analyze/lists.h"

/** Paths given by one option. */
struct gw_conf_paths {
    const char *const *path;
    uint32_t count;
};

/** Which lists to load. */
struct gw_conf_list_spec {
    struct gw_conf_paths watch;
    struct gw_conf_paths internal; /**< each a path, or an address or prefix itself */
    struct gw_conf_paths groups;
    struct gw_conf_paths suppress;
};

/**
 * Load the operator's lists.
 *
 * @param ret_lists  sealed; owned by the caller; NULL when nothing is named
 * @return GW_DONE; GW_E_OPEN, GW_E_READ, GW_E_FORMAT or GW_E_NOMEM with @p ret_error written: file,
 *         line and column
 */
GW_MUST_CHECK int gw_conf_lists_open(const struct gw_conf_list_spec *spec,
    struct gw_lists **ret_lists, struct gw_error_text *ret_error);

#endif
