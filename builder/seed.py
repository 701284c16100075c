"""The seed: Debian's static busybox, taken out of its package as `bin/busybox`, the first program that runs."""

from contextlib import closing
from pathlib import Path

from debian.debfile import DebFile

from builder.errors import CouldNotDo

PACKAGE = "busybox-static"
FOLDER = "busybox-seed"


def unpack_seed(deb: Path, parent: Path) -> Path:
    """Writes `parent/busybox-seed/bin/busybox` from the package and returns the folder.

    busybox picks its applet by the name it is called with, so the file must be called busybox.

    Raises:
        CouldNotDo: the package holds none.
    """
    folder = parent / FOLDER
    binary = folder / "bin" / "busybox"
    binary.parent.mkdir(parents=True)
    with closing(DebFile(str(deb))) as package:
        content = package.data.get_content("bin/busybox")
    if not isinstance(content, bytes):
        raise CouldNotDo(f"{deb.name} holds no bin/busybox", advice="Resolve the lock anew: builder lock.")
    binary.write_bytes(content)
    binary.chmod(0o555)
    return folder
