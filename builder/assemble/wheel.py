"""Unpacks one wheel into a tree of its own, as an installer does: site-packages, scripts, data.

Runs inside a build, on the sysroot's bare interpreter: nothing but the standard library is there. uv does the
unpacking.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Unpacks the wheel that SAMEBITS_WHEEL describes into $out."""
    wanted = json.loads(os.environ["SAMEBITS_WHEEL"])
    out, scratch = Path(os.environ["out"]), Path(os.environ["NIX_BUILD_TOP"])
    out.mkdir()
    python = Path(wanted["sysroot"]) / "usr" / "bin" / f"python{wanted['python']}"
    install(uv_command(wanted["uv"], wanted["sysroot"]), wanted, python, out, scratch)
    for record in out.glob("lib/python*/site-packages/*.dist-info/RECORD"):
        forget_cache_note(record)


def install(uv: list[str], wanted: dict[str, str], python: Path, out: Path, scratch: Path) -> None:
    """Unpacks the wheel with the command `uv`, which checks it against the lock's hash.

    Exits with a sentence where uv refuses it: it is damaged, or for another Python or platform.
    """
    wheels = scratch / "wheels"
    wheels.mkdir()
    (wheels / wanted["file"]).symlink_to(wanted["path"])
    requirements = scratch / "requirements.txt"
    line = f"{wanted['name']}=={wanted['version']} --hash=sha256:{wanted['sha256']}\n"
    requirements.write_text(line, encoding="utf-8")
    # The cache lies on the output's file system, so that uv links instead of copying.
    cache = out / ".cache"
    command = [*uv, "pip", "install", "--quiet", "--python", str(python), "--prefix", str(out)]
    command += ["--cache-dir", str(cache), "--link-mode", "hardlink", "--no-config"]
    command += ["--no-deps", "--no-index", "--find-links", str(wheels), "--require-hashes"]
    command += ["--requirements", str(requirements)]
    done = subprocess.run(command, check=False, env={"HOME": str(scratch)}, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        said = " ".join(done.stderr.split())
        sys.exit(f"error: {wanted['file']} cannot be unpacked for {python.name} on x86-64 Linux: {said}")
    shutil.rmtree(cache)


def forget_cache_note(record: Path) -> None:
    """Removes uv's note about its cache, which holds the time of unpacking, and its line in RECORD."""
    note = record.with_name("uv_cache.json")
    if note.exists():
        note.unlink()
        lines = record.read_text(encoding="utf-8").splitlines(keepends=True)
        own = f"{note.parent.name}/{note.name},"
        record.write_text("".join(line for line in lines if not line.startswith(own)), encoding="utf-8")


def uv_command(uv: str, sysroot: str) -> list[str]:
    """Returns the command that runs the program `uv` with the sysroot's loader and libraries."""
    libraries = f"{sysroot}/lib/x86_64-linux-gnu:{sysroot}/usr/lib/x86_64-linux-gnu"
    return [f"{sysroot}/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "--library-path", libraries, uv]


if __name__ == "__main__":
    main()
