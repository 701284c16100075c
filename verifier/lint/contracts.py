"""A contract, held against all that reading it asks for."""

from pathlib import Path

import yaml

from verifier.contract.files import read_plain
from verifier.contract.reading import ADVICE, SCHEMA, contract_of, read_contract
from verifier.contract.strict_yaml import MOST_BYTES, Marked
from verifier.errors import BadInput
from verifier.lint.findings import Finding, finding_of
from verifier.lint.quick import StrictLoader, loaded
from verifier.quick_schemas import fits


def contract_findings(path: Path) -> list[Finding]:
    """Returns what `read_contract` refuses."""
    try:
        if _is_right(path):
            return []
        read_contract(path)
    except BadInput as error:
        return [finding_of(error, path)]
    return []


def _is_right(path: Path) -> bool:
    content = read_plain(path, MOST_BYTES, advice=ADVICE)
    try:
        root, value = loaded(StrictLoader(content.decode("utf-8")))
        if not fits(value, SCHEMA):
            return False
        contract_of(Marked(path=path, value=value, root=root, advice=ADVICE, sha256=""))
    except (BadInput, yaml.YAMLError, ArithmeticError, AttributeError, RecursionError, ValueError):
        return False
    return True
