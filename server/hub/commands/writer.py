"""Carries out commands: one at a time, on one thread, each in one transaction, answered only after the commit."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pydantic import BaseModel

from protocol import journal as j
from protocol.answers import ErrorAnswer
from protocol.requests import Request
from protocol.vocabulary import Text, TicketId
from server.domain.day import business_day
from server.domain.events.apply import AppliedEntry, apply_facts
from server.domain.model.catalogue import Catalogue
from server.domain.model.hall import Hall
from server.domain.model.refusals import Refusal
from server.domain.views import hall_views
from server.http_server.errors import answer_of, status_of
from server.runtime.clock import Clock
from server.store.site_store import RememberedAnswer, Store

log = logging.getLogger(__name__)

Rule = Callable[[Hall, j.Moment], Iterable[j.AnyFact]]
"""Decides: a hall and the moment in, facts out, or a Refusal raised."""
View = Callable[[Hall], BaseModel]
"""Makes the answer from the hall after the command."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A command's answer as it goes over HTTP: JSON, and remembered as such."""

    status: int
    body: str


PATIENCE_S = 2.0
"""How long a device waits for its answer (``HubClient``): a command that lay here longer is not carried out."""

REUSED = Reply(
    409,
    ErrorAnswer(
        error="request_id_reused",
        message=Text(zh="这个 request_id 已用于另一个请求", en="this request_id was used for another request"),
        field="request_id",
    ).model_dump_json(),
)
TOO_LATE = Reply(
    409,
    ErrorAnswer(
        error="too_late",
        message=Text(zh="请求已过期，没有执行", en="whoever asked has given up; nothing was done"),
    ).model_dump_json(),
)


class Commands:
    """The one writer of a site. ``hall`` is the newest committed state, replaced whole after every commit."""

    def __init__(self, store: Store, *, clock: Clock, changed: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._changed = changed
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writer")
        self.hall: Hall

    def start(self, described: Catalogue) -> None:
        """Load the hall, and begin with the site description in force and the business day."""
        self.hall = self._store.load(described)
        self._clock.observe(self._store.last_written())
        moment = self._clock.now()
        if self.hall.seq == 0 or self.hall.site.catalogue != described:
            self._conclude(business_day.change_catalogue(self.hall, catalogue=described), moment)
        self._turn_day(moment)

    def stop(self) -> None:
        """Finish the command under way, then close the store."""
        self._writer.shutdown(wait=True)
        self._store.close()

    async def carry_out(self, command: str, request: Request, rule: Rule, view: View, *, actor: str) -> Reply:
        """Carry out one command, or repeat the answer of the same request.

        ``command`` names what is asked with its target, so that an id used for something else is noticed.
        """
        name = f"{command} {request.model_dump_json(exclude={'request_id'})}"
        run = asyncio.get_running_loop().run_in_executor
        return await run(self._writer, self._carry_out, name, request.request_id, rule, view, actor, self._clock.now())

    async def note(self, rule: Rule) -> None:
        """Write down what the hub itself concludes; nothing when the rule finds nothing."""
        run = asyncio.get_running_loop().run_in_executor
        await run(self._writer, self._note, rule)

    def _carry_out(self, command: str, request_id: str, rule: Rule, view: View, actor: str, asked: j.Moment) -> Reply:
        moment = self._clock.now()
        self._turn_day(moment)
        fingerprint = hashlib.sha256(command.encode()).hexdigest()
        with self._store.transaction() as transaction:
            before = transaction.answered(request_id)
            if before is not None:
                return Reply(before.status, before.answer) if before.command == fingerprint else REUSED
            if self._clock.now().since(asked) > PATIENCE_S:
                return TOO_LATE
            made, reply = self._decide(rule, view, moment, actor, request_id)
            transaction.write(made)
            answer = RememberedAnswer(command=fingerprint, status=reply.status, answer=reply.body)
            transaction.remember(request_id, answer, day=hall_views.business_day(self.hall))
        self._committed(made, moment)
        return reply

    def _decide(
        self, rule: Rule, view: View, moment: j.Moment, actor: str, request_id: str
    ) -> tuple[list[AppliedEntry], Reply]:
        """Return what the rule makes of the command and the answer to it; a refusal is an answer too."""
        try:
            facts = rule(self.hall, moment)
        except Refusal as refusal:
            return [], Reply(status_of(refusal), answer_of(refusal).model_dump_json())
        made = apply_facts(self.hall, facts, moment=moment, actor=actor, request_id=request_id)
        return made, Reply(200, view(made[-1].after if made else self.hall).model_dump_json())

    def _note(self, rule: Rule) -> None:
        moment = self._clock.now()
        self._turn_day(moment)
        self._conclude(rule(self.hall, moment), moment)

    def _turn_day(self, moment: j.Moment) -> None:
        before = self.hall.day
        facts = business_day.start_day(self.hall, now=moment, clock_trusted=self._clock.trusted())
        if facts:
            self._conclude(facts, moment)
            if before is not None:
                self._store.forget_answers(before=before)

    def _conclude(self, facts: Iterable[j.AnyFact], moment: j.Moment) -> None:
        """Commit what nobody asked for, if there is anything."""
        made = apply_facts(self.hall, facts, moment=moment, actor="hub", request_id=None)
        if made:
            with self._store.transaction() as transaction:
                transaction.write(made)
            self._committed(made, moment)

    def _committed(self, made: list[AppliedEntry], moment: j.Moment) -> None:
        self._clock.observe(moment.at)
        if made:
            self.hall = made[-1].after
            self._changed()


def new_secret() -> str:
    """Return an id nobody can guess (96 random bits)."""
    return secrets.token_urlsafe(12)


def new_ticket_id() -> TicketId:
    """Return the id of a new ticket, which is also the address of its page."""
    return TicketId(new_secret())
