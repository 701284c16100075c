"""A policy that somebody bends at any place is read or refused in a sentence; what is read can be explained."""

import copy
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.gate.policies import at, read, waiver
from tests.gate.scene import policy, public
from verifier.contract.strict_yaml import MOST_BYTES
from verifier.errors import BadInput
from verifier.policy.lint import lint
from verifier.policy.reading import read_marked
from verifier.report.linted import lint_document, lint_text

BENT = (
    *(
        None,
        True,
        0,
        0.0,
        -1,
        2.0,
        10**18,
        "",
        " ",
        "high",
        "high\n",
        "ci",
        "\ud800",
        "\x1b[31m",
        "0d",
        "36500d",
    ),
    *("2027-01-31", "0001-01-01", "9999-12-31", "https://x", "NOASSERTION", "(MIT", "MIT OR", "a" * 3000),
    *([], {}, ["ci"], ["ci", "ci"], [None], [[]], {"": 1}, {"name": "a"}, {"count": 0, "of": []}),
)


def whole() -> dict:
    value = policy()
    value["parties"]["bob"]["certificates"] = [{"signer": "bob@example.org", "issuer": "https://example.org"}]
    value["trusted_root"] = {"file": "root.json", "sha256": "0" * 64}
    value["exceptions"] = [waiver(bundle="a" * 64)]
    return value


def places(value: object, so_far: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield (*so_far, key)
        yield from places(part, (*so_far, key))


@given(places=st.lists(st.sampled_from(list(places(whole()))), min_size=1, max_size=2), data=st.data())
def test_bent_policy_is_read_or_refused(
    places: list, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    value = whole()
    for place in places:
        bent = data.draw(st.one_of(st.sampled_from(BENT), st.just(KeyError), st.text(max_size=20)))
        try:
            if bent is KeyError:
                remove(place, value)
            else:
                at(*place, value=copy.deepcopy(bent))(value)
        except (KeyError, IndexError, TypeError):
            continue  # the other one has taken this place away
    path = tmp_path_factory.mktemp("bent") / "policy.yaml"
    path.write_text(yaml.safe_dump(value, sort_keys=False))
    today = date(2026, 11, 26)
    try:
        marked, found = read_marked(path)
    except BadInput as error:
        assert error.sentence.startswith(str(path))
        return
    findings = lint(found, today)
    assert "\x1b" not in lint_text(found, findings, marked.line, today)
    assert lint_document(found, findings, marked.line, today)["findings"] is not None


def remove(place: tuple, value: dict) -> None:
    part: object = value
    for step in place[:-1]:
        part = part[step]
    del part[place[-1]]


def test_a_large_policy_is_read_in_no_time(tmp_path: Path) -> None:
    def change(value: dict) -> None:
        value["exceptions"] = [waiver(id=f"EX-{n}") for n in range(2000)]
        value["tiers"]["high"]["licences"] = ["NOASSERTION", *(f"L-{n}" for n in range(5000))]

    began = time.monotonic()
    found = read(tmp_path, change)
    assert lint(found, date(2026, 11, 26))
    assert time.monotonic() - began < 20
    assert (tmp_path / "policy.yaml").stat().st_size < MOST_BYTES


def test_ten_thousand_faults_are_told_in_no_time(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(BadInput):
        read(tmp_path, at("parties", value={f"p{n}": {"keys": [public("ci")]} for n in range(2000)}))
    assert time.monotonic() - began < 20
