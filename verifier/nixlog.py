"""Understands Nix's log (`--log-format internal-json`): which build starts, what it prints, what went wrong.

The numbers are those of Nix's src/libutil/logging.hh: activity 105 is a build, 108 a download from a cache, result
101 a line of a build's log.
"""

import json
import re
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum

EVENT = "@samebits "
ANSI = re.compile(r"\x1b\[[0-9;]*m")
KEPT_LINES = 25


class Number(IntEnum):
    """Nix's numbers for kinds of activities and results, and for the level of a message."""

    BUILD = 105
    SUBSTITUTE = 108
    LOG_LINE = 101
    ERROR = 0


@dataclass(frozen=True, kw_only=True)
class Event:
    """One `@samebits` event of the derivation that was being built."""

    derivation: str
    fields: dict[str, object]

    @property
    def kind(self) -> str:
        """What the event tells: start, progress, resources or error."""
        return str(self.fields.get("event", ""))


@dataclass(kw_only=True)
class Log:
    """What was read so far: builds in the order they started, paths that came from a cache, and what was said."""

    started: list[str] = field(default_factory=list)
    substituted: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    tails: dict[str, deque[str]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    _running: dict[str, str] = field(default_factory=dict)

    def read(self, line: str) -> Event | None:
        """Takes in one line; returns the event where it is one, and a `build` event where a build starts."""
        if not line.startswith("@nix "):
            self.errors.append(plain(line))
            return None
        said = _object(line.removeprefix("@nix "))
        fields = said.get("fields")
        first = fields[0] if isinstance(fields, list) and fields else None
        match said.get("action"), said.get("type"), first:
            case "start", Number.BUILD, str(derivation):
                return self._start(said.get("id"), derivation)
            case "start", Number.SUBSTITUTE, str(path):
                self.substituted.add(path)
            case "result", Number.LOG_LINE, str(text):
                return self._line(self._running.get(str(said.get("id")), ""), text)
            case "msg", _, _ if said.get("level") == Number.ERROR:
                self.errors.append(plain(str(said.get("raw_msg") or said.get("msg") or "")))
        return None

    def _start(self, activity: object, derivation: str) -> Event:
        self._running[str(activity)] = derivation
        self.started.append(derivation)
        return Event(derivation=derivation, fields={"event": "build"})

    def _line(self, derivation: str, line: str) -> Event | None:
        fields = _object(line.removeprefix(EVENT)) if line.startswith(EVENT) else {}
        if not fields:  # or a script printed something that only looks like an event
            self.tails.setdefault(derivation, deque(maxlen=KEPT_LINES)).append(plain(line))
            return None
        event = Event(derivation=derivation, fields=fields)
        self.events.append(event)
        return event

    def last_lines(self) -> list[str]:
        """Returns the last lines that the build which started last has printed."""
        return list(self.tails.get(self.started[-1], ())) if self.started else []

    def error_event(self, derivation: str | None = None) -> Event | None:
        """Returns the event in which a build, the one that started last, said why it failed, if it did.

        It is the last of its events: whatever a script prints itself comes before the step's own word.
        """
        last = derivation or (self.started[-1] if self.started else None)
        own = (event for event in reversed(self.events) if event.derivation == last)
        return next((event for event in own if event.kind == "error"), None)


def _object(text: str) -> dict[str, object]:
    """Returns the JSON object that `text` is; an empty one where it is none, or cut off by a kill."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def plain(text: str) -> str:
    """Returns a line without colours and other control characters, so that a log cannot write to a terminal."""
    return "".join(c for c in ANSI.sub("", text).rstrip() if c.isprintable() or c in "\n\t")
