"""No paper carries two visitors' numbers, and nothing is called printed that did not come out."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from types import MappingProxyType

from claims import Finding, Sizes
from real_hall import until
from troubled_printer import MARKS, dots_of, simulated_usb, ticket, troubled_printer
from trusting_driver import TrustingPrinter

from hardware.printer.open_printer import open_printer
from hardware.printer.printer import Printer
from hardware.printer.printer_settings import RealPrinter
from hardware.printer.twin_machine import TwinFault, TwinHabits, TwinMachine
from protocol.vocabulary import PrintOutcome

TICKET_BYTES = 400
"""Number of bytes at the end of a connection, above all of them when answers save clearing the printer."""
CONTROL_STEP = 300
"""Interval of the bytes at which the control gets into trouble."""
AT_ONCE = 24
"""Number of printers at once; most of them wait most of the time."""
USUAL: Mapping[str, float] = MappingProxyType({})
PATIENT: Mapping[str, float] = MappingProxyType({"answer_limit_s": 10, "job_limit_s": 120})
"""Time limits of a driver, for a case without a certain paper: on a busy machine an answer may have come late."""

_OPENING = threading.Lock()
"""One kiosk opens one printer."""

Trouble = Callable[[TwinMachine, int], None]
Driver = Callable[[RealPrinter], Printer]


def _fault(fault: TwinFault) -> Trouble:
    return lambda machine, byte: machine.set_fault(fault, after_bytes=byte)


def _invented(answer: bytes, fault: TwinFault) -> Trouble:
    """The printer sends an answer to nothing where the fault begins, and another one a little later."""

    def begin(machine: TwinMachine, byte: int) -> None:
        machine.set_fault(fault, after_bytes=byte)
        machine.send(answer, after_bytes=byte)
        machine.send(answer, after_bytes=byte + 30)

    return begin


HALTS: dict[str, Trouble] = {
    "paper ends": _fault(TwinFault.PAPER_OUT),
    "cover opened": _fault(TwinFault.COVER_OPEN),
}
BREAKS = HALTS | {
    "cable pulled": _fault(TwinFault.UNPLUGGED),
    "switched off": _fault(TwinFault.SWITCHED_OFF),
}
INVENTIONS: dict[str, Trouble] = {
    "paper ends, automatic status": _invented(b"\x18\x00\x0c\x0f", TwinFault.PAPER_OUT),
    "paper ends, power-on message": _invented(b"\x3b\x30\x00", TwinFault.PAPER_OUT),
    "paper ends, old answers": _invented(b"\x00\x00\x00", TwinFault.PAPER_OUT),
    "automatic status": _invented(b"\x14\x00\x00\x0f", TwinFault.OK),
    "old answer": _invented(b"\x00", TwinFault.OK),
    "late status": _invented(b"\x1e", TwinFault.OK),
}
TROUBLES = BREAKS | INVENTIONS


@dataclass(frozen=True)
class Kind:
    """A kind of printer."""

    driver: str
    answers_inside_pictures: bool
    confirms: bool

    @property
    def habits(self) -> TwinHabits:
        return TwinHabits(keeps_buffer=True, answers_inside_pictures=self.answers_inside_pictures)

    @property
    def troubles(self) -> Iterable[str]:
        """All that its driver can know of: of a network printer that confirms nothing, not what becomes of its data."""
        if self.confirms:
            return TROUBLES
        return HALTS if self.driver == "network" else BREAKS


KINDS = [
    Kind(driver, answers_inside_pictures=inside, confirms=confirms)
    for driver, inside, confirms in product(("network", "file", "usb"), (False, True), (True, False))
]


@dataclass(frozen=True)
class Case:
    """One printer, in trouble at the given bytes of the first visitors' tickets; the last one's meets none."""

    kind: Kind
    trouble: str
    bytes_before: tuple[int, ...]


@dataclass(frozen=True)
class Papers:
    """How the visitors' print jobs ended, and the papers that came out."""

    case: Case
    outcomes: tuple[PrintOutcome, ...]
    papers: tuple[bytes, ...]

    @property
    def mixed(self) -> bool:
        """Whether a paper carries two tickets."""
        return any(sum(mark in paper for mark in MARKS) > 1 for paper in self.papers)

    @property
    def falsely_printed(self) -> bool:
        """Whether a ticket is called printed that is not there whole."""
        jobs = zip(self.outcomes, MARKS, strict=False)
        return any(outcome is PrintOutcome.PRINTED and _rows(mark) not in self.papers for outcome, mark in jobs)

    @property
    def last_without(self) -> bool:
        """Whether the last visitor has no paper, two, or is not called printed, although all is mended."""
        mark = MARKS[len(self.outcomes) - 1]
        expected = PrintOutcome.PRINTED if self.case.kind.confirms else PrintOutcome.UNKNOWN
        return self.outcomes[-1] is not expected or self.papers.count(_rows(mark)) != 1


def paper(folder: Path, sizes: Sizes) -> Finding:
    """Each trouble at each byte, for the driver and for one that trusts its connection and any answer."""
    every = "every byte" if sizes.paper_step == 1 else f"every {sizes.paper_step} bytes"
    finding = Finding(claim=f"{len(TROUBLES)} troubles of a printer, {every} of a ticket")
    logging.getLogger("hardware.printer").setLevel(logging.ERROR)  # a lost printer is no news here
    with simulated_usb():
        found = _try_all(folder / "driver", KINDS, _open_printer, sizes.paper_step)
        confirming = [kind for kind in KINDS if kind.confirms]
        control = _try_all(folder / "control", confirming, TrustingPrinter, CONTROL_STEP)
        calm = [_try(folder / "calm", f.case, _open_printer, limits=PATIENT) for f in found if f.last_without]
    finding.report(f"{len(found):,} printers, {len(calm):,} of them again alone and with time")
    for what, wrong in _wrong(found + calm, without=calm).items():
        finding.none(len(wrong), what)
        finding.against += [str(papers) for papers in wrong[:3]]
    finding.report(f"control, a trusting driver, {len(control):,} printers")
    for what, wrong in _wrong(control, without=control).items():
        finding.report(f"{len(wrong):,} {what}")
        finding.equal(bool(wrong), True, f"control finds {what}")  # noqa: FBT003 - the expected value
    return finding


def _wrong(found: Sequence[Papers], *, without: Sequence[Papers]) -> dict[str, list[Papers]]:
    """Return what is wrong; ``without`` are those whose visitor must have a paper: a driver may have had no time."""
    return {
        "papers with two numbers": [f for f in found if f.mixed],
        "jobs called printed that were not": [f for f in found if f.falsely_printed],
        "visitors without their paper": [f for f in without if f.last_without],
    }


def _try_all(folder: Path, kinds: Sequence[Kind], driver: Driver, step: int) -> list[Papers]:
    cases = list(_cases(folder, kinds, driver, step))
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(lambda n: _try(folder / str(n), cases[n], driver), range(len(cases))))


def _cases(folder: Path, kinds: Sequence[Kind], driver: Driver, step: int) -> Iterator[Case]:
    """Yield the cases; each combination begins at another byte, so that a coarse step leaves out none for all."""
    offset = 0
    for number, kind in enumerate(kinds):
        length = _length(folder / f"kind-{number}", kind, driver)
        for trouble in kind.troubles:
            offset += 7
            for byte in range(max(0, length - TICKET_BYTES) + offset % step, length, step):
                yield Case(kind, trouble, (byte,))
                if kind.confirms and byte % 4 == 0:
                    yield Case(kind, trouble, (byte, (byte * 7) % length))


def _open_printer(settings: RealPrinter) -> Printer:
    with _OPENING:
        return open_printer(settings)


def _length(folder: Path, kind: Kind, driver: Driver) -> int:
    """Return how many bytes the first ticket's connection has."""
    with troubled_printer(kind.driver, folder, kind.habits, confirms=kind.confirms) as printer:
        driver(printer.settings).print_ticket(ticket(MARKS[0]))
        printer.machine.wait_for_pages(1, within_s=30)
        return printer.machine.received


def _try(folder: Path, case: Case, driver: Driver, *, limits: Mapping[str, float] = USUAL) -> Papers:
    kind = case.kind
    with troubled_printer(kind.driver, folder, kind.habits, confirms=kind.confirms) as printer:
        settings = printer.settings.model_copy(update=limits)
        driven = driver(settings)
        outcomes = []
        for byte, mark in zip(case.bytes_before, MARKS, strict=False):
            TROUBLES[case.trouble](printer.machine, byte)
            outcomes.append(driven.print_ticket(ticket(mark)).outcome)
            if not kind.confirms and outcomes[-1] is not PrintOutcome.FAILED:  # the last bytes are under way
                until(lambda: printer.in_trouble, what=str(case))
            if byte % 3 == 0 or not kind.confirms:
                driven.status()  # as the kiosk does every 10 s
            printer.mend()
            if byte % 2:
                driven = driver(settings)  # the kiosk was started again
        last = MARKS[len(outcomes)]
        outcomes.append(driven.print_ticket(ticket(last)).outcome)
        papers = _papers_up_to(_rows(last), printer.machine)
    shutil.rmtree(folder)
    return Papers(case, tuple(outcomes), papers)


def _papers_up_to(last: bytes, machine: TwinMachine) -> tuple[bytes, ...]:
    """Return all papers once the last one is out, or is not after a long time."""
    while last not in (papers := tuple(dots_of(page) for page in machine.pages)):
        try:
            machine.wait_for_pages(len(papers) + 1, within_s=20)
        except TimeoutError:
            break
    return papers


def _rows(mark: int) -> bytes:
    return bytes(255 - row for row in ticket(mark).tobytes())
