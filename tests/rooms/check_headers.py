#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every header compiles by itself and twice in a row, as C11 and as C++17, and carries its guard.

For C++ the word `class`, a member's name in ours, and _Static_assert are given the spelling that it knows.
"""

import os
import re
import subprocess
import tempfile

from concurrent.futures import ThreadPoolExecutor

from tree import ROOMS, open_tree

COMPILERS = (
    ("gcc", ".c", ["-std=c11"]),
    ("g++", ".cc", ["-std=c++17", "-Dclass=class_", "-D_Static_assert=static_assert",
     "-Wno-missing-field-initializers"]),
)
COMMON = ["-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function", "-fsyntax-only"]


def guard_of(path):
    name = path[len("include/"):] if path.startswith("include/") else "gluewatch/" + path
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


def compile_header(tree, scratch, number, header, compiler):
    command, suffix, flags = compiler
    source = os.path.join(scratch, f"header_{number}{suffix}")
    name = header[len("include/"):] if header.startswith("include/") else header
    with open(source, "w", encoding="ascii") as stream:
        stream.write(f'#include "{name}"\n#include "{name}"\n')
    paths = ["-I", os.path.join(tree.root, "include"), "-I", tree.root]
    result = subprocess.run([command, *flags, *COMMON, *paths, source], check=False,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode == 0:
        return None
    first = [line for line in result.stdout.split("\n") if "error" in line] or ["fails"]
    return f"{command} {flags[0]}: {first[0]}"


def main():
    tree = open_tree()
    headers = tree.select(".h", under=ROOMS + ("include", "tests"))
    for header in headers:
        text = tree.read(header)
        if not header.startswith("tests/") and f"#ifndef {guard_of(header)}\n" not in text:
            tree.complain(header, 0, f"no guard {guard_of(header)}")
        if "@file" not in text:
            tree.complain(header, 0, "no @file comment")
    jobs = [(header, compiler) for header in headers for compiler in COMPILERS
            if not (header.startswith("tests/") and compiler[0] == "g++")]
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(os.cpu_count()) as pool:
        outcome = pool.map(lambda job: compile_header(tree, scratch, job[0], job[1][0], job[1][1]),
                           enumerate(jobs))
        for (header, _), text in zip(jobs, outcome):
            if text:
                tree.complain(header, 0, text)
    tree.finish()


main()
