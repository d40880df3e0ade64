/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file attack.h
 * Steps that several attacks take. R1 is the victim and P1 the server in whose name is forged.
 */
#ifndef GLUEWATCH_TESTS_SCENARIO_ATTACK_H
#define GLUEWATCH_TESTS_SCENARIO_ATTACK_H

#include "tests/scenario/world.h"

/** When the steps of a race came. */
struct sc_race {
    int64_t enough_ns;   /**< the sixth wrong id */
    int64_t accepted_ns; /**< the forged referral with the right id */
    int64_t legit_ns;    /**< the true referral */
    int64_t followed_ns; /**< the resolver asks the forged address */
};

/** Make P1 a server without cookies that answers after 40 ms, so that it can be outrun. */
void sc_make_raceable(struct sc_world *world);

/** Return foo.example as the attacker wants it: ns1 at his IPv4 address. */
struct sc_cut sc_forged_foo(const struct sc_world *world);

/** Return a name below foo.example that no cache has. */
const char *sc_fresh_name(struct sc_world *world);

/**
 * Send @p count forged referrals to @p bad from @p at_ns on within 2 ms, with sequential ids other
 * than that of @p tx. @return time of the sixth
 */
int64_t sc_burst(struct sc_world *world, const struct sc_tx *tx, const struct sc_cut *bad,
    uint32_t count, int64_t at_ns);

/** Let @p resolver ask the attacker for @p qname, who answers AA=1 with an address of his. */
void sc_follow(
    struct sc_world *world, const struct sc_resolver *resolver, const char *qname, int64_t at_ns);

/**
 * Play A01's attack at @p at_ns: a fresh question of R1 to P1, 400 forged referrals, one that is
 * right, the true one, the question to the attacker. For use after sc_make_raceable().
 */
struct sc_race sc_race(struct sc_world *world, int64_t at_ns);

/** Say what is to be found of @p race. */
void sc_expect_race(struct sc_world *world, const struct sc_race *race);

/** Say that what goes along with forged packets of P1 and forged glue of ns1 may be found. */
void sc_may_forged(struct sc_world *world);

/**
 * Make bank.test known: a TLD server that refers to it and two name servers of its own, met by each
 * resolver each round. The cut is written into @p ret_bank.
 */
void sc_know_bank(struct sc_world *world, struct sc_cut *ret_bank);

#endif
