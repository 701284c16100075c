"""Package URLs in their canonical form (ECMA-427): of models, Debian packages and wheels."""

from urllib.parse import quote

# Locks use this suite alone (docs/adr/0004-bookworm-main-only.md).
DEBIAN_SUITE = "bookworm"


def model_purl(name: str, version: str) -> str:
    """Returns `pkg:generic/NAME@VERSION`."""
    return f"pkg:generic/{_encoded(name)}@{_encoded(version)}"


def source_purl(kind: str, name: str, version: str, file: str) -> str:
    """Returns the package URL of a source of a lock; of a `.deb` with what its file name says of the machine."""
    if kind == "wheel":
        return f"pkg:pypi/{_encoded(name)}@{_encoded(version)}"
    machine = file.removesuffix(".deb").rpartition("_")[2]
    qualifiers = f"arch={_encoded(machine)}&distro={DEBIAN_SUITE}"
    return f"pkg:deb/debian/{_encoded(name)}@{_encoded(version)}?{qualifiers}"


def _encoded(text: str) -> str:
    # `+` and others are percent-encoded, `~` is unreserved, and a colon stays one wherever it is.
    return quote(text, safe=":")
