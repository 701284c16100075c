"""Which authorities and logs of a trusted root were in force when something was signed.

A root names for each of them a period. The library holds that of a timestamp authority against the time, and not
that of a certificate authority or a log: who finds a key that was withdrawn years ago could sign with it today.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from sigstore.models import Bundle
from sigstore_models.common.v1 import TimeRange
from sigstore_models.trustroot.v1 import TrustedRoot

from verifier.signing.reasons import Reason, Refused


def signing_times(bundle: Bundle) -> list[datetime]:
    """Returns all times that a bundle has: those of its timestamps, and one that its log promised."""
    entry = bundle.log_entry._inner
    stamps = bundle.verification_material.timestamp_verification_data
    times = [stamp.tst_info.gen_time for stamp in stamps.rfc3161_timestamps] if stamps else []
    if entry.inclusion_promise and entry.integrated_time:
        times.append(datetime.fromtimestamp(entry.integrated_time, tz=UTC))
    return times


def in_force(root: TrustedRoot, times: Sequence[datetime]) -> TrustedRoot:
    """Returns the root with those authorities and logs alone that were in force at all the `times`.

    Raises:
        Refused: there was none of one kind, or there is no time.
    """
    if not times:
        raise Refused(Reason.NO_TIMESTAMP, "nobody says when it was signed")
    authorities = [one for one in root.certificate_authorities if _covers(one.valid_for, times)]
    tlogs, ctlogs = (
        [log for log in logs if _covers(log.public_key.valid_for, times)]
        for logs in (root.tlogs, root.ctlogs)
    )
    if not authorities or not ctlogs:
        raise Refused(
            Reason.UNTRUSTED_CERTIFICATE,
            "the trusted root has withdrawn who certified it, or not begun with them",
        )
    if not tlogs:
        raise Refused(Reason.BAD_LOG_PROOF, "the trusted root has withdrawn the log, or not begun with it")
    return root.model_copy(update={"certificate_authorities": authorities, "tlogs": tlogs, "ctlogs": ctlogs})


def _covers(period: TimeRange | None, times: Sequence[datetime]) -> bool:
    """Returns whether all times lie in a period, which has both its ends and may have none."""
    if period is None:
        return True
    return all(period.start <= time and (period.end is None or time <= period.end) for time in times)
