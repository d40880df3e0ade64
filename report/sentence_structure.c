/* SPDX-License-Identifier: BSD-2-Clause */
/* The sentences of the kinds about the shape of referrals and of what else is odd in them. */
#include "report/sentence_parts.h"

gw_text_put_kind
gw_text_structure(enum gw_kind kind)
{
    static const gw_text_put_kind put[GW_KIND_COUNT] = {NULL};

    return put[kind];
}
