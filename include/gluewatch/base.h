/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file base.h
 * The floor under every room: compiler attributes, errors of the program itself, and addresses.
 */
#ifndef GLUEWATCH_BASE_H
#define GLUEWATCH_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GW_MUST_CHECK       __attribute__((warn_unused_result))
#define GW_PRINTF(fmt, arg) __attribute__((format(printf, fmt, arg)))
#define GW_PREFETCH(ptr)    __builtin_prefetch(ptr)
#define GW_ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define GW_NS_PER_S         1000000000LL

/**
 * What is wrong with the program or its surroundings (never with traffic: that is enum gw_why).
 * Functions return GW_DONE or one of the negative values; `cmd` prints it, once.
 */
enum gw_error {
    GW_DONE = 0,
    GW_E_NOMEM = -1,  /**< no memory */
    GW_E_OPEN = -2,   /**< a file or device cannot be opened */
    GW_E_READ = -3,   /**< reading failed */
    GW_E_WRITE = -4,  /**< writing failed */
    GW_E_FORMAT = -5, /**< a file is not of a format we know */
    GW_E_FILTER = -6, /**< a filter expression does not compile */
    GW_E_USAGE = -7,  /**< a wrong option or value */
};

/** One line for people about a GW_E… error; written by the function that returns it. */
struct gw_error_text {
    char text[512]; /**< NUL-terminated, no newline, printable ASCII */
};

/** An IP address. IPv4 lies in the first four octets, the rest is zero. */
struct gw_addr {
    uint8_t octet[16]; /**< network order */
    uint8_t family;    /**< 4 or 6; 0 in an address never set */
};

#endif
