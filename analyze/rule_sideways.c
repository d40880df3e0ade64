/* SPDX-License-Identifier: BSD-2-Clause */
/* referral-sideways: referral to a zone the question is not in. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_sideways = {.kind = GW_KIND_REFERRAL_SIDEWAYS};
