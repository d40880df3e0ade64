#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Includes run only along the table of the rooms (LAYOUT.md)."""

import re

from tree import ROOMS, open_tree

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)

# Folder: the folders whose headers it may include, besides gluewatch/.
MAY_INCLUDE = {
    "include": (),
    "base": ("base",),
    "capture": ("base", "capture"),
    "parse": ("base", "parse"),
    "analyze": ("base", "analyze"),
    "report": ("base", "report"),
    "cmd": ROOMS,
    "tests": ROOMS + ("tests",),
    "fuzz": ROOMS + ("tests", "fuzz"),
    "bench": ROOMS + ("tests", "bench"),
}

# A header of somebody else: where it may be included, as the beginning of a path.
ONLY_IN = (
    (re.compile(r"pcap(/.*|-.*)?\.h|pcap/.*"), ("capture/",)),
    (re.compile(r"xxhash\.h|xxh3\.h"), ("base/hash.c",)),
    (re.compile(r"libzscanner/.*"), ("cmd/zonefile.c",)),
    (re.compile(r"zlib\.h|zstd.*\.h|lzma\.h|lz4.*\.h"), ("capture/compress.c",)),
    (re.compile(r"(imm|emm|xmm|smm|tmm|nmm|pmm|avx.*)intrin\.h|x86intrin\.h|arm_neon\.h"),
     ("parse/kernel/",)),
    (re.compile(r"pthread\.h|threads\.h"), ("base/", "cmd/")),
)
# A header that these folders may not include.
NEVER_IN = ((re.compile(r"stdio\.h"), ("parse/", "analyze/", "base/", "include/")),)
OUTSIDE = ("tests/", "fuzz/", "bench/")


def check_own(tree, path, line, name):
    room = path.split("/")[0]
    folder = name.split("/")[0]
    if folder == "gluewatch":
        if not tree.has("include/" + name):
            tree.complain(path, line, f'"{name}" does not exist')
        return
    if folder not in MAY_INCLUDE.get(room, ()):
        tree.complain(path, line, f'{room}/ may not include "{name}"')
    elif not tree.has(name):
        tree.complain(path, line, f'"{name}" does not exist from the root')


def check_foreign(tree, path, line, name):
    if name.startswith("gluewatch/"):
        tree.complain(path, line, f'<{name}> is ours: include it as "{name}"')
    for pattern, places in ONLY_IN:
        if pattern.fullmatch(name) and not path.startswith(places + OUTSIDE):
            tree.complain(path, line, f"<{name}> belongs to {' '.join(places)} alone")
    for pattern, places in NEVER_IN:
        if pattern.fullmatch(name) and path.startswith(places):
            tree.complain(path, line, f"<{name}> has no place in {path.split('/')[0]}/")


def check_own_header_first(tree, path, text):
    own = path[:-2] + ".h"
    first = INCLUDE.search(text)
    if path.endswith(".c") and tree.has(own) and first and first.group(2) != own:
        tree.complain(path, 0, f'its own header "{own}" is not its first include')


def main():
    tree = open_tree()
    for path in tree.select(".c", ".h"):
        if path.split("/")[0] not in MAY_INCLUDE:
            tree.complain(path, 0, "C source outside of every room")
            continue
        text = tree.read(path)
        for match in INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start(2)) + 1
            if match.group(1) == '"':
                check_own(tree, path, line, match.group(2))
            else:
                check_foreign(tree, path, line, match.group(2))
        check_own_header_first(tree, path, text)
    tree.finish()


main()
