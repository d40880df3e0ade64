/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file capture_tree.h
 * The capture files that a differential test is to compare. Filled by its main(), for the call.
 */
#ifndef GLUEWATCH_TESTS_SUPPORT_CAPTURE_TREE_H
#define GLUEWATCH_TESTS_SUPPORT_CAPTURE_TREE_H

#include <stdbool.h>

/** What is done with each file; @p state is the caller's. */
typedef void gw_capture_visitor(const char *path, void *state);

/**
 * Visit each regular file at or below the arguments, or below the folder that the environment
 * variable GLUEWATCH_CAPTURES names when there are none.
 *
 * @return false, with a line printed, when neither names anything
 */
bool gw_capture_tree_visit(int argc, char **argv, gw_capture_visitor *visit, void *state);

#endif
