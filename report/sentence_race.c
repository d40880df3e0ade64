/* SPDX-License-Identifier: BSD-2-Clause */
/* How messages came: the sentences of the kinds about races and transport. */
#include "report/sentence_parts.h"

gw_text_put_kind
gw_text_race(enum gw_kind kind)
{
    static const gw_text_put_kind put[GW_KIND_COUNT] = {NULL};

    return put[kind];
}
