"""All attacks, and the table of them that docs/concepts/attacks.md has."""

from tests.attacks import (
    burdens,
    claims,
    decisions,
    envelopes,
    keyless,
    manifests,
    names,
    parts,
    places,
    predicates,
    promises,
    resources,
    roots,
    trees,
)
from tests.attacks.attack import Attack

FAMILIES = {
    "The files of the bundle": trees.ATTACKS,
    "The names of files": names.ATTACKS,
    "The manifest and the documents": manifests.ATTACKS + burdens.ATTACKS,
    "The folder of statements, the keys, the moment": places.ATTACKS,
    "The file around a statement": envelopes.ATTACKS,
    "What the right key signs": claims.ATTACKS + predicates.ATTACKS + decisions.ATTACKS,
    "What the signature over all files lists": resources.ATTACKS,
    "Certificates, times and the log": keyless.ATTACKS + parts.ATTACKS + promises.ATTACKS + roots.ATTACKS,
}
CORPUS: list[Attack] = [attack for family in FAMILIES.values() for attack in family]


def tables() -> str:
    """A table for each family, in Markdown."""
    parts = []
    for heading, attacks in FAMILIES.items():
        rows = [f"| `{a.name}` | {a.what} | {', '.join(f'`{r}`' for r in a.reasons)} |" for a in attacks]
        parts.append(
            "\n".join(
                [f"## {heading}", "", "| attack | what is done | reason |", "| --- | --- | --- |", *rows]
            )
        )
    return "\n\n".join(parts)


def count() -> str:
    """The sentence that counts them."""
    keyless_ones = sum(attack.keyless for attack in CORPUS)
    return f"{len(CORPUS)} attacks, {keyless_ones} of them on keyless signatures: each is refused."
