"""`model-card.md`: what a person wrote about the model, then what the build knows, as tables."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from builder.runtime.params import Params
from builder.runtime.plan import Plan

Json = Mapping[str, object]
FEW_VALUES = 20


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
    parts = [
        f"# {plan.model} {plan.version}",
        prose.strip(),
        "## Evaluation",
        _table(["metric", "value"], _metric_rows(metrics)),
        _table(["metric", "slice", "value"], _slice_rows(metrics)),
        *_confusion(metrics),
        *_samples(samples),
        *_lineage(data),
        "## Data",
        _table(
            ["source", "version", "licence", "sha256"], _source_rows(cast(Sequence[Json], data["sources"]))
        ),
        _table(["stage", "rows", "sha256"], _stage_rows(cast(Sequence[Json], data["stages"]))),
        _table(["stage", "array", "how often each value"], _count_rows(cast(Sequence[Json], data["stages"]))),
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


def _metric_rows(metrics: Json) -> list[list[str]]:
    scalars = cast(Mapping[str, float], metrics["scalars"])
    intervals = cast(Mapping[str, Mapping[str, float]], metrics.get("intervals", {}))
    return [[name, f"{scalars[name]:.6g}{_interval(intervals.get(name))}"] for name in sorted(scalars)]


def _interval(found: Mapping[str, float] | None) -> str:
    if found is None:
        return ""
    return f" ({found['low']:.6g} to {found['high']:.6g} with {100 * found['confidence']:.6g} % confidence)"


def _slice_rows(metrics: Json) -> list[list[str]]:
    by = {
        kind: cast(Mapping[str, Mapping[str, float]], metrics.get(kind, {})) for kind in ("classes", "slices")
    }
    return [
        [metric, f"{kind}/{name}", f"{value:.6g}"]
        for kind, metrics_by_slice in by.items()
        for metric in sorted(metrics_by_slice)
        for name, value in metrics_by_slice[metric].items()
    ]


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


def _count_rows(stages: Sequence[Json]) -> list[list[str]]:
    """Returns the distribution of labels, of arrays with few different values."""
    found = [
        (str(stage["name"]), array, counts)
        for stage in stages
        for array, counts in cast(Mapping[str, dict[str, int]], stage.get("counts", {})).items()
    ]
    return [
        [stage, array, ", ".join(f"{value}: {counts[value]}" for value in sorted(counts, key=_as_numbers))]
        for stage, array, counts in found
        if len(counts) <= FEW_VALUES
    ]


def _as_numbers(value: str) -> tuple[int, str]:
    return len(value), value


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
