"""A few planted faults and the clean control, through the real verifier with its variations.

The whole corpus takes longer than a test may: `make faults`.
"""

import subprocess
import sys

from tests.conftest import REPOSITORY

CHEAP = {
    "unstable-sort": "guard",
    "download": "sandbox",
    "floating-dependency": "lock",
    "unseeded-rng": "rebuild",
    "umask": "umask",
}
VARY = "umask,hash-seed,directory-order"


def run(*names: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.faults", *names, "--vary", VARY]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)


def test_cheap_faults_are_caught_and_the_control_passes() -> None:
    done = run(*CHEAP, "clean-numpy")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = {row.split()[0]: row for row in done.stdout.splitlines()[1:-1]}
    for name, catcher in CHEAP.items():
        assert rows[name].split()[1] == catcher
    assert rows["clean-numpy"].split()[1] == "passed"
    assert "\n5 of 5 caught, " in done.stdout
    assert done.stdout.endswith("1 of 1 trainings to the first step; false alarms: none\n")


def test_unknown_fault_is_refused() -> None:
    done = run("no-such-fault")
    assert done.returncode == 2
    assert "there is no fault no-such-fault" in done.stderr
