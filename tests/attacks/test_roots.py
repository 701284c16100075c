"""What of a trusted root was in force at a time: withdrawn authorities and logs vouch for what was before."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sigstore_models.trustroot.v1 import TrustedRoot

from tests.attacks.attack import reasons, verify
from tests.attacks.promises import promised
from tests.attacks.roots import AUTHORITIES, CERTIFICATE_LOGS, HOUR, LOGS, ended, period, rooted
from tests.attacks.scene import SIGNER, make_scene
from tests.keyless import World
from verifier.signing.envelope import read_signed
from verifier.signing.keyless import load_root
from verifier.signing.reasons import Reason, Refused
from verifier.signing.validity import in_force

NOW = datetime.now(UTC).replace(microsecond=0)
SECOND = timedelta(seconds=1)
ALL = {"authorities": AUTHORITIES, "logs": LOGS, "certificate logs": CERTIFICATE_LOGS}


@pytest.fixture
def root(world: World) -> dict:
    return json.loads(world.trusted_root.read_text())


def parsed(root: dict) -> TrustedRoot:
    return TrustedRoot.from_json(json.dumps(root))


def ending(root: dict, place: tuple[str, ...], moment: datetime) -> TrustedRoot:
    period(place, end=moment - datetime.now(UTC))(root)
    return parsed(root)


def test_all_of_a_root_without_ends_is_in_force(root: dict) -> None:
    assert in_force(parsed(root), [NOW]) == parsed(root)


@pytest.mark.parametrize("place", ALL.values(), ids=ALL)
def test_what_has_ended_vouches_for_what_was_before(place: tuple[str, ...], root: dict) -> None:
    over = ending(root, place, NOW)
    assert in_force(over, [NOW - 2 * SECOND]) == over
    with pytest.raises(Refused):
        in_force(over, [NOW + 2 * SECOND])


@pytest.mark.parametrize("place", ALL.values(), ids=ALL)
def test_what_has_not_begun_vouches_for_nothing(place: tuple[str, ...], root: dict) -> None:
    period(place, start=HOUR)(root)
    with pytest.raises(Refused):
        in_force(parsed(root), [NOW])


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (AUTHORITIES, Reason.UNTRUSTED_CERTIFICATE),
        (CERTIFICATE_LOGS, Reason.UNTRUSTED_CERTIFICATE),
        (LOGS, Reason.BAD_LOG_PROOF),
    ],
)
def test_each_of_several_times_has_to_be_covered(place: tuple[str, ...], reason: Reason, root: dict) -> None:
    over = ending(root, place, NOW)
    with pytest.raises(Refused) as refused:
        in_force(over, [NOW - HOUR, NOW + HOUR])
    assert refused.value.reason is reason


@pytest.mark.parametrize("place", ALL.values(), ids=ALL)
def test_time_that_a_log_promised_is_held_against_the_root_too(
    place: tuple[str, ...], world: World, tmp_path: Path
) -> None:
    scene = make_scene(tmp_path / "scene", world, keyless=True)
    promised()(scene)
    one = ["--statements", str(scene.statement())]
    assert verify(scene, *one).code == 0
    ended(place)(scene)
    assert reasons(verify(scene, *one)) == {_reason(place)}


def test_without_a_time_nothing_is_in_force(root: dict) -> None:
    with pytest.raises(Refused) as refused:
        in_force(parsed(root), [])
    assert refused.value.reason is Reason.NO_TIMESTAMP


def test_payload_that_the_library_reads_otherwise_is_refused(world: World, tmp_path: Path) -> None:
    """It cannot happen with the library as it is; what is judged has to be what was proven."""
    scene = make_scene(tmp_path / "scene", world, keyless=True)
    root = load_root(world.trusted_root)

    class Otherwise:
        def verify_dsse(self, bundle: object, who: object) -> tuple[str, bytes]:
            kind, payload = root.verifier.verify_dsse(bundle, who)
            return kind, payload + b" "

    lying = replace(root, verifier=Otherwise())
    signed = read_signed(scene.statement())
    assert root.verify(signed, SIGNER, world.issuer) is None
    assert lying.verify(signed, SIGNER, world.issuer).reason is Reason.BAD_SIGNATURE


def test_public_instance_withdrew_its_first_authority_and_log_of_certificates_in_2022() -> None:
    """The real root, as it lies in the wheel: what they had vouched for before stays proven."""
    root = load_root(None).content
    found = {year: in_force(root, [datetime(year, 8, 15, tzinfo=UTC)]) for year in (2021, 2023)}
    first, later = found[2021], found[2023]
    assert not set(_keys(first.ctlogs)) & set(_keys(later.ctlogs))
    assert _roots(first) and not set(_roots(first)) & set(_roots(later))


def _keys(logs: list) -> list[bytes]:
    return [log.public_key.raw_bytes for log in logs]


def _roots(root: TrustedRoot) -> list[bytes]:
    return [one.cert_chain.certificates[0].raw_bytes for one in root.certificate_authorities]


@pytest.mark.parametrize("place", ALL.values(), ids=ALL)
@pytest.mark.parametrize("own", [False, True])
def test_the_withdrawn_one_of_two_vouches_no_more(
    own: bool, place: tuple[str, ...], world: World, tmp_path: Path
) -> None:
    """Beside it stands one that is in force: another world's, which did not sign."""
    scene = make_scene(tmp_path / "scene", world, keyless=True)
    with World.start(tmp_path / "other") as other:
        theirs = json.loads(other.trusted_root.read_text())
    if not own:
        period(place, end=-HOUR)(theirs)

    def change(root: dict) -> None:
        if own:
            period(place, end=-HOUR)(root)
        root[place[0]] += theirs[place[0]]

    rooted(change)(scene)
    assert reasons(verify(scene)) == ({_reason(place)} if own else set())


def _reason(place: tuple[str, ...]) -> Reason:
    return Reason.BAD_LOG_PROOF if place == LOGS else Reason.UNTRUSTED_CERTIFICATE
