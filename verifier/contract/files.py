"""A file that somebody else wrote, read whole: plain, and no larger than it may be."""

import errno
import os
import stat
from pathlib import Path

from verifier.errors import BadInput
from verifier.signing.tree import open_plain


def read_plain(path: Path, most_bytes: int, *, advice: str) -> bytes:
    """Returns the content; of a file that is too large nothing is read.

    Raises:
        BadInput: it is missing, no plain file, larger than `most_bytes`, or unreadable.
    """
    try:
        with open(path, "rb", opener=lambda place, _flags: open_plain(place)) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise BadInput(f"{path} is not a plain file", advice=advice)
            content = file.read(most_bytes + 1) if status.st_size <= most_bytes else b""
            if status.st_size > most_bytes or len(content) > most_bytes:  # it may grow while it is read
                size = f"{max(status.st_size, len(content)):,} bytes"
                raise BadInput(f"{path} has {size}; at most {most_bytes:,} are read", advice=advice)
    except FileNotFoundError as error:
        raise BadInput(f"{path} does not exist", advice=advice) from error
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EISDIR):
            raise BadInput(f"{path} is not a plain file", advice=advice) from error
        raise BadInput(f"{path} cannot be read: {error.strerror}", advice=advice) from error
    return content
