"""How a visitor whom another site sent says so: by the code on the paper, or by its number."""

from __future__ import annotations

import re
from dataclasses import replace

from kiosk import events as e
from kiosk.asking import check_in
from kiosk.effects import Effect
from kiosk.state import Flow, Page, Step, fresh, page
from protocol.answers import ServicesAnswer

SCANNED_ON = frozenset({Page.WELCOME, Page.CLOSED, Page.CHECK_IN, Page.NOT_FOUND, Page.ARRIVED})
"""The pages on which a scanned code is a check-in."""
LONGEST = 8
"""Letters and digits of the longest number."""
_NUMBER = re.compile(r"[A-Z]{1,2}[0-9]{1,5}")
_CODE = re.compile(r"[A-Za-z0-9_-]{2,64}")


def letters_of(menu: ServicesAnswer) -> list[str]:
    """Return the letters with which numbers of this site begin, one to a key."""
    return sorted({letter for service in menu.services for letter in service.letter})


def is_number(typed: str) -> bool:
    """Whether something looks like a whole number, such as ``A017``."""
    return _NUMBER.fullmatch(typed) is not None


def code_in(scanned: str) -> str | None:
    """Return what a scanned text checks in with: the end of a page's address, or a number. None: neither."""
    last = scanned.strip().rstrip("/").rpartition("/")[2]
    if is_number(last.upper()):
        return last.upper()
    return last if _CODE.fullmatch(last) else None


def opened(flow: Flow) -> Flow:
    """Show the keys, with nothing typed."""
    if flow.menu is None or not flow.menu.county:
        return flow
    return replace(fresh(flow), step=Step.CHECK_IN, language=flow.language, large=flow.large)


def typed(flow: Flow, touch: e.TypeKey | e.EraseKey, *, at: float) -> Flow:
    """Return the flow after a key; the same key again at once is a trembling finger."""
    match touch:
        case e.EraseKey():
            return replace(flow, typed=flow.typed[:-1])
        case e.TypeKey(key=key):
            trembling = flow.typed.endswith(key) and at - flow.typed_at < flow.timing.settle_s
            if trembling or len(flow.typed) >= LONGEST:
                return flow
            return replace(flow, typed=flow.typed + key, typed_at=at)


def submitted(flow: Flow) -> tuple[Flow, Effect | None]:
    """Check in with the number on the keys, once it looks like one."""
    return check_in(flow, flow.typed) if is_number(flow.typed) else (flow, None)


def scanned(flow: Flow, touch: e.Scanned) -> tuple[Flow, Effect | None]:
    """Check in with a scanned code; the scanner's second look at the same paper changes nothing."""
    code = code_in(touch.code)
    if flow.menu is None or not flow.menu.county or page(flow) not in SCANNED_ON or code is None:
        return flow, None
    if flow.arrived is None:
        return check_in(flow, code)
    return (flow, None) if flow.arrived.code == code else check_in(fresh(flow), code)
