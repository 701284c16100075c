"""Where a file stands in a bundle or an output: the step that writes it, and its rank from cause to effect."""

from dataclasses import dataclass

from verifier.explain.findings import Fact


@dataclass(frozen=True, kw_only=True)
class Place:
    """A part of a bundle (docs/reference/bundle.md); the step is empty for what people wrote.

    Findings in it show the fact; only those in the fields `inside`, where some are named.
    """

    prefix: str
    step: str
    fact: Fact | None = None
    inside: tuple[str, ...] = ("",)

    def facts(self, place: str) -> frozenset[Fact]:
        """Returns what a finding in this part shows, by its place in the file."""
        return frozenset({self.fact} if self.fact and place.startswith(self.inside) else ())

    def holds(self, path: str) -> bool:
        """Returns whether a path is this, or below it."""
        return path == self.prefix or (self.prefix.endswith("/") and path.startswith(self.prefix))


# From cause to effect. What no place holds ranks before what the step `package` draws from all others.
BUNDLE = (
    Place(prefix=".", step=""),
    Place(prefix="toolchain.json", step="toolchain", fact=Fact.TOOLCHAIN),
    Place(prefix="params.yaml", step="", fact=Fact.PARAMETERS),
    Place(prefix="hyperparameters.schema.json", step="", fact=Fact.PARAMETERS),
    Place(prefix="code/", step="", fact=Fact.CODE),
    Place(prefix="data.json", step="prepare", fact=Fact.DATA, inside=("$.sources", "$.stages", "$.prepared")),
    Place(prefix="training/trace/", step="train"),
    Place(prefix="weights/", step="train"),
    Place(prefix="training/", step="train"),
    Place(prefix="evaluation/", step="evaluate"),
    Place(prefix="golden.safetensors", step="evaluate"),
    Place(prefix="metrics.json", step="evaluate"),
)
PACKAGED = (
    Place(prefix="model-card.md", step="package"),
    Place(prefix="bom.cdx.json", step="package"),
    Place(prefix="manifest.json", step="package"),
)
# In the output of `train`, or in any other folder.
ELSEWHERE = (
    Place(prefix=".", step=""),
    Place(prefix="trace/", step="train"),
    # In that of a chunk of it.
    Place(prefix="checkpoint/tensors.safetensors", step="train"),
    Place(prefix="checkpoint/", step="train"),
)


def place_of(path: str, *, bundle: bool) -> tuple[int, Place]:
    """Returns the rank and the place of a file; ranks go from cause to effect."""
    known = BUNDLE if bundle else ELSEWHERE
    last = PACKAGED if bundle else ()
    places = [*known, Place(prefix=path, step=""), *last]
    named = [(rank, place) for rank, place in enumerate(places) if place.holds(path)]
    return named[0] if len(named) == 1 or named[0][0] < len(known) else named[-1]
