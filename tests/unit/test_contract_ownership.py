"""Who answers for a model: five keys of its contract, all of them or none."""

import hashlib
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.unit.contracts import GOOD, read, refusal
from verifier.contract.reading import contract_ownership, read_contract
from verifier.contract.terms import Ownership
from verifier.errors import BadInput

OWNED = {
    "owner": "owner: carol\n",
    "tier": "tier: high\n",
    "approvers": "approvers: [alice, bob]\n",
    "escalation": "escalation: on call\n",
    "intended_use": "intended_use: tests\n",
}
WHOLE = "".join(OWNED.values()) + GOOD
FAULTS = {
    "empty owner": ("owner: carol", "owner: ' '", "line 1: 'owner' is ' '; it must be text, not empty"),
    "tier of two words": (
        "tier: high",
        "tier: very high",
        "line 2: 'tier' is 'very high'; it must be a name of",
    ),
    "tier with a line feed": (
        "tier: high",
        'tier: "high\\n"',
        "line 2: 'tier' is 'high\\n'; it must be a name of",
    ),
    "approvers as text": (
        "[alice, bob]",
        "alice",
        "line 3: 'approvers' is 'alice'; it must be a list of names",
    ),
    "an approver twice": (
        "[alice, bob]",
        "[bob, bob]",
        "line 3: 'approvers' is ['bob', 'bob']; it must be a list",
    ),
    "an approver who owns it": ("bob]", "carol]", "line 3: carol owns the model, and cannot approve it too"),
    "near key": ("escalation:", "escalaton:", "line 4: unknown key 'escalaton'; did you mean 'escalation'?"),
}


def test_ownership_is_read_with_the_digest_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(WHOLE)
    wanted = Ownership(
        owner="carol", tier="high", approvers=("alice", "bob"), escalation="on call", intended_use="tests"
    )
    assert contract_ownership(path) == (wanted, hashlib.sha256(WHOLE.encode()).hexdigest())
    assert read_contract(path).ownership == wanted


def test_a_contract_without_any_is_a_contract(tmp_path: Path) -> None:
    assert read(tmp_path, GOOD).ownership is None


def test_a_contract_without_any_cannot_be_signed(tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(GOOD)
    with pytest.raises(
        BadInput, match="it names no 'owner', 'tier', 'approvers', 'escalation' and"
    ) as caught:
        contract_ownership(path)
    assert caught.value.advice == "The format is in docs/reference/contract.md."


@pytest.mark.parametrize("missing", OWNED)
def test_one_of_the_five_that_is_missing_is_refused(missing: str, tmp_path: Path) -> None:
    assert f"the key {missing!r} is missing beside" in refusal(tmp_path, WHOLE.replace(OWNED[missing], ""))


@pytest.mark.parametrize("alone", OWNED)
def test_one_of_the_five_alone_is_refused(alone: str, tmp_path: Path) -> None:
    assert "is missing beside" in refusal(tmp_path, OWNED[alone] + GOOD)


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_refused_with_its_line(name: str, tmp_path: Path) -> None:
    old, new, sentence = FAULTS[name]
    assert refusal(tmp_path, WHOLE.replace(old, new)).startswith(sentence)


@pytest.mark.parametrize("model", sorted(path.name for path in (REPOSITORY / "models").iterdir()))
def test_every_model_here_says_who_answers_for_it(model: str) -> None:
    ownership, _ = contract_ownership(REPOSITORY / "models" / model / "contract.yaml")
    assert ownership.approvers and ownership.owner not in ownership.approvers
