"""The commands that sign and verify, for tests."""

from pathlib import Path

from tests.integration.conftest import Done, run


def sign(bundle: Path, key: Path, *more: str | Path) -> Done:
    return run("verifier", "sign", str(bundle), "--key", str(key), *map(str, more))


def verify(bundle: Path, key: Path, *more: str | Path) -> Done:
    return run("verifier", "verify", str(bundle), "--key", str(key), *map(str, more))
