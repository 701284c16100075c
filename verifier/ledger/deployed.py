"""Which deployed models contain a source: what each channel was given last, and what that was made from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from verifier.errors import CouldNotCheck
from verifier.ledger.entries import ADMISSION, Entry
from verifier.ledger.ledger import AUDIT

# Where a word may stand; the digest has to be whole.
SEARCHED = ("name", "file", "url")


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A bundle that a channel was given last, and the sources in it that were asked for."""

    model: str
    channel: str
    identifier: str
    since: str
    sources: tuple[str, ...]


def deployed_with(entries: Sequence[Entry], word: str) -> list[Deployed]:
    """Returns where a source is deployed; `word` is part of a name, file or URL, `name==version`, or a sha256.

    Raises:
        CouldNotCheck: an admission does not say what the bundle was made from.
    """
    last: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        if entry.kind == ADMISSION:
            last[entry.subject, str(entry.body.get("channel"))] = entry
    found = []
    for (model, channel), entry in sorted(last.items()):
        sources = tuple(_matching(entry, word))
        if sources:
            identifier = str(entry.body.get("identifier"))
            found.append(
                Deployed(
                    model=model, channel=channel, identifier=identifier, since=entry.time, sources=sources
                )
            )
    return found


def _matching(entry: Entry, word: str) -> Iterator[str]:
    wanted, sources = word.lower(), entry.body.get("sources")
    if not isinstance(sources, list) or not all(isinstance(one, dict) for one in sources):
        what = f"entry {entry.number} of the ledger does not say what the bundle was made from"
        raise CouldNotCheck(what, advice=AUDIT)
    for source in sources:
        named = f"{source.get('name')}=={source.get('version')}".lower()
        texts = [str(source.get(part, "")).lower() for part in SEARCHED]
        if wanted in (named, str(source.get("sha256"))) or any(wanted in text for text in texts):
            yield f"{source.get('name')} {source.get('version')}"
