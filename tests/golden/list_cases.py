#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Print the names of the golden cases, for the build."""

import os

HERE = os.path.dirname(os.path.abspath(__file__))
for name in sorted(os.listdir(HERE)):
    if os.path.exists(os.path.join(HERE, name, "case.json")):
        print(name)
