"""Licences in a bill of materials, held against those that a tier allows."""

import json

import pytest

from tests.gate.scene import Gate
from verifier.gate.licences import licence_faults, licences_in


def bill(*choices: list[dict]) -> dict:
    return {"components": [{"name": f"c{n}", "licenses": one} for n, one in enumerate(choices)]}


def expression(text: str) -> list[dict]:
    return [{"expression": text}]


def named(text: str) -> list[dict]:
    return [{"license": {"name": text}}]


@pytest.mark.parametrize(
    ("text", "allowed", "fits"),
    [
        ("MIT", ["MIT"], True),
        ("MIT", ["mit"], True),
        ("MIT", [], False),
        ("MIT OR GPL-3.0-only", ["MIT"], True),
        ("MIT AND GPL-3.0-only", ["MIT"], False),
        ("MIT AND (GPL-3.0-only OR BSD-3-Clause)", ["MIT", "BSD-3-Clause"], True),
        ("GPL-3.0-or-later WITH GCC-exception-3.1", ["GPL-3.0-or-later"], False),
        ("GPL-3.0-or-later WITH GCC-exception-3.1", ["GPL-3.0-or-later WITH GCC-exception-3.1"], True),
        ("GPL-2.0+", ["GPL-2.0-or-later"], True),
        ("GPL-2.0-or-later", ["GPL-2.0+"], True),
        ("GPL-2.0-or-later", ["GPL-2.0-only"], False),
        ("MIT AND (", ["MIT"], False),
        ("(" * 3000, ["MIT"], False),
        ("MIT" + " AND MIT" * 1000, ["MIT"], False),
        ("( OR MIT", ["MIT"], False),
        ("'()with'", ["MIT"], False),
        ("MIT AND Zlib", ["MIT AND Zlib"], True),
        ("MIT", ["( OR MIT", "'()with'", "MIT"], True),
    ],
)
def test_expression(text: str, allowed: list[str], fits: bool) -> None:
    assert (licence_faults(bill(expression(text)), allowed) == []) is fits


def test_name_in_words_of_its_own_is_allowed_by_these_words_alone() -> None:
    document = bill(named("Public domain"))
    assert licence_faults(document, ["Public domain"]) == []
    assert licence_faults(document, ["public domain", "Public"]) == ["c0: its licence is 'Public domain'"]


def test_words_that_are_no_expression_do_not_allow_a_licence_called_none() -> None:
    """A package that says `License: None` has stated none; no policy lists that by listing other words."""
    assert licence_faults(bill(named("None")), ["BSD License", "Public domain ("]) != []
    assert licence_faults(bill(expression("None")), ["BSD License"]) != []


def test_name_that_looks_like_an_expression_is_none() -> None:
    assert licence_faults(bill(named("MIT OR whatever we like")), ["MIT"]) != []


@pytest.mark.parametrize("choices", [[], [{}], [{"license": {}}]])
def test_component_without_a_licence_is_a_fault(choices: list[dict]) -> None:
    assert licence_faults(bill(choices), ["", "MIT"]) == ["c0: no licence is stated"]


def test_every_fault_is_named() -> None:
    document = bill(expression("MIT"), expression("Zlib"), named("other"))
    assert [fault.split(":")[0] for fault in licence_faults(document, ["MIT"])] == ["c1", "c2"]


def test_all_that_a_bill_needs_is_what_is_listed(gate: Gate) -> None:
    document = json.loads((gate.bundle / "bom.cdx.json").read_text())
    needed = licences_in(document)
    assert licence_faults(document, needed) == []
    for one in needed:
        assert licence_faults(document, [other for other in needed if other != one]) != []
