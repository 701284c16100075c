"""A model that nobody changed is recognised; whatever is in doubt gives no verdict, so that it is built."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.known import CONTRACT, DATE, UMASK, Json, World, make_world
from tests.unit.released import OTHER, altered, sealed, store_path
from verifier.errors import BadInput
from verifier.rebuild import records
from verifier.rebuild.unchanged import ALWAYS, passed_name
from verifier.rebuild.variations import Variation
from verifier.verdict import Row, Status, Verdict

LOCALE = Variation(name="locale", cause="depends on the locale", lever="locale")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return make_world(tmp_path, monkeypatch)


def failed(verdict: Verdict) -> Row:
    assert verdict.exit_code == 1 and verdict.first_failure is not None
    return verdict.first_failure


def test_unchanged_model_is_verified_without_a_build(world: World) -> None:
    verdict = world.recognised(UMASK)
    assert verdict.verified and not verdict.warned
    assert (verdict.unchanged, verdict.bundle) == (DATE, world.document["identifier"])
    assert [(row.check, row.subject) for row in verdict.rows] == [
        ("rebuild", "5 builds"),
        ("variation", "umask"),
        ("bundle", "all of it"),
        ("release", "1.0.0"),
        ("metric", "accuracy"),
        ("resource", "train, device"),
        ("resource", "train, wall time"),
    ]
    assert {row.second for row in verdict.rows[:2]} == {f"known, {DATE}"}
    assert verdict.rows[3].detail == "as released on 2026-11-25"


@pytest.mark.parametrize("told", [{"again": True}, {"second_nix": Path("/opt/nix")}, {"replay": True}])
def test_who_asks_for_a_build_gets_one(world: World, told: dict[str, object]) -> None:
    assert world.verdict(UMASK, **told) is None


def test_machine_that_never_saw_it_pass_builds_it(world: World) -> None:
    """A release alone is a claim in a file."""
    records.forget(world.model.derivation)
    assert world.verdict() is None


def test_another_derivation_is_built(world: World) -> None:
    other = replace(world, model=replace(world.model, derivation=store_path("other.drv")))
    assert other.verdict() is None


@pytest.mark.parametrize("lacking", sorted(ALWAYS))
def test_record_that_lacks_a_check_is_not_enough(world: World, lacking: str) -> None:
    world.record(passed=sorted({*ALWAYS, "variation umask"} - {lacking}))
    assert world.verdict() is None


def test_variation_that_the_record_does_not_know_is_tried(world: World) -> None:
    assert world.verdict(UMASK, LOCALE) is None


def test_variation_is_no_other_check_of_its_name(world: World) -> None:
    world.record(passed=sorted({*ALWAYS, "umask"}))
    assert world.verdict(UMASK) is None
    row = Row(check="variation", subject="umask", status=Status.PASSED, detail="equal")
    assert (passed_name(row), passed_name(replace(row, check="data"))) == ("variation umask", "data")


def test_model_that_is_not_released_is_built(world: World) -> None:
    (world.folder / "releases" / "1.0.0.json").unlink()
    assert world.verdict() is None


def test_release_of_another_version_is_not_enough(world: World) -> None:
    other = replace(world, model=replace(world.model, version="1.1.0"))
    assert other.verdict() is None


@pytest.mark.parametrize("step", ["toolchain", "prepare", "train", "evaluate", "package"])
def test_release_with_other_bits_of_a_step_is_not_enough(world: World, step: str) -> None:
    world.release(altered(world.document, lambda d: d["steps"][step].update(nar_sha256=OTHER)))
    assert world.verdict() is None


def test_bundle_that_was_changed_in_the_store_is_built(world: World) -> None:
    (world.bundle / "weights" / "model.safetensors").write_bytes(b"other")
    assert world.verdict() is None


def test_bundle_that_is_gone_is_built(world: World) -> None:
    world.bundle.rename(world.bundle.with_name("elsewhere"))
    assert world.verdict() is None


def test_contract_that_was_tightened_fails_the_unchanged_model(world: World) -> None:
    (world.folder / "contract.yaml").write_text(CONTRACT.replace("minimum: 0.4", "minimum: 0.6"))
    row = failed(world.recognised())
    assert (row.check, row.detail.split("; ")[-1]) == (
        "metric",
        "0.5 is below the minimum of 0.6",
    )


def test_contract_that_is_gone_is_not_checked(world: World) -> None:
    (world.folder / "contract.yaml").unlink()
    verdict = world.recognised()
    assert verdict.exit_code == 3
    assert [row.check for row in verdict.rows if row.status is Status.NOT_CHECKED] == ["metric"]


def test_contract_that_cannot_be_read_is_bad_input(world: World) -> None:
    (world.folder / "contract.yaml").write_text(CONTRACT.replace("minimum", "minimun"))
    with pytest.raises(BadInput, match=r"^models/tiny/contract\.yaml, line 5: unknown key 'minimun'"):
        world.verdict()


def better(document: Json) -> None:
    document["metrics"]["scalars"]["accuracy"] = 0.9


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (better, "accuracy: 0.9 → 0.5 (-0.4)"),
        (lambda d: d["params"].update(device="cuda"), 'device: removed: "cuda"'),
        (lambda d: d["code"].update({"code/network.py": OTHER}), "network.py: sha256 ffffffffffff → "),
    ],
)
def test_release_that_was_edited_and_sealed_anew_fails(
    world: World, edit: Callable[[Json], None], said: str
) -> None:
    world.release(altered(world.document, edit))
    row = failed(world.recognised())
    sentence = "its bits are those of the release, which says otherwise: "
    assert row.check == "release" and row.detail.startswith(sentence + said)


def test_metrics_that_were_edited_do_not_pass_a_contract(world: World) -> None:
    """What is judged is the bundle's own metrics."""
    world.release(altered(world.document, better))
    (world.folder / "contract.yaml").write_text(CONTRACT.replace("minimum: 0.4", "minimum: 0.6"))
    details = [row.detail for row in world.recognised().rows if row.check == "metric"]
    assert details[0].endswith("0.5 is below the minimum of 0.6")


def follow(world: World, accuracy: float, **fields: object) -> None:
    """Puts a release 0.9.0 with this accuracy before the model's own, which gets `fields` too."""
    before = altered(world.document, lambda d: d["metrics"]["scalars"].update(accuracy=accuracy))
    before = sealed({**before, "version": "0.9.0"})
    previous = {"version": "0.9.0", "digest": before["digest"]}
    world.release(before, sealed({**world.document, "previous": previous, **fields}))


@pytest.mark.parametrize("level", ["bitwise", "within tolerance"])
def test_metrics_are_held_against_the_release_before_whatever_level_is_stated(
    world: World, level: str
) -> None:
    follow(world, 0.6, level=level)
    row = failed(world.recognised())
    assert row.detail.startswith("0.5 is 0.1 below 0.6 of 0.9.0; at most 0.01 is tolerated")


def test_resources_of_the_record_are_judged(world: World) -> None:
    world.record(resources={"train": {"wall_seconds": 9.0, "device": "cuda"}})
    rows = {row.subject: row for row in world.recognised().rows if row.check == "resource"}
    assert rows["train, device"].status is Status.FAILED
    assert rows["train, wall time"].detail == "9.0 s; 1.5 s in 1.0.0 (6 times); at most 3 times is allowed"


def test_record_that_was_written_by_an_older_verifier_is_not_enough(world: World) -> None:
    path = records.path_of(world.model.derivation)
    value = json.loads(path.read_text())
    path.write_text(json.dumps({**value, "schema": "samebits/rebuild-record/v1"}))
    assert world.verdict() is None
