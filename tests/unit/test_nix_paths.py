"""What `nix path-info --json` prints, in the forms that three generations of Nix have."""

import json

import pytest

from verifier.errors import CouldNotCheck
from verifier.nix_paths import Info, read_infos

PATH = "/nix/store/7bkv3bpvxlv3089f3ch6kh4rx8vplq6x-digits-1.3.0"
SAID = {"narHash": "sha256-…", "registrationTime": 1795656456, "ultimate": True}
FORMS = {
    "2.8": [{"path": PATH, **SAID}],
    "2.26": {PATH: SAID},
    "2.33": {"info": {PATH.rpartition("/")[2]: SAID}, "version": 2, "storeDir": "/nix/store"},
}


@pytest.mark.parametrize("version", FORMS)
def test_each_form_is_read(version: str) -> None:
    assert read_infos(json.dumps(FORMS[version]), [PATH]) == {
        PATH: Info(built_here=True, registered=1795656456)
    }


def test_what_was_copied_was_not_built_here() -> None:
    copied = {key: value for key, value in SAID.items() if key != "ultimate"}
    for said in (copied, {**copied, "ultimate": False}, {**copied, "ultimate": "true"}):
        assert not read_infos(json.dumps({PATH: said}), [PATH])[PATH].built_here


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "{}", "[1]", json.dumps({PATH: None}), json.dumps({PATH: {}})]
)
def test_what_says_nothing_is_said(text: str) -> None:
    with pytest.raises(CouldNotCheck, match="does not hold"):
        read_infos(text, [PATH])
