#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The runs shown in README.md print what it shows.

Usage: check_readme.py ROOT PROGRAM [--rewrite]

A fenced block whose first line is `$ gluewatch ...` is a run in ROOT and its output; a last line `...`
leaves the rest of it out. With --rewrite the blocks are brought up to date.
"""

import os
import re
import shlex
import subprocess
import sys

BLOCK = re.compile(r"^```\n\$ gluewatch (.*)\n((?:.*\n)*?)```$", re.MULTILINE)
WIDTH = "100"


def printed(root, program, arguments):
    result = subprocess.run([program, *shlex.split(arguments)], cwd=root, check=False, text=True,
                            stdout=subprocess.PIPE, env={**os.environ, "COLUMNS": WIDTH})
    return result.stdout


def current(root, program, match):
    """The block as it should be: as long as it is now where it leaves something out."""
    lines = printed(root, program, match.group(1)).splitlines(keepends=True)
    shown = match.group(2).splitlines(keepends=True)
    if shown and shown[-1] == "...\n":
        lines = lines[:len(shown) - 1] + ["...\n"]
    return f"```\n$ gluewatch {match.group(1)}\n{''.join(lines)}```"


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    root, program = sys.argv[1], os.path.abspath(sys.argv[2])
    path = os.path.join(root, "README.md")
    with open(path, encoding="utf-8") as stream:
        text = stream.read()
    if not BLOCK.search(text):
        sys.exit("README.md shows no run of gluewatch")
    wanted = BLOCK.sub(lambda match: current(root, program, match), text)
    if "--rewrite" in sys.argv[3:]:
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(wanted)
    elif wanted != text:
        sys.exit("README.md shows another output than the program's: "
                 "tests/rooms/check_readme.py . build/cmd/gluewatch --rewrite")


main()
