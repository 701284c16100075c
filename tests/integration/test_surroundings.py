"""Every variation changes what its name says, and that alone."""

import json
import subprocess
from pathlib import Path
from typing import cast

import pytest

from tests.integration.conftest import Repository, new_repository, run
from tests.integration.torchbox import build, nix, nix_environment

VARIATIONS = "legacyPackages.x86_64-linux.variations"
# What the script sees of its surroundings; elapsed time is told by a process that does nothing for a while.
ASKS = """
import contextlib, datetime, json, locale, os, subprocess, sys, tempfile, time
from builder.runtime import paths
from pathlib import Path

folder = Path(tempfile.mkdtemp())
for name in ("b", "a", "c"):
    (folder / name).touch()
start = time.monotonic()
time_of_kernel = os.stat(folder / "a").st_mtime
subprocess.run([sys.executable, "-S", "-c", "import time; time.sleep(0.2)"], env={}, check=True)
took = time.monotonic() - start
with contextlib.suppress(locale.Error):  # a step has no locale but C
    locale.setlocale(locale.LC_ALL, "")
os.umask(umask := os.umask(0))
words = set("abcdefghijklmnopqrstuvwxyz")
inputs = [name for name in os.environ if name.startswith(("SAMEBITS_SOURCE_", "SAMEBITS_INPUT_"))]
now = datetime.datetime.now(datetime.timezone.utc).timestamp()
seen = {
    "hash-seed": list(words),
    "locale": locale.format_string("%.1f", 0.5),
    "time-zone": time.strftime("%z"),
    "clock-year": round((now - time_of_kernel) / 86400),
    "clock-hour": round((now - time_of_kernel) / 3600),
    "clock-speed": took > 2,
    "directory-order": [[p.name for p in folder.iterdir()], [e.name for e in os.scandir(folder)]],
    "user": [os.getuid(), os.environ.get("HOME"), os.environ.get("USER")],
    "build-path": [os.getcwd(), os.path.dirname(__file__), tempfile.gettempdir()],
    "address-space": open("/proc/self/personality").read().strip(),
    "process-id": os.getpid(),
    "umask": umask,
    "load": sum(b"while True" in Path(p, "cmdline").read_bytes() for p in Path("/proc").glob("[0-9]*")),
    "input-order": inputs,
    "cores": [os.cpu_count(), len(os.sched_getaffinity(0))],
}
(paths.output() / "seen.json").write_text(json.dumps(seen))
(paths.output() / "metrics.json").write_text("{}")
"""


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository whose model writes down what it sees, in a step with two inputs."""
    assert run("builder", "fetch", "surroundings", "digits").code == 0
    repository = new_repository(tmp_path_factory.mktemp("asking") / "repository")
    repository.add_model("asks", {"evaluate.py": ASKS})
    return repository


def seen(repository: Repository, attribute: str) -> dict[str, object]:
    folder = build(attribute, repository.root)
    return cast(dict[str, object], json.loads((folder / "seen.json").read_text()))


@pytest.fixture(scope="module")
def usual(asking: Repository) -> dict[str, object]:
    """What a build sees that nothing was changed for."""
    return seen(asking, "asks.evaluate")


ALONE = ["hash-seed", "locale", "time-zone", "clock-speed", "directory-order", "build-path", "address-space"]


@pytest.mark.parametrize("name", [*ALONE, "umask", "load", "input-order"])
def test_variation_changes_what_it_is_called_after_and_nothing_else(
    asking: Repository, usual: dict[str, object], name: str
) -> None:
    found = seen(asking, f"{VARIATIONS}.asks.{name}.evaluate")
    assert {key for key in usual if found[key] != usual[key]} == {name}


def test_output_path_alone_changes_nothing_that_is_seen(asking: Repository, usual: dict[str, object]) -> None:
    assert seen(asking, f"{VARIATIONS}.asks.output-path.evaluate") == usual


def test_processes_before_move_the_process_id(asking: Repository, usual: dict[str, object]) -> None:
    found = seen(asking, f"{VARIATIONS}.asks.process-id.evaluate")
    assert found == {**usual, "process-id": cast(int, usual["process-id"]) + 37}


@pytest.mark.parametrize(("name", "days", "hours"), [("clock-year", 1825, 43800), ("clock-hour", 0, 7)])
def test_clock_is_another(asking: Repository, name: str, days: int, hours: int) -> None:
    found = seen(asking, f"{VARIATIONS}.asks.{name}.evaluate")
    assert (found["clock-year"], found["clock-hour"], found["clock-speed"]) == (days, hours, False)


def test_user_is_another_with_another_home(asking: Repository) -> None:
    found = seen(asking, f"{VARIATIONS}.asks.user.evaluate")
    assert found["user"] == [4711, "/home/somebody-else", "somebody-else"]


@pytest.mark.parametrize("count", [1, 2, 64])
def test_cores_are_as_many_as_asked_for(asking: Repository, usual: dict[str, object], count: int) -> None:
    found = seen(asking, f"{VARIATIONS}.asks.cores-{count}.evaluate")
    present = cast(list[int], usual["cores"])[1]
    assert found["cores"] == [count, min(count, present)]


def test_several_at_once_are_all_there(asking: Repository, usual: dict[str, object]) -> None:
    names = ["hash-seed", "time-zone", "umask", "locale", "user"]
    listed = " ".join(f'"{name}"' for name in names)
    function = f"v: (v.of [ {listed} ]).evaluate.drvPath"
    path = nix("eval", "--raw", f"{asking.root}#{VARIATIONS}.asks", "--apply", function).stdout
    done = subprocess.run(
        ["nix-store", "--realise", path], capture_output=True, text=True, check=True, env=nix_environment()
    )
    found = json.loads((Path(done.stdout.strip()) / "seen.json").read_text())
    assert {key for key in usual if found[key] != usual[key]} == set(names)
