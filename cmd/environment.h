/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file environment.h
 * Reading environment variables.
 */
#ifndef GLUEWATCH_CMD_ENVIRONMENT_H
#define GLUEWATCH_CMD_ENVIRONMENT_H

#include <stdbool.h>
#include <stdint.h>

/** Return whether the variable @p name is there and not empty. */
bool gw_conf_is_set(const char *name);

/** Read the variable @p name as a decimal number; written only when it is one, which is returned.
 */
bool gw_conf_number(const char *name, uint64_t *ret_value);

#endif
