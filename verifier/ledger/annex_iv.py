"""What Annex IV of Regulation (EU) 2024/1689 (the AI Act) asks of documentation, and which files answer it.

The words are short for the Annex's own. A file answers an item where it holds something of it: whether that is
enough is for whoever signs the documentation. What no file answers is named, with who has to write it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

PROVIDER = "the provider has to write it"
CARD, METRICS, DATA, BOM, TOOLCHAIN = (
    "model-card.md",
    "metrics.json",
    "data.json",
    "bom.cdx.json",
    "toolchain.json",
)
CODE, PARAMS = "code/*", "params.yaml"
STATED = "statements/"


@dataclass(frozen=True, kw_only=True)
class Item:
    """An item of the Annex, what it asks for, and patterns of the files that say something about it."""

    number: str
    asks: str
    files: tuple[str, ...] = ()


ITEMS = (
    Item(
        number="1(a)",
        asks="intended purpose, provider, version and previous versions",
        files=(CARD, f"{STATED}contract-*", "ledger.json"),
    ),
    Item(number="1(b)", asks="how it interacts with hardware and software that is not part of it"),
    Item(number="1(c)", asks="versions of software, and what updates require", files=(TOOLCHAIN, BOM)),
    Item(number="1(d)", asks="the forms in which it is placed on the market"),
    Item(number="1(e)", asks="the hardware on which it is to run"),
    Item(number="1(f)", asks="photographs of products that it is a component of"),
    Item(number="1(g)", asks="the user interface for the deployer"),
    Item(number="1(h)", asks="instructions for use for the deployer"),
    Item(
        number="2(a)",
        asks="methods and steps of development, third-party tools and pre-trained systems",
        files=(CODE, PARAMS, BOM, DATA, f"{STATED}provenance-*"),
    ),
    Item(
        number="2(b)",
        asks="design: general logic, key choices, what it optimises for",
        files=(CARD, CODE, PARAMS),
    ),
    Item(
        number="2(c)",
        asks="architecture, and the computational resources of development, training and testing",
        files=(CODE, "releases/*"),
    ),
    Item(
        number="2(d)",
        asks="data: where it comes from, scope, selection, labelling, cleaning",
        files=(DATA, CODE),
    ),
    Item(number="2(e)", asks="human oversight measures"),
    Item(number="2(f)", asks="changes that are determined beforehand"),
    Item(
        number="2(g)",
        asks="validation and testing: data, metrics, dated and signed test reports",
        files=(METRICS, f"{STATED}evaluation-*", f"{STATED}rebuild-*"),
    ),
    Item(number="2(h)", asks="cybersecurity measures", files=(f"{STATED}signature-*", BOM)),
    Item(
        number="3",
        asks="capabilities and limits, accuracy for groups, foreseeable risks, oversight, input data",
        files=(CARD, METRICS),
    ),
    Item(number="4", asks="why the performance metrics are appropriate", files=(CARD,)),
    Item(number="5", asks="the risk management system of Article 9"),
    Item(number="6", asks="changes through the lifecycle", files=("releases/*", "ledger.json")),
    Item(number="7", asks="harmonised standards that were applied, or other solutions"),
    Item(number="8", asks="the EU declaration of conformity of Article 47"),
    Item(number="9", asks="the post-market monitoring system of Article 72, with its plan"),
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An item and the files that say something about it; none where somebody has to write it."""

    item: Item
    files: tuple[str, ...]


def answers(files: Sequence[str]) -> Iterator[Answer]:
    """Yields every item with those of `files` (paths in the package) that answer it."""
    for item in ITEMS:
        found = (file for file in files if any(fnmatchcase(file, pattern) for pattern in item.files))
        yield Answer(item=item, files=tuple(sorted(found)))


def table(found: Sequence[Answer], title: str) -> str:
    """Returns the answers as a page in Markdown."""
    lines = [
        f"# {title}",
        "",
        "Annex IV of Regulation (EU) 2024/1689: which files say something about each item.",
    ]
    lines += ["", "| item | asks for | files |", "| --- | --- | --- |"]
    for one in found:
        files = ", ".join(f"`{file}`" for file in one.files) or f"**not covered**: {PROVIDER}"
        lines.append(f"| {one.item.number} | {one.item.asks} | {files} |")
    return "\n".join(lines) + "\n"


def document(found: Sequence[Answer]) -> list[dict[str, object]]:
    """Returns the answers as JSON."""
    return [
        {
            "item": one.item.number,
            "asks": one.item.asks,
            "covered": bool(one.files),
            "files": list(one.files),
            "to_do": None if one.files else PROVIDER,
        }
        for one in found
    ]
