"""The OIDC issuer: says who somebody is, in tokens that it signs."""

import time
from dataclasses import dataclass, field
from datetime import timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

AUDIENCE = "sigstore"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whom a token speaks of, and who says so."""

    name: str
    issuer: str

    @property
    def is_email(self) -> bool:
        """Whether a person signs, by an address, or a machine, by a URL."""
        return "://" not in self.name


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """Mints tokens and checks them, as OpenID Connect Core 1.0 section 2 lays them out."""

    url: str
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def token(self, signer: str, *, issuer: str | None = None, lifetime: timedelta) -> str:
        """A token for `signer`: an e-mail address, or a URL as `sub`; it may claim to be another `issuer`'s."""
        subject = Subject(name=signer, issuer=issuer or self.url)
        if subject.is_email and "@" not in signer:
            raise ValueError(f"{signer} is neither an e-mail address nor a URL; give one of both")
        now = int(time.time())
        claims = {"iss": subject.issuer, "aud": AUDIENCE, "sub": signer, "iat": now, "nbf": now - 5}
        claims["exp"] = now + int(lifetime.total_seconds())
        if subject.is_email:
            claims |= {"email": signer, "email_verified": True}
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "world"})

    def subject(self, token: str) -> Subject:
        """Whom `token` speaks of; one that is expired, not ours or not for Sigstore raises ValueError.

        Other issuers' names are believed when our key signed: one world plays several.
        """
        try:
            claims = jwt.decode(token, self.key.public_key(), algorithms=["RS256"], audience=AUDIENCE)
        except jwt.InvalidTokenError as error:
            raise ValueError(f"token refused: {error}") from error
        if "email" in claims and not claims.get("email_verified"):
            raise ValueError("token refused: its e-mail address is not verified")
        return Subject(name=claims.get("email", claims["sub"]), issuer=claims["iss"])

    def configuration(self) -> dict[str, object]:
        """What `/.well-known/openid-configuration` answers (OpenID Connect Discovery 1.0 section 3)."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def keys(self) -> dict[str, object]:
        """The public key as a JSON Web Key Set (RFC 7517 section 5)."""
        key = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**key, "kid": "world", "alg": "RS256", "use": "sig"}]}
