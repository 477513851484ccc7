"""A hub or county whose files are damaged never acknowledges what it cannot keep, and says what is wrong."""

from __future__ import annotations

import codecs
import itertools
import logging
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from claims import Finding, Sizes
from damages import ON_FILES, ON_FOLDERS, Copies, Harm, state_of
from ends_with_parent import end_with_parent
from real_hall import until
from sample_site import Site, sample_site, tickets_in

from runtime.run_command import FAILED, WRONG_SETTINGS

log = logging.getLogger(__name__)

HUB_FILES = (
    *("data/hall.sqlite", "data/hall.sqlite-wal", "data/hall.sqlite-shm", "data/hall.head", "data/hub.lock"),
    *("data/access.json", "data/access.lock", "data/hub.key", "data/mosquitto.passwd", "data/mosquitto.acl"),
    *("hub.toml", "site.toml", "data"),
)
FETCHED_FILES = ("data/hall.sqlite", "data/hall.sqlite-wal", "data/hall.head", "data")
"""Files of a hub whose content the county has too."""
COUNTY_FILES = (
    *("data/county.sqlite", "data/county.sqlite-wal", "data/county.sqlite-shm", "data/county.lock"),
    *("data/county-access.json", "data/county-access.lock", "county.toml", "travel.csv", "data"),
)
AT_ONCE, CASES_EACH = 4, 50
"""Number of processes that try cases at once, and of cases for which one more is worth its start."""
TEXTS = (".json", ".key", ".passwd", ".acl", ".toml", ".csv")
NEW_FOLDER = "里没有流水。本站点若用过，请停下并放回原来的"
SENTENCE = re.compile(r"[\u4e00-\u9fff].* / .*[a-z]")


@dataclass(frozen=True)
class Case:
    """One file, what happens to it, and when; ``alone`` is a hub without a county."""

    server: str
    file: str
    harm: str
    during: bool
    alone: bool

    def __str__(self) -> str:
        when = "while it runs" if self.during else "before the start"
        return f"{self.server}{' alone' if self.alone else ''}, {self.file}, {self.harm}, {when}"


def files(folder: Path, sizes: Sizes) -> Finding:
    """Each file, each harm, before and while the server runs; and the same with the checks taken out."""
    finding = Finding(claim="files of hub and county damaged, gone, swapped, before and while they run")
    with sample_site(folder / "sample") as (site, older, foreign):
        every = list(_cases())
        different = distinct(every, site, Copies(older, foreign), folder / "harmed")
        finding.report(f"{len(every):,} cases, {len(different):,} of which a server can tell apart")
        cases = different[:: sizes.files_step]
        tried = _try_all(folder, cases, Trial(folder, site, older, foreign))
        finding.report(f"{len(cases):,} tried")
        refused, kept = sum(part.refused for part in tried), sum(part.kept for part in tried)
        finding.report(f"{refused:,} starts refused in a sentence, {kept:,} tickets kept")
        wrong = [line for part in tried for line in part.wrong]
        finding.none(len(wrong), "cases gone wrong")
        finding.against += wrong
        blind = Trial(folder / "blind", site, older, foreign, prepare=take_checks_out)
        found = [blind.run(case) for case in CONTROL]
        finding.report(f"control, the checks taken out: {sum(map(bool, found))} of {len(found)} cases go wrong")
        finding.equal(all(found), True, "the control finds every case")  # noqa: FBT003 - the expected value
    return finding


@dataclass(frozen=True)
class _Tried:
    """What came of some cases."""

    refused: int
    """Starts refused in a sentence."""
    kept: int
    """Tickets found in the journals."""
    wrong: tuple[str, ...]


def _try_all(folder: Path, cases: Sequence[Case], trial: Trial) -> list[_Tried]:
    """Try all cases; many in several processes at once, each with a sample of its own."""
    parts = min(AT_ONCE, len(cases) // CASES_EACH + 1)
    with ProcessPoolExecutor(AT_ONCE, mp_context=get_context("spawn")) as processes:
        others = [processes.submit(_try_apart, folder / f"part-{n}", cases[n::parts]) for n in range(1, parts)]
        return [_try(cases[::parts], trial), *(other.result() for other in others)]


def _try_apart(folder: Path, cases: Sequence[Case]) -> _Tried:
    end_with_parent()
    with sample_site(folder / "sample") as (site, older, foreign):
        return _try(cases, Trial(folder, site, older, foreign))


def _try(cases: Sequence[Case], trial: Trial) -> _Tried:
    wrong = []
    for case in cases:
        if found := trial.run(case):
            wrong.append(f"{case}: {'; '.join(found)}")
            log.error("%s", wrong[-1])  # at once: a long run may be broken off
    return _Tried(trial.refused, trial.kept, tuple(wrong))


CONTROL = (
    Case("hub", "data/hall.sqlite-wal", "deleted", during=False, alone=True),
    Case("hub", "data/hall.sqlite-wal", "cut to 50.0%", during=False, alone=True),
    Case("hub", "data/hall.sqlite", "deleted", during=True, alone=True),
)


def take_checks_out() -> None:
    """Let a server trust its files, as one without the checks would."""
    from contextlib import nullcontext  # noqa: PLC0415 - in the server's own process

    from server.hub import data_folder  # noqa: PLC0415
    from server.store.database_file import DatabaseFile  # noqa: PLC0415
    from server.store.site_store import Store  # noqa: PLC0415

    patched: list[tuple[object, str, Callable[..., object]]] = [
        (DatabaseFile, "written", lambda _: nullcontext()),
        (DatabaseFile, "check", lambda _: None),
        (Store, "check_mark", lambda _: None),
        (data_folder, "verify_structure", lambda _: None),
        (data_folder, "verify_newest_day", lambda *_: None),
    ]
    for where, name, blind in patched:
        setattr(where, name, blind)


def _cases() -> Iterator[Case]:
    """Yield every case; neighbours differ in file and time, so that a coarse step leaves out none of them for all."""
    kinds = [("hub", HUB_FILES, True), ("hub", FETCHED_FILES, False), ("county", COUNTY_FILES, False)]
    for during in (False, True):
        for server, names, alone in kinds:
            for name in names:
                for harm in ON_FOLDERS if name == "data" else ON_FILES:
                    if not (alone and name == "data" and harm == "an older copy"):  # nothing is left that knows more
                        yield Case(server, name, harm, during=during, alone=alone)


def distinct(cases: Iterable[Case], site: Site, copies: Copies, folder: Path) -> list[Case]:
    """Return the cases without those after which a server reads the same as before, or as after an earlier case.

    Before the start a server knows no inode: a copy written over a file and one put in its place are the same then.
    """
    seen: set[tuple[object, ...]] = set()
    kept = []
    for case in cases:
        original = site.folder / case.server / case.file
        if case.file == "data" or (case.during and not original.exists()):
            kept.append(case)
            continue
        own = Copies(copies.older / case.server / case.file, copies.foreign / case.server / case.file)
        before, after = _harmed(case, original, own, folder)
        of = (case.server, case.file, case.during, case.alone)
        seen.add((*of, *before))
        if (*of, *after) not in seen:
            kept.append(case)
        seen.add((*of, *after))
    return kept


def _harmed(case: Case, original: Path, copies: Copies, folder: Path) -> tuple[tuple[object, ...], tuple[object, ...]]:
    """Return what a server finds before and after the harm, which a copy suffers."""
    path = folder / case.file
    path.parent.mkdir(parents=True)
    if original.exists():
        shutil.copy2(original, path)
    number, before = _number(path), _as_read(case, *state_of(path))
    if path.exists():
        ON_FILES[case.harm](path, copies)
    after = _as_read(case, *state_of(path))
    replaced = case.during and _number(path) != number
    shutil.rmtree(folder)
    return (False, *before), (replaced, *after)


def _as_read(case: Case, mode: int | None, content: bytes | None, moved: bool) -> tuple[object, ...]:  # noqa: FBT001
    """Return what a server can notice of a file: of a text that is no UTF-8 nothing else, of a lock no content.

    Nor has the index of a log one before the start: SQLite makes it anew when nobody has it open.
    """
    unread = case.file.endswith(".lock") or (case.file.endswith("-shm") and not case.during)
    if content is None or unread:
        return mode, None if content is None else b"", moved
    if case.file.endswith(TEXTS) and not content.startswith(codecs.BOM_UTF16):
        with suppress(UnicodeDecodeError):
            return mode, content.decode(), moved
        return mode, "not UTF-8", moved
    return mode, content, moved


def _number(path: Path) -> int | None:
    """Return the inode, by which a server knows a file that it has open."""
    return path.stat().st_ino if path.exists() else None


class Trial:
    """Runs cases, each on a copy of a site."""

    def __init__(
        self, folder: Path, site: Site, older: Path, foreign: Path, *, prepare: Callable[[], None] | None = None
    ) -> None:
        self._folder, self._site, self._older, self._foreign = folder, site, older, foreign
        self._prepare = prepare
        self._numbers = itertools.count(1)
        self.refused = self.kept = 0

    def run(self, case: Case) -> list[str]:
        """Return what goes wrong; nothing, as it should be."""
        copy = self._folder / f"case-{next(self._numbers)}"
        copy.parent.mkdir(parents=True, exist_ok=True)
        site = self._site.copy(copy, alone=case.alone, prepare=self._prepare)
        try:
            return list(self._run(case, site))
        except AssertionError as error:
            return [str(error)[:300]]
        finally:
            site.kill()
            shutil.rmtree(copy, ignore_errors=True)

    def _run(self, case: Case, site: Site) -> Iterator[str]:
        path = site.folder / case.server / case.file
        copies = Copies(self._older / case.server / case.file, self._foreign / case.server / case.file)
        harm: Harm = ON_FOLDERS[case.harm] if case.file == "data" else ON_FILES[case.harm]
        if case.during:
            self._start(site)
            site.issue()
            if case.file == "data" and not case.alone:  # with the folder its own knowledge of the newest ticket goes
                site.wait_until_pushed()
        if path.exists():
            harm(path, copies)
        if case.during:
            known = len(site.taken)
            yield from self._issue(site, sound=case.server == "county")
            site.hub.kill()
            site.county.kill()
            if set(site.taken[known:]) - _found(site):
                yield "a ticket was acknowledged after the harm and is not in the journal"
        yield from self._start_again(case, site)

    def _start(self, site: Site) -> bool:
        """Start both servers, and return whether the hub serves; the county may not."""
        if not site.alone:
            site.start(site.county)
        return site.start(site.hub)

    def _start_again(self, case: Case, site: Site) -> Iterator[str]:
        serves = self._start(site)
        if not serves:
            self.refused += 1
        yield from self._issue(site, sound=case.server == "county") if serves else ()
        if serves and case.server == "county" and site.county.exit_code is None:
            yield from _until_settled(site)
        yield from _misreported(site)
        site.hub.stop()
        site.county.stop()
        if serves:
            yield from self._lost(site)

    def _issue(self, site: Site, *, sound: bool) -> Iterator[str]:
        """Issue some tickets: each is acknowledged or refused by name."""
        for _ in range(3):
            answer = site.issue()
            if answer.status not in ((200,) if sound else (0, 200, 401, 503)):
                yield f"a ticket was answered {answer.status} {answer.body}"
            if answer.status == 503 and not ({"error", "message"} <= answer.body.keys()):
                yield f"503 without a name: {answer.body}"

    def _lost(self, site: Site) -> Iterator[str]:
        """Yield what was acknowledged and is not in the journal, and numbers that were issued twice."""
        kept = tickets_in(site.database)
        self.kept += len(kept)
        if NEW_FOLDER in site.hub.output():  # nobody has a key for it, and it says that something is wrong
            return
        lost = set(site.taken) - {ticket for ticket, _ in kept}
        if lost:
            yield f"{len(lost)} acknowledged tickets lost in silence"
        numbers = [number for _, number in kept]
        if len(set(numbers)) < len(numbers) or len(set(site.numbers)) < len(site.numbers):
            yield "a number was issued twice"


def _found(site: Site) -> set[str]:
    """Return the tickets in the hub's journal; none when nothing can be read."""
    try:
        return {ticket for ticket, _ in tickets_in(site.database)}
    except sqlite3.Error:
        return set()


def _until_settled(site: Site) -> Iterator[str]:
    """Wait until the county has the whole journal, or the hub knows why not."""

    def is_settled() -> bool:
        county = site.health().body.get("county") or {}
        return county.get("state") == "stopped" or (
            county.get("state") == "joined" and county.get("seq") == site.health().body.get("seq")
        )

    try:
        until(is_settled, within_s=40, what="hub and county are settled")
    except AssertionError:
        if site.health(site.county_port).status != 503:
            yield f"the county is well and has not the journal: {site.health().body.get('county')}"


def _misreported(site: Site) -> Iterator[str]:
    """Yield what is wrong with what the servers wrote."""
    for server in (site.hub, site.county):
        output = server.output()
        if "Traceback" in output or "Error:" in output:
            yield f"a traceback: {output[-1500:]}"
        if server.exit_code is not None:
            if server.exit_code not in (FAILED, WRONG_SETTINGS):
                yield f"it ended with {server.exit_code}: {output[-300:]}"
            elif not SENTENCE.search(output.rstrip().rpartition("\n")[2]):
                yield f"it ended with {server.exit_code} without a sentence: {output[-300:]}"
