"""Signs keyless with sigstore: an OIDC token gives a certificate of some minutes, and a log is told."""

import os
from pathlib import Path

from sigstore.dsse import Statement
from sigstore.errors import Error
from sigstore.models import ClientTrustConfig
from sigstore.oidc import IdentityError, IdentityToken, detect_credential
from sigstore.sign import Signer as SigstoreSigner
from sigstore.sign import SigningContext

from verifier.errors import BadInput, CouldNotCheck, VerifierError

TOKEN = (
    "In CI give the job leave to ask for a token (id-token: write); else name one with --identity-token-file."
)
CONFIG = "Name the client trust configuration of your sigstore instance with --trust-config."
MOST_BYTES = 1 << 20


class KeylessSigner:
    """Signs with the identity of a token."""

    def __init__(self, signer: SigstoreSigner, token: IdentityToken) -> None:
        self._signer, self._token = signer, token

    @property
    def identifier(self) -> str:
        """The signer and the issuer, as the pin of one has it."""
        return f"{self._token.identity} {self._token.federated_issuer}"

    def sign(self, payload: bytes) -> bytes:
        """Returns a sigstore bundle with certificate, timestamp and log entry.

        Raises:
            CouldNotCheck: one of the services cannot be reached, or refuses.
        """
        try:
            return self._signer.sign_dsse(Statement(payload)).to_json().encode("utf-8")
        except (Error, OSError, ValueError) as error:
            raise _unreachable(error) from error


def keyless_signer(trust_config: Path | None, token_file: Path | None) -> KeylessSigner:
    """Returns a signer for the identity of a token: from a file, or the one that CI offers.

    Raises:
        BadInput: there is no token, or it or the configuration is of no use.
        CouldNotCheck: the public instance or the certificate authority cannot be reached.
    """
    token = _token(token_file)
    config = _config(trust_config)
    try:
        context = SigningContext.from_trust_config(config)
        return KeylessSigner(SigstoreSigner(token, context), token)
    except (Error, OSError, ValueError) as error:
        raise _unreachable(error) from error


def _token(file: Path | None) -> IdentityToken:
    try:
        raw = _read(file).strip() if file else detect_credential()
        if not raw:
            raise BadInput("there is no OIDC token here", advice=TOKEN)
        return IdentityToken(raw)
    except IdentityError as error:
        raise BadInput(f"the OIDC token is of no use: {_words(error)}", advice=TOKEN) from error


def _config(file: Path | None) -> ClientTrustConfig:
    if file is None:
        try:
            return ClientTrustConfig.production()
        except (Error, OSError, ValueError) as error:
            raise _unreachable(error) from error
    try:
        return ClientTrustConfig.from_json(_read(file))
    except (Error, ValueError) as error:
        raise BadInput(f"{file} is no client trust configuration", advice=CONFIG) from error


def _read(file: Path) -> str:
    try:
        with file.open(encoding="utf-8") as opened:
            return opened.read(MOST_BYTES)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise BadInput(f"{os.fspath(file)} cannot be read: {why}", advice="Name a file of yours.") from error


def _unreachable(error: Exception) -> VerifierError:
    return CouldNotCheck(
        f"sigstore's services did not sign: {_words(error)}",
        advice="Is the network there, and the token fresh? A key needs neither: --key FILE",
    )


def _words(error: BaseException) -> str:
    return " ".join((str(error) or type(error).__name__).split())[:300]
