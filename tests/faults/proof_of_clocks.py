"""Nobody who took a number is cancelled by a clock; a day ends only when its people are gone or a person says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from functools import cache, reduce
from itertools import product
from pathlib import Path
from types import MappingProxyType

import day_by_clock_alone
from claims import Finding, Sizes
from journal_numbers import JournalNumbers
from plain_hall import MORNING, PlainHall
from real_hall import SMALL_HALL, RealHall
from timed_hall import OFFICE_HOURS, TimedHall, local

from protocol import journal as j
from protocol.settings import load_settings
from server.domain.day import business_day
from server.domain.day.turn_of_day import TurnOfDay
from server.domain.events.apply import apply, empty_hall
from server.domain.model.catalogue import Catalogue, Hours
from server.domain.model.clock_trust import ClockTrust
from server.domain.model.hall import Hall
from server.runtime.clock import SETTLED_S
from server.store.projection.rebuild import rebuild

CANCELLED = "somebody was cancelled by a clock"

Rule = Callable[..., tuple[j.AnyFact, ...]]
Event = Callable[[PlainHall], None]


# ------------------------------------------------------------------------------------------------ halls and clocks


def _arrives(hall: PlainHall) -> None:
    hall.issue()


def _is_called(hall: PlainHall) -> None:
    hall.issue()
    hall.call_next("window-1")


def _is_served(hall: PlainHall) -> None:
    hall.issue()
    hall.call_next("window-2")
    hall.start("window-2")


def _missed(hall: PlainHall) -> None:
    hall.issue()
    hall.call_next("window-1")
    hall.wait(60)
    hall.no_show("window-1")


def _travels(hall: PlainHall) -> None:
    hall.refer(waited_s=600.0, arrives=False)


def _left(hall: PlainHall) -> None:
    hall.issue()
    hall.serve("window-1", seconds=120)


PEOPLE: Mapping[str, tuple[Event, ...]] = MappingProxyType(
    {
        "nobody": (),
        "everybody served": (_left,),
        "waiting": (_left, _arrives),
        "called": (_is_called,),
        "served": (_is_served,),
        "missed": (_missed,),
        "travelling": (_travels,),
        "all kinds": (_left, _missed, _travels, _is_served, _is_called, _arrives),
    }
)
OFFICE = (Hours(days=(1, 2, 3, 4, 5, 6, 7), open=time(8), close=time(18)),)
NIGHT = (
    Hours(days=(1, 2, 3, 4, 5, 6, 7), open=time(18), close=time.max),
    Hours(days=(1, 2, 3, 4, 5, 6, 7), open=time(0), close=time(3)),
)
HOURS: Mapping[str, tuple[Hours, ...]] = MappingProxyType({"no hours": (), "office hours": OFFICE, "by night": NIGHT})
BEGAN = MappingProxyType(
    {
        "morning": MORNING,
        "before midnight": MORNING.replace(hour=15, minute=50),
        "future": MORNING + timedelta(days=800),
    }
)
"""When the machine was first switched on, by its own clock."""


def _set(**change: float) -> Event:
    def event(hall: PlainHall) -> None:
        hall.moment = hall.moment.model_copy(update={"at": hall.moment.at + timedelta(**change)})

    return event


def _boot(**change: float) -> Event:
    def event(hall: PlainHall) -> None:
        at = hall.moment.at + timedelta(**change)
        hall.moment = j.Moment(at=at, boot=f"{hall.moment.boot}'", mono_s=25.0)

    return event


def _run(**time_passed: float) -> Event:
    return lambda hall: hall.wait(timedelta(**time_passed).total_seconds())


EVENTS: Mapping[str, Event] = MappingProxyType(
    {
        **{f"set {name}": _set(**change) for name, change in (
            ("ten minutes forward", {"minutes": 10}),
            ("fifteen hours forward", {"hours": 15}),
            ("a day forward", {"days": 1}),
            ("three days forward", {"days": 3}),
            ("two years forward", {"days": 800}),
            ("an hour back", {"hours": -1}),
            ("a day back", {"days": -1}),
            ("two years back", {"days": -800}),
        )},
        **{f"started {name}": _boot(**change) for name, change in (
            ("where it stopped", {}),
            ("the next morning", {"hours": 15}),
            ("a day back", {"days": -1}),
            ("three days later", {"days": 3}),
            ("two years later", {"days": 800}),
            ("two years back", {"days": -800}),
        )},
        **{f"ran for {name}": _run(**passed) for name, passed in (
            ("ten minutes", {"minutes": 11}),
            ("three hours", {"hours": 3}),
            ("just under eight hours", {"hours": 8, "seconds": -1}),
            ("a night", {"hours": 15}),
            ("three days", {"days": 3}),
        )},
    }
)  # fmt: skip
"""Every way a clock can move: set while the machine runs, started with another time, run on over midnights."""


# ----------------------------------------------------------------------------------------------------- by the rules


@dataclass(frozen=True)
class ClockHistory:
    """What happens to a hall: the events, and how far the clock is believed after each."""

    hours: str
    began: str
    people: str
    events: tuple[tuple[str, ClockTrust], ...]

    def __str__(self) -> str:
        return f"{self.hours}, {self.began}, {self.people}: {', '.join(f'{e} ({t.name})' for e, t in self.events)}"


@cache
def _catalogue(hours: str) -> Catalogue:
    return load_settings(Catalogue, SMALL_HALL).model_copy(update={"hours": HOURS[hours]})


@cache
def _begun(hours: str, began: str, people: str) -> tuple[PlainHall, ...]:
    """Return a hall with its people; a tuple, because it is not to be changed."""
    hall = PlainHall(_catalogue("no hours"), at=BEGAN[began])
    hall.open()
    for act in PEOPLE[people]:
        act(hall)
    hall.change(_catalogue(hours))
    return (hall,)


def _copy(hall: PlainHall) -> PlainHall:
    copy = PlainHall.__new__(PlainHall)
    copy.__dict__.update(hall.__dict__)
    copy.made = list(hall.made)
    return copy


@dataclass(frozen=True)
class _Moved:
    """A hall after some moves of its clock, and the hall that its journal makes."""

    hall: PlainHall
    folded: Hall


def _moved(begun: PlainHall) -> _Moved:
    return _Moved(begun, _fold(empty_hall(_catalogue("no hours")), begun.journal))


def _fold(hall: Hall, entries: Iterable[j.Entry]) -> Hall:
    """Fold entries as another reader would: from their JSON."""
    return reduce(apply, (j.Entry.model_validate_json(entry.model_dump_json()) for entry in entries), hall)


def moves(rule: Rule, *, depth: int) -> Iterator[tuple[ClockHistory, int, set[str]]]:
    """Yield every history of so many moves or fewer, how many it stands for, and what it shows against the claim.

    After histories that differ in trust alone and wrote the same entries, the halls are equal: they go on as one.
    """
    for hours, began, people in product(HOURS, BEGAN, PEOPLE):
        (begun,) = _begun(hours, began, people)
        yield from _moves_after(_moved(begun), ClockHistory(hours, began, people, ()), 1, rule, depth)


def _moves_after(
    moved: _Moved, history: ClockHistory, count: int, rule: Rule, depth: int
) -> Iterator[tuple[ClockHistory, int, set[str]]]:
    for name in EVENTS:
        distinct: list[tuple[_Moved, ClockHistory, int]] = []
        for trust in ClockTrust:
            after, reasons = _move(moved, name, trust, rule)
            longer = replace(history, events=(*history.events, (name, trust)))
            yield longer, count, reasons
            equal = [n for n, (other, *_) in enumerate(distinct) if other.hall.journal == after.hall.journal]
            for n in equal:
                distinct[n] = (*distinct[n][:2], distinct[n][2] + count)
            if not equal:
                distinct.append((after, longer, count))
        if depth > 1:
            for after, longer, halls in distinct:
                yield from _moves_after(after, longer, halls, rule, depth - 1)


def _move(moved: _Moved, name: str, trust: ClockTrust, rule: Rule) -> tuple[_Moved, set[str]]:
    """Return the hall after one move of its clock, and what the move shows against the claim."""
    hall = _copy(moved.hall)
    reasons = set(_reasons_against(hall, name, trust, rule))
    folded = _fold(moved.folded, hall.journal[len(moved.hall.made) :])
    if folded != hall.hall:
        reasons.add("the journal makes another hall")
    return _Moved(hall, folded), reasons


def _reasons_against(hall: PlainHall, name: str, trust: ClockTrust, rule: Rule) -> Iterator[str]:
    """Move the clock of a hall, and yield what that shows against the claim."""
    last = hall.moment
    EVENTS[name](hall)
    is_night = last.boot == hall.moment.boot and hall.moment.mono_s - last.mono_s >= business_day.GONE_S
    before = dict(hall.hall.tickets)
    made = hall.do(rule(hall.hall, now=hall.moment, trust=trust, numbers=JournalNumbers(hall.journal)))
    if any(isinstance(s.entry.fact, j.TicketCancelled) for s in made) and not is_night:
        yield CANCELLED
    lost = [t for t in before.values() if t.id not in hall.hall.tickets and t.state != "no_show"]
    if lost and not is_night:
        yield "somebody lost the place in the queue"
    yield from _wrong_day(hall, trust)
    _come_and_go(hall)
    numbers = Counter(t.number for t in hall.hall.tickets.values())
    if max(numbers.values(), default=1) > 1 or len(hall.hall.numbers) != len(hall.hall.tickets):
        yield "two people have one number"
    yield from _wrong_answer(hall, trust)


def _come_and_go(hall: PlainHall) -> None:
    """Somebody takes a number, whatever the hours: they do not apply while nothing confirms the clock."""
    hall.refer(waited_s=0.0)


def _wrong_day(hall: PlainHall, trust: ClockTrust) -> Iterator[str]:
    turn = TurnOfDay(hall=hall.hall, now=hall.moment)
    if trust is ClockTrust.CONFIRMED and hall.hall.day != turn.today:
        night = _goes_on_by_night(turn)
        if not turn.people:
            yield "an empty hall is not in the confirmed day"
        elif not turn.people_of_before and not night:
            yield "people of today are in another day"
        elif hall.hall.day is not None and hall.hall.day > turn.today:
            yield "the day stays in the future"


def _goes_on_by_night(turn: TurnOfDay) -> bool:
    """Whether the hall keeps the day of the evening."""
    return turn.is_open_over_midnight() and not turn.were_dated_wrong(turn.people)


def _wrong_answer(hall: PlainHall, trust: ClockTrust) -> Iterator[str]:
    """Answer the question that is open, on a copy: "gone" ends it for those of before alone, "here" for nobody."""
    question = business_day.day_question(hall.hall, now=hall.moment, trust=trust)
    if question is None:
        return
    for gone in (True, False):
        answered = _copy(hall)
        answered.trust = trust
        answered.settle_day(gone=gone)
        kept = set(hall.hall.tickets) - {t.id for t in question.tickets if gone}
        kept -= {t.id for t in hall.hall.tickets.values() if t.state == "no_show"}
        if not kept <= set(answered.hall.tickets):
            yield f"the answer cancelled others too (gone: {gone})"
        if business_day.day_question(answered.hall, now=answered.moment, trust=trust) is not None:
            yield "the question stays open"


@dataclass
class _ByTheRules:
    """What all histories have shown."""

    histories: int = 0
    tried: int = 0
    against: Counter[str] = field(default_factory=Counter)
    examples: dict[str, ClockHistory] = field(default_factory=dict)

    def note(self, history: ClockHistory, count: int, reasons: set[str]) -> None:
        """Count a history, which may stand for several."""
        self.histories += count
        self.tried += 1
        for reason in reasons:
            self.against[reason] += count
            self.examples.setdefault(reason, history)


# --------------------------------------------------------------------------------------------------- on a real hub


def _wakes_up_yesterday(timed: TimedHall) -> None:
    timed.boots(local(17, 10, days=1), boot="two", source="none")
    timed.number()
    timed.learns_the_time(local(8, 36, days=2))
    timed.passes(seconds=SETTLED_S + 5)


def _starts_in_the_future(timed: TimedHall) -> None:
    timed.boots(local(9, days=700), boot="two", source="rtc")
    timed.number()
    timed.learns_the_time(local(9, days=1))
    timed.passes(seconds=SETTLED_S + 5)


def _jumps_days_ahead(timed: TimedHall) -> None:
    timed.learns_the_time(local(9, days=5))
    timed.passes(seconds=SETTLED_S + 5)


def _jumps_back(timed: TimedHall) -> None:
    timed.learns_the_time(local(9, days=-1))
    timed.passes(seconds=SETTLED_S + 5)


def _runs_over_midnight(timed: TimedHall) -> None:
    timed.shows(local(23, 55, days=1))
    timed.hall.health()
    timed.passes(seconds=SETTLED_S + 5)


def _is_off_at_night(timed: TimedHall) -> None:
    timed.boots(local(8, 30, days=2), boot="two", source="rtc")
    timed.passes(hours=2)


REAL: Sequence[tuple[Callable[[TimedHall], None], dict[str, str]]] = (
    (_wakes_up_yesterday, OFFICE_HOURS),
    (_starts_in_the_future, OFFICE_HOURS),
    (_jumps_days_ahead, OFFICE_HOURS),
    (_jumps_back, OFFICE_HOURS),
    (_runs_over_midnight, {}),
    (_is_off_at_night, OFFICE_HOURS),
)
"""What happens to the clock of a real hub, and how its site is described."""


def _on_a_real_hub(folder: Path, happens: Callable[[TimedHall], None], changes: dict[str, str]) -> Iterator[str]:
    folder.mkdir()
    with RealHall(folder, with_broker=False, start_hub=False, changes=changes) as hall:
        timed = TimedHall(hall)
        timed.boots(local(10, days=1), boot="one", source="ntp")
        numbers = [timed.number() for _ in range(3)]
        happens(timed)
        numbers += [timed.number() for _ in range(2)]
        if timed.facts("ticket_cancelled"):
            yield f"{happens.__name__}: somebody was cancelled"
        if len(set(numbers)) < len(numbers):
            yield f"{happens.__name__}: {numbers}"
        hall.hub.stop()
        report = rebuild(hall.data / "hall.sqlite", hall.catalogue, repair=False)
        if not report.sound:
            yield f"{happens.__name__}: the tables are not the journal's: {report}"


# ------------------------------------------------------------------------------------------------------- the claim


def _tries_until_the_control_is_found() -> int | None:
    """Return the number of the first history in which the control cancels somebody; None when it never does."""
    wrong = (reasons for _, _, reasons in moves(day_by_clock_alone.start_day, depth=1))
    return next((n for n, reasons in enumerate(wrong, start=1) if CANCELLED in reasons), None)


def clocks(folder: Path, sizes: Sizes) -> Finding:
    """Move the clock in every way, in every state of a hall: by the rules, then on real hubs."""
    finding = Finding(claim="clocks")
    shown = _ByTheRules()
    for history, count, reasons in moves(business_day.start_day, depth=sizes.clock_moves):
        shown.note(history, count, reasons)
    finding.report(f"{shown.histories:,} histories of {sizes.clock_moves} or fewer moves, by the rules")
    finding.report(f"{shown.tried:,} tried, the others have the entries of one of these")
    finding.none(shown.against.total(), "times somebody lost a place, or the day was wrong")
    for reason, history in shown.examples.items():
        finding.against.append(f"{reason}: {history}")
    real = REAL[: sizes.clock_hubs]
    for number, (happens, changes) in enumerate(real):
        finding.against += _on_a_real_hub(folder / f"{number}", happens, changes)
    finding.report(f"{len(real)} histories on real hubs")
    found = _tries_until_the_control_is_found()
    finding.report(f"control, a clock that is believed after ten minutes: found by history {found}")
    if found is None:
        finding.against.append("the control was not found")
    return finding
