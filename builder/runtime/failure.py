"""Why a step failed, in a sentence and an advice; `kind` tells the verifier whose fault it is."""

# Kinds: bad-input (params, script, output: whoever wrote the model mends it) and
# environment (memory, disk, sandbox: whoever runs the machine does).
BAD_INPUT = "bad-input"
ENVIRONMENT = "environment"

# Every refusal of this process: a script that catches one has not undone it.
refusals: list["Refused"] = []


class StepFailed(Exception):
    """A step cannot give an output; caught once, in `launch`."""

    def __init__(self, *, kind: str, sentence: str, advice: str) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence
        self.advice = advice


class Refused(Exception):
    """What a script does would not repeat; raised inside the script, so that the place is known.

    torch raises the error of a loader's worker anew with nothing but a text, whose last line is the sentence.
    """

    def __init__(self, sentence: str, *, advice: str = "The build log has the whole story.") -> None:
        super().__init__(sentence)
        self.sentence = sentence.strip().splitlines()[-1].removeprefix(f"{__name__}.Refused: ")
        self.advice = advice
        refusals.append(self)


def raise_first_refusal() -> None:
    """Returns if nothing was refused.

    Raises:
        Refused: something was, whatever the script made of it.
    """
    if refusals:
        raise refusals[0]
