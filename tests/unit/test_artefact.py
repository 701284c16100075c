"""What is asked of a bundle once it was built twice: where its files are wrong nothing else is, else all of it."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.unit.bundles import METRICS, STORE_PATH, list_files, write_bundle, write_file
from tests.unit.known import Silent
from tests.unit.lives import make_plan, nix_that_says, path_of
from tests.unit.plans import make_row
from tests.unit.released import altered, make_document, release, sealed
from verifier.errors import BadInput
from verifier.nix import Store
from verifier.rebuild import records
from verifier.rebuild.artefact import Artefact, examine, release_document
from verifier.rebuild.build import Build
from verifier.rebuild.options import Options
from verifier.rebuild.second_store import SecondStores
from verifier.rebuild.two_builds import Second
from verifier.release.expected import Expected
from verifier.release.judging import Measured
from verifier.verdict import BITWISE, WITHIN_TOLERANCE, Row, Status

PLAN = make_plan()
HASHES = {build.path: f"{number:064x}" for number, build in enumerate(PLAN.builds)}
USED = {"train": {"wall_seconds": 1.5, "device": "cpu"}}
SECOND = Second(
    rows=(make_row(subject="train", second="built here", first_sha256="a", second_sha256="a"),),
    surroundings="",
    resources={},
)

NO_PROOFS = {"proofs": {}, "runtime": path_of("samebits-runtime")}


@dataclass(frozen=True)
class World:
    """A machine's store with the bundle in it, and a flake whose models have no proofs."""

    store: Store
    stores: SecondStores

    @property
    def bundle(self) -> Path:
        return self.store.physical(PLAN.model.path)

    def examined(self, expected: Expected | None = None, level: str = BITWISE, **used: object) -> Artefact:
        told = Options(
            flake=".", url="git+file:///x", revision=None, again=False, live=Silent(), stores=self.stores
        )
        first = Build(hashes=HASHES, origins={}, resources=used)  # type: ignore[arg-type]
        return examine(PLAN, self.store, first, SECOND, expected or Expected(), level, told)

    def refused(self) -> list[Row]:
        """Returns the rows of a bundle that is not in order, of which nothing else was asked."""
        found = self.examined()
        assert (found.others, found.document) == ((), None)
        return list(found.rows)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("PATH", f"{nix_that_says(tmp_path / 'bin', NO_PROOFS)}:{os.environ['PATH']}")
    store = Store(root=tmp_path / "store")
    write_bundle(store.physical(PLAN.model.path))
    with SecondStores() as stores:
        yield World(store=store, stores=stores)


def test_bundle_in_order_is_tried_in_every_way(world: World) -> None:
    found = world.examined()
    assert [row.check for row in found.rows] == [
        *("bundle", "store paths", "times", "licences", "data", "serialisation"),
    ]
    assert {row.status for row in found.rows[:-1]} == {Status.PASSED}
    assert found.rows[-1].status is Status.NOT_CHECKED  # the flake has no proof
    assert found.document is not None and found.document["identifier"] == found.identifier


def test_file_that_is_not_in_the_manifest_fails_and_nothing_else_is_asked(world: World) -> None:
    write_file(world.bundle, "extra", b"")
    manifest, store_paths = world.refused()
    assert (manifest.status, manifest.detail) == (Status.FAILED, "extra: extra, not in the manifest")
    assert store_paths.status is Status.PASSED


def test_store_path_in_a_file_fails_and_nothing_else_is_asked(world: World) -> None:
    write_file(world.bundle, "code/network.py", STORE_PATH)
    list_files(world.bundle)
    assert [row.status for row in world.refused()] == [Status.PASSED, Status.FAILED]


def test_bundle_whose_documents_contradict_each_other_fails(world: World) -> None:
    text = (world.bundle / "manifest.json").read_text().replace('"tiny"', '"other"')
    (world.bundle / "manifest.json").write_text(text)
    (row,) = world.refused()
    assert (row.check, row.subject, row.status) == ("bundle", "manifest", Status.FAILED)


@pytest.mark.parametrize(
    ("scalars", "sentence"),
    [
        ({"accuracy": "good"}, ": accuracy is 'good', which is text, not a number"),
        ({"accuracy": float("nan")}, ": accuracy is nan, which is not finite"),
    ],
)
def test_metric_that_is_no_finite_number_fails_with_its_name(
    world: World, scalars: dict[str, object], sentence: str
) -> None:
    write_file(world.bundle, "metrics.json", json.dumps({**METRICS, "scalars": scalars}).encode())
    list_files(world.bundle)
    (row,) = world.refused()
    assert row.status is Status.FAILED
    assert row.detail == f"{world.bundle}/metrics.json{sentence}"


def test_metrics_of_200_megabytes_fail_unread(world: World) -> None:
    with (world.bundle / "metrics.json").open("r+b") as file:
        file.truncate(200 << 20)
    (row,) = world.refused()
    assert row.detail.endswith("metrics.json has 209,715,200 bytes; at most 4,194,304 are read")


@pytest.mark.parametrize("name", ["manifest.json", "metrics.json"])
def test_bundle_without_its_documents_is_an_answer_too(world: World, name: str) -> None:
    (world.bundle / name).unlink()
    (row,) = world.refused()
    assert (row.status, row.detail) == (Status.FAILED, f"{world.bundle}/{name} does not exist")
    assert world.examined().identifier is None


def test_what_prepare_left_is_held_against_the_record(world: World) -> None:
    write_file(world.store.physical(path_of("prepare")), "hidden.npy", b"")
    row = data_of(world.examined())
    assert (row.status, row.detail) == (Status.FAILED, "prepare: hidden.npy is not listed")


def test_flake_that_offers_something_else_as_a_proof_is_bad_input(world: World, tmp_path: Path) -> None:
    proofs = {"fidelity": {"derivation": "/etc/passwd", "output": path_of("x")}}
    nix_that_says(tmp_path / "bin", {**NO_PROOFS, "proofs": proofs})
    with pytest.raises(BadInput, match="the proof fidelity of tiny is not what mkModel makes"):
        world.examined()


def with_a_trace(world: World) -> None:
    for name in ("steps.jsonl", "tensors.jsonl"):
        write_file(world.bundle, f"training/trace/{name}", b'{"step": 1}\n')
    list_files(world.bundle)


@pytest.mark.parametrize(("level", "asked"), [(BITWISE, True), (WITHIN_TOLERANCE, False)])
def test_replay_is_asked_where_every_bit_counts(world: World, level: str, asked: bool) -> None:
    with_a_trace(world)
    assert ("replay" in [row.check for row in world.examined(level=level).rows]) is asked


def data_of(artefact: Artefact) -> Row:
    return next(row for row in artefact.rows if row.check == "data")


def test_data_that_moved_fails_under_a_released_version_and_warns_under_a_new_one(
    world: World, tmp_path: Path
) -> None:
    stage = {"name": "raw", "rows": 1, "sha256": "a" * 64}
    document = altered(make_document(tmp_path / "again"), lambda d: d["data"]["stages"].append(stage))
    row = data_of(world.examined(Expected(own=release(document))))
    assert row.status is Status.FAILED
    assert row.detail == "digests, rows and labels fit, other than in 1.0.0: stage 'raw' is gone"
    before = release(sealed({**document, "version": "0.9.0"}))
    row = data_of(world.examined(Expected(before=before)))
    assert (row.status, row.warned) == (Status.PASSED, True)


def test_release_and_contract_are_held_against_the_bundle(world: World, tmp_path: Path) -> None:
    document = altered(make_document(tmp_path / "again"), lambda d: d["params"].update(seed=7))
    own = release(document)
    found = world.examined(Expected(own=own, releases=(own,)))
    by_check = {row.check: row for row in found.others}
    assert by_check["release"].status is Status.FAILED
    assert by_check["metric"].status is Status.NOT_CHECKED


def remember(**fields: object) -> None:
    now = {"date": "2026-11-25", "nix": "2.8.0", "surroundings": ""}
    record = records.Record(derivation=PLAN.model.derivation, hashes=HASHES, **now, **fields)  # type: ignore[arg-type]
    records.remember(record)


def test_what_the_steps_used_comes_from_this_check(world: World) -> None:
    remember(resources={"prepare": {"wall_seconds": 9.0}}, calibration_seconds=9.0)
    measured = world.examined(**USED).measured
    assert measured.used == USED
    assert measured.calibration_seconds is not None and 0 < measured.calibration_seconds < 9


def test_what_nothing_was_built_for_comes_from_the_record(world: World) -> None:
    remember(resources=USED, calibration_seconds=0.25)
    assert world.examined().measured == Measured(used=USED, calibration_seconds=0.25)


def test_what_nobody_measured_is_not_made_up(world: World) -> None:
    assert world.examined().measured == Measured(used={}, calibration_seconds=None)


def test_release_says_what_was_built_and_used(world: World, tmp_path: Path) -> None:
    used = {"train": {"wall_seconds": 1.5, "threads": 2, "device": "cpu", "batch_rows": 32}}
    measured = Measured(used=used, calibration_seconds=0.25)
    before = release(sealed({**make_document(tmp_path / "again"), "version": "0.9.0"}))
    expected = Expected(before=before)
    document = release_document(
        PLAN.model, world.store.physical(PLAN.model.path), HASHES, measured, WITHIN_TOLERANCE, expected
    )
    assert document["resources"] == {"train": {"wall_seconds": 1.5, "threads": 2}}
    assert (document["level"], document["calibration_seconds"]) == (WITHIN_TOLERANCE, 0.25)
    assert document["previous"] == {"version": "0.9.0", "digest": before.digest}
    steps = {
        name: {"derivation": path, "nar_sha256": HASHES[path]} for name, path in PLAN.model.steps.items()
    }
    assert document["steps"] == steps
