"""Which of two versions is the greater one: clause 11 of semver.org 2.0.0, for the versions that model.nix has."""

import re

from verifier.errors import BadInput

# As in builder/model.nix: three numbers; behind a dash a text that precedes, behind a plus one without weight.
VERSION = re.compile(r"([0-9]+)\.([0-9]+)\.([0-9]+)(?:([+-])([0-9A-Za-z.-]+))?")
DIGITS = re.compile(r"[0-9]+")

# A number by its length and its digits, which needs no limit; or a text. Numbers precede texts.
Identifier = tuple[int, int, str]
Precedence = tuple[tuple[Identifier, ...], bool, tuple[Identifier, ...]]


def precedence(version: str) -> Precedence:
    """Returns a key that orders versions; equal for two of which neither is greater, such as 1.0.0 and 1.0.0+x.

    Raises:
        BadInput: it is no version.
    """
    found = VERSION.fullmatch(version)
    if found is None:
        raise BadInput(
            f"{version!r} is no version", advice="Write it as three numbers, such as 1.0.0 or 1.0.0-rc.1."
        )
    *core, sign, text = found.groups()
    before = tuple(map(_identifier, text.split("."))) if sign == "-" else ()
    return tuple(map(_identifier, core)), sign != "-", before


def _identifier(text: str) -> Identifier:
    if DIGITS.fullmatch(text):
        digits = text.lstrip("0")
        return 0, len(digits), digits
    return 1, 0, text


def increases(version: str, over: str) -> bool:
    """Returns whether `version` is greater than the version `over`.

    Raises:
        BadInput: one of them is no version.
    """
    return precedence(version) > precedence(over)
