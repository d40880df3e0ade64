/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file guard.h
 * Input against an unreadable page, so that reading one octet too far ends the test.
 */
#ifndef GLUEWATCH_TESTS_SUPPORT_GUARD_H
#define GLUEWATCH_TESTS_SUPPORT_GUARD_H

#include <stddef.h>
#include <stdint.h>

/** Pages with an unreadable one behind them; owned by the caller. */
struct gw_guard {
    uint8_t *pages;   /**< first octet of the mapping */
    size_t pages_len; /**< octets mapped, the unreadable page included */
    size_t room;      /**< octets that can be written */
};

/** Map pages for inputs of at most @p room octets; ends the program when there is no memory. */
void gw_guard_init(struct gw_guard *guard, size_t room);

/** Unmap; accepts a zeroed guard. */
void gw_guard_done(struct gw_guard *guard);

/**
 * Copy @p len (0..room) octets so that the one after the last cannot be read.
 *
 * @return the copy, valid until the next copy or gw_guard_done()
 */
uint8_t *gw_guard_copy(struct gw_guard *guard, const void *octets, size_t len);

#endif
