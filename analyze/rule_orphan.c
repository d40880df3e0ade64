/* SPDX-License-Identifier: BSD-2-Clause */
/* glue-orphan: address under a delegation that is gone. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_orphan = {.kind = GW_KIND_GLUE_ORPHAN};
