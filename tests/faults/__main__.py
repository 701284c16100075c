"""`python -m tests.faults [NAME…]`: checks every planted fault and prints what caught it and how it was explained.

With `--vary LIST` it tries other variations than all; `none` is two builds alone.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.faults.corpus import REPOSITORY, Fault, corpus, make_flake
from tests.faults.outcome import Outcome, Said, read_document
from tests.faults.table import as_expected, line, score, table


def main() -> int:
    """Prints the table and the score; returns 1 where a fault passed that should not, or a control failed."""
    known = {fault.name: fault for fault in corpus()}
    arguments = _arguments(list(known))
    faults = [known[name] for name in arguments.names or known]
    with tempfile.TemporaryDirectory(prefix="faults-") as scratch:
        environment = {**os.environ, "XDG_STATE_HOME": f"{scratch}/state"}
        flake = Path(scratch) / "flake"
        make_flake(flake, faults)
        fetch(flake, faults, environment)
        outcomes = []
        for number, fault in enumerate(faults, 1):
            outcomes.append(check(fault, flake, vary=arguments.vary, environment=environment))
            print(f"{number}/{len(faults)}  {'  '.join(line(outcomes[-1]))}", file=sys.stderr, flush=True)
    print(table(outcomes))
    print(score(outcomes))
    return 0 if all(as_expected(outcome, vary=arguments.vary) for outcome in outcomes) else 1


def _arguments(names: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="faults (default: all)")
    parser.add_argument("--vary", metavar="LIST", default="all", help="as for `verifier check`")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(names):
        parser.error(f"there is no fault {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    return arguments


def fetch(flake: Path, faults: Sequence[Fault], environment: Mapping[str, str]) -> None:
    """Brings the sources of the toolchains into the store; what variations need the verifier fetches itself."""
    names = sorted({fault.toolchain for fault in faults})
    command = [sys.executable, "-m", "builder", "fetch", "--flake", str(flake), *names]
    subprocess.run(command, check=True, cwd=REPOSITORY, env=environment, stdout=sys.stderr)


def check(fault: Fault, flake: Path, *, vary: str, environment: Mapping[str, str]) -> Outcome:
    """Runs the verifier on one model and reads what it said; its text for people is lost."""
    document = flake.parent / f"{fault.name}.json"
    command = [sys.executable, "-m", "verifier", "check", fault.name, "--vary", vary]
    command += ["--flake", str(flake), "--json", str(document)]
    start = time.monotonic()
    done = subprocess.run(
        command,
        check=False,
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    seconds = time.monotonic() - start
    if document.exists():
        said = read_document(json.loads(document.read_text()), fault.step)
    else:
        said = Said(caught_by=(), not_checked=(f"error: {done.stderr.strip()[-500:]}",), text="")
    return Outcome(fault=fault, said=said, seconds=seconds)


if __name__ == "__main__":
    sys.exit(main())
