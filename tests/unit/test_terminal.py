"""The text for people: what differs first, ten files at most, and nothing that can write to the terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plans import make_bundle, make_plan, make_row, make_verdict
from verifier.explain.findings import Cause, Explanation, Finding
from verifier.rebuild.rows import bundle_rows
from verifier.report.terminal import MOST_FILES, comparison_text, verdict_text
from verifier.verdict import Explained, Kept, Row, Status

EVIL = "\x1b[2Jevil\r\u202e"


def printable(text: str) -> bool:
    return all(c.isprintable() or c == "\n" for c in text)


def failed(**fields: object) -> Row:
    return make_row(Status.FAILED, **fields)


def test_verified_model_says_so_first() -> None:
    first = verdict_text(make_verdict(make_row())).splitlines()[0]
    assert first == "verified  tiny 1.0.0: two builds on this machine, equal to the last bit"


def test_failed_model_says_so_first_and_why() -> None:
    first = verdict_text(make_verdict(failed(detail="differs in 1 place"))).splitlines()[0]
    assert first == "NOT VERIFIED  tiny 1.0.0: rebuild train: differs in 1 place"


def test_model_without_rows_is_not_verified() -> None:
    assert "NOT VERIFIED  tiny 1.0.0: not everything could be checked" in verdict_text(make_verdict())


def test_row_that_was_not_checked_shows_as_that() -> None:
    text = verdict_text(make_verdict(make_row(Status.NOT_CHECKED, detail="no time")))
    assert "not checked: no time" in text
    assert "NOT VERIFIED" in text


def test_every_row_is_in_the_table() -> None:
    rows = [make_row(subject="prepare"), failed(subject="train"), make_row(Status.NOT_CHECKED, subject="zoo")]
    lines = verdict_text(make_verdict(*rows)).splitlines()[2:6]
    assert [line.split()[1] for line in lines] == ["subject", "prepare", "train", "zoo"]
    assert ["ok:" in lines[1], "FAILED:" in lines[2], "not checked:" in lines[3]] == [True] * 3


def test_columns_start_at_one_place() -> None:
    rows = [make_row(subject="a", first="built here"), make_row(subject="a long subject", first="known")]
    lines = verdict_text(make_verdict(*rows)).splitlines()[2:5]
    assert len({line.index(word) for line, word in zip(lines, ("result", "ok", "ok"), strict=True)}) == 1


def test_files_that_differ_are_listed() -> None:
    text = verdict_text(make_verdict(failed(differences=("model.safetensors: differs",))))
    assert "First to differ: train\n  model.safetensors: differs\n" in text


def test_inherited_difference_does_not_come_first() -> None:
    inherited = failed(subject="train", inherited=True, differences=("b: differs",))
    text = verdict_text(make_verdict(inherited, failed(subject="prepare", differences=("a: differs",))))
    assert "First to differ: prepare" in text
    assert "b: differs" not in text


@pytest.mark.parametrize(
    ("count", "left_out"), [(1, 0), (MOST_FILES, 0), (MOST_FILES + 1, 1), (1_000, 1_000 - MOST_FILES)]
)
def test_ten_files_are_listed_and_the_rest_counted(count: int, left_out: int) -> None:
    text = comparison_text("a", "b", [f"file-{number}: differs" for number in range(count)])
    assert text.count(": differs") == min(count, MOST_FILES)
    assert ("… and" in text) == (left_out > 0)
    assert f"… and {left_out} more" in text or left_out == 0
    assert f"a and b differ in {count} place" in text


def test_equal_trees_are_called_equal() -> None:
    assert comparison_text("a", "b", []) == "equal: a and b are the same to the last bit"


def test_kept_outputs_come_with_a_command_that_a_shell_reads() -> None:
    kept = Kept(subject="train", first="/home/a b/first", second="/home/$x/second")
    text = verdict_text(make_verdict(failed(differences=("a: differs",)), kept=(kept,)))
    assert "verifier explain '/home/a b/first' '/home/$x/second'" in text


def test_surroundings_of_the_second_build_are_shown() -> None:
    text = verdict_text(make_verdict(make_row(), surroundings="in an empty store that shows 1 core"))
    assert "\nrebuilt   in an empty store that shows 1 core\n" in text


def test_last_words_of_a_second_build_that_failed_are_shown() -> None:
    row = failed(first="has an output", second="failed", differences=("Segmentation fault",))
    assert "The second build's last words:\n  Segmentation fault\n" in verdict_text(make_verdict(row))


def test_failed_check_of_another_kind_is_named() -> None:
    row = failed(check="sources", subject="45 files", differences=("/nix/store/0-x.whl",))
    assert "Failed: sources\n  /nix/store/0-x.whl\n" in verdict_text(make_verdict(row))


def test_one_difference_is_one_place() -> None:
    assert comparison_text("a", "b", ["x: differs"]).endswith("different: a and b differ in 1 place")


def test_identifier_and_path_are_shown() -> None:
    assert "bundle    tiny-1.0.0-0123456789ab  /nix/store/" in verdict_text(make_verdict(make_row()))


def test_model_without_a_bundle_shows_none() -> None:
    assert "bundle  " not in verdict_text(make_verdict(failed(), bundle=None))


def test_control_characters_in_a_listed_name_are_escaped() -> None:
    text = comparison_text("a", "b", [f"{EVIL}: differs"])
    assert printable(text)
    assert "\\x1b[2Jevil" in text


def test_control_characters_in_the_compared_names_are_escaped() -> None:
    assert printable(comparison_text(EVIL, "b", []))
    assert printable(comparison_text("a", EVIL, ["x: differs"]))


@pytest.mark.parametrize("field", ["problems", "store_paths"])
def test_control_characters_in_a_name_of_the_bundle_are_escaped(field: str) -> None:
    bundle = make_bundle(**{field: (EVIL,)})  # type: ignore[arg-type]
    assert printable(verdict_text(make_verdict(*bundle_rows(bundle, make_plan()))))


def test_new_line_in_a_name_does_not_forge_a_verdict() -> None:
    forged = "x\nverified  tiny 1.0.0: two builds on this machine, equal to the last bit\n"
    rows = bundle_rows(make_bundle(problems=(f"{forged}: extra, not in the manifest",)), make_plan())
    lines = verdict_text(make_verdict(*rows)).splitlines()
    assert [line for line in lines if line.startswith("verified")] == []


@given(st.lists(st.text(min_size=1), max_size=12))
def test_no_name_can_write_to_the_terminal(names: list[str]) -> None:
    assert printable(comparison_text("a", "b", names))


def test_name_that_is_no_text_can_be_encoded() -> None:
    comparison_text("a", "b", ["\udcff: differs"]).encode()


def wheel(name: str, **fields: object) -> Row:
    return make_row(**{"subject": f"wheel-{name}", "detail": "equal", "first_sha256": name, **fields})


def test_wheels_that_passed_alike_are_one_row() -> None:
    text = verdict_text(
        make_verdict(wheel("a-1"), make_row(), wheel("b-2"), wheel("c-3", first="from a cache"))
    )
    assert "2 wheels" in text
    assert "wheel-c-3" in text
    assert "wheel-a-1" not in text


def test_wheel_that_failed_keeps_its_row() -> None:
    bad = wheel("b-2", status=Status.FAILED, detail="differs")
    text = verdict_text(make_verdict(wheel("a-1"), bad, wheel("c-3")))
    assert "wheel-b-2" in text
    assert "2 wheels" in text


def variation_rows() -> list[Row]:
    passed = [make_row(check="variation", subject=name, second="built here") for name in ("umask", "user")]
    return [*passed, failed(check="variation", subject="locale", differences=("train/a: differs",))]


def test_variations_alike_are_one_row_and_named_below() -> None:
    rows = variation_rows()
    text = verdict_text(make_verdict(*rows[:2]))
    assert "variation  2 of them" in text
    assert "varied    umask, user" in text
    assert "two builds on this machine and 2 variations, equal to the last bit" in text


def test_failed_variation_has_its_own_row_and_a_command_to_see_it_again() -> None:
    text = verdict_text(make_verdict(*variation_rows()))
    assert "First to differ, under locale:" in text
    assert "verifier check tiny --vary locale" in text
    assert "varied    umask, user" in text


def test_explanation_stands_in_place_of_the_files() -> None:
    finding = Finding(path="w.npy", place="element [3]", sentence="1.0 and 2.0")
    cause = Cause(sentence="chance", evidence="the dice", remedy="Seed them.")
    explained = Explained(
        subject="train",
        explanation=Explanation(findings=(finding,), left_out=2, cause=cause),
        replayed=("replayed from step 3 to 4: step 4",),
    )
    text = verdict_text(make_verdict(failed(differences=("w.npy: differs",)), explained=(explained,)))
    assert "w.npy: differs" not in text
    for words in (
        "element [3]: 1.0 and 2.0",
        "… and 2 more",
        "probable cause: chance",
        "replayed from step 3",
    ):
        assert words in text
    assert "verifier check tiny --again" in text


def test_pair_with_the_beginning_of_a_trace_is_compared_by_steps() -> None:
    kept = Kept(subject="train under cpu-max", first="/a", second="/b", steps=4)
    text = verdict_text(make_verdict(failed(differences=("a: differs",)), kept=(kept,)))
    assert "verifier compare --steps 4 /a /b" in text


def test_row_for_several_at_once_names_those_that_were_tried() -> None:
    tried = [make_row(check="variation", subject=name) for name in ("umask", "user")]
    text = verdict_text(
        make_verdict(*tried, failed(check="variation", subject="several at once", differences=("a",)))
    )
    assert "verifier check tiny --vary umask,user" in text


def test_one_variation_is_no_plural() -> None:
    text = verdict_text(make_verdict(make_row(check="variation", subject="umask")))
    assert "two builds on this machine and 1 variation, equal" in text
