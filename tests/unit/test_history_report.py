"""The history as text and as JSON: the same facts, and nothing in them writes to the terminal."""

import json

import pytest
from jsonschema import Draft202012Validator

from tests.unit.released import OTHER, altered, make_document, release, successor
from verifier.release.changes import KINDS, Change, changes
from verifier.release.releases import Release
from verifier.report.history import Comparison, comparison_text, history_document, history_text
from verifier.schemas import OWN


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Release, ...]:
    first = make_document(tmp_path_factory.mktemp("bundle") / "tiny")
    better = altered(
        first, lambda d: (d["metrics"]["scalars"].update(accuracy=0.75), d["params"].update(seed=2))
    )
    second = successor({**better, "digest": first["digest"]}, "1.1.0")
    return release(first), release(second)


def compared(releases: tuple[Release, ...]) -> Comparison:
    first, second = releases
    found = tuple(changes(first.document, second.document))
    return Comparison(first=first.version, second=second.version, changes=found)


def test_table_has_all_releases_and_the_newest_is_last(releases: tuple[Release, ...]) -> None:
    lines = history_text("tiny", "1.1.0", releases).splitlines()
    assert lines[0] == "tiny"
    assert lines[2].split() == ["version", "date", "level", "identifier", "changed", "metrics"]
    assert lines[3].strip().startswith("1.0.0")
    assert "first release" in lines[3]
    assert lines[4].strip().startswith("1.1.0    2026-11-25  bitwise")
    assert lines[4].endswith("params, metrics  accuracy 0.75")
    assert len(lines) == 5


def test_version_that_is_not_released_is_said(releases: tuple[Release, ...]) -> None:
    assert history_text("tiny", "1.4.0", releases).splitlines()[-1] == "1.4.0: not released"


def test_model_without_a_release_says_how_to_make_one() -> None:
    said = "digits has no release yet; make one with: verifier release digits"
    assert history_text("digits", "1.0.0", ()) == said


def test_comparison_lists_every_change(releases: tuple[Release, ...]) -> None:
    lines = comparison_text("tiny", compared(releases)).splitlines()
    assert lines[0] == "tiny 1.0.0 → 1.1.0: params, metrics"
    assert [line.split() for line in lines[3:]] == [
        ["params", "seed", "added:", "2"],
        ["metrics", "accuracy", "0.5", "→", "0.75", "(+0.25)"],
    ]


def test_comparison_of_a_release_with_itself_finds_nothing() -> None:
    found = Comparison(first="1.0.0", second="1.0.0", changes=())
    assert comparison_text("tiny", found) == "tiny 1.0.0 → 1.0.0: nothing"


def test_names_cannot_write_to_the_terminal(releases: tuple[Release, ...]) -> None:
    hostile = altered(dict(releases[0].document), lambda d: d["metrics"]["scalars"].update({"\x1b[2J\nx": 1}))
    change = Change(kind="code", subject="\x1b[2J\nx", detail="\u202e")
    for text in (
        history_text("tiny", "1.0.0", (release(hostile),)),
        comparison_text("tiny", Comparison(first="a", second="b", changes=(change,))),
    ):
        assert not set(text) & {"\x1b", "\u202e"}
        assert "\nx" not in text


def test_only_the_first_scalars_are_shown(releases: tuple[Release, ...]) -> None:
    many = altered(
        dict(releases[0].document), lambda d: d["metrics"].update(scalars={f"m{n}": n for n in range(5)})
    )
    assert history_text("tiny", "1.0.0", (release(many),)).endswith("m0 0, m1 1, m2 2, 2 more")


def matches(document: dict[str, object]) -> bool:
    schema = json.loads((OWN / "history.schema.json").read_text())
    return Draft202012Validator(schema).is_valid(json.loads(json.dumps(document)))


def test_document_matches_its_schema(releases: tuple[Release, ...]) -> None:
    for current, some, comparison in (
        ("1.0.0", (), None),
        ("1.4.0", releases, None),
        ("1.1.0", releases, compared(releases)),
    ):
        document = history_document("tiny", current, some, comparison)
        assert matches(document)
        assert document["current"] == {"version": current, "released": current == "1.1.0"}


def test_document_has_what_the_text_has(releases: tuple[Release, ...]) -> None:
    document = json.loads(json.dumps(history_document("tiny", "1.1.0", releases, compared(releases))))
    assert [entry["changed"] for entry in document["releases"]] == [[], ["params", "metrics"]]
    assert document["comparison"]["changes"][0] == {"kind": "params", "subject": "seed", "detail": "added: 2"}
    assert document["releases"][0]["digest"] == releases[0].digest != OTHER


def test_schema_knows_every_kind_of_change() -> None:
    schema = json.loads((OWN / "history.schema.json").read_text())
    items = schema["properties"]["comparison"]["properties"]["changes"]["items"]
    assert items["properties"]["kind"]["enum"] == list(KINDS)
