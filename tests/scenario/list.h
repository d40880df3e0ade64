/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file list.h
 * The list of scenarios. Adding one: a line here and its function in one of the files beside.
 */
#ifndef GLUEWATCH_TESTS_SCENARIO_LIST_H
#define GLUEWATCH_TESTS_SCENARIO_LIST_H

#include "tests/scenario/world.h"

/* X(id, function, what happens) */
#define SC_LIST(X) \
    X("A01", sc_play_a01, "forged referrals with guessed ids, one of them right, then followed")

#define SC_DECLARE(id, function, line) void function(struct sc_world *world);
SC_LIST(SC_DECLARE)
#undef SC_DECLARE

#endif
