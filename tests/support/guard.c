/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/support/guard.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void
gw_guard_init(struct gw_guard *guard, size_t room)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t readable = (room + page - 1) / page * page;
    void *pages =
        mmap(NULL, readable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED)
        abort();
    guard->pages = pages;
    guard->pages_len = readable + page;
    guard->room = readable;
    if (mprotect(guard->pages + readable, page, PROT_NONE) != 0)
        abort();
}

void
gw_guard_done(struct gw_guard *guard)
{
    if (guard->pages != NULL)
        munmap(guard->pages, guard->pages_len);
    guard->pages = NULL;
}

uint8_t *
gw_guard_copy(struct gw_guard *guard, const void *octets, size_t len)
{
    uint8_t *copy = guard->pages + guard->room - len;

    if (len > guard->room)
        abort();
    if (len > 0)
        memcpy(copy, octets, len);
    return copy;
}
