/* SPDX-License-Identifier: BSD-2-Clause */
/* cut-overlap: zone cuts that overlap in one server's referrals. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_cut_overlap = {.kind = GW_KIND_CUT_OVERLAP};
