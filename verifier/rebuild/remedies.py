"""What usually helps where a variation moved a bit, by its lever."""

from verifier.explain.findings import Cause
from verifier.rebuild.variations import Variation

REMEDIES = {
    "output-path": "Write neither SAMEBITS_OUTPUT nor a name made from it into the output.",
    "hash-seed": "Sort what comes out of a set before it is used or written.",
    "locale": "Format and parse without the locale: str.format and float know none; do not call setlocale.",
    "time-zone": "Compute with UTC: datetime.now(timezone.utc), time.gmtime.",
    "clock": "Take no time into the output: write SOURCE_DATE_EPOCH, and count steps, not seconds.",
    "directory-order": "Sort what a directory lists: sorted(path.iterdir()).",
    "user": "Take neither user nor home nor other variables of the environment into the output.",
    "build-path": "Write paths relative to the folder of the script.",
    "address-space": "Order and name things by what they hold, not by id(), hash() or the default repr.",
    "process-id": "Name files and seed generators by what is declared, not by os.getpid().",
    "umask": "Set the modes that are recorded, such as in an archive, by hand.",
    "load": "Let nothing depend on how long something takes, or on which of several ends first.",
    "input-order": "Sort the variables of the environment before they are used.",
    "cores": "Declare the number of threads and of parts; do not ask for os.cpu_count().",
    "cpu": "Use the profile `portable`, and what the guard names instead (docs/concepts/determinism.md).",
}


def cause_of(variation: Variation) -> Cause:
    """Returns the cause of what moves under one variation alone."""
    return Cause(
        sentence=variation.cause,
        evidence=f"it is another where only {variation.name} is changed",
        remedy=REMEDIES.get(variation.lever, "Take what was changed out of what the step depends on."),
    )
