/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file load.h
 * Reads of integers from octets of any alignment. The only way in which packet integers are read.
 */
#ifndef GLUEWATCH_BASE_LOAD_H
#define GLUEWATCH_BASE_LOAD_H

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

/** Read 16 bits in network order at @p octets (two readable octets). */
static inline uint16_t
gw_load_be16(const uint8_t *octets)
{
    uint16_t value;

    memcpy(&value, octets, sizeof(value));
    return ntohs(value);
}

/** Read 32 bits in network order at @p octets (four readable octets). */
static inline uint32_t
gw_load_be32(const uint8_t *octets)
{
    uint32_t value;

    memcpy(&value, octets, sizeof(value));
    return ntohl(value);
}

/** Read 32 bits in host order at @p octets (four readable octets). */
static inline uint32_t
gw_load_ne32(const uint8_t *octets)
{
    uint32_t value;

    memcpy(&value, octets, sizeof(value));
    return value;
}

/** Read 64 bits in host order at @p octets (eight readable octets). */
static inline uint64_t
gw_load_ne64(const uint8_t *octets)
{
    uint64_t value;

    memcpy(&value, octets, sizeof(value));
    return value;
}

#endif
