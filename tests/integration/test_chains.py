"""Claims on trainings in chunks, rebuilt piece by piece by real Nix: what is false is named, what lacks too."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.chunked import TRAIN, add_chunked
from tests.integration.claims import Claimant, claimant, nudge
from tests.integration.conftest import Done, Repository, new_repository


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Repository, Claimant]]:
    """An honest claim on a training of eight steps in four chunks."""
    folder = tmp_path_factory.mktemp("claims")
    repository = new_repository(folder / "repository")
    add_chunked(repository, "tiny", 4, total=8)
    with claimant(repository, "tiny", folder / "claimant") as found:
        found.build("package")
        yield repository, found


@pytest.fixture
def another(made: tuple[Repository, Claimant]) -> Iterator[tuple[Repository, Claimant]]:
    """The same, for one test to spoil: its chunks are built anew after what is spoiled."""
    repository, honest = made
    with claimant(repository, "tiny", honest.folder.parent / "another") as found:
        yield repository, found


def check(repository: Repository, cache: Path, tmp_path: Path, *more: str) -> tuple[Done, dict]:
    """Checks a claim; returns how the command ended, and the verdict."""
    out = tmp_path / "v.json"
    done = repository.verifier("check", "tiny", "--claims", str(cache), "--json", str(out), *more)
    verdicts = json.loads(out.read_text())["verdicts"] if out.exists() else []
    return done, verdicts[0] if verdicts else {}


def status(verdict: dict, check: str = "rebuild") -> dict[str, str]:
    return {row["subject"]: row["status"] for row in verdict["rows"] if row["check"] == check}


def test_one_false_chunk_among_sixteen_is_named(tmp_path: Path) -> None:
    """A weight is moved by one unit in the last place, and the rest of the chain honestly goes on from there."""
    repository = new_repository(tmp_path / "repository")
    add_chunked(repository, "tiny", "{ steps = 1; total = 16; }", total=16)
    with claimant(repository, "tiny", tmp_path / "claimant") as false:
        false.build("train-7")
        false.forge("train-7", nudge)
        false.build("package")
        done, verdict = check(repository, false.publish(), tmp_path, "--parallel")
    assert done.code == 1, done.out + done.err
    found = status(verdict)
    assert [subject for subject, said in found.items() if said != "passed"] == ["train-7"]
    assert {"train-1", "train-6", "train-8", "train-16", "train", "evaluate", "package"} <= found.keys()
    assert status(verdict, "chain") == {"16 chunks": "passed"}
    assert "NOT VERIFIED  tiny 1.0.0: rebuild train-7: differs in 2 places" in done.out
    assert "it does not follow from the claimed train-6" in done.out
    assert "tensor 'weights.w': 1 of 8 elements differs" in done.out and "1 ULP" in done.out


def test_honest_claim_is_verified_and_its_bundle_delivered(
    made: tuple[Repository, Claimant], tmp_path: Path
) -> None:
    repository, honest = made
    out = ("--out", str(tmp_path / "out"))
    done, verdict = check(repository, honest.publish(), tmp_path, "--parallel", *out)
    assert done.code == 0, done.out + done.err
    assert "verified  tiny 1.0.0: all 4 chunks of the claim rebuilt, each from the claimed one" in done.out
    assert (verdict["level"], verdict["verified"], verdict["sample"]) == ("bitwise", True, None)
    assert {row["second"] for row in verdict["rows"] if row["first"] == "claimed"} == {"rebuilt here"}
    assert (tmp_path / "out" / "tiny" / "manifest.json").is_file()


def test_sample_is_never_called_verified_and_says_what_it_shows(
    made: tuple[Repository, Claimant], tmp_path: Path
) -> None:
    repository, honest = made
    cache = honest.publish()
    done, verdict = check(repository, cache, tmp_path, "--sample", "2", "--out", str(tmp_path / "out"))
    assert done.code == 0, done.out + done.err
    first = done.err.splitlines() if "verified by sample" in done.err else done.out.splitlines()
    words = "verified by sample  tiny 1.0.0: 2 of 4 chunks rebuilt; a claim with one false chunk passes with"
    assert first[0].startswith(words) and first[0].endswith("probability 0.5")
    sample = verdict["sample"]
    assert (verdict["level"], verdict["verified"], sample["of"], sample["fresh"]) == (
        "by sample",
        False,
        4,
        True,
    )
    drawn = {f"train-{number}" for number in sample["chunks"]}
    assert {subject for subject in status(verdict) if subject.startswith("train-")} == drawn
    assert not (tmp_path / "out").exists()
    again, second = check(repository, cache, tmp_path, "--sample", "2", "--seed", sample["nonce"])
    assert again.code == 0, again.out + again.err
    assert second["sample"] == {**sample, "fresh": False}


def test_chunk_whose_claim_is_missing_is_not_checked(
    made: tuple[Repository, Claimant], tmp_path: Path
) -> None:
    repository, honest = made
    shutil.rmtree(honest.folder / "cache", ignore_errors=True)
    cache = honest.publish("train-2")
    done, verdict = check(repository, cache, tmp_path, "--parallel")
    shutil.rmtree(cache)
    assert done.code == 3, done.out + done.err
    found = status(verdict)
    lacking = {subject for subject, said in found.items() if said == "not checked"}
    assert lacking == {"train-2", "train-3", "train"}
    assert {found["train-1"], found["train-4"], found["evaluate"]} == {"passed"}
    assert "the claim of train-2 is not in" in done.out


def altered(output: Path) -> None:
    path = output / "checkpoint" / "tensors.safetensors"
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def test_checkpoint_that_was_altered_is_named_without_building(
    another: tuple[Repository, Claimant], tmp_path: Path
) -> None:
    """It was forged on its own: what its state.json says of the tensors is still of the honest ones."""
    repository, false = another
    false.build("package")
    false.forge("train-2", altered)
    done, verdict = check(repository, false.publish(), tmp_path, "--parallel", "--workers", "2")
    assert done.code == 1, done.out + done.err
    assert status(verdict, "chain") == {"train-2": "failed"}
    assert (
        "its checkpoint was altered: tensors.safetensors has another sha256 than state.json says" in done.out
    )
    assert status(verdict)["train-2"] == "not checked"
    assert "NOT VERIFIED  tiny 1.0.0: chain train-2" in done.out


def test_spliced_chain_is_named_as_such(another: tuple[Repository, Claimant], tmp_path: Path) -> None:
    """The second half is of a training that went on from another second chunk, and so is the last chunk alone."""
    repository, false = another
    false.build("train-2")
    honest = false.folder / "honest"
    shutil.copytree(false.place("train-2"), honest)
    false.forge("train-2", nudge)
    false.build("package")

    def put_back(output: Path) -> None:
        shutil.rmtree(output)
        shutil.copytree(honest, output)

    false.forge("train-2", put_back)
    done, verdict = check(repository, false.publish(), tmp_path, "--parallel")
    assert done.code == 1, done.out + done.err
    assert status(verdict, "chain") == {"train-3": "failed"}
    assert "a spliced chain: it goes on from the checkpoint" in done.out
    found = status(verdict)
    assert (found["train-2"], found["train-3"], found["train-4"]) == ("passed", "not checked", "passed")


def test_last_chunk_of_another_training_is_a_spliced_chain(
    another: tuple[Repository, Claimant], tmp_path: Path
) -> None:
    repository, false = another
    false.build("package")

    def other_trace(output: Path) -> None:
        path = output / "trace" / "steps.jsonl"
        line, _, rest = path.read_text().partition("\n")
        path.write_text(line[:-10] + "00000000" + line[-2:] + "\n" + rest)

    false.forge("train-4", other_trace)
    done, verdict = check(repository, false.publish(), tmp_path, "--parallel")
    assert done.code == 1, done.out + done.err
    assert (
        "chain train-4: a spliced chain: its trace does not go on from that of the claimed train-3"
        in done.out
    )
    assert status(verdict)["train-4"] == "not checked"


def test_time_limit_leaves_what_takes_too_long_unchecked(
    made: tuple[Repository, Claimant], tmp_path: Path
) -> None:
    repository, honest = made
    done, verdict = check(repository, honest.publish(), tmp_path, "--parallel", "--chunk-timeout", "0.05")
    assert done.code == 3, done.out + done.err
    assert set(status(verdict).values()) == {"passed", "not checked"}
    assert "took longer than 0.05 s" in done.out


def test_claim_that_is_nowhere_is_said_so(made: tuple[Repository, Claimant], tmp_path: Path) -> None:
    repository, _ = made
    empty = tmp_path / "empty"
    empty.mkdir()
    done, _ = check(repository, empty, tmp_path, "--parallel")
    assert (done.code, "is no Nix cache" in done.err) == (2, True)
    (empty / "nix-cache-info").write_text("StoreDir: /nix/store\n")
    done, _ = check(repository, empty, tmp_path, "--parallel")
    assert done.code == 3, done.out + done.err
    assert "there is no claim of tiny 1.0.0" in done.err


def test_dry_run_says_who_would_do_what_and_builds_nothing(
    made: tuple[Repository, Claimant], tmp_path: Path
) -> None:
    repository, honest = made
    where = ("--claims", str(honest.publish()))
    done = repository.verifier("check", "tiny", "--parallel", "--workers", "3", "--dry-run", *where)
    assert done.code == 0, done.out + done.err
    assert done.out.startswith("plan  tiny 1.0.0: 7 pieces by 3 workers; nothing was built\n")
    assert ["train-4", "local", "1"] in [line.split()[:3] for line in done.out.splitlines()]
    assert "moved     to the store of local: sources" in done.out
    assert "build" not in done.err


def test_script_that_refuses_what_it_is_given_is_a_false_chunk(tmp_path: Path) -> None:
    """A claim whose checkpoint is in order, and which the next chunk all the same cannot go on from."""
    repository = new_repository(tmp_path / "repository")
    add_chunked(
        repository,
        "tiny",
        2,
        total=4,
        train_py=TRAIN.replace("TOTAL", "4") + "assert weights['w'][0] < 1e9\n",
    )

    def far(output: Path) -> None:
        nudge(output, lambda numbers: numbers * 0 + 2e9)

    with claimant(repository, "tiny", tmp_path / "claimant") as false:
        false.build("package")
        false.forge("train-1", far)
        done, verdict = check(repository, false.publish(), tmp_path, "--parallel")
    assert done.code == 1, done.out + done.err
    row = next(row for row in verdict["rows"] if row["subject"] == "train-2" and row["check"] == "rebuild")
    assert row["status"] == "failed"
    assert "it cannot be built from the claimed train-1" in row["detail"]
