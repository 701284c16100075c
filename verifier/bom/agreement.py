"""Whether a bill of materials says what the bundle's other documents say: the same files, no more and no fewer."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

Json = Mapping[str, object]
# Of a component: where it belongs, what it is called, its version and sha256, where it is from, its licence.
Fact = tuple[str, str, str, str, str, str]


def disagreement(
    name: str, version: str, documents: Mapping[str, Json], weights: Mapping[str, str]
) -> str | None:
    """Returns where `documents["bom"]` and the rest of a bundle differ, to be put behind its name; or nothing.

    The documents match their schemas; `weights` are the sha256 of the files below `weights/` in the manifest.
    """
    bom = documents["bom"]
    model = cast(Json, cast(Json, bom["metadata"])["component"])
    if (model["name"], model["version"]) != (name, version):
        return f" is about {model['name']!a} {model['version']!a}, and the manifest about {name} {version}"
    odd = _odd_reference(bom, model)
    if odd is not None:
        return odd
    found = [_fact(component) for component in cast(Sequence[Json], bom["components"])]
    wanted = [*_sources(documents), *(("weights", path, "", weights[path], "", "") for path in weights)]
    extra, missing = Counter(found) - Counter(wanted), Counter(wanted) - Counter(found)
    for facts, problem in ((extra, "names"), (missing, "lacks")):
        if facts:
            part, called, of_version, sha256, _, _ = min(facts)
            other = {"toolchain": "toolchain.json", "data": "data.json"}.get(part, "the manifest")
            which = " ".join(f"{called} {of_version}".split())
            end = "which is not so in" if problem == "names" else "which is in"
            return f" {problem} {which!a} with the sha256 {sha256} and its origin, {end} {other}"
    return None


def _odd_reference(bom: Json, model: Json) -> str | None:
    """Returns the reference that two components have, or that leads to none."""
    components = [model, *cast(Sequence[Json], bom["components"])]
    named = Counter(str(component["bom-ref"]) for component in components)
    twice = [reference for reference, count in named.items() if count > 1]
    if twice:
        return f" gives the bom-ref {min(twice)!a} twice"
    card = cast(Mapping[str, Mapping[str, Sequence[Mapping[str, str]]]], model["modelCard"])
    used = {one["ref"] for one in card["modelParameters"]["datasets"]}
    for dependency in cast(Sequence[Mapping[str, object]], bom["dependencies"]):
        used |= {str(dependency["ref"]), *cast(Sequence[str], dependency["dependsOn"])}
    dangling = used - named.keys()
    return f" refers to {min(dangling)!a}, which is no component of it" if dangling else None


def _sources(documents: Mapping[str, Json]) -> Iterator[Fact]:
    for part in ("toolchain", "data"):
        for source in cast(Sequence[Json], documents[part]["sources"]):
            said = (str(source[key]) for key in ("name", "version", "sha256", "url", "licence"))
            called, version, sha256, url, licence = said
            yield part, called, version, sha256, url, licence


def _fact(component: Json) -> Fact:
    """Returns what a component says; a library is of the toolchain, a data set or a base model of the data."""
    (hashed,) = cast(Sequence[Json], component["hashes"])
    name, sha256 = str(component["name"]), str(hashed["content"])
    if component["type"] == "file":
        return "weights", name, "", sha256, "", ""
    (origin,) = cast(Sequence[Json], component["externalReferences"])
    part = "toolchain" if component["type"] == "library" else "data"
    licence = properties(component).get("licence", "")
    return part, name, str(component["version"]), sha256, str(origin["url"]), licence


def properties(component: Json) -> dict[str, str]:
    """Returns our own properties of a component by their names, without `samebits:`."""
    listed = cast(Sequence[Mapping[str, str]], component["properties"])
    return {entry["name"].removeprefix("samebits:"): entry["value"] for entry in listed}
