"""Lints files, each as what it is."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from verifier.lint.contracts import contract_findings
from verifier.lint.files import Kind
from verifier.lint.findings import Finding
from verifier.lint.locks import lock_findings
from verifier.lint.params import params_findings


class _Policies(Protocol):
    """What policies.py offers."""

    def policy_findings(self, path: Path) -> list[Finding]:
        """Returns what is wrong in a policy."""


def lint_files(files: Mapping[Path, Kind]) -> list[Finding]:
    """Returns all findings, by file and line."""
    found = [one for path, kind in files.items() for one in _findings(path, kind)]
    return sorted(found, key=lambda one: (one.file, one.line))


def _findings(path: Path, kind: Kind) -> Sequence[Finding]:
    if kind is Kind.POLICY:  # loads cryptography, which most repositories of models need not wait for
        return cast(_Policies, import_module("verifier.lint.policies")).policy_findings(path)
    lint = {Kind.CONTRACT: contract_findings, Kind.PARAMS: params_findings, Kind.LOCK: lock_findings}[kind]
    return lint(path)
