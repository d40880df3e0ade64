/* SPDX-License-Identifier: BSD-2-Clause */
#include "cmd/environment.h"

#include <stddef.h>
#include <stdlib.h>

bool
gw_conf_is_set(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && *value != '\0';
}

bool
gw_conf_number(const char *name, uint64_t *ret_value)
{
    const char *text = getenv(name);
    char *end;

    if (text == NULL || *text < '0' || *text > '9')
        return false;

    const unsigned long long value = strtoull(text, &end, 10);

    if (*end != '\0')
        return false;
    *ret_value = value;
    return true;
}
