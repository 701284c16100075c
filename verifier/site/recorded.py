"""What a ledger says of models: checks, releases, and who a gate or an approver wrote down."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from verifier.clock import parse_time
from verifier.ledger.entries import ADMISSION, APPROVAL, CHECK, RELEASE, Entry
from verifier.site.records import Outcome, ReleasePoint, Signed


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """Entries about models: pairs of a model and what was written, the oldest first; `count` is of all entries."""

    outcomes: tuple[tuple[str, Outcome], ...] = ()
    releases: tuple[tuple[str, ReleasePoint], ...] = ()
    signers: tuple[tuple[str, Signed], ...] = ()
    count: int = 0


def read_ledger(url: str) -> Recorded:
    """Reads a ledger, which has to be what was written to it.

    Raises:
        BadInput: there is none.
        CouldNotCheck: it cannot be read, or was changed.
    """
    from verifier.ledger.ledger import open_ledger  # noqa: PLC0415 (slow to load, and for a ledger alone)

    with open_ledger(url) as ledger:
        return recorded(ledger.entries())


def recorded(entries: Sequence[Entry]) -> Recorded:
    """Returns what entries say of models."""
    return Recorded(
        outcomes=tuple((one.subject, _outcome(one)) for one in entries if one.kind == CHECK),
        releases=tuple((one.subject, _release(one)) for one in entries if one.kind == RELEASE),
        signers=tuple((one.subject, signed) for one in entries for signed in _signers(one)),
        count=len(entries),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _source(entry: Entry) -> str:
    return f"ledger, entry {entry.number}"


def _outcome(entry: Entry) -> Outcome:
    body = entry.body
    not_passed = body.get("not_passed")
    return Outcome(
        time=_ended(entry),
        version=_text(body.get("version")),
        verified=body.get("verified") is True,
        level=_text(body.get("level")),
        identifier=_text(body.get("identifier")) or None,
        not_passed=tuple(map(str, not_passed)) if isinstance(not_passed, list) else (),
        source=_source(entry),
    )


def _ended(entry: Entry) -> str:
    """Returns when a check ended; of an older entry, when it was written down."""
    try:
        parse_time(entry.body.get("time"))
    except ValueError:
        return entry.time
    return _text(entry.body.get("time"))


def _release(entry: Entry) -> ReleasePoint:
    said = {name: _text(entry.body.get(name)) for name in ("version", "date", "level", "identifier")}
    return ReleasePoint(**said, metrics={}, resources={})


def _signers(entry: Entry) -> Iterator[Signed]:
    """Yields who approved, and whose signature over all files a gate found to hold when it admitted a bundle."""
    body = entry.body
    who: object = []
    if entry.kind == ADMISSION:
        channel = _text(body.get("channel"))
        what = f"signature over all files, admitted{f' to {channel}' if channel else ''}"
        who = body.get("signers")
    elif entry.kind == APPROVAL:
        who, what = [body.get("party")], "approval"
    for one in who if isinstance(who, list) else []:
        yield Signed(
            who=_text(one),
            what=what,
            identifier=_text(body.get("identifier")),
            time=entry.time,
            verified=entry.kind == ADMISSION,
            source=_source(entry),
        )
