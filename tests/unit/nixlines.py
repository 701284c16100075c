"""Lines as Nix prints them with `--log-format internal-json`."""

import json

from verifier.nixlog import Event, Log

DRV = "/nix/store/00000000000000000000000000000000-digits-1.0.0-train.drv"


def nix(**fields: object) -> str:
    """Returns a line about an activity."""
    return "@nix " + json.dumps(fields)


def started(derivation: str = DRV) -> Log:
    """Returns a log in which the build of `derivation` has begun, as activity 7."""
    log = Log()
    log.read(nix(action="start", id=7, type=105, fields=[derivation, "", 1, 1], level=3, text="building"))
    return log


def say(log: Log, line: str) -> Event | None:
    """Lets the running build print one line."""
    return log.read(nix(action="result", id=7, type=101, fields=[line]))
