"""How a script ended: what it raised, where, and whose fault that is."""

import errno
import socket
import urllib.error
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.runtime.failure import BAD_INPUT, ENVIRONMENT, StepFailed
from builder.runtime.launch import ended_badly
from builder.runtime.script import describe
from tests.unit.steps import plan_with

NOWHERE = Path("/nowhere")


def raised(error: BaseException) -> BaseException:
    """Raises and catches, so that there is a traceback in this file."""
    try:
        raise error
    except BaseException as caught:  # noqa: BLE001 (any kind may be asked for)
        return caught


def caused(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return raised(error)


def kind(error: BaseException) -> str:
    return describe(error, NOWHERE)["kind"]


def test_text_names_the_exception() -> None:
    assert describe(ValueError("no digits"), NOWHERE)["text"] == "ValueError: no digits"


def test_text_is_one_line() -> None:
    assert describe(ValueError("one\n  two\tthree"), NOWHERE)["text"] == "ValueError: one two three"


@given(st.text())
def test_text_is_never_long(message: str) -> None:
    assert len(describe(ValueError(message * 100), NOWHERE)["text"]) <= 500


def test_exit_is_called_an_exit() -> None:
    assert describe(SystemExit("no data"), NOWHERE)["text"] == "exit: no data"


def test_place_is_the_last_line_of_the_models_own_code() -> None:
    found = describe(raised(ValueError()), Path(__file__).parent)
    file, line = found["place"].split(":")
    assert file == "test_script.py"
    assert Path(__file__).read_text().splitlines()[int(line) - 1].strip() == "raise error"


def test_place_is_empty_where_no_line_is_the_models() -> None:
    assert describe(raised(ValueError()), NOWHERE)["place"] == ""


@pytest.mark.parametrize("number", [errno.ENETUNREACH, errno.ECONNREFUSED, errno.EHOSTUNREACH])
def test_unreachable_network_is_that(number: int) -> None:
    assert kind(OSError(number, "x")) == "network"


def test_name_that_cannot_be_looked_up_is_the_network() -> None:
    assert kind(socket.gaierror(-2, "Name or service not known")) == "network"


def test_network_behind_another_exception_is_found() -> None:
    inner = raised(OSError(errno.ENETUNREACH, "unreachable"))
    assert kind(caused(urllib.error.URLError("x"), inner)) == "network"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_full_disk_is_that(number: int) -> None:
    assert kind(OSError(number, "x")) == "disk"


def test_want_of_memory_is_that() -> None:
    assert kind(MemoryError()) == "memory"


@pytest.mark.parametrize(
    "error", [ValueError(), OSError(errno.ENOENT, "x"), KeyboardInterrupt(), SystemExit(7)]
)
def test_any_other_exception_is_just_raised(error: BaseException) -> None:
    assert kind(error) == "raised"


def test_exceptions_that_cause_each_other_come_to_an_end() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert kind(first) == "raised"


def test_exception_that_was_dealt_with_is_no_reason() -> None:
    """`raise … from None` says that what came before does not matter."""
    error = ValueError("params are wrong")
    error.__context__, error.__suppress_context__ = MemoryError(), True
    assert kind(error) == "raised"


def failure(code: int, **report: str) -> StepFailed:
    return ended_badly(plan_with(), code, report)


def test_exception_is_named_with_its_place() -> None:
    found = failure(1, kind="raised", text="ValueError: x", place="train.py:3")
    assert found.sentence == "train.py failed at train.py:3: ValueError: x"
    assert found.kind == BAD_INPUT


def test_exit_without_a_word_names_its_code() -> None:
    found = failure(7)
    assert (found.sentence, found.kind) == ("train.py failed: exit code 7", BAD_INPUT)


def test_network_is_the_models_fault() -> None:
    found = failure(1, kind="network", text="gaierror: x", place="train.py:3")
    assert found.sentence == "train.py tried to use the network at train.py:3: gaierror: x"
    assert (found.kind, "data.yaml" in found.advice) == (BAD_INPUT, True)


@pytest.mark.parametrize("what", ["disk", "memory"])
def test_full_machine_is_not_the_models_fault(what: str) -> None:
    found = failure(1, kind=what, text="x", place="")
    assert found.sentence == f"train.py ran out of {what}: x"
    assert (found.kind, what in found.advice) == (ENVIRONMENT, True)


def test_kill_by_the_machine_asks_for_memory() -> None:
    found = failure(-9)
    assert (found.sentence, found.kind) == ("train.py was killed by SIGKILL", ENVIRONMENT)
    assert "memory" in found.advice


@pytest.mark.parametrize("signal", [1, 6, 9, 15, 34, 40, 64])
def test_any_signal_is_named(signal: int) -> None:
    found = failure(-signal)
    assert "train.py was killed by" in found.sentence
    assert found.kind == ENVIRONMENT


def test_signal_goes_before_a_report() -> None:
    assert "SIGSEGV" in failure(-11, kind="raised", text="x").sentence
