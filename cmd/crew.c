/* SPDX-License-Identifier: BSD-2-Clause */
#include "cmd/crew.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/ring.h"

/* Parcels under way: some with each thread, and some between them. */
#define PARCELS_EACH 3u
#define PARCELS_MORE 6u

_Static_assert(PARCELS_EACH *GW_CREW_MAX + PARCELS_MORE <= GW_RING_MAX, "the ring holds them");

struct gw_crew {
    struct gw_crew_spec spec;
    struct gw_ring *ring;
    uint32_t parcel_count;
    struct gw_parcel *parcel;
    uint8_t *octets;
    struct gw_parcel *filling; /* NULL: none was taken to be filled */
    uint32_t filling_place;
    pthread_t thread[GW_CREW_MAX];
    uint32_t started;
    bool is_finished;
};

/* Does what the ring has for a thread, until there is no more or the thread's turn to fill. */
static enum gw_ring_task
serve(struct gw_crew *crew, uint32_t may, uint32_t *ret_place)
{
    enum gw_ring_task task;

    while ((task = gw_ring_next(crew->ring, may, ret_place)) != GW_RING_END) {
        struct gw_parcel *parcel = &crew->parcel[*ret_place];

        if (task == GW_RING_FILL)
            break;
        if (task == GW_RING_WORK)
            gw_parcel_read(parcel, crew->spec.key);
        else
            crew->spec.take(crew->spec.context, parcel);
        gw_ring_finish(crew->ring, task, *ret_place);
    }
    return task;
}

static void *
analyze(void *crew)
{
    uint32_t place = 0;

    (void)serve(crew, GW_RING_TAKE | GW_RING_WORK, &place);
    return NULL;
}

static void *
help(void *crew)
{
    uint32_t place = 0;

    (void)serve(crew, GW_RING_WORK, &place);
    return NULL;
}

/* A signal that one of them took would not interrupt the caller's reading. */
static bool
start_all(struct gw_crew *crew)
{
    sigset_t all;
    sigset_t before;
    bool is_whole = true;

    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return false;
    while (is_whole && crew->started < crew->spec.workers - 1) {
        is_whole = pthread_create(&crew->thread[crew->started], NULL,
                       crew->started == 0 ? analyze : help, crew) == 0;
        crew->started += is_whole;
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_whole;
}

static bool
parcels_init(struct gw_crew *crew)
{
    crew->parcel_count = PARCELS_EACH * crew->spec.workers + PARCELS_MORE;
    crew->parcel = calloc(crew->parcel_count, sizeof(*crew->parcel));
    crew->octets = calloc(crew->parcel_count, GW_PARCEL_OCTETS);
    crew->ring = gw_ring_new(crew->parcel_count);
    if (crew->parcel == NULL || crew->octets == NULL || crew->ring == NULL)
        return false;
    for (uint32_t i = 0; i < crew->parcel_count; i++)
        crew->parcel[i].octets = crew->octets + (size_t)i * GW_PARCEL_OCTETS;
    return true;
}

static void
memory_free(struct gw_crew *crew)
{
    gw_ring_free(crew->ring);
    free(crew->parcel);
    free(crew->octets);
    free(crew);
}

struct gw_crew *
gw_crew_new(const struct gw_crew_spec *spec)
{
    struct gw_crew *crew = calloc(1, sizeof(*crew));

    assert(spec->workers >= 2 && spec->workers <= GW_CREW_MAX);
    if (crew == NULL)
        return NULL;
    crew->spec = *spec;
    if (!parcels_init(crew)) {
        memory_free(crew);
        return NULL;
    }
    if (!start_all(crew)) {
        gw_crew_free(crew);
        return NULL;
    }
    return crew;
}

uint64_t
gw_crew_memory(const struct gw_crew *crew)
{
    return (uint64_t)crew->parcel_count * (sizeof(*crew->parcel) + GW_PARCEL_OCTETS);
}

/* Sends away the parcel that is being filled. */
static void
ship(struct gw_crew *crew)
{
    if (crew->filling == NULL)
        return;
    crew->filling = NULL;
    gw_ring_finish(crew->ring, GW_RING_FILL, crew->filling_place);
}

/* Returns a parcel to be filled: the one begun, or the next that is free. */
static struct gw_parcel *
parcel_to_fill(struct gw_crew *crew)
{
    if (crew->filling == NULL) {
        const enum gw_ring_task task =
            serve(crew, GW_RING_FILL | GW_RING_WORK, &crew->filling_place);

        assert(task == GW_RING_FILL); /* only this thread closes the ring */
        (void)task;
        crew->filling = &crew->parcel[crew->filling_place];
        gw_parcel_clear(crew->filling);
    }
    return crew->filling;
}

void
gw_crew_hand(struct gw_crew *crew, const struct gw_payloads *payloads)
{
    uint32_t sightings = 0;

    for (uint32_t i = 0; i <= payloads->count; i++) {
        while (sightings < payloads->sighting_count && payloads->sighting[sightings].before <= i) {
            if (gw_parcel_sight(parcel_to_fill(crew), &payloads->sighting[sightings]))
                sightings++;
            else
                ship(crew);
        }
        while (i < payloads->count && !gw_parcel_put(parcel_to_fill(crew), &payloads->item[i]))
            ship(crew);
    }
}

void
gw_crew_finish(struct gw_crew *crew)
{
    uint32_t place = 0;

    ship(crew);
    gw_ring_close(crew->ring);
    (void)serve(crew, GW_RING_WORK, &place);
    while (crew->started > 0)
        pthread_join(crew->thread[--crew->started], NULL);
    crew->is_finished = true;
}

void
gw_crew_free(struct gw_crew *crew)
{
    if (crew == NULL)
        return;
    if (!crew->is_finished)
        gw_crew_finish(crew);
    memory_free(crew);
}
