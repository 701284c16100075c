"""Where the flake says that a model's folder is: below the store, or nowhere."""

import pytest

from tests.unit.released import store_path
from verifier import flake
from verifier.errors import BadInput

FIELDS = {
    "version": "1.0.0",
    "drvPath": store_path("package.drv"),
    "path": store_path("tiny"),
    "steps": {"train": store_path("train.drv")},
    "locked": [],
}


@pytest.mark.parametrize(
    "folder", ["", store_path("source"), store_path("source/models/tiny"), store_path("a/..b")]
)
def test_folder_below_the_store_is_taken(folder: str) -> None:
    assert flake._model("tiny", {**FIELDS, "folder": folder}).folder == folder


@pytest.mark.parametrize(
    "folder",
    [
        "/etc",
        "models/tiny",
        "/nix/store/../../etc",
        store_path("source/../../../etc"),
        store_path("source/models/.."),
        store_path("source/./models"),
        store_path("source//models"),
        store_path("source/"),
        store_path("source\n"),
        store_path("source/\x1b[2J"),
        None,
        ["x"],
    ],
)
def test_any_other_folder_is_refused(folder: object) -> None:
    with pytest.raises(BadInput, match="the flake"):
        flake._model("tiny", {**FIELDS, "folder": folder})
