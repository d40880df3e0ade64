/* SPDX-License-Identifier: BSD-2-Clause */
/* suspect-glue-followed: resolver asks an address of suspect glue. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_followed = {.kind = GW_KIND_SUSPECT_GLUE_FOLLOWED};
