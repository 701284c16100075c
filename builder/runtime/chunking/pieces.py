"""The files that a script has written so far go from one chunk to the next."""

import os
import shutil
from pathlib import Path

from builder.runtime import trace
from builder.runtime.chunking import checkpoint

OURS = (trace.FOLDER, checkpoint.FOLDER)


def carry(source: Path, target: Path) -> None:
    """Copies the output of a chunk, but for trace and checkpoint; a file that is there already is replaced."""
    for path in sorted(source.rglob("*")):
        below = path.relative_to(source)
        copy = target / below
        if below.parts[0] in OURS:
            continue
        if path.is_symlink():
            copy.unlink(missing_ok=True)
            copy.symlink_to(os.readlink(path))
        elif path.is_dir():
            copy.mkdir(exist_ok=True)
        else:
            shutil.copyfile(path, copy)
            if path.stat().st_mode & 0o111:
                copy.chmod(copy.stat().st_mode | 0o111)
