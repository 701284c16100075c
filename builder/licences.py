"""The licence of a package: what it states itself, else what a person read in its copyright file."""

import logging
from pathlib import Path

import yaml
from debian.copyright import Copyright, MachineReadableFormatError, NotMachineReadableError
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
        if isinstance(stated, str) and stated.strip() and "\n" not in stated.strip():
            return stated.strip()
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
    place = f"usr/share/doc/{package}/copyright"
    data = DebFile(str(deb)).data
    if not data.has_file(place):
        return None
    text = data.get_content(place, encoding="utf-8", errors="replace")
    try:
        copyright_file = Copyright(str(text).splitlines(), strict=False)
    except (NotMachineReadableError, MachineReadableFormatError, ValueError):
        return None
    names = {p.license.synopsis for p in copyright_file.all_files_paragraphs() if p.license is not None}
    return " AND ".join(f"({n})" if " " in n else n for n in sorted(names) if n) or None
