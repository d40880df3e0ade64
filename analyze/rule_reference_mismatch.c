/* SPDX-License-Identifier: BSD-2-Clause */
/* reference-mismatch: delegation unlike the reference zone. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_reference_mismatch = {.kind = GW_KIND_REFERENCE_MISMATCH};
