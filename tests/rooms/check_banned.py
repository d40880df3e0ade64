#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Calls that have no place here: unbounded string functions, late allocation, recursion on packets."""

import re

from tree import ROOMS, code_only, functions, line_of, open_tree

BANNED = re.compile(r"\b(strcpy|strcat|stpcpy|sprintf|vsprintf|strtok|rand|srand|alloca|gets|atoi|atol"
                    r"|atoll|strncpy|strncat|setjmp|longjmp)\s*\(")
ALLOCATION = re.compile(r"\b(malloc|calloc|realloc|reallocarray|aligned_alloc|posix_memalign|strdup"
                        r"|strndup|asprintf)\s*\(")
MAY_ALLOCATE = re.compile(r"(.*_)?(new|init|open)(_[a-z0-9]+)?")
# parse and analyze work while packets flow; the others allocate when they are set up.
STRICT = ("parse", "analyze")
CALL = re.compile(r"\b([a-z_][a-z0-9_]*)\s*\(")


def check_calls(tree, path, text):
    code = code_only(text)
    for match in BANNED.finditer(code):
        tree.complain(path, line_of(code, match.start()), f"{match.group(1)}() is not used here")


def check_allocation(tree, path, found):
    for function in found:
        match = ALLOCATION.search(function.body)
        if match and not MAY_ALLOCATE.fullmatch(function.name):
            tree.complain(path, function.first, f"{function.name}() calls {match.group(1)}(): only"
                          " functions named _new, _init or _open may")


def call_graph(tree, paths):
    """{(file, function): callees}; a name means the function of the same file before any other."""
    bodies = {}
    homes = {}
    for path in paths:
        for function in functions(tree.read(path)):
            bodies[(path, function.name)] = function
            homes.setdefault(function.name, path)
    graph = {}
    for (path, name), function in bodies.items():
        called = set(CALL.findall(function.body))
        graph[(path, name)] = {(path if (path, callee) in bodies else homes[callee], callee)
                               for callee in called if callee in homes}
    return graph, bodies


def on_a_cycle(graph, start):
    todo, seen = list(graph[start]), set()
    while todo:
        node = todo.pop()
        if node == start:
            return True
        if node not in seen:
            seen.add(node)
            todo.extend(graph.get(node, ()))
    return False


def main():
    tree = open_tree()
    sources = tree.select(".c", ".h", under=ROOMS + ("include",))
    for path in sources:
        text = tree.read(path)
        check_calls(tree, path, text)
        if path.split("/")[0] in STRICT:
            check_allocation(tree, path, functions(text))
    graph, bodies = call_graph(tree, tree.select(".c", ".h", under=("parse", "base")))
    for node in sorted(graph):
        if on_a_cycle(graph, node):
            tree.complain(node[0], bodies[node].first, f"{node[1]}() comes to call itself")
    tree.finish()


main()
