"""The licence of a package: what it states itself, else what a person read in its copyright file."""

import logging
from contextlib import closing
from pathlib import Path
from typing import cast

import yaml
from debian.copyright import Copyright, License, MachineReadableFormatError, NotMachineReadableError
from debian.debfile import DebFile

# python-debian logs small faults in other people's copyright files; they are not for our users.
logging.getLogger("debian.copyright").setLevel(logging.ERROR)

READ_BY_A_PERSON: dict[str, str] = yaml.safe_load(
    (Path(__file__).parent / "licences.yaml").read_text(encoding="utf-8")
)
OSI = "License :: OSI Approved :: "


def wheel_licence(metadata: dict[str, object]) -> str | None:
    """Returns what a wheel's metadata states: its expression, its one-line licence field, its classifiers."""
    for field in ("license_expression", "license"):
        stated = metadata.get(field)
        text = stated.strip() if isinstance(stated, str) else ""
        if text and text.upper() != "UNKNOWN" and "\n" not in text:
            return text
    classifiers = metadata.get("classifier")
    lines = classifiers if isinstance(classifiers, list) else []
    named = [line.removeprefix(OSI) for line in lines if isinstance(line, str) and line.startswith(OSI)]
    return " AND ".join(named) or None


def deb_licence(deb: Path, package: str) -> str | None:
    """Returns the short names in a package's machine-readable copyright file (DEP-5), joined with AND.

    Where the file is prose, or lives in another package, `licences.yaml` says it; else the answer is None.
    """
    return _machine_readable(deb, package) or READ_BY_A_PERSON.get(package)


def _machine_readable(deb: Path, package: str) -> str | None:
    # One pass over the archive: python-debian's own look-ups unpack it once each.
    with closing(DebFile(str(deb))) as package_file, package_file.data.tgz() as archive:
        for member in archive:
            if member.name.removeprefix("./") == f"usr/share/doc/{package}/copyright" and member.isfile():
                content = archive.extractfile(member)
                return _short_names(content.read().decode("utf-8", "replace")) if content else None
    return None


def _short_names(text: str) -> str | None:
    try:
        paragraphs = list(Copyright(text.splitlines(), strict=False).all_files_paragraphs())
    except (NotMachineReadableError, MachineReadableFormatError, ValueError):
        return None
    licences = [cast(License | None, paragraph.license) for paragraph in paragraphs]
    names = {licence.synopsis for licence in licences if licence is not None}
    return " AND ".join(f"({n})" if " " in n else n for n in sorted(names) if n) or None
