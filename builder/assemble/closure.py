"""Proves that a toolchain needs nothing beside itself: every shared library, and every wheel's requirements.

Runs inside the build of a toolchain. pyelftools reads the ELF files, packaging reads the requirements. Libraries
are looked up as the dynamic loader does it (ld.so(8)): what the interpreter has loaded already, then the file's
own RUNPATH, or, where it has none, its RPATH and the interpreter's.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# What comes with the kernel's driver and cannot be in a toolchain; its version must fit the machine's kernel.
DRIVER = {"libcuda.so.1": "CUDA driver", "libnvidia-ml.so.1": "CUDA driver's management library"}
LIBRARIES = ("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu")
MOST_LINES = 40


class Unclosed(Exception):
    """Something is needed that is not there."""


@dataclass(frozen=True, kw_only=True)
class Binary:
    """What the dynamic section of one ELF file says; `run_path` is None where there is no RUNPATH."""

    needed: tuple[str, ...]
    rpath: tuple[str, ...]
    run_path: tuple[str, ...] | None
    program: bool


def prove(out: Path, sysroot: Path, python: str, *, absent: Mapping[str, str]) -> dict[str, object]:
    """Returns the record of a proof for the environment `out` over `sysroot`.

    `absent` names, with the reason, libraries that may be missing and files whose libraries may.

    Raises:
        Unclosed: a library or a required wheel is missing; each is printed, the text names the first.
    """
    binaries = dict(read_binaries([out, sysroot]))
    folders = [sysroot / folder for folder in LIBRARIES]
    loaded = start_up(sysroot / "usr" / "bin" / f"python{python}", binaries, folders)
    allowed = {**DRIVER, **absent}
    problems, excepted = [], set()
    for path, binary in binaries.items():
        for name in binary.needed:
            if name in loaded or found(name, path, binary, folders):
                continue
            who = short(path, out, sysroot)
            excuse = {name, who} & allowed.keys()
            excepted |= excuse
            if not excuse:
                problems.append(f"{who} needs {name}, which is nowhere in the toolchain")
    unused = sorted(absent.keys() - excepted)
    problems += [f"{name} is called absent in the request, but nothing lacks it" for name in unused]
    site_packages = out / "lib" / f"python{python}" / "site-packages"
    found_distributions = list(distributions(path=[str(site_packages)]))
    problems += list(unmet(found_distributions))
    if problems:
        print("\n".join(problems[:MOST_LINES]))
        more = f" (and {len(problems) - 1} more, in the build log)" if len(problems) > 1 else ""
        raise Unclosed(f"the toolchain is not closed: {problems[0]}{more}")
    return {
        "schema": "samebits/closure/v1",
        "binaries": len(binaries),
        "needed": sum(len(binary.needed) for binary in binaries.values()),
        "wheels": len(found_distributions),
        "not_inside": {name: allowed[name] for name in sorted(excepted)},
    }


def read_binaries(roots: Iterable[Path]) -> Iterator[tuple[Path, Binary]]:
    """Yields every x86-64 ELF file below `roots` that has a dynamic section, links followed, by its path there."""
    for root in roots:
        for path in sorted(root.rglob("*")):
            if path.is_file() and (binary := read_binary(path)):
                yield path, binary


def read_binary(path: Path) -> Binary | None:
    """Returns what an ELF file needs; None if it is none, of another machine, or static."""
    with path.open("rb") as file:
        if file.read(4) != b"\x7fELF":
            return None
        try:
            elf = ELFFile(file)
            dynamic = next(elf.iter_segments("PT_DYNAMIC"), None)
            if elf["e_machine"] != "EM_X86_64" or dynamic is None:
                return None
            tags = list(dynamic.iter_tags())  # type: ignore[attr-defined]  # of a dynamic segment
            program = any(True for _ in elf.iter_segments("PT_INTERP"))
        except (ELFError, OSError, ValueError) as error:
            raise Unclosed(f"{path.name} is a damaged ELF file: {error}") from error
    run_paths = [tag.runpath for tag in tags if tag.entry.d_tag == "DT_RUNPATH"]
    rpaths = [tag.rpath for tag in tags if tag.entry.d_tag == "DT_RPATH"]
    return Binary(
        needed=tuple(tag.needed for tag in tags if tag.entry.d_tag == "DT_NEEDED"),
        rpath=tuple(":".join(rpaths).split(":")) if rpaths else (),
        run_path=tuple(":".join(run_paths).split(":")) if run_paths else None,
        program=program,
    )


def start_up(interpreter: Path, binaries: Mapping[Path, Binary], folders: Iterable[Path]) -> set[str]:
    """Returns the names of all libraries that are loaded once the interpreter runs."""
    loaded: set[str] = set()
    waiting = list(binaries[interpreter].needed)
    while waiting:
        name = waiting.pop()
        place = next((folder / name for folder in folders if (folder / name).exists()), None)
        if name not in loaded and place is not None:
            loaded.add(name)
            waiting += binaries[place].needed if place in binaries else ()
    return loaded


def found(name: str, path: Path, binary: Binary, folders: Iterable[Path]) -> bool:
    """Returns whether the loader finds library `name` for the file at `path`."""
    own = binary.rpath if binary.run_path is None else binary.run_path
    places = [
        Path(entry.replace("$ORIGIN", str(path.parent)).replace("${ORIGIN}", str(path.parent)))
        for entry in own
    ]
    # A program of the toolchain's is started through the sysroot's loader, with its folders.
    if binary.run_path is None or binary.program:
        places += folders
    return any((place / name).is_file() for place in places)


def short(path: Path, out: Path, sysroot: Path) -> str:
    """Returns a path as a person knows it: below site-packages, or below the sysroot."""
    if path.is_relative_to(out):
        inside = path.relative_to(out).as_posix()
        return inside.partition("site-packages/")[2] or inside
    return path.relative_to(sysroot).as_posix()


def unmet(found_distributions: Iterable[Distribution]) -> Iterator[str]:
    """Yields a line for every requirement of a wheel, extras that others ask for included, that is not met."""
    present = {canonicalize_name(d.metadata["Name"]): d for d in found_distributions}
    waiting = [(name, "") for name in sorted(present)]
    seen = set(waiting)
    while waiting:
        name, extra = waiting.pop(0)
        asking = present[name]
        for requirement in map(Requirement, asking.requires or []):
            if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
                continue
            wanted = canonicalize_name(requirement.name)
            who = f"{name}[{extra}]" if extra else name
            if wanted not in present:
                yield f"{who} {asking.version} requires {requirement}, which the lock lacks"
            elif not requirement.specifier.contains(present[wanted].version, prereleases=True):
                yield f"{who} {asking.version} requires {requirement}; the lock has {present[wanted].version}"
            else:
                more = [(wanted, e) for e in sorted(requirement.extras) if (wanted, e) not in seen]
                seen.update(more)
                waiting += more
