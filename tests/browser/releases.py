"""Releases, bands and curves of the example: real ones, and such as might have been before them."""

import hashlib
import json
import math
import random
from datetime import UTC, datetime, timedelta
from itertools import product

from tests.conftest import REPOSITORY
from verifier.contract.reading import read_contract
from verifier.site.records import Band, Curve, ReleasePoint

NOW = datetime(2026, 11, 26, 4, 30, tzinfo=UTC)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def identifier(model: str, version: str) -> str:
    return f"{model}-{version}-{sha256(model + version)[:12]}"


def release_points(model: str, versions: list[str]) -> tuple[ReleasePoint, ...]:
    """The real release of a model, and such as might have come before it."""
    document = json.loads(next((REPOSITORY / "models" / model / "releases").glob("*.json")).read_text())
    metrics = {f"{name}": value for name, value in document["metrics"]["scalars"].items()}
    for group in ("classes", "slices"):
        for name, values in document["metrics"].get(group, {}).items():
            metrics |= {f"{name} of {group}/{label}": value for label, value in values.items()}
    last = len(versions) - 1
    return tuple(
        ReleasePoint(
            version=version,
            date=f"{NOW - timedelta(days=23 * (last - index)):%Y-%m-%d}",
            level="bitwise",
            identifier=identifier(model, version),
            metrics={
                name: value + (last - index) * value * _wobble(name, index)
                for name, value in metrics.items()
                if not (index == 2 and name == "macro_f1")
            },
            resources={
                step: {
                    name: value * (1 + 0.05 * math.sin(index * 1.7 + len(step)))
                    if name not in ("threads", "data_loading_seconds")
                    else value
                    for name, value in used.items()
                }
                for step, used in document["resources"].items()
            },
        )
        for index, version in enumerate(versions)
    )


def _wobble(name: str, index: int) -> float:
    if name.startswith(("majority", "bag", "unigram", "bigram", "trigram")):
        return 0.0
    return 0.0011 * (
        math.sin(index * 2.3 + len(name)) - (1 if "bits" not in name and "perp" not in name else -1)
    )


def bands_of(model: str, point: ReleasePoint) -> dict[str, Band]:
    """What the real contract allows around a release."""
    contract = read_contract(REPOSITORY / "models" / model / "contract.yaml")
    bands = {}
    known = {
        name: (plain, f"{rest.partition('/')[0]}/*" if rest else "")
        for name in point.metrics
        for plain, _, rest in [name.partition(" of ")]
    }
    for declared, (name, _) in product(contract.metrics, known.items()):
        if known[name] != (declared.name, declared.slice):
            continue
        value = point.metrics[name]
        amount = float(declared.tolerance.amount) * (value if declared.tolerance.kind == "relative" else 1)
        low, high = value - amount, value + amount
        if declared.direction is not None and declared.tolerance.kind != "exact":
            low, high = (low, None) if declared.direction == "higher" else (None, high)  # type: ignore[assignment]
        bands[name] = Band(
            metric=name,
            baseline=value,
            low=low,
            high=high,
            minimum=None if declared.minimum is None else float(declared.minimum),
            maximum=None if declared.maximum is None else float(declared.maximum),
            reason=declared.reason,
        )
    return bands


def curves(steps: int, first: float, last: float) -> tuple[Curve, ...]:
    chance = random.Random(1998)
    places = [1 + round(index * (steps - 1) / 399) for index in range(400)]
    loss = [
        (s, last + (first - last) * math.exp(-6 * s / steps) * (1 + 0.05 * chance.gauss(0, 1)))
        for s in places
    ]
    rate = [(s, 1e-3 * min(1, s / (0.05 * steps)) * (1 - 0.9 * s / steps)) for s in places]
    norm = [(s, 0.4 + 1.2 * math.exp(-9 * s / steps) + 0.1 * abs(chance.gauss(0, 1))) for s in places]
    named = {"loss": loss, "learning_rate": rate, "gradient_norm": norm}
    return tuple(Curve(quantity=name, points=tuple(points), steps=steps) for name, points in named.items())
