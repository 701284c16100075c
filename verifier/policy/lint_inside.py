"""What is odd in what a tier allows in a bundle: formats, licences, metrics."""

from collections.abc import Iterator

from verifier.explain.bounded import shortened
from verifier.gate.formats import BINARY, JSON, KINDS, PICKLE, SAFETENSORS, TEXT
from verifier.gate.licences import is_known
from verifier.policy.findings import Finding, look, never_fails, never_passes
from verifier.policy.terms import Tier

# What every bundle has files of (docs/reference/bundle.md).
IN_EVERY_BUNDLE = {SAFETENSORS: "its weights", JSON: "manifest.json", TEXT: "model-card.md"}
# What a bill of materials says where nobody stated a licence (docs/reference/bom.md).
UNSTATED = "NOASSERTION"
MOST_SHOWN = 300


def inside_findings(tier: Tier) -> Iterator[Finding]:
    """Yields what is odd in formats, licences and metrics."""
    yield from _format_findings(tier)
    yield from _licence_findings(tier)
    place = ("tiers", tier.name, "metrics")
    if not tier.metrics:
        yield never_fails("no metric is demanded", *place)
    for index, floor in enumerate(tier.metrics):
        if floor.minimum is None and floor.maximum is None:
            what = f"{floor.metric} has neither minimum nor maximum: any value passes"
            yield never_fails(what, *place, index)


def _format_findings(tier: Tier) -> Iterator[Finding]:
    place = ("tiers", tier.name, "formats")
    for kind, file in IN_EVERY_BUNDLE.items():
        if kind not in tier.formats:
            yield never_passes(f"{kind} is not allowed, and every bundle has it: {file}", *place)
    for index, kind in enumerate(tier.formats):
        if kind == PICKLE:
            yield look("a pickle is refused though it is named here", *place, index)
        elif kind == BINARY:
            what = (
                f"{BINARY} is all that is not known: of files that are no weights a pickle alone is refused"
            )
            yield never_fails(what, *place, index)
        elif kind not in KINDS:
            what = f"no file is of the kind {kind!r}; known are {', '.join(sorted(KINDS))}"
            yield look(what, *place, index)


def _licence_findings(tier: Tier) -> Iterator[Finding]:
    place = ("tiers", tier.name, "licences")
    if UNSTATED not in tier.licences:
        what = (
            f"{UNSTATED} is not allowed, and bills of materials say it of the weights, which nobody licensed"
        )
        yield never_passes(what, *place)
    own = [word for word in tier.licences if word != UNSTATED and not is_known(word)]
    if own:
        words = shortened(", ".join(map(repr, own)), MOST_SHOWN)
        yield look(f"no SPDX identifiers, so that they allow these very words alone: {words}", *place)
