"""docs/concepts/attacks.md has every attack as it is declared, and each reason that needs no policy is given."""

from tests.attacks.corpus import CORPUS, count, tables
from tests.conftest import REPOSITORY
from verifier.signing.reasons import Reason

PAGE = (REPOSITORY / "docs" / "concepts" / "attacks.md").read_text(encoding="utf-8")


def test_page_has_the_attacks_as_they_are_declared() -> None:
    assert count() in PAGE, "print it with python -m tests.attacks"
    assert PAGE.endswith(f"\n{tables()}\n"), "print it with python -m tests.attacks"


def test_every_reason_without_a_policy_is_that_of_an_attack() -> None:
    """Those of a policy are in tests/gate."""
    everywhere = list(Reason)[: list(Reason).index(Reason.WRONG_ROLE)]
    assert {attack.reason for attack in CORPUS} == {None, *everywhere}
