/* SPDX-License-Identifier: BSD-2-Clause */
/* root-mismatch: address of a root server that is not its own. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_root_mismatch = {.kind = GW_KIND_ROOT_MISMATCH};
