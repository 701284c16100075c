"""Holds Nix files against the style in CONTRIBUTING.md: parses each with tree-sitter and names every lapse.

Usage: python .ci/nixstyle.py PATH...
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import tree_sitter_nix
from tree_sitter import Language, Node, Parser

LONGEST_LINE = 115
MOST_LINES = 250
FORBIDDEN = {
    "with_expression": "`with` hides where a name comes from",
    "rec_attrset_expression": "`rec` invites loops; use let",
    "spath_expression": "<…> reads the machine's search path",
    "ellipses": "name every argument; `...` swallows typos",
    "ERROR": "does not parse",
}


def main(paths: list[str]) -> int:
    """Prints every lapse under `paths`; returns 1 if there is one."""
    parser = Parser(Language(tree_sitter_nix.language()))
    files = [f for p in map(Path, paths) for f in ([p] if p.is_file() else sorted(p.rglob("*.nix")))]
    lapses = [line for file in files for line in check(file, file.read_text(encoding="utf-8"), parser)]
    print("\n".join(lapses) or f"{len(files)} Nix files keep the style")
    return 1 if lapses else 0


def check(file: Path, text: str, parser: Parser) -> Iterator[str]:
    """Yields `file:line: what is wrong` for the text of one file."""
    lines = text.splitlines()
    if not text.startswith(("# ", "{\n  description")):
        yield f"{file}:1: the first line says what the file is for"
    if not text.endswith("\n") or text.endswith("\n\n"):
        yield f"{file}:{len(lines)}: one newline ends the file"
    if len(lines) > MOST_LINES:
        yield f"{file}:{len(lines)}: more than {MOST_LINES} lines; look for the seam"
    for number, line in enumerate(lines, 1):
        if line != line.rstrip() or "\t" in line:
            yield f"{file}:{number}: a tab, or space at the end"
        if len(line) > LONGEST_LINE:
            yield f"{file}:{number}: longer than {LONGEST_LINE}"
        if (len(line) - len(line.lstrip(" "))) % 2:
            yield f"{file}:{number}: indented by an odd number of spaces"
    yield from (f"{file}:{n.start_point[0] + 1}: {FORBIDDEN[n.type]}" for n in walk(parser, text))


def walk(parser: Parser, text: str) -> Iterator[Node]:
    """Yields every node of a forbidden kind."""
    waiting = [parser.parse(text.encode()).root_node]
    while waiting:
        node = waiting.pop()
        if node.type in FORBIDDEN:
            yield node
        waiting.extend(node.children)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
