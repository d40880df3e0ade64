/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/support/capture_tree.h"

#include <fts.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

static void
visit_below(char *path, gw_capture_visitor *visit, void *state)
{
    char *roots[] = {path, NULL};
    FTS *tree = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);
    FTSENT *item;

    if (tree == NULL)
        return;
    while ((item = fts_read(tree)) != NULL)
        if (item->fts_info == FTS_F)
            visit(item->fts_accpath, state);
    fts_close(tree);
}

bool
gw_capture_tree_visit(int argc, char **argv, gw_capture_visitor *visit, void *state)
{
    char *folder = getenv("GLUEWATCH_CAPTURES");

    if (argc < 2 && folder == NULL) {
        printf("no captures: GLUEWATCH_CAPTURES is not set\n");
        return false;
    }
    for (int i = 1; i < argc; i++)
        visit_below(argv[i], visit, state);
    if (argc < 2)
        visit_below(folder, visit, state);
    return true;
}
