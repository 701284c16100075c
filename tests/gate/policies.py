"""Policies as files: the scene's own, changed; and what reading or linting them says."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import yaml

from tests.gate.scene import policy
from verifier.errors import BadInput
from verifier.policy.findings import Finding, Kind
from verifier.policy.lint import lint
from verifier.policy.reading import read_policy
from verifier.policy.terms import Policy

Change = Callable[[dict], object]
TODAY = date(2026, 11, 26)
ADVICE = "The format is in docs/reference/policy.md."


def waiver(**other: object) -> dict:
    """An exception, as YAML has it."""
    return {
        "id": "EX-1",
        "model": "tiny",
        "version": "1.0.0",
        "reasons": ["rollback"],
        "why": "the newest one is wrong",
        "approver": "alice",
        "expires": "2027-01-31",
        "link": "https://tickets.example.org/1",
        **other,
    }


def write(folder: Path, change: Change = lambda _: None) -> Path:
    """Writes the scene's policy after a change."""
    value = policy()
    change(value)
    path = folder / "policy.yaml"
    path.write_text(value if isinstance(value, str) else yaml.safe_dump(value, sort_keys=False))
    return path


def read(folder: Path, change: Change = lambda _: None) -> Policy:
    return read_policy(write(folder, change))


def refusal(folder: Path, change: Change) -> tuple[str, str]:
    """Returns why a policy is refused, and the text of the line that the sentence names."""
    path = write(folder, change)
    with pytest.raises(BadInput) as caught:
        read_policy(path)
    found = re.fullmatch(r"(.*), line (\d+): (.*)", caught.value.sentence, re.DOTALL)
    assert found is not None
    assert (found[1], caught.value.advice) == (str(path), ADVICE)
    return found[3], path.read_text().splitlines()[int(found[2]) - 1]


def found(folder: Path, kind: Kind, change: Change, today: date = TODAY) -> list[Finding]:
    """Returns what a lint finds of one kind."""
    return [finding for finding in lint(read(folder, change), today) if finding.kind is kind]


def at(*place: str | int, value: object) -> Change:
    """Returns a change that sets what is at a place."""

    def change(policy: dict) -> None:
        part = policy
        for step in place[:-1]:
            part = part[step]
        part[place[-1]] = value

    return change


def tier(**other: object) -> Change:
    """Returns a change of the tier `high`."""
    return lambda policy: policy["tiers"]["high"].update(other)
