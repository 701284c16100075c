"""Ctrl-C is an interrupt wherever it lands, inside a lock of `threading` too."""

import signal
from argparse import Namespace

import pytest

import verifier.cli
import verifier.commands.compare
from builder.fetch import _interrupts_deferred


def test_an_interrupt_of_a_fetch_waits_until_it_is_asked_for() -> None:
    reached = []
    with pytest.raises(KeyboardInterrupt), _interrupts_deferred() as raise_if_interrupted:
        raise_if_interrupted()
        signal.raise_signal(signal.SIGINT)
        reached.append("after the signal")
        raise_if_interrupted()
        reached.append("after the question")
    assert reached == ["after the signal"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupt_of_a_fetch_that_nobody_asked_for_comes_at_the_end() -> None:
    with pytest.raises(KeyboardInterrupt), _interrupts_deferred():
        signal.raise_signal(signal.SIGINT)


def test_a_failure_of_a_fetch_is_not_hidden_by_an_interrupt() -> None:
    with pytest.raises(ValueError, match="the mirror"), _interrupts_deferred():
        signal.raise_signal(signal.SIGINT)
        raise ValueError("the mirror")


def _interrupted_in_a_lock(_arguments: Namespace) -> int:
    try:
        raise KeyboardInterrupt
    finally:
        raise RuntimeError("release unlocked lock")  # as threading.Condition does it


def _broken(_arguments: Namespace) -> int:
    raise RuntimeError("a bug")


def test_an_interrupt_inside_a_lock_is_an_interrupt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(verifier.commands.compare, "run", _interrupted_in_a_lock)
    assert verifier.cli.main(["compare", "a", "b"]) == 3
    assert "interrupted" in capsys.readouterr().err


def test_a_bug_is_not_taken_for_an_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier.commands.compare, "run", _broken)
    with pytest.raises(RuntimeError, match="a bug"):
        verifier.cli.main(["compare", "a", "b"])
