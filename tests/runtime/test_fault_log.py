"""A fault that lasts is logged seldom, with its cause, and once when it is over."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from protocol.vocabulary import Text
from runtime.fault_log import LONGEST_PAUSE_S, FaultLog


class Seconds:
    """A clock that a test sets."""

    at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def fault(seconds: Seconds, caplog: pytest.LogCaptureFixture) -> FaultLog:
    caplog.set_level(logging.INFO)
    return FaultLog(logging.getLogger("test"), Text(zh="不能保存", en="cannot be saved"), now=seconds)


def test_a_fault_of_a_day_is_logged_with_growing_pauses_and_once_when_it_is_over(
    fault: FaultLog, seconds: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    logged_at = []
    for second in range(24 * 3600):
        seconds.at = 1000.0 + second
        before = len(caplog.messages)
        fault.began(OSError("disk full"))
        logged_at += [second] if len(caplog.messages) > before else []
    assert logged_at[:4] == [0, 60, 180, 420]
    assert logged_at[-1] - logged_at[-2] == LONGEST_PAUSE_S
    assert caplog.messages[0] == "不能保存 / cannot be saved: disk full"
    caplog.clear()
    fault.ended()
    fault.ended()
    assert caplog.messages == ["恢复正常 / over after 86399 s: 不能保存 / cannot be saved"]


def test_another_cause_is_logged_at_once_and_many_causes_are_not(
    fault: FaultLog, seconds: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(100):
        seconds.at += 0.1
        fault.began(f"cause {number}")
    assert [message.rpartition(" ")[2] for message in caplog.messages] == ["0", "1", "2"]


def test_a_fault_that_comes_and_goes_is_at_most_five_lines_a_minute(
    fault: FaultLog, seconds: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(60):
        seconds.at += 1
        fault.began("refused")
        fault.ended()
    assert 2 <= len(caplog.messages) <= 5


def test_it_knows_since_when(fault: FaultLog, seconds: Seconds) -> None:
    fault.began("refused")
    seconds.at += 3600
    fault.began("refused again")
    assert fault.cause == "refused again"
    assert abs(datetime.now(UTC) - fault.since - timedelta(hours=1)) < timedelta(minutes=10)
    fault.ended()
    assert fault.cause == ""
    assert datetime.now(UTC) - fault.since < timedelta(minutes=10)


def test_our_own_mistake_has_its_traceback_and_is_not_repeated(
    fault: FaultLog, caplog: pytest.LogCaptureFixture
) -> None:
    mistake = KeyError("mistake")
    for _ in range(10):
        fault.began(repr(mistake), defect=mistake)
    (record,) = caplog.records
    assert record.exc_info is not None
    assert "KeyError" in caplog.text.splitlines()[-1]
