/* SPDX-License-Identifier: BSD-2-Clause */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/ring.h"

#define THINGS      20000u
#define THREADS_MAX 6u
#define UNFILLED    UINT32_MAX

/* What goes round: the number of the thing in each place, and what was made of it. */
struct round {
    struct gw_ring *ring;
    uint32_t thing[GW_RING_MAX];
    uint64_t made[GW_RING_MAX];
    uint32_t taken;
    uint32_t wrong; /* things that came out of turn, or not worked on */
};

static void
work_on(struct round *round, uint32_t place)
{
    round->made[place] = (uint64_t)round->thing[place] * round->thing[place] + 1;
}

static void
take_from(struct round *round, uint32_t place)
{
    const uint64_t number = round->taken++;

    round->wrong += round->thing[place] != number || round->made[place] != number * number + 1;
    round->made[place] = 0;
    round->thing[place] = UNFILLED;
}

static void
serve(struct round *round, uint32_t may)
{
    enum gw_ring_task task;
    uint32_t place = 0;

    while ((task = gw_ring_next(round->ring, may, &place)) != GW_RING_END) {
        if (task == GW_RING_WORK)
            work_on(round, place);
        else
            take_from(round, place);
        gw_ring_finish(round->ring, task, place);
    }
}

static void *
taker(void *round)
{
    serve(round, GW_RING_TAKE | GW_RING_WORK);
    return NULL;
}

static void *
helper(void *round)
{
    serve(round, GW_RING_WORK);
    return NULL;
}

static void
fill_all(struct round *round, uint32_t things)
{
    enum gw_ring_task task;
    uint32_t place = 0;

    for (uint32_t i = 0; i < things;) {
        task = gw_ring_next(round->ring, GW_RING_FILL | GW_RING_WORK, &place);
        assert_int_not_equal(task, GW_RING_END);
        if (task == GW_RING_FILL)
            round->thing[place] = i++;
        else
            work_on(round, place);
        gw_ring_finish(round->ring, task, place);
    }
}

static void
things_are_taken_in_the_order_of_filling_by_any_number_of_threads(void **state)
{
    static const struct {
        const char *what;
        uint32_t places;
        uint32_t threads; /* beside the one that fills */
        uint32_t things;
    } rows[] = {
        {"two threads", 12, 1, THINGS},
        {"one place, which all wait for", 1, 2, THINGS},
        {"fewer places than threads", 3, THREADS_MAX, THINGS},
        {"as many places as there can be", GW_RING_MAX, 3, THINGS},
        {"nothing at all", 4, 3, 0},
        {"fewer things than places", 8, 3, 5},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        struct round round = {.ring = gw_ring_new(rows[i].places)};
        pthread_t thread[THREADS_MAX];

        print_message("%s\n", rows[i].what);
        assert_non_null(round.ring);
        for (uint32_t k = 0; k < rows[i].threads; k++)
            assert_int_equal(pthread_create(&thread[k], NULL, k == 0 ? taker : helper, &round), 0);
        fill_all(&round, rows[i].things);
        gw_ring_close(round.ring);
        serve(&round, GW_RING_WORK);
        for (uint32_t k = 0; k < rows[i].threads; k++)
            assert_int_equal(pthread_join(thread[k], NULL), 0);
        assert_int_equal(round.taken, rows[i].things);
        assert_int_equal(round.wrong, 0);
        gw_ring_free(round.ring);
    }
}

static void
a_thread_is_given_what_it_may_do_and_what_is_next(void **state)
{
    static const struct {
        const char *what;
        uint32_t may;
        enum gw_ring_task task;
        uint32_t place;
    } rows[] = {
        {"an empty ring is filled", GW_RING_FILL | GW_RING_WORK, GW_RING_FILL, 0},
        {"while there is room, filling goes on", GW_RING_FILL | GW_RING_WORK, GW_RING_FILL, 1},
        {"a full one has work for who fills", GW_RING_FILL | GW_RING_WORK, GW_RING_WORK, 0},
        {"what is done goes before work", GW_RING_TAKE | GW_RING_WORK, GW_RING_TAKE, 0},
        {"what is next is not done yet", GW_RING_TAKE | GW_RING_WORK, GW_RING_WORK, 1},
        {"a place that was taken is filled again", GW_RING_FILL | GW_RING_WORK, GW_RING_FILL, 0},
        {"the second is taken after the first", GW_RING_TAKE | GW_RING_WORK, GW_RING_TAKE, 1},
        {"places are worked on in turn", GW_RING_WORK, GW_RING_WORK, 0},
    };
    struct gw_ring *ring = gw_ring_new(2);
    uint32_t place = UNFILLED;

    (void)state;
    assert_non_null(ring);
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        print_message("%s\n", rows[i].what);
        assert_int_equal(gw_ring_next(ring, rows[i].may, &place), rows[i].task);
        assert_int_equal(place, rows[i].place);
        gw_ring_finish(ring, rows[i].task, place);
    }
    gw_ring_close(ring);
    assert_int_equal(gw_ring_next(ring, GW_RING_WORK, &place), GW_RING_END);
    assert_int_equal(gw_ring_next(ring, GW_RING_TAKE, &place), GW_RING_TAKE);
    gw_ring_finish(ring, GW_RING_TAKE, place);
    assert_int_equal(gw_ring_next(ring, GW_RING_TAKE, &place), GW_RING_END);
    gw_ring_free(ring);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(things_are_taken_in_the_order_of_filling_by_any_number_of_threads),
        cmocka_unit_test(a_thread_is_given_what_it_may_do_and_what_is_next),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
