/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file inputs.h
 * The list of inputs that paths stand for: files as given, and what lies in directories.
 */
#ifndef GLUEWATCH_CAPTURE_INPUTS_H
#define GLUEWATCH_CAPTURE_INPUTS_H

#include "gluewatch/base.h"

/** One file to read, or one found in a directory that may be no capture. */
struct gw_inputs_entry {
    char *path;          /**< owned by the list */
    uint32_t path_index; /**< of the path given that it comes from */
    bool found;          /**< in a directory */
};

/** Zeroed by the caller before the first use, who also frees it. */
struct gw_inputs {
    uint32_t count;
    uint32_t room;
    struct gw_inputs_entry *entry;
};

/**
 * Append what @p path stands for to @p inputs: a directory's files in ascending order of their
 * names, or the path itself.
 *
 * @return GW_DONE; GW_E_OPEN or GW_E_NOMEM with @p ret_error written
 */
GW_MUST_CHECK int gw_source_inputs_open(struct gw_inputs *inputs, const char *path,
    uint32_t path_index, struct gw_error_text *ret_error);

/** Free what the list holds; it is zeroed then. */
void gw_source_inputs_free(struct gw_inputs *inputs);

#endif
