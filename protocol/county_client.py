"""Asks the county over HTTP: what a hub pushes and what it hears of the others.

Errors::

    CountyError
    ├── CountyAway       nothing was heard: no connection, no whole answer in time, or one that says "later". Repeat it.
    └── CountyRefused    the county said no, with a name for programs and a sentence for people. Repeating is useless.
"""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from protocol import county as c
from protocol.http_answers import HttpConnections, NoHttpAnswer
from protocol.settings import CountyAddress

Answer = TypeVar("Answer", bound=BaseModel)

LATER = frozenset({408, 425, 429})
"""Statuses below 500 that say nothing against the request itself."""


class CountyError(OSError):
    """Parent of what can go wrong when asking the county."""


class CountyAway(CountyError):
    """The county did not answer in time; whether it took anything is unknown, and repeating is harmless."""


class CountyRefused(CountyError):
    """The county refused; ``answer`` says why."""

    def __init__(self, *, status: int, answer: c.JournalRefused) -> None:
        super().__init__(f"{answer.error}: {answer.message.en}")
        self.status = status
        self.answer = answer


class CountyClient:
    """A hub's connection to the county. Safe to use from several threads; never repeats by itself.

    ``timeout_s`` bounds connecting, waiting and the whole of an answer together, to its last byte.
    """

    def __init__(self, address: CountyAddress, *, site: str, timeout_s: float = 10.0) -> None:
        self._base = f"{address.url.rstrip('/')}/v1/sites/{site}"
        self._timeout_s = timeout_s
        headers = {
            "Authorization": f"Bearer {address.key.get_secret_value()}",
            "Content-Type": "application/json",
        }
        self._http = HttpConnections(at_once=3, headers=headers, ca=str(address.ca) if address.ca else None)

    def push(self, push: c.JournalPush) -> c.PushAccepted:
        """Hand over the next entries. Refused: gap, journal_rewritten, clock_impossible, invalid_entry and others."""
        return self._ask("POST", "/journal", push.model_dump_json().encode(), c.PushAccepted, self._timeout_s)

    def past(self, *, since: int, timeout_s: float | None = None) -> c.JournalStretch:
        """Return the site's own journal after ``since``, some hundred entries. Refused: gap when it is not there."""
        return self._ask("GET", f"/journal?since={since}", None, c.JournalStretch, timeout_s or self._timeout_s)

    def view(self, *, mark: str, wait_s: float) -> c.CountyView:
        """Return all that the county tells this site: as soon as it is not what ``mark`` names, or after ``wait_s``."""
        path = f"/view?wait_s={wait_s:g}" + (f"&mark={mark}" if mark else "")
        return self._ask("GET", path, None, c.CountyView, wait_s + self._timeout_s)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._http.close()

    def _ask(self, method: str, path: str, body: bytes | None, answer: type[Answer], timeout_s: float) -> Answer:
        try:
            heard = self._http.ask(method, self._base + path, body=body, within_s=timeout_s)
        except NoHttpAnswer as error:
            raise CountyAway(f"{method} {path}: {error}") from error
        if heard.status >= 500 or heard.status in LATER:
            raise CountyAway(f"{method} {path}: HTTP {heard.status}")
        try:
            if heard.status >= 400:
                raise CountyRefused(status=heard.status, answer=c.JournalRefused.model_validate_json(heard.body))
            return answer.model_validate_json(heard.body)
        except ValidationError as error:
            raise CountyAway(f"{method} {path}: the answer is not the county's: {error}") from error
