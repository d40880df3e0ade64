/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file draw.h
 * Numbers drawn from a seed: small streams that do not disturb one another.
 */
#ifndef GLUEWATCH_TESTS_SCENARIO_DRAW_H
#define GLUEWATCH_TESTS_SCENARIO_DRAW_H

#include <stdbool.h>
#include <stdint.h>

/** A stream of numbers (SplitMix64). By value. */
struct sc_draw {
    uint64_t state;
};

/** Mix @p value; equal values give equal results. */
static inline uint64_t
sc_mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

/** Return the stream of @p seed that is for @p purpose. */
static inline struct sc_draw
sc_draw_from(uint64_t seed, uint64_t purpose)
{
    return (struct sc_draw){sc_mix(seed * UINT64_C(0x9e3779b97f4a7c15) + sc_mix(purpose + 1))};
}

/** Return 64 random bits. */
static inline uint64_t
sc_draw_bits(struct sc_draw *draw)
{
    draw->state += UINT64_C(0x9e3779b97f4a7c15);
    return sc_mix(draw->state);
}

/** Return a number of 0 .. @p count - 1; @p count must not be 0. */
static inline uint32_t
sc_draw_below(struct sc_draw *draw, uint32_t count)
{
    return (uint32_t)(((sc_draw_bits(draw) >> 32) * count) >> 32);
}

/** Return a number of @p low .. @p high, both included. */
static inline int64_t
sc_draw_range(struct sc_draw *draw, int64_t low, int64_t high)
{
    return low + (int64_t)(sc_draw_bits(draw) % (uint64_t)(high - low + 1));
}

/** Return true in @p per_mille of 1000 cases. */
static inline bool
sc_draw_chance(struct sc_draw *draw, uint32_t per_mille)
{
    return sc_draw_below(draw, 1000) < per_mille;
}

#endif
