"""From two builds to rows: what differs of itself is told from what only inherits a difference."""

from pathlib import Path

from tests.unit.plans import drv_path, make_build, make_bundle, make_plan
from verifier.derivation import Derivation
from verifier.nix import Store
from verifier.rebuild.rows import bundle_rows, comparison_rows, differing_files, failed_second_build
from verifier.verdict import Row, Status


class Asked:
    """Lists one differing file of every build, and remembers about which it was asked."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, derivation: Derivation) -> list[str]:
        self.names.append(derivation.name)
        return [f"{derivation.name}: differs"]


def compared(differences: Asked, **second: str) -> dict[str, Row]:
    plan = make_plan()
    rows = comparison_rows(plan, make_build(plan), make_build(plan, **second), differences)
    return {row.subject: row for row in rows}


def test_equal_builds_pass() -> None:
    rows = compared(Asked())
    assert {(row.status, row.detail, row.inherited) for row in rows.values()} == {
        (Status.PASSED, "equal", False)
    }


def test_every_build_has_a_row_inputs_first() -> None:
    assert list(compared(Asked())) == ["alone", "prepare", "train", "evaluate"]


def test_equal_builds_are_not_read_again() -> None:
    asked = Asked()
    compared(asked)
    assert asked.names == []


def test_other_hash_fails() -> None:
    row = compared(Asked(), evaluate="other")["evaluate"]
    assert (row.status, row.detail) == (Status.FAILED, "differs in 1 place")
    assert (row.first_sha256, row.second_sha256) == ("same", "other")
    assert row.differences == ("evaluate: differs",)


def test_difference_above_a_difference_is_inherited() -> None:
    rows = compared(Asked(), prepare="other", train="other")
    assert not rows["prepare"].inherited
    assert rows["train"].inherited
    assert (rows["train"].status, rows["train"].detail) == (Status.FAILED, "differs, inherited")


def test_difference_two_builds_above_is_inherited_through_an_equal_one() -> None:
    rows = compared(Asked(), prepare="other", evaluate="other")
    assert rows["train"].status is Status.PASSED
    assert rows["evaluate"].inherited


def test_difference_beside_a_difference_is_not_inherited() -> None:
    rows = compared(Asked(), alone="other", train="other")
    assert not rows["train"].inherited


def test_only_what_differs_of_itself_is_read_again() -> None:
    asked = Asked()
    compared(asked, prepare="other", train="other", evaluate="other")
    assert asked.names == ["prepare"]


def test_origins_are_those_of_each_build() -> None:
    plan = make_plan()
    rows = comparison_rows(plan, make_build(plan, "already present"), make_build(plan, "known"), Asked())
    assert {(row.first, row.second) for row in rows} == {("already present", "known")}


def test_differing_files_are_those_of_the_two_stores(tmp_path: Path) -> None:
    output = make_plan().builds[0].output.path
    for name in ("first", "second"):
        place = Path(f"{tmp_path / name}{output}")
        place.mkdir(parents=True)
        (place / "file").write_text(name)
    differences = differing_files(Store(root=tmp_path / "first"), Store(root=tmp_path / "second"))
    lines = differences(make_plan().builds[0])
    assert lines == ["file: 5 bytes in the first, 6 in the second; they part at byte 0"]


def test_label_of_a_step_is_its_step() -> None:
    assert make_plan().label(drv_path("train")) == "train"


def test_label_of_an_unknown_derivation_is_its_file() -> None:
    assert make_plan().label("/nix/store/0-odd.drv") == "0-odd.drv"


def test_sound_bundle_passes() -> None:
    rows = bundle_rows(make_bundle(), make_plan())
    assert [(row.check, row.status) for row in rows] == [
        ("bundle", Status.PASSED),
        ("store paths", Status.PASSED),
    ]


def test_bundle_with_a_problem_fails() -> None:
    row = bundle_rows(make_bundle(problems=("a: listed, but missing", "b: extra")), make_plan())[0]
    assert (row.status, row.detail) == (Status.FAILED, "a: listed, but missing")
    assert row.differences == ("a: listed, but missing", "b: extra")


def test_bundle_of_another_model_fails() -> None:
    row = bundle_rows(make_bundle(name="other"), make_plan())[0]
    assert (row.status, row.detail) == (Status.FAILED, "it calls itself other 1.0.0")


def test_bundle_with_a_store_path_fails() -> None:
    row = bundle_rows(make_bundle(store_paths=("code/network.py",)), make_plan())[1]
    assert (row.status, row.detail) == (Status.FAILED, "named in code/network.py")


def test_second_build_that_failed_is_a_failed_row() -> None:
    row = failed_second_build(make_plan(), "train wrote nothing", Path("/nix/store/0-tiny"), ["last words"])
    assert row.status is Status.FAILED
    assert "0-tiny" in row.detail
    assert "train wrote nothing" in row.detail
    assert row.differences == ("last words",)
