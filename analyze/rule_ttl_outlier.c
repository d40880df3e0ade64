/* SPDX-License-Identifier: BSD-2-Clause */
/* glue-ttl-outlier: tTL unlike the parent zone's others. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_ttl_outlier = {.kind = GW_KIND_GLUE_TTL_OUTLIER};
