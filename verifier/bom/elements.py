"""The smallest parts of an SPDX document: names, elements, dictionaries, and who made it and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

CREATION = "_:creation"
# SPDX asks when a document was made. The true time would give other bytes each time, so this is the time in which
# all builds live (SOURCE_DATE_EPOCH in builder/profile.nix): whoever exports a bundle gets the same bytes.
CREATED = "1980-01-01T00:00:00Z"
CREATION_INFO: Mapping[str, object] = {
    "type": "CreationInfo",
    "@id": CREATION,
    "specVersion": "3.0.1",
    "created": CREATED,
    "comment": "The time is fixed, so that equal bundles give equal documents.",
}


@dataclass(frozen=True)
class Names:
    """Names of elements: the serial number of the bill, and a reference in it as the fragment."""

    serial_number: str

    def of(self, reference: str) -> str:
        """Returns the spdxId of what the bill calls `reference`."""
        return f"{self.serial_number}#{quote(reference, safe='/', errors='backslashreplace')}"


def element(kind: str, spdx_id: str, **fields: object) -> dict[str, object]:
    """Returns an element of the class `kind`."""
    return {"type": kind, "spdxId": spdx_id, "creationInfo": CREATION, **fields}


def entries(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Returns a dictionary as SPDX has it, in the order of keys."""
    return [{"type": "DictionaryEntry", "key": key, "value": values[key]} for key in sorted(values)]
