"""Rebuilds on another machine's Nix, over a real sshd: equal, not equal, out of reach, and what it signs."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import TRAIN, Repository
from tests.integration.rebuilder import Rebuilder, rebuilder
from verifier.signing.envelope import read_signed

# Where a build lies in its sandbox: the same on every machine, unless its configuration says otherwise.
IMPURE = TRAIN.replace("tensors.save(", "import os\ntensors.save(").replace(
    '{"w": numbers}', '{"w": numbers + len(os.getcwd())}'
)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rebuilder]:
    with rebuilder(tmp_path_factory.mktemp("rebuilder") / "host") as running:
        yield running


def check(repository: Repository, host: Rebuilder, tmp_path: Path, *more: str):
    out = ["--out", str(tmp_path / "out"), "--json", str(tmp_path / "v.json")]
    where = ["--rebuilder", host.uri, *host.arguments]
    return repository.verifier("check", "tiny", *where, *out, *more, environment=host.environment)


def rows(tmp_path: Path) -> dict[str, dict]:
    (verdict,) = json.loads((tmp_path / "v.json").read_text())["verdicts"]
    return {row["subject"]: row for row in verdict["rows"] if row["check"] == "rebuilder"}


def statements(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "out" / "tiny.statements").glob("*"))


def test_rebuilder_that_builds_the_same_signs_that_it_did(
    repository: Repository, host: Rebuilder, tmp_path: Path
) -> None:
    repository.add_model("tiny")
    done = check(repository, host, tmp_path)
    assert done.code == 0, done.out + done.err
    assert "two builds on this machine, one on 127.0.0.1, equal to the last bit" in done.out
    found = rows(tmp_path)
    steps = ("prepare", "train", "evaluate", "package")
    assert {found[f"{step} on 127.0.0.1"]["second"] for step in steps} == {"built there"}
    (statement,) = statements(tmp_path)
    said = json.loads(read_signed(statement).payload)
    assert said["predicate"]["runDetails"]["metadata"]["finishedOn"].endswith("Z")
    check(repository, host, tmp_path)
    assert {row["second"] for row in rows(tmp_path).values()} == {"already present"}


def test_rebuilder_that_builds_something_else_is_named_with_what(
    repository: Repository, tmp_path: Path
) -> None:
    """Its Nix builds in a folder of another name, and the script writes down how long that name is."""
    repository.add_model("tiny", {"train.py": IMPURE})
    with rebuilder(tmp_path / "other", configuration="sandbox-build-dir = /elsewhere\n") as other:
        done = check(repository, other, tmp_path)
    assert done.code == 1, done.out + done.err
    found = rows(tmp_path)
    assert found["prepare on 127.0.0.1"]["status"] == "passed"
    assert found["train on 127.0.0.1"]["status"] == "failed"
    assert found["package on 127.0.0.1"]["inherited"]
    assert "model.safetensors" in done.out
    assert "tensor w" in done.out, done.out
    (statement,) = statements(tmp_path)
    said = json.loads(read_signed(statement).payload)
    assert said["predicate"]["buildDefinition"]["externalParameters"]["model"] == "tiny"


def test_store_that_was_tampered_with_is_seen_and_not_attested(
    repository: Repository, host: Rebuilder, tmp_path: Path
) -> None:
    repository.add_model("tiny", {"params.yaml": "seed: 2\n"})
    assert check(repository, host, tmp_path).code == 0
    (bundle,) = (host.store / "nix" / "store").glob("*-tiny-1.0.0/metrics.json")
    bundle.parent.chmod(0o755)
    bundle.chmod(0o644)
    bundle.write_text(bundle.read_text() + " ")
    shutil.rmtree(tmp_path / "out")
    done = check(repository, host, tmp_path)
    assert done.code == 1, done.out + done.err
    assert "changed after it was built" in rows(tmp_path)["package on 127.0.0.1"]["detail"]
    assert "127.0.0.1 states nothing" in done.err
    assert not statements(tmp_path)


def test_rebuilder_out_of_reach_is_not_checked_and_not_passed(
    repository: Repository, host: Rebuilder, tmp_path: Path
) -> None:
    repository.add_model("tiny")
    environment = {"NIX_SSHOPTS": "-p 1 -o ConnectTimeout=2"}
    done = repository.verifier(
        "check", "tiny", "--rebuilder", host.uri, "--json", str(tmp_path / "v.json"), environment=environment
    )
    assert done.code == 3, done.out + done.err
    assert rows(tmp_path)["tiny on 127.0.0.1"]["status"] == "not checked"


def test_host_with_another_key_is_not_spoken_to(
    repository: Repository, host: Rebuilder, tmp_path: Path
) -> None:
    repository.add_model("tiny")
    known = tmp_path / "known_hosts"
    words = (host.folder / "known_hosts").read_text().split()
    known.write_text(f"{words[0]} {(host.folder / 'user.pub').read_text()}")
    options = host.environment["NIX_SSHOPTS"].replace(str(host.folder / "known_hosts"), str(known))
    done = repository.verifier("check", "tiny", "--rebuilder", host.uri, environment={"NIX_SSHOPTS": options})
    assert done.code == 3, done.out + done.err
    assert "NOT VERIFIED" in done.out


def test_rebuilder_without_a_verifier_is_warned_of_and_its_rows_stand(
    repository: Repository, host: Rebuilder, tmp_path: Path
) -> None:
    repository.add_model("tiny")
    where = ["--rebuilder", host.uri, "--rebuilder-verifier", "no-such-program"]
    done = repository.verifier("check", "tiny", *where, environment=host.environment)
    assert done.code == 0, done.out + done.err
    assert "127.0.0.1 states nothing" in done.err
    assert "docs/guides/rebuilders.md" in done.err


@pytest.mark.parametrize(
    "uri",
    ["ssh://host", "-oProxyCommand=x", "ssh-ng://-oProxyCommand=x", "ssh-ng://a b", "ssh-ng://", "host"],
)
def test_address_that_is_none_is_bad_input(uri: str, repository: Repository) -> None:
    repository.add_model("tiny")
    done = repository.verifier("check", "tiny", f"--rebuilder={uri}")
    assert done.code == 2, done.out + done.err
    assert "is no rebuilder" in done.err


def test_rebuilder_states_nothing_that_was_copied_to_it(
    repository: Repository, host: Rebuilder, tmp_path: Path
) -> None:
    """A store that was given the output has not built it."""
    repository.add_model("tiny", {"params.yaml": "seed: 3\n"})
    done = repository.verifier("check", "tiny", "--json", str(tmp_path / "v.json"))
    assert done.code == 0
    (verdict,) = json.loads((tmp_path / "v.json").read_text())["verdicts"]
    store = tmp_path / "copied"
    environment = {"NIX_CONFIG": "experimental-features = nix-command\nbuild-users-group =\n"}
    drv = verdict["origin"]["derivation"]
    closure = subprocess.run(
        ["nix-store", "--query", "--requisites", "--include-outputs", drv],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    with subprocess.Popen(["nix-store", "--export", *closure], stdout=subprocess.PIPE) as sending:
        subprocess.run(
            ["nix-store", "--store", str(store), "--import"],
            stdin=sending.stdout,
            check=True,
            capture_output=True,
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **environment},
        )
    done = repository_attest(drv, store, host)
    assert done.returncode == 3, done.stderr
    assert "was not built in this store, but copied to it" in done.stderr
    subprocess.run(["chmod", "-R", "u+rwX", store], check=True)


def repository_attest(drv: str, store: Path, host: Rebuilder) -> "subprocess.CompletedProcess[str]":
    program = host.folder / "verifier"
    return subprocess.run(
        [program, "attest", drv, "--store", store], capture_output=True, text=True, check=False
    )
