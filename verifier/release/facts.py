"""What in a release follows from the bits of its model, and so cannot be otherwise where the bits are the same."""

from collections.abc import Mapping
from typing import cast

Json = Mapping[str, object]

# When, on what and how well it was checked, and what it was compared with, no bits say.
OTHERS = {
    "schema",
    "derivation",
    "level",
    "date",
    "previous",
    "steps",
    "resources",
    "calibration_seconds",
    "contract",
    "variations",
    "digest",
}
STEPS, TOOLCHAIN = "steps", "toolchain"


def facts_of(document: Json) -> dict[str, object]:
    """Returns the parts of a release that its bits decide, and of each step the hash of what it gave."""
    steps = cast(Mapping[str, Mapping[str, str]], document[STEPS])
    hashes = {step: one["nar_sha256"] for step, one in steps.items()}
    return {**{key: value for key, value in document.items() if key not in OTHERS}, STEPS: hashes}


def forged_fact(released: Json, built: Json) -> str | None:
    """Returns the first part of which a release of the same bits says something else; or nothing.

    A toolchain that is built in another way may be another, and its steps give the same.
    """
    said, found = facts_of(released), facts_of(built)
    ways = [cast(Mapping[str, Mapping[str, str]], one[STEPS])[TOOLCHAIN] for one in (released, built)]
    if ways[0]["derivation"] != ways[1]["derivation"]:
        for facts in (said, found):
            cast(dict[str, str], facts[STEPS]).pop(TOOLCHAIN)
    return next((key for key in found if said.get(key) != found[key]), None)
