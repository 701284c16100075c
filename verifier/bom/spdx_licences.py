"""Licences of CycloneDX's components as SPDX's licence expressions; what is no expression gets a LicenseRef."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import cast

from verifier.bom.agreement import Json
from verifier.bom.elements import Names, element, entries

# An individual of SPDX's model, by its name in the context.
NO_ASSERTION = "expandedlicensing_NoAssertionLicense"
NOT_STATED = "NOASSERTION"
CUSTOM = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")


def declared_licence(component: Json, names: Names) -> tuple[str, list[dict[str, object]]]:
    """Returns the spdxId of a component's licence, and the elements that say what that is."""
    (choice,) = cast(Sequence[Mapping[str, object]], component["licenses"])
    licence = cast(Mapping[str, str], choice.get("license", {}))
    name = licence.get("name")
    if name == NOT_STATED:
        return NO_ASSERTION, []
    expression = str(choice.get("expression") or licence.get("id") or _reference(str(name)))
    texts = {custom: name or custom for custom in CUSTOM.findall(expression)}
    named = {custom: names.of(f"licence-text/{custom}") for custom in texts}
    fields: dict[str, object] = {"simplelicensing_licenseExpression": expression}
    if texts:
        fields["simplelicensing_customIdToUri"] = entries(named)
    whole = element("simplelicensing_LicenseExpression", names.of(f"licence/{expression}"), **fields)
    return str(whole["spdxId"]), [whole, *(_text(named[custom], text) for custom, text in texts.items())]


def _reference(name: str) -> str:
    """Returns the name itself where it is a LicenseRef, else one that follows from it."""
    digest = hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()
    return name if CUSTOM.fullmatch(name) else f"LicenseRef-samebits-{digest[:16]}"


def _text(spdx_id: str, stated: str) -> dict[str, object]:
    # Only how the package states it is known here, and not the licence's text.
    return element(
        "simplelicensing_SimpleLicensingText", spdx_id, name=stated, simplelicensing_licenseText=stated
    )
