/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whatever octets a list or a zone file is made of, it is read or refused with one line of
 * printable ASCII, and what was read can be asked.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmd/listfile.h"
#include "cmd/zonefile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool holds)
{
    if (!holds)
        abort();
}

static void
check_result(int result, bool has_value, const struct gw_error_text *error)
{
    check((result == GW_DONE) == has_value);
    for (const char *pos = error->text; result != GW_DONE && *pos != '\0'; pos++)
        check(*pos >= ' ' && *pos <= '~');
    check(result == GW_DONE || error->text[0] != '\0');
}

static void
try_lists(const char *path, uint8_t which)
{
    const char *const paths[] = {path};
    const struct gw_conf_paths one = {paths, 1};
    struct gw_conf_list_spec spec = {{NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}};
    struct gw_lists *lists = NULL;
    struct gw_error_text error = {.text = ""};
    const struct gw_addr addr = {{192, 0, 2, 1}, 4};
    const struct gw_finding finding = {.kind = GW_KIND_GLUE_BOGON};
    const struct gw_name root = {1, {0}};
    uint32_t group;

    *(which == 0     ? &spec.watch
        : which == 1 ? &spec.internal
        : which == 2 ? &spec.groups
                     : &spec.suppress) = one;
    check_result(gw_conf_lists_open(&spec, &lists, &error), lists != NULL, &error);
    if (lists != NULL) {
        (void)gw_lists_watches(lists, root.wire, root.len);
        (void)gw_lists_expects(lists, &addr, &addr, &root);
        (void)gw_lists_group(lists, &addr, &group);
        (void)gw_lists_suppression(lists, &finding, 0);
    }
    gw_lists_free(lists);
}

static void
try_zone(const char *path)
{
    struct gw_hash_key key;
    const char *const paths[] = {path};
    const struct gw_conf_zones zones = {
        .path = paths, .path_count = 1, .budget = 1u << 20, .key = &key};
    struct gw_reference *reference = NULL;
    struct gw_reference_cut cut;
    struct gw_error_text error = {.text = ""};

    gw_hash_key_seeded(&key, 1);
    check_result(gw_conf_reference_open(&zones, &reference, &error), reference != NULL, &error);
    if (reference != NULL)
        (void)gw_reference_cut_of(reference, (const uint8_t *)"", 1, &cut);
    gw_reference_free(reference);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct gw_reference_roots roots;
    struct gw_error_text error = {.text = ""};
    char path[64];
    int fd;

    if (size == 0)
        return 0;
    fd = memfd_create("known", 0);
    check(fd >= 0);
    check(write(fd, data + 1, size - 1) == (ssize_t)(size - 1));
    snprintf(path, sizeof(path), "/dev/fd/%d", fd);
    if (data[0] % 6 < 4)
        try_lists(path, data[0] % 6);
    else if (data[0] % 6 == 4)
        try_zone(path);
    else
        (void)gw_conf_roots_open(path, &roots, &error);
    close(fd);
    return 0;
}
