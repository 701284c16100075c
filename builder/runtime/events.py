"""One-line JSON events on stderr, `@samebits {…}`: seen in the build log, never in an output."""

import json
import sys

PREFIX = "@samebits "


def emit(event: str, **fields: object) -> None:
    """Writes one event; `fields` must be JSON. Times are in seconds, sizes in bytes."""
    print(PREFIX + json.dumps({"event": event, **fields}, sort_keys=True), file=sys.stderr, flush=True)


def progress(done: int, total: int) -> None:
    """Says that `done` of `total` units of the running step's work are done."""
    emit("progress", done=done, total=total)
