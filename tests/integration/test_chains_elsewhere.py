"""Claims rebuilt on other machines over a real sshd: the same verdict, and others take over from who cannot."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.chunked import TRAIN, add_chunked
from tests.integration.conftest import Done, Repository, new_repository
from tests.integration.rebuilder import Rebuilder, rebuilder
from tests.small_disk import small_disk

# Where a build lies in its sandbox: the same on every machine, unless its configuration says otherwise.
IMPURE = TRAIN.replace("TOTAL", "6").replace(
    'weights["w"] = weights["w"] -', 'import os\n    weights["w"] = len(os.getcwd()) + weights["w"] -'
)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rebuilder]:
    with rebuilder(tmp_path_factory.mktemp("rebuilder") / "host") as running:
        yield running


@pytest.fixture(scope="module")
def claimed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Repository, dict]:
    """A model whose claim is in the machine's store, and the verdict of the check in one piece."""
    folder = tmp_path_factory.mktemp("claimed")
    repository = new_repository(folder / "repository")
    add_chunked(repository, "tiny", 3, total=6)
    done, verdict = check(repository, folder, "--again")
    assert done.code == 0, done.out + done.err
    return repository, verdict


def check(
    repository: Repository, tmp_path: Path, *more: str, environment: dict[str, str] | None = None
) -> tuple[Done, dict]:
    out = tmp_path / "v.json"
    done = repository.verifier("check", "tiny", "--json", str(out), *more, environment=environment)
    return done, json.loads(out.read_text())["verdicts"][0]


def parallel(host: Rebuilder, *stores: str, more: tuple[str, ...] = ()) -> tuple[str, ...]:
    where = [word for store in stores for word in ("--rebuilder", f"{host.uri}{store}")]
    return ("--parallel", *where, *more)


def came_to(verdict: dict) -> dict[tuple[str, str], str]:
    return {
        (row["check"], row["subject"]): row["status"] for row in verdict["rows"] if row["check"] != "chain"
    }


def hashes(verdict: dict) -> set[tuple[str, str, str]]:
    rows = [row for row in verdict["rows"] if row["check"] == "rebuild"]
    return {(row["subject"], row["first_sha256"], row["second_sha256"]) for row in rows}


def test_two_stores_over_ssh_give_the_verdict_of_the_check_in_one_piece(
    claimed: tuple[Repository, dict], host: Rebuilder, tmp_path: Path
) -> None:
    repository, alone = claimed
    words = parallel(host, "", "-second")
    done, verdict = check(repository, tmp_path, *words, environment=host.environment)
    assert done.code == 0, done.out + done.err
    assert came_to(verdict) == came_to(alone)
    assert hashes(verdict) == hashes(alone)
    for same in ("verified", "level", "bundle", "path", "metrics", "model", "version", "sample"):
        assert verdict[same] == alone[same], same
    who = {row["second"] for row in verdict["rows"] if row["first"] == "claimed"}
    assert who == {"rebuilt on 127.0.0.1", "rebuilt on 127.0.0.1 (2)"}
    left = {path.name[33:] for path in (host.store / "nix" / "store").iterdir()}
    assert (
        "tiny-1.0.0-prepare" in left and not {"tiny-1.0.0", "tiny-1.0.0-train", "tiny-1.0.0-train-1"} & left
    )


def test_others_take_over_from_a_host_that_is_not_there(
    claimed: tuple[Repository, dict], host: Rebuilder, tmp_path: Path
) -> None:
    repository, _ = claimed
    words = ("--parallel", "--workers", "1", "--rebuilder", "ssh-ng://nobody@127.0.0.1")
    done, verdict = check(
        repository, tmp_path, *words, environment={"NIX_SSHOPTS": "-p 1 -o ConnectTimeout=2"}
    )
    assert done.code == 0, done.out + done.err
    assert verdict["verified"]
    assert "nobody@127.0.0.1 rebuilds nothing more" in done.err


def test_others_take_over_from_a_host_whose_disk_is_full(
    claimed: tuple[Repository, dict], tmp_path: Path
) -> None:
    """The disk is there before the sshd, which has mounts of its own."""
    repository, _ = claimed
    with small_disk(tmp_path / "small", 40_000) as disk, rebuilder(tmp_path / "host") as host:
        full = host.uri.replace(str(host.store), str(disk))
        words = parallel(host, "", more=("--rebuilder", full))
        done, verdict = check(repository, tmp_path, *words, environment=host.environment)
    assert done.code == 0, done.out + done.err
    assert verdict["verified"]
    lines = [line for line in done.err.splitlines() if "rebuilds nothing more" in line]
    assert [line.startswith("verifier: 127.0.0.1 (2) rebuilds") for line in lines] == [True], done.err
    assert "No space left on device" in lines[0]


def test_what_differs_elsewhere_is_fetched_and_two_that_disagree_are_not_believed(tmp_path: Path) -> None:
    """Elsewhere builds lie in a folder of another name, and the script's result depends on how long that is."""
    repository = new_repository(tmp_path / "repository")
    add_chunked(repository, "tiny", 3, train_py=IMPURE)
    done, _ = check(repository, tmp_path)
    assert done.code == 0, done.out + done.err
    with rebuilder(tmp_path / "other", configuration="sandbox-build-dir = /elsewhere\n") as other:
        there, verdict = check(
            repository, tmp_path, *parallel(other, "", "-second"), environment=other.environment
        )
        # Now it is ready before this machine, and speaks first.
        words = parallel(other, "", more=("--workers", "1"))
        both, disputed = check(repository, tmp_path, *words, environment=other.environment)
    assert there.code == 1, there.out + there.err
    found = came_to(verdict)
    assert [found["rebuild", f"train-{number}"] for number in (1, 2, 3)] == ["failed"] * 3
    assert found["rebuild", "train"] == "passed"
    assert "tensor 'weights.w': 8 of 8 elements differ" in there.out
    assert both.code == 3, both.out + both.err
    rows = [
        row for row in disputed["rows"] if row["status"] != "passed" and row["subject"].startswith("train-")
    ]
    # What this machine rebuilt first was equal, and nobody was asked again.
    assert rows
    for row in rows:
        said = "127.0.0.1 says that it differs, local 1 says that it is equal; neither is believed"
        assert (row["status"], row["detail"]) == ("not checked", said)
