"""Understands Nix's log (`--log-format internal-json`): which build starts, what it prints, what went wrong.

The numbers are those of Nix's src/libutil/logging.hh: activity 105 is a build, 108 a download from a cache, result
101 a line of a build's log.
"""

import json
import re
from collections import deque
from dataclasses import dataclass, field

BUILD, SUBSTITUTE, LOG_LINE, ERROR = 105, 108, 101, 0
EVENT = "@samebits "
ANSI = re.compile(r"\x1b\[[0-9;]*m")
KEPT_LINES = 25


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
    _running: dict[int, str] = field(default_factory=dict)

    def read(self, line: str) -> Event | None:
        """Takes in one line; returns the event where it is one, and a `build` event where a build starts."""
        if not line.startswith("@nix "):
            self.errors.append(plain(line))
            return None
        try:
            said = json.loads(line.removeprefix("@nix "))
        except json.JSONDecodeError:
            return None  # cut off by a kill
        if said.get("action") == "start" and said.get("type") == BUILD:
            return self._start(said["id"], said["fields"][0])
        if said.get("action") == "start" and said.get("type") == SUBSTITUTE:
            self.substituted.add(str(said["fields"][0]))
        if said.get("action") == "result" and said.get("type") == LOG_LINE:
            return self._line(self._running.get(said["id"], ""), str(said["fields"][0]))
        if said.get("action") == "msg" and said.get("level") == ERROR:
            self.errors.append(plain(said.get("raw_msg") or said["msg"]))
        return None

    def _start(self, activity: int, derivation: str) -> Event:
        self._running[activity] = derivation
        self.started.append(derivation)
        return Event(derivation=derivation, fields={"event": "build"})

    def _line(self, derivation: str, line: str) -> Event | None:
        if not line.startswith(EVENT):
            self.tails.setdefault(derivation, deque(maxlen=KEPT_LINES)).append(plain(line))
            return None
        try:
            fields = json.loads(line.removeprefix(EVENT))
        except json.JSONDecodeError:
            return None  # a script printed something that only looks like an event
        if not isinstance(fields, dict):
            return None
        event = Event(derivation=derivation, fields=fields)
        self.events.append(event)
        return event

    def last_lines(self) -> list[str]:
        """Returns the last lines that the build which started last has printed."""
        return list(self.tails.get(self.started[-1], ())) if self.started else []

    def error_event(self) -> Event | None:
        """Returns the event in which a step said why it failed, if one did.

        It is the last: whatever a script prints itself comes before the step's own word.
        """
        return next((event for event in reversed(self.events) if event.kind == "error"), None)


def plain(text: str) -> str:
    """Returns a line without colours and other control characters, so that a log cannot write to a terminal."""
    return "".join(c for c in ANSI.sub("", text).rstrip() if c.isprintable() or c in "\n\t")
