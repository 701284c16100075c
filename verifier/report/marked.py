"""Foreign text in Markdown: nothing in it is a mention, a link, a picture, a formula, HTML or a new cell.

It always stands in code, where GitHub and GitLab look for no mention and no reference, and what could end the code
or mean anything inside it is written as a character reference.
"""

import re
from collections.abc import Sequence

from verifier.report.facts import cut
from verifier.report.printable import printable

LONGEST_NAME, LONGEST_LINE = 200, 300
HARMLESS = re.compile(r"(?<!www)[.]|[^\W_]|:(?!/)|[ /,()=+%–…-]", re.IGNORECASE)


def code(text: str, most: int = LONGEST_NAME) -> str:
    """Returns a text as code within a line; in a cell of a table and in a heading too."""
    shown = cut(text, most)
    escaped = (c if HARMLESS.match(shown, i) else f"&#{ord(c)};" for i, c in enumerate(shown))
    return f"<code>{''.join(escaped)}</code>"


def block(lines: Sequence[str], language: str = "text") -> str:
    """Returns lines as a block of code, under a fence that none of them can close."""
    shown = [cut(line, LONGEST_LINE) for line in lines]
    longest = max((len(run) for line in shown for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}{language}", *shown, fence])


def command(line: str) -> str:
    """Returns a command as a block of code; it is whole, for half a command is another command."""
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}sh\n{printable(line)}\n{fence}"
