"""A whole keyless world: starts the services, writes the files that clients need, bends what tests ask for."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.keyless import accomplice, trust
from tests.keyless.bends import Bends
from tests.keyless.clock import Clock
from tests.keyless.fulcio import Fulcio, requested_key
from tests.keyless.issuer import Issuer, Subject
from tests.keyless.keys import pem
from tests.keyless.rekor import Rekor
from tests.keyless.server import Answer, Request, Route, serving

FIRST_ENTRY = b'{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{}}'


@dataclass(kw_only=True)
class World:
    """Services on loopback and the files that lead clients to them; only `World.start` makes one.

    All keys are in memory and die with it. Its root vouches for whoever asks: trust it in tests only.
    """

    folder: Path
    issuer: str
    """The URL of the token issuer, and of all else."""
    bends: Bends
    _oidc: Issuer
    _fulcio: Fulcio
    _rekor: Rekor
    _clock: Clock

    @classmethod
    @contextmanager
    def start(cls, folder: Path, *, fresh_log: bool = False) -> Iterator["World"]:
        """Runs a world until the block ends; its files go to `folder`.

        The log holds an entry already, unless it is to be a `fresh_log`: then the first entry has index 0, which
        protobuf's JSON leaves out and some verifiers miss.
        """
        with serving() as (url, routes):
            world = cls(
                folder=folder,
                issuer=url,
                bends=Bends(),
                _oidc=Issuer(url=url),
                _fulcio=Fulcio(),
                _rekor=Rekor(bodies=[] if fresh_log else [FIRST_ENTRY]),
                _clock=Clock(),
            )
            routes.update(world._routes())
            world._write_files()
            yield world

    @property
    def trusted_root(self) -> Path:
        """What a verifier trusts."""
        return self.folder / "trusted_root.json"

    @property
    def signing_config(self) -> Path:
        """Where a signer finds the services."""
        return self.folder / "signing_config.json"

    @property
    def trust_config(self) -> Path:
        """Both in one file."""
        return self.folder / "trust_config.json"

    def token(
        self, signer: str, *, issuer: str | None = None, lifetime: timedelta = timedelta(hours=1)
    ) -> str:
        """A token that says `signer` is there: an e-mail address or a URL, by `issuer` or this world's."""
        return self._oidc.token(signer, issuer=issuer, lifetime=lifetime)

    def signed(self, statement: bytes, signer: str, *, issuer: str | None = None) -> str:
        """The bundle of an in-toto statement, as a client writes it that checks nothing of what it is given."""
        subject = Subject(name=signer, issuer=issuer or self.issuer)
        return accomplice.sign(
            statement,
            certify=lambda key: self._fulcio.chain(key, subject, self.bends),
            log=lambda request: self._rekor.add(request, self.bends),
            stamp=lambda request: self._clock.answer(request, self.bends),
        )

    def promised(self, bundle: str, *, moment: datetime | None = None) -> str:
        """The bundle with an entry in version 1 of the log, as the public one still writes them.

        The entry states the moment (now) by itself; a timestamp that the bundle has stays.
        """
        return accomplice.promised(
            bundle, lambda body: self._rekor.promise(body, moment or datetime.now(UTC))
        )

    @contextmanager
    def bent(self, bends: Bends) -> Iterator[None]:
        """Lies as `bends` says, to every client, until the block ends."""
        before, self.bends = self.bends, bends
        try:
            yield
        finally:
            self.bends = before

    def _routes(self) -> Mapping[str, Route]:
        return {
            "GET /.well-known/openid-configuration": lambda _: Answer.of(self._oidc.configuration()),
            "GET /keys": lambda _: Answer.of(self._oidc.keys()),
            "GET /token": self._new_token,
            "GET /api/v2/trustBundle": self._trust_bundle,
            "POST /api/v2/signingCert": self._certify,
            "POST /api/v2/log/entries": lambda request: Answer.of(
                self._rekor.add(request.json(), self.bends), 201
            ),
            "POST /api/v1/timestamp": lambda request: Answer(
                body=self._clock.answer(request.body, self.bends),
                kind="application/timestamp-reply",
                status=201,
            ),
        }

    def _new_token(self, request: Request) -> Answer:
        return Answer(body=self.token(request.query["signer"]).encode(), kind="text/plain")

    def _certify(self, request: Request) -> Answer:
        scheme, _, token = request.authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise ValueError("a certificate needs the header 'Authorization: Bearer TOKEN'")
        subject = self._oidc.subject(token)
        chain = self._fulcio.chain(requested_key(request.json(), subject), subject, self.bends)
        return Answer.of({"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}})

    def _trust_bundle(self, _: Request) -> Answer:
        return Answer.of({"chains": [{"certificates": [pem(each) for each in self._fulcio.authority.chain]}]})

    def _write_files(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        root = trust.trusted_root(
            self.issuer,
            signing=self._fulcio.authority,
            timestamps=self._clock.authority,
            ct_key=self._fulcio.ct_key,
            log_key=self._rekor.key,
        )
        config = trust.signing_config(self.issuer)
        both = trust.client_trust_config(root, config)
        for path, value in (
            (self.trusted_root, root),
            (self.signing_config, config),
            (self.trust_config, both),
        ):
            path.write_text(json.dumps(value, indent=2) + "\n")
