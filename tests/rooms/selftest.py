#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Each check of the rooms passes a small good tree, and fails it after one thing was made wrong."""

import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SPDX = "/* SPDX-License-Identifier: BSD-2-Clause */\n"

HEADER = SPDX + """/**
 * @file cut.h
 * A thing.
 */
#ifndef GLUEWATCH_PARSE_CUT_H
#define GLUEWATCH_PARSE_CUT_H

#include "gluewatch/kind.h"

int gw_name_cut(int len);

#endif
"""
SOURCE = SPDX + """#include "parse/cut.h"

static int
half(int len)
{
    return len / 2;
}

int
gw_name_cut(int len)
{
    return half(len) + 1; /* strcpy() in a comment is nobody's business */
}
"""
KINDS = SPDX + """/**
 * @file kind.h
 * Kinds.
 */
#ifndef GLUEWATCH_KIND_H
#define GLUEWATCH_KIND_H

#define GW_KIND_LIST(X) X(GLUE_BOGON, "glue-bogon", bogon, CONTENT, "T", "", 345, "RFC 6890 2.2")

#endif
"""
REASONS = SPDX + """/**
 * @file why.h
 * Reasons.
 */
#ifndef GLUEWATCH_WHY_H
#define GLUEWATCH_WHY_H

#define GW_WHY_LIST(X) X(NAME_CUT, MESSAGE, "name-truncated", "text", "")

#endif
"""
GOOD = {
    "include/gluewatch/kind.h": KINDS,
    "include/gluewatch/why.h": REASONS,
    "parse/cut.h": HEADER,
    "parse/cut.c": SOURCE,
    "analyze/rule_bogon.c": SPDX,
    "cmd/options.c": SPDX + 'static const char usage[] = "--memory"; /* -q */\n',
    "tests/unit/parse/test_cut.c": SPDX + "/* GW_NAME_CUT */\n",
    "tests/golden/bogon/findings.jsonl": '{"rule": {"name": "glue-bogon"}}\n',
    "docs/DETECTION.md": "# Kinds\n\n## `glue-bogon`\n\nSee `parse/cut.c` and `gw_name_cut()`.\n",
    "docs/REASONS.md": "| `name-truncated` | text |\n",
    "docs/man/gluewatch.1": ".It glue-bogon\n.Fl q\n.Fl -memory\n.Pa parse/cut.c\n",
    "README.md": "`--memory 1G`, `gluewatch -q`, [cut](parse/cut.c), `parse/<name>.c`, `cut.h`.\n",
}


def late(body):
    return SOURCE + f"\nint\ngw_name_more(int len)\n{{\n    {body}\n}}\n"


# Check, what is wrong, the file made wrong, its text (None: the file is taken away).
BAD = [
    ("rooms", "parse includes analyze", "parse/cut.c", SOURCE + '#include "analyze/table.h"\n'),
    ("rooms", "libpcap outside capture", "parse/cut.c", SOURCE + "#include <pcap/pcap.h>\n"),
    ("rooms", "stdio in parse", "parse/cut.c", SOURCE + "#include <stdio.h>\n"),
    ("rooms", "intrinsics outside the kernels", "parse/cut.c", SOURCE + "#include <immintrin.h>\n"),
    ("rooms", "a room uses the tests", "parse/cut.c", SOURCE + '#include "tests/support/guard.h"\n'),
    ("rooms", "own header late", "parse/cut.c", SPDX + "#include <stddef.h>\n#include \"parse/cut.h\"\n"),
    ("rooms", "source outside the rooms", "extra/cut.c", SPDX),
    ("headers", "header needs another", "parse/cut.h", HEADER.replace("int len", "uint8_t len")),
    ("headers", "header without guard", "parse/cut.h", HEADER.replace("GLUEWATCH_PARSE", "X")),
    ("headers", "header defines twice", "parse/cut.h", HEADER + "struct twice { int one; };\n"),
    ("headers", "no C++", "parse/cut.h", HEADER.replace("int len", "int new")),
    ("length", "long function", "parse/cut.c", late("\n    ".join(["len++;"] * 120))),
    ("length", "long file", "parse/cut.c", SOURCE + "\n" * 1000),
    ("length", "long line", "parse/cut.c", SOURCE + "/* " + "x" * 100 + " */\n"),
    ("length", "same name twice", "report/cut.c", SPDX),
    ("length", "same name twice, headers", "report/cut.h", SPDX),
    ("length", "many middling functions", "parse/cut.c", SOURCE + "".join(
        f"\nint\ngw_name_{n}(int len)\n{{\n" + "    len++;\n" * 30 + "}\n" for n in range(30))),
    ("banned", "strcpy", "parse/cut.c", late("strcpy(a, b);")),
    ("banned", "malloc while packets flow", "parse/cut.c", late("return malloc(1);")),
    ("banned", "recursion", "parse/cut.c", late("return gw_name_more(len);")),
    ("banned", "recursion through another", "parse/cut.c", SOURCE.replace(
        "len / 2", "gw_name_cut(len)")),
    ("docs", "missing path", "README.md", "See `parse/none.c`.\n"),
    ("docs", "missing file name", "README.md", "See `none.c`.\n"),
    ("docs", "missing link", "README.md", "[cut](parse/none.md)\n"),
    ("docs", "missing option", "README.md", "`--none`\n"),
    ("docs", "missing option of a command", "README.md", "```\ngluewatch --none file\n```\n"),
    ("docs", "missing kind", "README.md", "`glue-none`\n"),
    ("docs", "missing symbol", "README.md", "`gw_none()`\n"),
    ("docs", "missing variable", "README.md", "`GLUEWATCH_NONE`\n"),
    ("docs", "missing option in the manual", "docs/man/gluewatch.1", ".It Fl -none\n"),
    ("docs", "missing path in the manual", "docs/man/gluewatch.1", ".Pa parse/none.c\n"),
    ("kinds", "kind without rule", "analyze/rule_bogon.c", None),
    ("kinds", "kind without case", "tests/golden/bogon/findings.jsonl", None),
    ("kinds", "kind without section", "docs/DETECTION.md", "# Kinds\n"),
    ("kinds", "rule without kind", "analyze/rule_none.c", SPDX),
    ("reasons", "reason without text", "docs/REASONS.md", "\n"),
    ("reasons", "reason without test", "tests/unit/parse/test_cut.c", SPDX),
    ("clean", "trailing blank", "README.md", "x \n"),
    ("clean", "no newline", "README.md", "x"),
    ("clean", "no licence", "parse/cut.c", "int gw_name;\n"),
    ("clean", "unfinished", "README.md", "TO" "DO: more\n"),
    ("clean", "historic word", "README.md", "baili" "wick\n"),
]


def run(check, *arguments):
    script = os.path.join(HERE, f"check_{check}.py")
    return subprocess.run([sys.executable, script, *arguments], check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)


def write(root, path, text):
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "w", encoding="ascii") as stream:
        stream.write(text)


def with_tree(function):
    root = tempfile.mkdtemp()
    try:
        for path, text in GOOD.items():
            write(root, path, text)
        return function(root)
    finally:
        shutil.rmtree(root)


def good_passes(root):
    bad = 0
    for check in sorted({row[0] for row in BAD}):
        result = run(check, root)
        if result.returncode != 0:
            print(f"check_{check} fails a good tree:\n{result.stdout}")
            bad += 1
    return bad


def bad_fails(check, what, path, text):
    def judge(root):
        if text is None:
            os.unlink(os.path.join(root, path))
        else:
            write(root, path, text)
        result = run(check, root)
        if result.returncode == 1 and " 0 complaints" not in result.stdout \
                and "Traceback" not in result.stdout:
            return 0
        print(f"check_{check} passes a tree with: {what}\n{result.stdout}")
        return 1
    return with_tree(judge)


def library_fails(root):
    """check_symbols on two libraries: names in order, then one foreign name and writable data."""
    bad = 0
    cases = [("int gw_name_ok(void);\nint gw_name_ok(void) { return 0; }\n", 0),
             ("int other(void);\nint other(void) { return 0; }\n", 1),
             ("static int count;\nint gw_name_ok(void);\nint gw_name_ok(void) { return count++; }\n", 1)]
    for number, (text, expected) in enumerate(cases):
        source = os.path.join(root, "library.c")
        library = os.path.join(root, f"library_{number}.a")
        write(root, "library.c", text)
        subprocess.run(["gcc", "-c", source, "-o", source + ".o"], check=True)
        subprocess.run(["ar", "rc", library, source + ".o"], check=True)
        result = run("symbols", root, f"parse={library}")
        if result.returncode != expected:
            print(f"check_symbols judges library {number} wrongly:\n{result.stdout}")
            bad += 1
    return bad


def main():
    bad = with_tree(good_passes) + with_tree(library_fails)
    for row in BAD:
        bad += bad_fails(*row)
    print(f"selftest: {len(BAD)} bad trees, {bad} misjudged")
    sys.exit(1 if bad else 0)


main()
