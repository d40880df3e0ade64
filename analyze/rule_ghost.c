/* SPDX-License-Identifier: BSD-2-Clause */
/* ghost-delegation: delegation in use after the parent withdrew it. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_ghost = {.kind = GW_KIND_GHOST_DELEGATION};
