"""Debian packages through apt: its solver says which, its downloader fetches them, with the machine's sources."""

import functools
import hashlib
import os
import shutil
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from debian.deb822 import Packages

from builder.command import run
from builder.errors import CouldNotDo

SUITE = "bookworm"
MIRROR_VARIABLE = "SAMEBITS_DEBIAN_MIRROR"
HELPER = "/usr/lib/apt/apt-helper"
APT_ADVICE = f"Fetch .debs on a Debian machine, or set {MIRROR_VARIABLE} to the base address of a mirror."
LOCK_ADVICE = f"Lock .debs on a machine whose apt has {SUITE} main among its sources."

# What a sandboxed interpreter never runs. apt is told that these are installed, so its own solver leaves them
# and all that only they need (perl among it) out.
NOT_NEEDED = ("debconf", "dpkg", "media-types", "tzdata")


@dataclass(frozen=True, kw_only=True)
class Deb:
    """One package as apt's index states it; `path` is below the mirror's base, `size` in bytes."""

    name: str
    version: str
    path: str
    size: int
    sha256: str


class Apt:
    """apt with private state in `scratch`: reads the machine's sources, changes nothing of the machine.

    Raises:
        CouldNotDo: there is no apt, or none of its sources is Debian 12's main archive.
    """

    def __init__(self, scratch: Path) -> None:
        lists, cache = scratch / "lists" / "partial", scratch / "cache" / "archives" / "partial"
        lists.mkdir(parents=True)
        cache.mkdir(parents=True)
        self._status = scratch / "status"
        self._status.write_text("".join(_installed(name) for name in NOT_NEEDED), encoding="utf-8")
        sources = scratch / "sources.list"
        sources.write_text(f"{_main_archive()}\n", encoding="utf-8")
        self._options = [
            *("-o", f"Dir::State={scratch}", "-o", f"Dir::State::Lists={lists.parent}"),
            *("-o", f"Dir::State::Status={self._status}", "-o", f"Dir::Cache={cache.parent.parent}"),
            *("-o", f"Dir::Etc::SourceList={sources}", "-o", "Dir::Etc::SourceParts=/dev/null"),
            *("-o", "APT::Architecture=amd64", "-o", "APT::Architectures=amd64", "-o", "Debug::NoLocking=1"),
        ]
        sandbox = ["-o", "APT::Sandbox::User=root"] if os.geteuid() == 0 else []
        run(["apt-get", *self._options, *sandbox, "--quiet", "update"], advice=LOCK_ADVICE)

    def closure(self, packages: list[str]) -> list[Deb]:
        """Returns `packages` and all they depend on, as apt's solver finds them on an empty machine."""
        argv = ["apt-get", *self._options, "--yes", "--no-install-recommends", "--print-uris", "install"]
        out = run([*argv, *packages], advice="Check the names with `apt-cache policy NAME`.")
        files = [unquote(line.split()[1]) for line in out.splitlines() if line.startswith("'")]
        return self.exactly([f"{file.split('_')[0]}={file.split('_')[1]}" for file in files])

    def exactly(self, packages: list[str]) -> list[Deb]:
        """Returns just `packages` (names, or name=version)."""
        out = run(["apt-cache", *self._options, "show", "--no-all-versions", *packages], advice=LOCK_ADVICE)
        return [
            Deb(
                name=entry["Package"],
                version=entry["Version"],
                path=entry["Filename"],
                size=int(entry["Size"]),
                sha256=entry["SHA256"],
            )
            for entry in Packages.iter_paragraphs(out, use_apt_pkg=False)
        ]


def _installed(name: str) -> str:
    return (
        f"Package: {name}\nStatus: install ok installed\nArchitecture: all\nVersion: 9999\n"
        f"Maintainer: none\nProvides: debconf-2.0, mime-support\nDescription: not needed in a sandbox\n\n"
    )


def _index_targets(template: str) -> list[str]:
    return run(
        ["apt-get", "indextargets", "--format", template, "Identifier: Packages"], advice=LOCK_ADVICE
    ).split("\n")


def _main_archive() -> str:
    """Returns the sources.list line of the machine's Debian 12 main archive: no security, no updates."""
    for line in _index_targets("$(RELEASE)|$(COMPONENT)|$(REPO_URI)|$(SIGNED_BY)"):
        release, component, uri, key = (*line.split("|"), "", "", "")[:4]
        if (release, component) == (SUITE, "main"):
            signed = f"[signed-by={key}] " if key and not key.startswith("$") else ""
            return f"deb {signed}{uri} {SUITE} main"
    raise CouldNotDo(f"apt on this machine has no source for {SUITE} main", advice=LOCK_ADVICE)


@functools.cache
def mirrors() -> list[str]:
    """Returns base addresses that serve Debian's pool: the variable first, then the machine's apt sources.

    Raises:
        CouldNotDo: there is neither.
    """
    named = os.environ.get(MIRROR_VARIABLE)
    if named:
        return [named.rstrip("/") + "/"]
    if shutil.which("apt-get") is None:
        raise CouldNotDo("there is no apt on this machine to fetch .debs with", advice=APT_ADVICE)
    lines = [line.split("|") for line in _index_targets("$(RELEASE)|$(COMPONENT)|$(REPO_URI)") if line]
    return list(dict.fromkeys(uri for release, component, uri in lines if _serves_pool(release, component)))


def _serves_pool(release: str, component: str) -> bool:
    return component == "main" and "security" not in release


def download(*, path: str, sha256: str, to: Path) -> None:
    """Downloads `path` (below a mirror's base) to the file `to`, from the first mirror that has it.

    Raises:
        CouldNotDo: no mirror has it with that sha256.
    """
    failures = []
    for base in mirrors():
        failure = _download_from(base, path, sha256, to)
        if failure is None:
            return
        failures.append(failure)
    raise CouldNotDo(f"no mirror gave {path}: {'; '.join(failures) or 'none is known'}", advice=APT_ADVICE)


def _download_from(base: str, path: str, sha256: str, to: Path) -> str | None:
    """Returns None when `to` was written, else why not."""
    try:
        if os.environ.get(MIRROR_VARIABLE) or not Path(HELPER).exists():
            _fetch(base + quote(path, safe="/+~"), to, sha256)
        else:
            run([HELPER, "download-file", base + path, str(to), f"SHA256:{sha256}"], advice=APT_ADVICE)
    except CouldNotDo as error:
        return error.sentence
    return None


def _fetch(address: str, to: Path, sha256: str) -> None:
    try:
        with urllib.request.urlopen(address, timeout=60) as answer, to.open("wb") as file:
            shutil.copyfileobj(answer, file)
    except (urllib.error.URLError, TimeoutError, ValueError) as error:
        raise CouldNotDo(f"{address}: {error}", advice=APT_ADVICE) from error
    with to.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != sha256:
        size = to.stat().st_size
        raise CouldNotDo(
            f"{address} gave {size} bytes with sha256 {actual}, expected {sha256}", advice=APT_ADVICE
        )
