"""Why Nix did not build, as the person who can mend it should read it."""

import pytest

from tests.unit.plans import drv_path, make_plan
from verifier.errors import CouldNotCheck
from verifier.nixlog import Event, Log
from verifier.rebuild import build as module
from verifier.rebuild.build import explain_failure

# As Nix 2.8 and Nix 2.26 write it.
OLD = (
    "a 'x86_64-linux' with features {cuda} is required to build '/nix/store/0-x.drv', "
    "but I am a 'x86_64-linux' with features {benchmark, big-parallel, kvm, nixos-test}"
)
NEW = (
    "Failed to build '/nix/store/0-x.drv'.\nReason: required system or feature not available\nRequired system: "
    "'x86_64-linux' with features {cuda}\nCurrent system: 'x86_64-linux' with features {benchmark, kvm}"
)


@pytest.mark.parametrize("said", [OLD, NEW])
def test_missing_gpu_names_the_setting(said: str) -> None:
    error = explain_failure(make_plan(), Log(errors=[said]))
    assert isinstance(error, CouldNotCheck)
    assert error.sentence == "tiny needs a builder that offers cuda, and none here does"
    assert "`extra-system-features = cuda` in nix.conf" in error.advice


def test_other_feature_is_named_as_nix_names_it() -> None:
    error = explain_failure(make_plan(), Log(errors=[OLD.replace("{cuda}", "{big, odd}")]))
    assert error.sentence == "tiny needs a builder that offers big, odd, and none here does"


@pytest.mark.parametrize("number", [float("inf"), float("nan"), 1e300, 10**400, -1, True, "9"])
def test_number_that_a_script_invents_is_no_measurement(number: object) -> None:
    """JSON has no word for some of them, and a release could not be written."""
    said = {"event": "usage", "gpu_memory_bytes": number, "threads": 2}
    log = Log(events=[Event(derivation=drv_path("train"), fields=said)])
    assert module.resources_of(make_plan(), log) == {"train": {"threads": 2}}
