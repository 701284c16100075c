"""Runs docs/guides/verify-before-deploy.md, every command of it, and holds what is said against what it shows."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.conftest import REPOSITORY
from verifier.signing.reasons import Reason

GUIDE = REPOSITORY / "docs" / "guides" / "verify-before-deploy.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
END = "--- end of "
REFUSED = re.compile(r"NOT ADMITTED  \S+: (\S+)")
ENOUGH = 15


@dataclass(frozen=True, kw_only=True)
class Command:
    """What is typed, and what is shown; in that `…` stands for any text."""

    typed: str
    shown: str


def commands() -> Iterator[Command]:
    for block in BLOCK.findall(GUIDE.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = part.splitlines()
            count = 1 + sum(line.startswith("> ") for line in lines[1:])
            typed = [lines[0], *(line.removeprefix("> ") for line in lines[1:count])]
            yield Command(typed="\n".join(typed), shown="\n".join(lines[count:]))


def pattern(shown: str) -> re.Pattern[str]:
    """The text, with any run of blanks for one, since columns are as wide as what is in them."""
    words = [re.escape(word).replace("…", ".*") for word in re.split(r" +", shown)]
    return re.compile(" +".join(words))


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each command printed, in a clone of this repository."""
    root = tmp_path_factory.mktemp("guide")
    subprocess.run(["git", "clone", "-q", REPOSITORY, root / "clone"], check=True)
    script = "".join(f"{one.typed}\necho '{END}{n}'\n" for n, one in enumerate(commands()))
    programs = root / "programs"
    programs.mkdir()
    (programs / "verifier").write_text(
        f'#!/bin/sh\nPYTHONPATH={REPOSITORY} exec {REPOSITORY}/.venv/bin/python -m verifier "$@"\n'
    )
    (programs / "verifier").chmod(0o755)
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(root)}
    environment |= {"XDG_STATE_HOME": str(root / "state"), "XDG_CACHE_HOME": str(root / "cache")}
    environment |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=root / "clone",
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return re.split(rf"^{END}\d+\n", done.stdout, flags=re.MULTILINE)


def test_every_command_says_what_the_guide_shows(said: list[str]) -> None:
    expected = list(commands())
    assert len(said) == len(expected) + 1
    wrong = []
    for one, text in zip(expected, said, strict=False):
        lines = [
            line for line in text.splitlines() if not re.match(r"(first|second|varied|proof) build: ", line)
        ]
        found = "\n".join(lines)
        if not pattern(one.shown).fullmatch(found):
            wrong.append(f"$ {one.typed}\n{found}\n--- the guide shows:\n{one.shown}")
    assert not wrong, "\n\n".join(wrong)


def test_guide_shows_enough_refusals() -> None:
    shown = {code for one in commands() for code in REFUSED.findall(one.shown)}
    first = {code.rstrip(",") for code in shown}
    assert len(first) >= ENOUGH, sorted(first)
    assert first <= set(map(str, Reason))
