"""Wheels through pip: its resolver says which, its downloader fetches them. No resolver of our own."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from builder.command import run
from builder.errors import BadInput, CouldNotDo

NEWEST_GLIBC_MINOR = 36  # Debian 12, whose libc every toolchain carries
PYPI = "pypi"
ELSEWHERE = (
    "The lock says that {name} {version} is on the index {index}: name it as extra-index-url in pip's "
    "configuration; docs/reference/lock.md says where it is."
)
ADVICE = "Check pip's configuration and the network; `pip download` must work by itself."


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """One wheel as pip reports it."""

    name: str
    version: str
    file: str
    sha256: str
    path: Path | None
    metadata: dict[str, object]


def target_flags(python: str) -> list[str]:
    """Returns the pip flags that choose wheels for CPython `python` on x86-64 Linux with Debian 12's libc."""
    platforms = [f"manylinux_2_{minor}_x86_64" for minor in range(NEWEST_GLIBC_MINOR, 4, -1)]
    platforms += ["manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64", "linux_x86_64"]
    abis = ["cp" + python.replace(".", ""), "abi3", "none"]
    flags = ["--only-binary", ":all:", "--implementation", "cp", "--python-version", python]
    for platform in platforms:
        flags += ["--platform", platform]
    for abi in abis:
        flags += ["--abi", abi]
    return flags


def resolve(
    requirements: list[str], *, python: str, locked: dict[str, str], dependencies: bool, scratch: Path
) -> list[Wheel]:
    """Asks pip's resolver for the wheels that satisfy `requirements`.

    Versions in `locked` (name to version) are kept wherever the requirements still admit them, so that
    re-locking without a change changes nothing.

    Raises:
        BadInput: this Python is not the one asked for (pip reads environment markers with its own).
        CouldNotDo: pip found no solution.
    """
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    if python != running:
        raise BadInput(
            f"the request asks for Python {python}, but this is Python {running}",
            advice=f"Resolve with Python {python}: python{python} -m venv .venv && .venv/bin/pip install -e .",
        )
    constraints = scratch / "constraints.txt"
    constraints.write_text("".join(f"{line}\n" for line in kept(requirements, locked)), encoding="utf-8")
    report = scratch / "report.json"
    argv = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
    argv += ["--target", str(scratch / "nowhere"), "--report", str(report), "--constraint", str(constraints)]
    argv += target_flags(python) + ([] if dependencies else ["--no-deps"])
    run(
        [*argv, *requirements],
        advice="Check the requirement. If it only clashes with versions in the lock: builder lock --upgrade.",
    )
    items = json.loads(report.read_text(encoding="utf-8"))["install"]
    return [_wheel(item) for item in items]


def kept(requirements: list[str], locked: dict[str, str]) -> list[str]:
    """Returns the locked versions, as pip constraints, that no requirement rules out."""
    asked = [Requirement(line) for line in requirements]
    ruled_out = {
        canonicalize_name(r.name)
        for r in asked
        if (r.marker is None or r.marker.evaluate())
        and (version := locked.get(canonicalize_name(r.name)))
        and Version(version) not in r.specifier
    }
    return [f"{name}=={version}" for name, version in sorted(locked.items()) if name not in ruled_out]


def _wheel(item: dict[str, dict[str, object]]) -> Wheel:
    download = item["download_info"]
    archive = download.get("archive_info")
    hashes = archive.get("hashes") if isinstance(archive, dict) else None
    metadata = item["metadata"]
    name = canonicalize_name(str(metadata["name"]))
    if not isinstance(hashes, dict) or "sha256" not in hashes:
        raise CouldNotDo(
            f"pip's report gives no sha256 for {name}", advice="Ask an index that states hashes."
        )
    address = urlsplit(str(download["url"]))
    file = unquote(address.path).rsplit("/", 1)[-1]
    local = Path(unquote(address.path)) if address.scheme == "file" else None
    version = str(metadata["version"])
    return Wheel(
        name=name, version=version, file=file, sha256=hashes["sha256"], path=local, metadata=metadata
    )


def download(*, name: str, version: str, sha256: str, python: str, into: Path, index: str = PYPI) -> None:
    """Lets pip download one wheel into the folder `into`; pip checks the hash while it does.

    `index` is the one that the lock names for this file.

    Raises:
        CouldNotDo: pip did not find it, or got other bytes.
    """
    requirements = into / "requirements.txt"
    requirements.write_text(f"{name}=={version} --hash=sha256:{sha256}\n", encoding="utf-8")
    argv = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    argv += ["--dest", str(into), "--requirement", str(requirements), *target_flags(python)]
    advice = ADVICE if index == PYPI else ELSEWHERE.format(name=name, version=version, index=index)
    run(argv, advice=advice, environment={"TMPDIR": str(into)})
