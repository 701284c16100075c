"""Loads the files of builder/assemble as a build does: they belong to no package."""

import sys
from importlib import import_module
from types import ModuleType

from tests.conftest import REPOSITORY


def load(name: str) -> ModuleType:
    """Returns builder/assemble/NAME.py as a module."""
    folder = str(REPOSITORY / "builder" / "assemble")
    sys.path.insert(0, folder)
    try:
        return import_module(name)
    finally:
        sys.path.remove(folder)
