/* SPDX-License-Identifier: BSD-2-Clause */
/* resp-fragment-glue: glue that a later fragment brought. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_fragment_glue = {.kind = GW_KIND_RESP_FRAGMENT_GLUE};
