"""What a world can do wrong while something is signed in it, for tests in which a verifier must refuse."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class Bends:
    """One way in which a world lies; the default is the honest world."""

    certificate_shift: timedelta = timedelta()
    """Moves the certificate's ten minutes: an hour back has expired when it signs, an hour on is not valid yet."""
    timestamp_shift: timedelta = timedelta()
    """Moves the time that the timestamp authority states."""
    foreign_authority: bool = False
    """The certificate is from an authority of the same name that the trusted root does not know."""
    one_issuer: bool = False
    """The certificate names the issuer in the newer of the two extensions alone; nothing is wrong with that."""
    for_servers: bool = False
    """The certificate is for the servers of web sites, and not for signing code."""
    for_encryption: bool = False
    """The certificate's key is for agreeing on other keys, and not for signatures."""
    certifies: bool = False
    """The certificate is one of an authority, which could certify others."""
    foreign_ct_log: bool = False
    """The certificate's promise of publication (SCT) is signed by another key than the trusted root's."""
    no_sct: bool = False
    """The certificate has no promise of publication."""
    foreign_log: bool = False
    """The checkpoint is signed by another key than the trusted root's."""
    foreign_clock: bool = False
    """The timestamp is from an authority that the trusted root does not know."""
    unstored: bool = False
    """The log does not take the entry in: the proof is for another entry, under a genuine checkpoint."""
    other_entry: bool = False
    """The log answers with the genuine entry that was stored before this one."""
