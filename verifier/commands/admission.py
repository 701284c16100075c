"""`verifier verify --policy`: decides, records, states and installs, in an order in which nothing is claimed too early.

1. The bundle and all statements are read, and held against the policy.
2. Where nothing is refused, the bundle's bytes are copied and hashed beside the place where they are to go.
3. The ledger is locked: what the channel has is read from it, the decision is made and written down.
4. The summary is signed and written. Where that fails, the ledger keeps nothing either.
5. The copy takes its place.
"""

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path

from verifier.clock import now
from verifier.errors import BadInput
from verifier.gate.decide import Decision, Examined, decide, examine, hopeless
from verifier.gate.evidence import pins_of
from verifier.gate.install import Stage, staged
from verifier.gate.rollback import Last
from verifier.gate.summary import summary_of
from verifier.ledger.writing import Book, ledger_of, opened
from verifier.policy.reading import read_policy
from verifier.policy.terms import Party, Policy
from verifier.report.decided import decision_document, decision_text
from verifier.report.printable import complain
from verifier.report.reading import reading_shown
from verifier.report.target import beside, refuse_target, replace_file, write_document
from verifier.signing.sign import Signer
from verifier.signing.signers import CertificateVerifier, Pin
