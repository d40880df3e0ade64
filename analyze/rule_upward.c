/* SPDX-License-Identifier: BSD-2-Clause */
/* referral-upward: referral above the zone asked in. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_upward = {.kind = GW_KIND_REFERRAL_UPWARD};
