/* SPDX-License-Identifier: BSD-2-Clause */
/* The sentences of the kinds about what is known to be true, and about what resolvers did. */
#include "report/sentence_parts.h"

gw_text_put_kind
gw_text_truth(enum gw_kind kind)
{
    static const gw_text_put_kind put[GW_KIND_COUNT] = {NULL};

    return put[kind];
}
