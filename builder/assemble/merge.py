"""Merges unpacked wheels into one site-packages beside a sysroot's interpreter, as a virtual environment.

Runs inside the build of a toolchain, on the sysroot's bare interpreter. Folders are real and files are links into
the wheels' own trees: the dynamic loader takes $ORIGIN from the path that it was given, so libraries of different
wheels find each other (`$ORIGIN/../../nvidia/…`) without a byte being copied.
"""

import filecmp
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from closure import Unclosed, prove

# What the environment has of its own.
OWN = ("bin/python", "bin/python3", "pyvenv.cfg", "sources.json", "closure.json")


class Conflict(Exception):
    """Two wheels claim one path with different bytes."""


def main() -> None:
    """Builds the toolchain that SAMEBITS_TOOLCHAIN describes, at $out."""
    wanted = json.loads(os.environ["SAMEBITS_TOOLCHAIN"])
    out, sysroot = Path(os.environ["out"]), Path(wanted["sysroot"])
    make_environment(out, sysroot, wanted["python"])
    interpreter = f"{sysroot}/usr/bin/python{wanted['python']}"
    merge({tree["file"]: Path(tree["path"]) for tree in wanted["trees"]}, out, interpreter)
    proof = prove(out, sysroot, wanted["python"], absent=wanted["absent"])
    for name, value in (("sources", wanted["record"]), ("closure", proof)):
        text = json.dumps(value, sort_keys=True, indent=2) + "\n"
        (out / f"{name}.json").write_text(text, encoding="utf-8")


def make_environment(out: Path, sysroot: Path, python: str) -> None:
    """Writes the skeleton of a virtual environment (PEP 405) at `out`."""
    (out / "bin").mkdir(parents=True)
    (out / "lib" / f"python{python}" / "site-packages").mkdir(parents=True)
    (out / "bin" / "python3").symlink_to(sysroot / "usr" / "bin" / f"python{python}")
    (out / "bin" / "python").symlink_to("python3")
    lines = [f"home = {sysroot}/usr/bin", "include-system-site-packages = false"]
    (out / "pyvenv.cfg").write_text("\n".join(lines) + "\n", encoding="utf-8")


def merge(trees: dict[str, Path], out: Path, interpreter: str) -> None:
    """Links every file of `trees` (by the wheel's file name) at its path below `out`.

    A script that starts with `#!INTERPRETER` is copied with the environment's own interpreter instead.

    Raises:
        Conflict: two trees have different bytes at one path; the text names it and both wheels.
    """
    owner: dict[str, str] = {}
    for wheel, tree in trees.items():
        for path in files(tree):
            name = path.relative_to(tree).as_posix()
            if name in OWN:
                raise Conflict(f"{wheel} has the file {name}, which is the environment's own")
            first = owner.setdefault(name, wheel)
            if first == wheel:
                place(path, out / name, interpreter, out)
            elif not filecmp.cmp(trees[first] / name, path, shallow=False):
                short = name.partition("site-packages/")[2] or name
                raise Conflict(f"{short} has different bytes in {first} and in {wheel}")


def files(tree: Path) -> Iterator[Path]:
    """Yields every file below `tree`, in the order of paths."""
    for folder, folders, names in os.walk(tree):
        folders.sort()
        yield from (Path(folder) / name for name in sorted(names))


def place(path: Path, target: Path, interpreter: str, out: Path) -> None:
    """Links `target` to `path`; a script gets the interpreter of the environment at `out`."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise Conflict(f"{target.relative_to(out)} lies in what another wheel has as a file") from error
    shebang = f"#!{interpreter}\n".encode()
    if path.parent.name == "bin" and path.read_bytes().startswith(shebang):
        target.write_bytes(f"#!{out}/bin/python3\n".encode() + path.read_bytes()[len(shebang) :])
        target.chmod(0o755)
    elif target.is_dir():
        raise Conflict(f"{target.relative_to(out)} is a file in one wheel and a folder in another")
    else:
        target.symlink_to(path)


if __name__ == "__main__":
    try:
        main()
    except (Conflict, Unclosed) as error:
        sys.exit(f"error: {error}")
