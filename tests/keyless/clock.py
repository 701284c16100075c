"""The timestamp authority: answers RFC 3161 requests, with a time that a test may move.

`openssl ts` would do the same but always states the machine's time.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tests.keyless.bends import Bends
from tests.keyless.keys import Authority, new_timestamp_authority

POLICY = "1.3.6.1.4.1.57264.2"


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Signs the time at which it saw a digest."""

    authority: Authority = field(default_factory=lambda: new_timestamp_authority("timestamps"))
    foreign: Authority = field(default_factory=lambda: new_timestamp_authority("timestamps"))

    def answer(self, request: bytes, bends: Bends) -> bytes:
        """The TimeStampResp to a TimeStampReq, both in DER (RFC 3161 section 2.4)."""
        asked = tsp.TimeStampReq.load(request)
        authority = self.foreign if bends.foreign_clock else self.authority
        token = _token(_info(asked, datetime.now(UTC) + bends.timestamp_shift), authority)
        response = tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token})
        return bytes(response.dump())


def _info(asked: tsp.TimeStampReq, now: datetime) -> bytes:
    fields = {
        "version": "v1",
        "policy": asked["req_policy"].native or POLICY,
        "message_imprint": asked["message_imprint"],
        "serial_number": x509.random_serial_number(),
        "gen_time": now.replace(microsecond=0),
    }
    if asked["nonce"].native is not None:
        fields["nonce"] = asked["nonce"]
    return bytes(tsp.TSTInfo(fields).dump())


def _token(info: bytes, authority: Authority) -> cms.ContentInfo:
    """The signed data around `info` (RFC 5652 section 5), always with the certificates that verify it."""
    certificates = [asn1_x509.Certificate.load(each.public_bytes(Encoding.DER)) for each in authority.chain]
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": core.ParsableOctetString(info),
            },
            "certificates": certificates,
            "signer_infos": [_signer(info, certificates[0], authority.key)],
        }
    )
    return cms.ContentInfo({"content_type": "signed_data", "content": signed})


def _signer(
    info: bytes, certificate: asn1_x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> cms.SignerInfo:
    """The signature, over attributes that name the certificate (ESSCertIDv2, RFC 5816)."""
    named = {"certs": [{"cert_hash": hashlib.sha256(certificate.dump()).digest()}]}
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(info).digest()]}),
            cms.CMSAttribute({"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2(named)]}),
        ]
    )
    return cms.SignerInfo(
        {
            "version": "v1",
            "sid": {
                "issuer_and_serial_number": {
                    "issuer": certificate.issuer,
                    "serial_number": certificate.serial_number,
                }
            },
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": attributes,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
            "signature": key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
        }
    )
