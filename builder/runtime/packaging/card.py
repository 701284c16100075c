"""`model-card.md`: what a person wrote about the model, then what the build knows, as tables."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from builder.runtime.params import Params
from builder.runtime.plan import Plan

Json = Mapping[str, object]


def model_card(plan: Plan, prose: str, *, params: Params, metrics: Json, data: Json, toolchain: Json) -> str:
    """Returns the card as Markdown; equal input gives equal text."""
    scalars = cast(Mapping[str, float], metrics["scalars"])
    parts = [
        f"# {plan.model} {plan.version}",
        prose.strip(),
        "## Evaluation",
        _table(["metric", "value"], [[name, f"{scalars[name]:.6g}"] for name in sorted(scalars)]),
        *_confusion(metrics),
        "## Data",
        _table(
            ["source", "version", "licence", "sha256"], _source_rows(cast(Sequence[Json], data["sources"]))
        ),
        _table(["stage", "rows", "sha256"], _stage_rows(cast(Sequence[Json], data["stages"]))),
        "## Training",
        _table(["parameter", "value"], _parameter_rows(params)),
        "## Toolchain",
        _toolchain_sentence(toolchain),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    rule = f"|{' --- |' * len(head)}"
    return "\n".join([f"| {' | '.join(head)} |", rule, *lines]) if lines else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _confusion(metrics: Json) -> list[str]:
    matrix = cast(Mapping[str, list[list[int]]], metrics.get("confusion_matrix") or {})
    if not matrix:
        return []
    labels = [str(label) for label in matrix["labels"]]
    rows = [
        [f"**{label}**", *map(str, counts)] for label, counts in zip(labels, matrix["counts"], strict=True)
    ]
    return ["Confusion matrix: rows are true classes, columns predicted ones.", _table(["", *labels], rows)]


def _source_rows(sources: Sequence[Json]) -> list[list[str]]:
    return [[str(s["file"]), str(s["version"]), str(s["licence"]), f"`{s['sha256']}`"] for s in sources]


def _stage_rows(stages: Sequence[Json]) -> list[list[str]]:
    return [[str(s["name"]), str(s["rows"]), f"`{s['sha256']}`"] for s in stages]


def _parameter_rows(params: Params) -> list[list[str]]:
    return [["seed", str(params.seed)]] + [[k, str(v)] for k, v in sorted(params.hyperparameters.items())]


def _toolchain_sentence(toolchain: Json) -> str:
    count = len(cast(Sequence[Json], toolchain["sources"]))
    environment = cast(Mapping[str, str], toolchain["environment"])
    return (
        f"Python {toolchain['python']}, {count} pinned files of the lock `{toolchain['name']}` "
        f"(digest `{toolchain['digest']}`), determinism profile `{environment['SAMEBITS_PROFILE']}`. "
        "Every file with its hash and licence is in `toolchain.json`."
    )
