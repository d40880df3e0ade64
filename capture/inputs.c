/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Take over @p path, which may be NULL for want of memory. */
static int
append_open(struct gw_inputs *inputs, char *path, uint32_t path_index, bool found)
{
    if (path == NULL)
        return GW_E_NOMEM;
    if (inputs->count == inputs->room) {
        const uint32_t room = inputs->room == 0 ? 16 : inputs->room * 2;
        struct gw_inputs_entry *entry = reallocarray(inputs->entry, room, sizeof(*entry));

        if (entry == NULL) {
            free(path);
            return GW_E_NOMEM;
        }
        inputs->entry = entry;
        inputs->room = room;
    }
    inputs->entry[inputs->count++] =
        (struct gw_inputs_entry){.path = path, .path_index = path_index, .found = found};
    return GW_DONE;
}

static char *
join_open(const char *folder, const char *name)
{
    const size_t len = strlen(folder);
    const char *slash = len > 0 && folder[len - 1] == '/' ? "" : "/";
    char *path = NULL;

    return asprintf(&path, "%s%s%s", folder, slash, name) < 0 ? NULL : path;
}

static int
compare_paths(const void *left, const void *right)
{
    const struct gw_inputs_entry *one = left;
    const struct gw_inputs_entry *other = right;

    return strcmp(one->path, other->path);
}

/* Append the regular files that @p directory shows and that are not hidden. */
static int
folder_open(struct gw_inputs *inputs, DIR *directory, const char *folder, uint32_t path_index)
{
    const struct dirent *item;

    while ((item = readdir(directory)) != NULL) {
        struct stat status;

        if (item->d_name[0] == '.')
            continue;
        /* What vanished since, and links to nowhere, are no regular files either. */
        if (fstatat(dirfd(directory), item->d_name, &status, 0) != 0 || !S_ISREG(status.st_mode))
            continue;

        const int error = append_open(inputs, join_open(folder, item->d_name), path_index, true);

        if (error != GW_DONE)
            return error;
    }
    return GW_DONE;
}

int
gw_source_inputs_open(struct gw_inputs *inputs, const char *path, uint32_t path_index,
    struct gw_error_text *ret_error)
{
    const uint32_t before = inputs->count;
    struct stat status;
    int error;

    if (strcmp(path, "-") == 0 || stat(path, &status) != 0 || !S_ISDIR(status.st_mode)) {
        error = append_open(inputs, strdup(path), path_index, false);
    } else {
        DIR *directory = opendir(path);

        if (directory == NULL) {
            snprintf(ret_error->text, sizeof(ret_error->text), "%s: %s", path, strerror(errno));
            return GW_E_OPEN;
        }
        error = folder_open(inputs, directory, path, path_index);
        closedir(directory);
        if (inputs->count > before)
            qsort(inputs->entry + before, inputs->count - before, sizeof(*inputs->entry),
                compare_paths);
    }
    if (error != GW_DONE)
        snprintf(ret_error->text, sizeof(ret_error->text), "%s: no memory", path);
    return error;
}

void
gw_source_inputs_free(struct gw_inputs *inputs)
{
    for (uint32_t i = 0; i < inputs->count; i++)
        free(inputs->entry[i].path);
    free(inputs->entry);
    *inputs = (struct gw_inputs){0};
}
