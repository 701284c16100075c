"""Why a bundle or a statement is refused: one code a reason, each with what to do."""

from enum import StrEnum


class Reason(StrEnum):
    """The codes in the `reason` of a row; each is one that an attack, a mistake or a policy leads to."""

    NO_SIGNATURE = "no-signature"
    BAD_SIGNATURE = "bad-signature"
    WRONG_SIGNER = "wrong-signer"
    WRONG_ISSUER = "wrong-issuer"
    UNTRUSTED_CERTIFICATE = "untrusted-certificate"
    EXPIRED = "expired"
    NOT_LOGGED = "not-logged"
    BAD_LOG_PROOF = "bad-log-proof"
    WRONG_LOG_ENTRY = "wrong-log-entry"
    NO_TIMESTAMP = "no-timestamp"
    UNKNOWN_FORMAT = "unknown-format"
    UNKNOWN_TYPE = "unknown-type"
    TOO_LARGE = "too-large"
    WRONG_SUBJECT = "wrong-subject"
    WRONG_MATERIALS = "wrong-materials"
    TEST_FAILED = "test-failed"
    IGNORED_PATHS = "ignored-paths"
    INVALID_MANIFEST = "invalid-manifest"
    CONTENTS_DIFFER = "contents-differ"
    EXTRA_FILE = "extra-file"
    MISSING_FILE = "missing-file"
    UNSAFE_NAME = "unsafe-name"
    UNSAFE_MODE = "unsafe-mode"
    LINK = "link"
    SPECIAL_FILE = "special-file"
    CHANGED = "changed-while-read"
    # What a policy demands, and does not find.
    WRONG_ROLE = "wrong-role"
    MISSING_STATEMENT = "missing-statement"
    UNKNOWN_TIER = "unknown-tier"
    WRONG_TIER = "wrong-tier"
    LEVEL_NOT_REACHED = "level-not-reached"
    NOT_VARIED = "not-varied"
    NO_QUORUM = "no-quorum"
    DISAGREEMENT = "disagreement"
    NOT_APPROVED = "not-approved"
    OWN_APPROVAL = "own-approval"
    STALE = "stale-verification"
    FROM_THE_FUTURE = "from-the-future"
    PICKLE = "pickle"
    FORMAT = "format-not-allowed"
    LICENCE = "licence-not-allowed"
    METRIC = "metric-not-reached"
    REVOKED = "revoked"
    STALE_REVOCATIONS = "stale-revocations"
    ROLLBACK = "rollback"
    EXCEPTION_EXPIRED = "exception-expired"


MOST_SHOWN = 200
# Names in certificates and paths in lists are as long as an attacker likes.
LONGEST = 600
AGAIN = "Get the bundle again from whom you trust, and do not use this one."
ADVICE = {
    Reason.NO_SIGNATURE: "Get the statements that belong to it, or sign it: verifier sign BUNDLE --key FILE",
    Reason.BAD_SIGNATURE: "Do not use it: what was signed, or the signature, was changed.",
    Reason.WRONG_SIGNER: "Remove it, or name its signer: with --key or --signer, or as a party of the policy.",
    Reason.WRONG_ISSUER: "Name with --issuer who vouches for the signer, exactly as in the certificate.",
    Reason.UNTRUSTED_CERTIFICATE: "Is this the right --trusted-root? If it is, do not use the bundle.",
    Reason.EXPIRED: "Have it signed again: the certificate was not valid when the signature was made.",
    Reason.NOT_LOGGED: "Have it signed again with a transparency log, or with a key.",
    Reason.BAD_LOG_PROOF: "Do not use it: no log that you trust vouches for this signature.",
    Reason.WRONG_LOG_ENTRY: "Do not use it: the log's entry is about another signature.",
    Reason.NO_TIMESTAMP: "Is this the right --trusted-root? If so, have it signed with a timestamp that it knows.",
    Reason.UNKNOWN_FORMAT: "What is read, and in which form, is in docs/reference/signing.md.",
    Reason.UNKNOWN_TYPE: "Keep other statements elsewhere; docs/reference/signing.md lists the known types.",
    Reason.TOO_LARGE: "Nothing that belongs here is so large; look at what it is.",
    Reason.WRONG_SUBJECT: "It speaks of another bundle: put the statements beside the bundle that they are about.",
    Reason.WRONG_MATERIALS: "The statement and the bundle name other sources: one of them is about another build.",
    Reason.TEST_FAILED: "The signer says that the check did not pass.",
    Reason.IGNORED_PATHS: "Sign all files of the bundle: what is ignored can be swapped.",
    Reason.INVALID_MANIFEST: "Name the folder of a bundle; its format is in docs/reference/bundle.md.",
    Reason.CONTENTS_DIFFER: AGAIN,
    Reason.EXTRA_FILE: "Remove what does not belong to the bundle, or get it again; statements lie beside it.",
    Reason.MISSING_FILE: AGAIN,
    Reason.UNSAFE_NAME: AGAIN,
    Reason.UNSAFE_MODE: "Let nobody else write to it, and no file run: chmod -R go-w,a-st BUNDLE, chmod a-x FILE",
    Reason.LINK: "Verify a copy that shares nothing: cp -r --dereference BUNDLE COPY",
    Reason.SPECIAL_FILE: "Only plain files and folders belong into a bundle.",
    Reason.CHANGED: "Verify a copy that nobody writes to.",
    Reason.WRONG_ROLE: "Have it signed by a party to whom the policy gives this role.",
    Reason.MISSING_STATEMENT: "Get the statement from whom the policy names, and put it beside the bundle.",
    Reason.UNKNOWN_TIER: "Have a contract signed with a tier that the policy has, or the policy list the model.",
    Reason.WRONG_TIER: "Contract and policy must name one tier: which is right is for the policy's owner to say.",
    Reason.LEVEL_NOT_REACHED: "Have it checked again: verifier check MODEL --json FILE, and sign with --check.",
    Reason.NOT_VARIED: "Have it checked with these variations: verifier check MODEL --vary LIST --json FILE",
    Reason.NO_QUORUM: "Have more independent rebuilders build it: verifier check MODEL --rebuilder URI",
    Reason.DISAGREEMENT: "Do not use it before you know why: verifier explain A B names what differs.",
    Reason.NOT_APPROVED: "Have it approved: verifier approve BUNDLE --as NAME --policy FILE --key FILE",
    Reason.OWN_APPROVAL: "Remove that approval, and have somebody approve it who did not release it.",
    Reason.STALE: "Have it rebuilt and signed again: verifier check MODEL --again --json FILE",
    Reason.FROM_THE_FUTURE: "Set the clocks of this machine and of the signer's.",
    Reason.PICKLE: "Do not load it, and have it packaged without that file: a pickle runs what its author likes.",
    Reason.FORMAT: "Have it packaged without that file, or have the policy's owner allow the format.",
    Reason.LICENCE: "Replace what has that licence, or have the policy's owner allow it.",
    Reason.METRIC: "Train a better model, or deploy the last one that was good enough.",
    Reason.REVOKED: "Do not use it: who keeps the list of revocations says why.",
    Reason.STALE_REVOCATIONS: "Get the newest list of revocations, and name it: --revocations FILE",
    Reason.ROLLBACK: "Deploy a newer version, or have the policy's owner write an exception for this one.",
    Reason.EXCEPTION_EXPIRED: "Mend what it excused, or have its approver renew it in the policy.",
}


def shown(value: object) -> str:
    """Returns what a statement says, short enough for a line; it may be of any size and form."""
    return repr(value[:MOST_SHOWN]) if isinstance(value, str) else f"(a {type(value).__name__})"


class Refused(Exception):
    """A bundle or a statement is not accepted; `reason` is the code, the text says what was found."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence if len(sentence) <= LONGEST else f"{sentence[:LONGEST]}…"

    @property
    def advice(self) -> str:
        """What to do about it."""
        return ADVICE[self.reason]
