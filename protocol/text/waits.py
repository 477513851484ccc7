"""The wording of a promised wait and of the place in the queue, one for all surfaces.

A visitor reads the kiosk, the paper, the hall screen and the phone within minutes: the same promise must look the same
on all four. A surface may set a label of its own before a range ("预计等候", "Expected wait"); the range itself, the
wording of an unknown wait and the wording of the people ahead come from here.

* Unknown is "暂时说不准 / not known yet": spoken Chinese that a visitor of 75 uses herself. It says that the reason is
  passing; "时间未知" reads like a fault of the machine and "无法估计" like a refusal.
* A range from 0 is "10 分钟以内 / within 10 min": nobody reads "0–10" as "perhaps at once".
"""

from __future__ import annotations

from protocol.vocabulary import Promise, Text

UNKNOWN_WAIT = Text(zh="暂时说不准", en="not known yet")
PAST_CLOSING = Text(zh="今天可能办不到", en="May not be reached today")
"""What a promise past the closing time says besides its range."""


def wait_range(promise: Promise | None) -> Text:
    """Return the promised range in minutes without a label: "20–35 分钟"; None is the unknown wait."""
    if promise is None:
        return UNKNOWN_WAIT
    low, high = promise.low_min, promise.high_min
    if low == high:
        return Text(zh=f"{high} 分钟", en=f"{high} min")
    if low == 0:
        return Text(zh=f"{high} 分钟以内", en=f"within {high} min")
    return Text(zh=f"{low}–{high} 分钟", en=f"{low}–{high} min")


def expected_wait(promise: Promise | None) -> Text:
    """Return the promised wait as a phrase that needs no label: "预计 20–35 分钟", "等候时间暂时说不准"."""
    wait = wait_range(promise)
    if promise is None:
        return Text(zh=f"等候时间{wait.zh}", en=f"Waiting time {wait.en}")
    return Text(zh=f"预计 {wait.zh}", en=f"about {wait.en}" if promise.low_min > 0 else wait.en)


def closing_note(promise: Promise | None) -> Text | None:
    """Return that the visitor may not be reached today; None where that is not expected."""
    return PAST_CLOSING if promise is not None and promise.past_closing else None


def people_ahead(count: int) -> Text:
    """Return how many visitors will be called before this one."""
    match count:
        case 0:
            return Text(zh="前面没有人", en="Nobody ahead of you")
        case 1:
            return Text(zh="前面 1 人", en="1 person ahead")
        case _:
            return Text(zh=f"前面 {count} 人", en=f"{count} people ahead")
