"""`model-card.md`: what a person wrote about the model, then what the build knows, as tables."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from builder.runtime.params import Params
from builder.runtime.plan import Plan

Json = Mapping[str, object]


def model_card(
    plan: Plan,
    prose: str,
    *,
    params: Params,
    metrics: Json,
    data: Json,
    toolchain: Json,
    samples: str = "",
) -> str:
    """Returns the card as Markdown; equal input gives equal text. `samples` is what the model wrote itself."""
    scalars = cast(Mapping[str, float], metrics["scalars"])
    parts = [
        f"# {plan.model} {plan.version}",
        prose.strip(),
        "## Evaluation",
        _table(["metric", "value"], [[name, f"{scalars[name]:.6g}"] for name in sorted(scalars)]),
        *_confusion(metrics),
        *_samples(samples),
        *_lineage(data),
        "## Data",
        _table(
            ["source", "version", "licence", "sha256"], _source_rows(cast(Sequence[Json], data["sources"]))
        ),
        _table(["stage", "rows", "sha256"], _stage_rows(cast(Sequence[Json], data["stages"]))),
        "## Training",
        _table(["parameter", "value"], _parameter_rows(params)),
        *_allowed(params),
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


def _samples(text: str) -> list[str]:
    """Returns the lines as a block of code, indented, so that nothing in them can end it."""
    lines = [f"    {line}" for line in text.splitlines() if line.strip()]
    return ["## Samples", "\n".join(lines)] if lines else []


def _lineage(data: Json) -> list[str]:
    names = cast(Sequence[str], data["lineage"])
    sources = [s for s in cast(Sequence[Json], data["sources"]) if s["input"] in names]
    rows = [[str(s["name"]), *row[1:]] for s, row in zip(sources, _source_rows(sources), strict=True)]
    head = ["base model", "version", "licence", "sha256"]
    return ["## Lineage", "The weights descend from a pretrained model.", _table(head, rows)] if rows else []


def _allowed(params: Params) -> list[str]:
    rows = [[f"`{name}`", reason] for name, reason in sorted(params.allowed.items())]
    what = "Used although it gives other bits on another processor, so that this model is tied to one kind:"
    return [what, _table(["name", "reason"], rows)] if rows else []


def _source_rows(sources: Sequence[Json]) -> list[list[str]]:
    return [[str(s["file"]), str(s["version"]), str(s["licence"]), f"`{s['sha256']}`"] for s in sources]


def _stage_rows(stages: Sequence[Json]) -> list[list[str]]:
    return [[str(s["name"]), str(s["rows"]), f"`{s['sha256']}`"] for s in stages]


def _parameter_rows(params: Params) -> list[list[str]]:
    fixed = [["seed", str(params.seed)], ["device", params.device], ["threads", str(params.threads)]]
    return fixed + [[k, str(v)] for k, v in sorted(params.hyperparameters.items())]


def _toolchain_sentence(toolchain: Json) -> str:
    count = len(cast(Sequence[Json], toolchain["sources"]))
    environment = cast(Mapping[str, str], toolchain["environment"])
    return (
        f"Python {toolchain['python']}, {count} pinned files of the lock `{toolchain['name']}` "
        f"(digest `{toolchain['digest']}`), determinism profile `{environment['SAMEBITS_PROFILE']}`. "
        "Every file with its hash and licence is in `toolchain.json`."
    )
