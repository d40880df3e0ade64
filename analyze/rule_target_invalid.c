/* SPDX-License-Identifier: BSD-2-Clause */
/* ns-target-invalid: nS record that names no possible name server. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_target_invalid = {.kind = GW_KIND_NS_TARGET_INVALID};
