"""Merges wheels into one site-packages beside a sysroot's interpreter, as a virtual environment.

Runs inside the build of a toolchain, on the sysroot's bare interpreter: nothing but the standard library is
there. uv does the unpacking; this file decides what may be unpacked, and says what was.
"""

import configparser
import csv
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path


class Conflict(Exception):
    """Two wheels claim one path with different bytes."""


def main() -> None:
    """Builds the toolchain that SAMEBITS_TOOLCHAIN describes, at $out."""
    wanted = json.loads(os.environ["SAMEBITS_TOOLCHAIN"])
    out, scratch = Path(os.environ["out"]), Path(os.environ["NIX_BUILD_TOP"])
    sysroot = Path(wanted["sysroot"])
    check_conflicts({wheel["file"]: recorded(Path(wheel["path"])) for wheel in wanted["wheels"]})
    make_environment(out, sysroot, wanted["python"])
    install(uv_command(Path(wanted["uv"]), sysroot, scratch), wanted["wheels"], out, scratch)
    record = json.dumps(wanted["record"], sort_keys=True, indent=2) + "\n"
    (out / "sources.json").write_text(record, encoding="utf-8")


def recorded(wheel: Path) -> dict[str, str]:
    """Returns what a wheel puts where: a digest of every file by the path it will have.

    Paths are below site-packages, or those of a scheme (`run` of `x-1.data/scripts/run`). The digest is the one
    in the wheel's RECORD, or size and CRC-32 for a file that RECORD leaves out; scripts that an installer makes
    from entry points count too (PyPA binary distribution format).

    Raises:
        Conflict: the file is no wheel.
    """
    with zipfile.ZipFile(wheel) as archive:
        members = {member.filename: member for member in archive.infolist() if not member.is_dir()}
        own = {name.split("/")[1]: name for name in members if ".dist-info/" in name and name.count("/") == 1}
        if "RECORD" not in own:
            raise Conflict(f"{wheel.name} is no wheel: it has no RECORD")
        rows = csv.reader(io.StringIO(archive.read(own["RECORD"]).decode()))
        digests = {row[0]: row[1] for row in rows if row and row[1]}
        placed = {place(n): digests.get(n) or f"{m.file_size} {m.CRC}" for n, m in members.items()}
        if "entry_points.txt" in own:
            placed |= entry_points(archive.read(own["entry_points.txt"]).decode())
        return placed


def entry_points(text: str) -> dict[str, str]:
    """Returns the scripts that an installer makes, `scripts/NAME`, with what each of them calls."""
    points = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    points.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their capitals
    points.read_string(text)
    sections = [points[name] for name in ("console_scripts", "gui_scripts") if name in points]
    return {f"scripts/{name}": target for section in sections for name, target in section.items()}


def place(path: str) -> str:
    """Returns where the file `path` of a wheel goes: `x-1.data/scripts/run` is the script `run` of anybody."""
    top, _, rest = path.partition("/")
    if not top.endswith(".data"):
        return path
    scheme, _, name = rest.partition("/")
    return name if scheme in ("purelib", "platlib") else rest


def check_conflicts(wheels: dict[str, dict[str, str]]) -> None:
    """Returns if no two of `wheels` (file name to its paths' hashes) disagree about a path.

    Raises:
        Conflict: two do; the text names the path and both.
    """
    owner: dict[str, tuple[str, str]] = {}
    for wheel, paths in wheels.items():
        for path, digest in paths.items():
            first, known = owner.setdefault(path, (wheel, digest))
            if known != digest:
                raise Conflict(f"{path} has different bytes in {first} and in {wheel}")


def make_environment(out: Path, sysroot: Path, python: str) -> None:
    """Writes the skeleton of a virtual environment (PEP 405) at `out`."""
    (out / "bin").mkdir(parents=True)
    (out / "lib" / f"python{python}" / "site-packages").mkdir(parents=True)
    (out / "bin" / "python3").symlink_to(sysroot / "usr" / "bin" / f"python{python}")
    (out / "bin" / "python").symlink_to("python3")
    lines = [f"home = {sysroot}/usr/bin", "include-system-site-packages = false"]
    (out / "pyvenv.cfg").write_text("\n".join(lines) + "\n", encoding="utf-8")


def install(uv: list[str], wanted: list[dict[str, str]], out: Path, scratch: Path) -> None:
    """Unpacks every wheel with the command `uv`, which checks each against the lock's hash."""
    wheels = scratch / "wheels"
    wheels.mkdir()
    for wheel in wanted:
        (wheels / wheel["file"]).symlink_to(wheel["path"])
    requirements = scratch / "requirements.txt"
    lines = [f"{w['name']}=={w['version']} --hash=sha256:{w['sha256']}\n" for w in wanted]
    requirements.write_text("".join(lines), encoding="utf-8")
    # The cache lies on the output's file system, so that uv links instead of copying.
    cache = out / ".cache"
    command = [
        *uv,
        "pip",
        "install",
        "--quiet",
        "--python",
        str(out / "bin" / "python3"),
        "--cache-dir",
        str(cache),
    ]
    command += ["--no-deps", "--no-index", "--find-links", str(wheels), "--require-hashes", "--no-config"]
    subprocess.run([*command, "--requirements", str(requirements)], check=True, env={"HOME": str(scratch)})
    shutil.rmtree(cache)
    for record in out.glob("lib/python*/site-packages/*.dist-info/RECORD"):
        forget_cache_note(record)


def forget_cache_note(record: Path) -> None:
    """Removes uv's note about its cache, which holds the time of unpacking, and its line in RECORD."""
    note = record.with_name("uv_cache.json")
    if note.exists():
        note.unlink()
        lines = record.read_text(encoding="utf-8").splitlines(keepends=True)
        own = f"{note.parent.name}/{note.name},"
        record.write_text("".join(line for line in lines if not line.startswith(own)), encoding="utf-8")


def uv_command(wheel: Path, sysroot: Path, scratch: Path) -> list[str]:
    """Takes uv out of its wheel and returns the command that runs it with the sysroot's libraries."""
    uv = scratch / "uv"
    with zipfile.ZipFile(wheel) as archive:
        member = next(name for name in archive.namelist() if name.endswith(".data/scripts/uv"))
        uv.write_bytes(archive.read(member))
    uv.chmod(0o755)
    libraries = f"{sysroot}/lib/x86_64-linux-gnu:{sysroot}/usr/lib/x86_64-linux-gnu"
    loader = sysroot / "lib" / "x86_64-linux-gnu" / "ld-linux-x86-64.so.2"
    return [str(loader), "--library-path", libraries, str(uv)]


if __name__ == "__main__":
    try:
        main()
    except Conflict as error:
        sys.exit(f"error: {error}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: uv could not unpack the wheels (exit {error.returncode})")
