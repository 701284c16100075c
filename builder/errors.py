"""What can go wrong in `builder`, as one tree; each error says what happened and what to do.

BuilderError
├── BadInput      exit 2: something a person wrote is wrong
└── CouldNotDo    exit 3: the machine, the network or a mirror is in the way
"""


class BuilderError(Exception):
    """An error with one sentence for the person at the terminal and one piece of advice."""

    exit_code = 3

    def __init__(self, sentence: str, *, advice: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.advice = advice


class BadInput(BuilderError):
    """A request, a lock or an argument is wrong."""

    exit_code = 2


class CouldNotDo(BuilderError):
    """A tool is missing, a download failed, a disk is full."""

    exit_code = 3
