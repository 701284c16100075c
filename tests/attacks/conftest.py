"""A keyless world, and a valid scene of each kind, for all attacks."""

from collections.abc import Iterator

import pytest

from tests.attacks.scene import Scene, make_scene
from tests.keyless import World


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World.start(tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest.fixture(scope="session")
def valid(tmp_path_factory: pytest.TempPathFactory, world: World) -> dict[bool, Scene]:
    """The valid scenes, by whether they are keyless."""
    folder = tmp_path_factory.mktemp("scenes")
    return {keyless: make_scene(folder / str(keyless), world, keyless=keyless) for keyless in (False, True)}
