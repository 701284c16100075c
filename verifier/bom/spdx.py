"""A bill of materials in SPDX 3.0.1: JSON-LD with the profiles AI and Dataset; equal bills give equal bytes."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import cast

from verifier.bom.agreement import Json, properties
from verifier.bom.elements import CREATION_INFO, Names, element, entries
from verifier.bom.spdx_licences import NO_ASSERTION, declared_licence

CONTEXT = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
PROFILES = ["ai", "core", "dataset", "simpleLicensing", "software"]
CLASSES = {
    "data": "dataset_DatasetPackage",
    "file": "software_File",
    "library": "software_Package",
    "machine-learning-model": "ai_AIPackage",
}
PURPOSES = {"data": "data", "file": "model", "library": "library", "machine-learning-model": "model"}
HYPERPARAMETER = "hyperparameter:"
BYTES = re.compile(r"[0-9]{1,18}", re.ASCII)


def spdx_document(bom: Json) -> dict[str, object]:
    """Returns the SPDX document that says what a bundle's `bom.cdx.json`, which matches its schema, says."""
    names = Names(str(bom["serialNumber"]))
    model = cast(Json, cast(Json, bom["metadata"])["component"])
    components = [model, *cast(Sequence[Json], bom["components"])]
    artifacts = [_artifact(component, names) for component in components]
    licences = [declared_licence(component, names) for component in components]
    described: dict[str, dict[str, object]] = {}
    for one in [*artifacts, *(text for _, elements in licences for text in elements)]:
        described[str(one["spdxId"])] = one
    declared = [licence for licence, _ in licences]
    for one in _relationships(components, declared, names):
        described[str(one["spdxId"])] = one
    inside = sorted(described)
    sbom = _collection("software_Sbom", "sbom", names, [names.of(str(model["bom-ref"]))], inside)
    agent = element("SoftwareAgent", names.of("samebits"), name="Samebits")
    everything = sorted([*inside, str(sbom["spdxId"]), str(agent["spdxId"])])
    title = f"{model['name']} {model['version']}"
    document = _collection("SpdxDocument", "document", names, [str(sbom["spdxId"])], everything)
    elements = [
        *described.values(),
        {**sbom, "software_sbomType": ["build"]},
        agent,
        {**document, "name": title},
    ]
    creation = {**CREATION_INFO, "createdBy": [agent["spdxId"]]}
    return {"@context": CONTEXT, "@graph": [creation, *sorted(elements, key=_spdx_id)]}


def _spdx_id(one: Mapping[str, object]) -> str:
    return str(one["spdxId"])


def _collection(
    kind: str, reference: str, names: Names, roots: Sequence[str], inside: Sequence[str]
) -> dict[str, object]:
    held = {"rootElement": list(roots), "element": list(inside), "profileConformance": PROFILES}
    return element(kind, names.of(reference), **held)


def _artifact(component: Json, names: Names) -> dict[str, object]:
    kind = str(component["type"])
    fields: dict[str, object] = {"name": component["name"], "software_primaryPurpose": PURPOSES[kind]}
    if "version" in component:
        fields["software_packageVersion"] = component["version"]
        fields["software_packageUrl"] = component["purl"]
    for hashed in cast(Sequence[Json], component.get("hashes", ())):
        sha256 = {"type": "Hash", "algorithm": "sha256", "hashValue": hashed["content"]}
        fields["verifiedUsing"] = [sha256]
    for origin in cast(Sequence[Json], component.get("externalReferences", ())):
        fields["software_downloadLocation"] = origin["url"]
    if kind == "data":
        # What kind of data it is, no lock knows; SPDX asks for a word.
        fields |= {"dataset_datasetType": ["noAssertion"]}
        size = properties(component).get("size", "")
        fields |= {"dataset_datasetSize": int(size)} if BYTES.fullmatch(size) else {}
    if "modelCard" in component:
        fields |= _training(component)
    return element(CLASSES[kind], names.of(str(component["bom-ref"])), **fields)


def _training(model: Json) -> dict[str, object]:
    """Returns metrics, hyperparameters, and all else that is known of the training as lines of text."""
    card = cast(Mapping[str, Mapping[str, Sequence[Mapping[str, str]]]], model["modelCard"])
    metrics = card["quantitativeAnalysis"]["performanceMetrics"]
    known = properties(model)
    chosen = {
        name.removeprefix(HYPERPARAMETER): value
        for name, value in known.items()
        if name.startswith(HYPERPARAMETER)
    }
    others = [f"{name}: {known[name]}" for name in sorted(known) if not name.startswith(HYPERPARAMETER)]
    return {
        "ai_metric": entries({metric["type"]: metric["value"] for metric in metrics}),
        **({"ai_hyperparameter": entries(chosen)} if chosen else {}),
        "ai_informationAboutTraining": "\n".join(others),
    }


def _relationships(
    components: Sequence[Json], licences: Sequence[str], names: Names
) -> list[dict[str, object]]:
    model = str(components[0]["bom-ref"])
    led: dict[str, list[str]] = defaultdict(list)
    for component in components[1:]:
        for kind in _led_to(component):
            led[kind].append(names.of(str(component["bom-ref"])))
    found = [_relationship(kind, model, to, names) for kind, to in sorted(led.items())]
    for component, licence in zip(components, licences, strict=True):
        reference = str(component["bom-ref"])
        found.append(_relationship("hasDeclaredLicense", reference, [licence], names))
        if component["type"] in ("data", "machine-learning-model"):  # which both profiles ask for
            found.append(_relationship("hasConcludedLicense", reference, [NO_ASSERTION], names))
    return found


def _led_to(component: Json) -> tuple[str, ...]:
    """Returns how the model leads to a component."""
    kind = component["type"]
    if kind == "library":
        return ("usesTool",) if component["scope"] == "excluded" else ("dependsOn",)
    named = {
        "data": ("trainedOn", "testedOn"),
        "file": ("contains",),
        "machine-learning-model": ("descendantOf",),
    }
    return named[str(kind)]


def _relationship(kind: str, reference: str, to: Sequence[str], names: Names) -> dict[str, object]:
    scoped = {"scope": "build"} if kind == "usesTool" else {}
    fields = {"from": names.of(reference), "relationshipType": kind, "to": sorted(to), **scoped}
    name = names.of(f"relationship/{kind}/{reference}")
    return element("LifecycleScopedRelationship" if scoped else "Relationship", name, **fields)
