"""What keeps the verifier from a verdict, as one tree; a failed check is no error but a row of the verdict.

VerifierError
├── BadInput        exit 2: the model, the bundle or the command line is wrong
└── CouldNotCheck   exit 3: Nix, the disk or a mirror is in the way
"""


class VerifierError(Exception):
    """An error with one sentence for the person at the terminal and one piece of advice."""

    exit_code = 3

    def __init__(self, sentence: str, *, advice: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.advice = advice


class BadInput(VerifierError):
    """Something a person wrote is wrong; they can mend it."""

    exit_code = 2


class CouldNotCheck(VerifierError):
    """The machine is in the way; nothing was shown for or against the model."""

    exit_code = 3
