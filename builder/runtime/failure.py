"""Why a step failed, in a sentence and an advice; `kind` tells the verifier whose fault it is."""

# Kinds: bad-input (params, script, output: whoever wrote the model mends it) and
# environment (memory, disk, sandbox: whoever runs the machine does).
BAD_INPUT = "bad-input"
ENVIRONMENT = "environment"


class StepFailed(Exception):
    """A step cannot give an output; caught once, in `launch`."""

    def __init__(self, *, kind: str, sentence: str, advice: str) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence
        self.advice = advice


class Refused(Exception):
    """What a script does would not repeat; raised inside the script, so that the place is known."""

    def __init__(self, sentence: str, *, advice: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.advice = advice
