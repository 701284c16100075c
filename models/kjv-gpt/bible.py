"""Reads the King James Bible out of Debian's packages: every verse with its book, in the Bible's order."""

import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from builder.runtime import deb

VERSES = 31102
LONGEST_LINE = 2000
CHAPTER = re.compile(r"((?:[1-3] )?[A-Z][A-Za-z ]*) (\d+)")
VERSE = re.compile(r" +(\d+) (.+)")


@dataclass(frozen=True, kw_only=True)
class Verse:
    """One verse; `number` counts from 1 in each chapter."""

    book: str
    chapter: int
    number: int
    text: str


def read(text: Path, program: Path) -> list[Verse]:
    """Returns all verses; `text` and `program` are the packages bible-kjv-text and bible-kjv.

    Raises:
        ValueError: there are more or fewer than the Bible has.
    """
    verses = list(parse(printed(text, program)))
    if len(verses) != VERSES:
        raise ValueError(f"the Bible has {VERSES} verses, found {len(verses)}")
    return verses


def printed(text: Path, program: Path) -> str:
    """Returns what bible(1) prints for the whole Bible, a verse to a line."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        deb.unpack(text, folder)
        deb.unpack(program, folder)
        # bible(1) puts `./` before the name, even of an absolute path.
        data = os.path.relpath(folder.resolve() / "usr" / "lib" / "bible.data")
        arguments = [f"-l{LONGEST_LINE}", "-d", data, "gen1:1-rev22:21"]
        return deb.run(folder / "usr" / "bin" / "bible", arguments)


def parse(output: str) -> Iterator[Verse]:
    """Yields the verses of bible(1)'s output: headings such as `1 Samuel 3`, below them `  2 And …`.

    Raises:
        ValueError: a line is neither.
    """
    book, chapter = "", 0
    for line in filter(None, output.splitlines()):
        if verse := VERSE.fullmatch(line):
            yield Verse(book=book, chapter=chapter, number=int(verse[1]), text=verse[2])
        elif heading := CHAPTER.fullmatch(line):
            book, chapter = heading[1], int(heading[2])
        else:
            raise ValueError(f"neither the heading of a chapter nor a verse: {line[:80]!r}")
