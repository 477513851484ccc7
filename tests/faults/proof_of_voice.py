"""What is spoken is still true: a real screen's voice keeps up with the calls of a real hub."""

from __future__ import annotations

import json
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from claims import Finding, Sizes
from contested_hall import CONTESTED_HALL
from equipped_hall import EquippedHall
from hall_devices import ScreenProcess
from percentiles import percentile
from real_hall import until

from protocol import journal as j
from protocol.clients.hub_client import new_request_id
from protocol.requests import IssueTicket
from protocol.vocabulary import Language

LAST_AT_ONCE_S = 30.0
"""Longest lag of the last of twelve calls at once, seconds."""
P99_LAG_S = 20.0
CALLS_PER_MINUTE = 8
ENGLISH_SHARE = 0.1
SLOW = 0.3
"""Pace of the control's voice, relative to ours."""
SMALL = "width = 640\nheight = 360"
"""Settings of a screen that is quickly painted where no graphics card helps."""
PLAYER = Path(__file__).parents[1] / "support" / "paced_player.py"


def voice(folder: Path, sizes: Sizes) -> Finding:
    """Press at every window at once, then eight times a minute; the control's voice is too slow."""
    finding = Finding(
        claim=f"{sizes.voice_windows} calls at once, then {sizes.voice_calls} at {CALLS_PER_MINUTE} a minute"
    )
    with EquippedHall(folder, catalogue=CONTESTED_HALL) as hall:
        windows = [window.id for window in hall.catalogue.windows[: sizes.voice_windows]]
        screen = _screen(hall, "display-1", pace=sizes.patience)
        at_once = _lags_s(hall, _called_at_once(hall, windows))
        finding.at_most(max(at_once), LAST_AT_ONCE_S * sizes.patience, f"the last of {len(at_once)} spoken after")
        steady = _lags_s(hall, _called_in_a_row(hall, windows, sizes))
        finding.report(f"{len(steady)} calls, median lag {percentile(steady, 0.5):.1f} s, longest {max(steady):.1f} s")
        finding.at_most(percentile(steady, 0.99), P99_LAG_S * sizes.patience, "p99")
        finding.equal(screen.stop(), 0, "exit code of the screen")
        if sizes.patience == 1:
            _try_control(finding, hall, windows)
    return finding


def _try_control(finding: Finding, hall: EquippedHall, windows: list[str]) -> None:
    _screen(hall, "display-2", pace=SLOW)
    slow = max(_lags_s(hall, _called_at_once(hall, windows)))
    finding.report(f"control {slow:.0f} s")
    if slow <= LAST_AT_ONCE_S:
        finding.against.append("the control's voice was not late")


def _screen(hall: EquippedHall, device: str, *, pace: float) -> ScreenProcess:
    player = json.dumps([sys.executable, "-S", str(PLAYER), "{file}", str(pace)])
    voice = f"voice = {{ player = {player} }}"
    return hall.start_screen(device=device, voice=voice, more=SMALL)


def _called_at_once(hall: EquippedHall, windows: list[str]) -> list[str]:
    """Return the tickets that all windows called at once."""
    for turn, window in enumerate(windows):
        _make_free(hall, window)
        _visitor(hall, turn, Language.ZH)
    with ThreadPoolExecutor(len(windows)) as clerks:
        return [ticket.id for ticket in clerks.map(hall.call, windows)]


def _called_in_a_row(hall: EquippedHall, windows: list[str], sizes: Sizes) -> list[str]:
    """Return the tickets that were called at random moments, eight a minute on average."""
    chance = random.Random(20261130)
    tickets = []
    for turn in range(sizes.voice_calls):
        window = windows[turn % len(windows)]
        _make_free(hall, window)
        _visitor(hall, turn, Language.EN if chance.random() < ENGLISH_SHARE else Language.ZH)
        time.sleep(chance.expovariate(CALLS_PER_MINUTE / 60) / sizes.patience)
        tickets.append(hall.call(window).id)
    return tickets


def _make_free(hall: EquippedHall, window: str) -> None:
    """Open a window, or end the visit at it."""
    if hall.window(window).ticket is None:
        hall.at_window(window, "open")
        return
    hall.at_window(window, "start")
    hall.at_window(window, "finish")


def _visitor(hall: EquippedHall, turn: int, language: Language) -> None:
    service = hall.catalogue.services[turn % len(hall.catalogue.services)].id
    request = IssueTicket(request_id=new_request_id("kiosk-9"), service=service, language=language)
    hall.client("kiosk-9").issue(request)


def _lags_s(hall: EquippedHall, tickets: list[str]) -> list[float]:
    """Wait until all of these calls were spoken; return the time from each call to the end of its words, seconds."""
    for ticket in tickets:
        until(lambda one=ticket: _lag_s(hall, one) is not None, within_s=300, what="it was spoken", every_s=0.2)
    return [_lag_s(hall, ticket) or 0.0 for ticket in tickets]


def _lag_s(hall: EquippedHall, ticket: str) -> float | None:
    facts = hall.journal(ticket)
    called = next(at for at, fact in facts if isinstance(fact, j.TicketCalled))
    ends = (at - timedelta(seconds=fact.ago_s) for at, fact in facts if isinstance(fact, j.TicketAnnounced))
    return next(((end - called).total_seconds() for end in ends), None)
