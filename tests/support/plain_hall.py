"""A hall in memory: the rules alone, a journal in a list, and a clock that only the test moves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from journal_numbers import JournalNumbers

from protocol import journal as j
from protocol.answers import OtherSite
from protocol.vocabulary import Language, Promise, Text, WindowState
from server.domain.day import business_day
from server.domain.day.catalogue_change import change_catalogue
from server.domain.desk import calls, issuance
from server.domain.events.apply import AppliedEntry, apply_facts, empty_hall
from server.domain.forecast import wait_times
from server.domain.forecast.forecast import SAMPLES, Forecast, run_simulations
from server.domain.forecast.simulation_input import simulation_input
from server.domain.model.catalogue import Catalogue
from server.domain.model.clock_trust import ClockTrust
from server.domain.model.hall import Hall
from server.domain.model.tickets import Ticket

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""A Monday, 09:00 in Shanghai."""


def offer_made(name: str, *, to_site: str, **fields: object) -> j.OfferMade:
    """Return the fact of an offer of another site for an ID card; ``fields`` replace those that stand here."""
    elsewhere = Text(zh="别处", en="Elsewhere")
    usual = {
        "offer": name,
        "service": "id-card",
        "language": Language.ZH,
        "priority": None,
        "ticket": None,
        "to_site": to_site,
        "where": OtherSite(site=to_site, name=elsewhere, address=elsewhere, travel_min=5),
        "here": Promise(low_min=20, high_min=30),
        "there": Promise(low_min=5, high_min=10),
        "travel_min": 5.0,
        "saving_min": 10.0,
    }
    return j.OfferMade.model_validate(usual | fields)


class PlainHall:
    """One site that has begun its day. Each command takes effect at ``moment``, which only ``wait`` moves."""

    def __init__(self, catalogue: Catalogue, *, at: datetime = MORNING) -> None:
        self.moment = j.Moment(at=at, boot="boot-1", mono_s=1000.0)
        self.hall: Hall = empty_hall(catalogue)
        self.made: list[AppliedEntry] = []
        """Every step since the beginning: the journal, with the hall before and after each entry."""
        self.trust = ClockTrust.CONFIRMED
        self._tickets = 0
        self.turn_day()

    @property
    def journal(self) -> list[j.Entry]:
        """Every entry, in order."""
        return [step.entry for step in self.made]

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        later = self.moment.at + timedelta(seconds=seconds)
        self.moment = j.Moment(at=later, boot=self.moment.boot, mono_s=self.moment.mono_s + seconds)

    def do(self, facts: Iterable[j.AnyFact], *, actor: str = "test") -> list[AppliedEntry]:
        """Make these facts happen now."""
        made = apply_facts(self.hall, facts, moment=self.moment, actor=actor, request_id=None)
        if made:
            self.hall = made[-1].after
            self.made += made
        return made

    def turn_day(self) -> list[AppliedEntry]:
        """Begin the business day of the moment, when it is a new one."""
        return self.do(business_day.start_day(self.hall, now=self.moment, trust=self.trust, numbers=self.numbers))

    def settle_day(self, *, gone: bool) -> list[AppliedEntry]:
        """Let a person answer whether those left over from the day are gone."""
        assert self.hall.day is not None
        answered = business_day.settle_day(
            self.hall,
            day=self.hall.day,
            gone=gone,
            now=self.moment,
            trust=self.trust,
            numbers=self.numbers,
        )
        return self.do(answered, actor="clerk")

    @property
    def numbers(self) -> JournalNumbers:
        """The numbers issued so far."""
        return JournalNumbers(self.journal)

    def change(self, catalogue: Catalogue) -> list[AppliedEntry]:
        """Put another site description in force."""
        return self.do(change_catalogue(self.hall, catalogue=catalogue))

    def issue(
        self,
        service: str = "id-card",
        *,
        priority: str | None = None,
        promise: Promise | None = None,
        print_device: str | None = None,
        offer: str | None = None,
    ) -> Ticket:
        """Issue a ticket; ``offer`` is the offer that was declined for it."""
        self._tickets += 1
        fact = issuance.issue(
            self.hall,
            service=service,
            language=Language.ZH,
            priority=priority,
            ticket=f"t{self._tickets}",
            print_device=print_device,
            promise=promise,
            now=self.moment.at,
            offer=offer,
        )
        self.do([fact])
        return self.hall.tickets[fact.ticket]

    def refer(
        self, service: str = "id-card", *, waited_s: float, priority: str | None = None, arrives: bool = True
    ) -> Ticket:
        """Reserve a place for another site's visitor, who has waited there; ``arrives`` checks the visitor in too."""
        self._tickets += 1
        ticket, referral = f"t{self._tickets}", f"r{self._tickets}"
        letter = self.hall.site.services[service].letter
        count = self.hall.counts.get(letter, 0) + 1
        held = j.PlaceHeld(
            ticket=ticket,
            referral=referral,
            from_site="elsewhere",
            number=f"{letter}{count:03d}",
            letter=letter,
            count=count,
            service=service,
            language=Language.ZH,
            priority=priority,
            travel_min=10,
            waited_s=waited_s,
            people_ahead=0,
            promise=None,
        )
        self.do([held, j.PlaceConfirmed(ticket=ticket, referral=referral)])
        if arrives:
            self.do([j.TicketArrived(ticket=ticket)])
        return self.hall.tickets[ticket]

    def open(self, *windows: str) -> None:
        """Let clerks open their windows; without names all of them."""
        for window in windows or [w.id for w in self.hall.site.catalogue.windows]:
            self.do(calls.set_window(self.hall, window=window, state=WindowState.OPEN))

    def call_next(self, window: str = "window-1") -> Ticket:
        """Let a clerk call whom the discipline chooses."""
        made = self.do(calls.call_next(self.hall, window=window, at=self.moment))
        return self._ticket(made)

    def call_number(self, number: str, window: str = "window-1") -> Ticket:
        """Let a clerk call a certain number."""
        made = self.do(calls.call_number(self.hall, window=window, number=number, at=self.moment))
        return self._ticket(made)

    def start(self, window: str = "window-1") -> None:
        """The visitor came."""
        self.do(calls.start(self.hall, window=window))

    def finish(self, window: str = "window-1") -> None:
        """The visitor left served."""
        self.do(calls.finish(self.hall, window=window))

    def no_show(self, window: str = "window-1") -> None:
        """The visitor is absent."""
        self.do(calls.mark_no_show(self.hall, window=window, at=self.moment))

    def transfer(self, service: str, window: str = "window-1") -> None:
        """Send the visitor on."""
        self.do(calls.transfer(self.hall, window=window, service=service))

    def return_to_queue(self, ticket: str) -> Ticket:
        """A visitor who missed the call is back."""
        self.do([issuance.return_to_queue(self.hall, ticket=ticket)])
        return self.hall.tickets[ticket]

    def cancel(self, ticket: str) -> None:
        """Withdraw a ticket."""
        self.do([issuance.cancel(self.hall, ticket=ticket)])

    def serve(self, window: str = "window-1", *, seconds: float) -> Ticket:
        """Call, start, serve for a while and finish; return whom."""
        ticket = self.call_next(window)
        self.start(window)
        self.wait(seconds)
        self.finish(window)
        return ticket

    def queue(self, service: str = "id-card") -> list[str]:
        """Return the numbers that wait for a service, in order."""
        return [t.number for t in self.hall.queues.get(service, ())]

    def promises(self) -> dict[str, Promise | None]:
        """Return what a new ticket of each service would be promised."""
        return wait_times.promises_by_service(self.forecast())

    def forecast(self, *, samples: int = SAMPLES, seed: int = 0) -> Forecast:
        """Return how long everybody will wait."""
        return run_simulations(simulation_input(self.hall, at=self.moment), samples=samples, seed=seed)

    def measured(self) -> dict[str, list[float]]:
        """Return the measured serving times in seconds, by service."""
        return {s: [d.seconds for d in found] for s, found in self.hall.learned.durations.items()}

    def help(self, window: str, *services: str) -> None:
        """Let a manager have a window take further services."""
        self.do([j.WindowHelps(window=window, services=services)])

    def _ticket(self, made: list[AppliedEntry]) -> Ticket:
        fact = made[-1].entry.fact
        assert isinstance(fact, j.TicketFact)
        return self.hall.tickets[fact.ticket]
