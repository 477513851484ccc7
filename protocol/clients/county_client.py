"""The county's HTTP client of a hub: pushes the site's journal and polls the site's view.

Errors::

    CountyError
    ├── CountyAway       no answer: no connection, no whole answer in time, or a status that means "later". Retry it.
    └── CountyRefused    the county refused, with a name for programs and a sentence for people. A retry is useless.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import datetime

from protocol import county as c
from protocol.clients.json_client import JsonClient
from protocol.settings import CountyAddress
from protocol.vocabulary import SiteId

RETRY_LATER = frozenset({408, 425, 429})
"""HTTP statuses below 500 that mean "later" and do not refuse the request itself."""


class CountyError(OSError):
    """Parent of errors of a request to the county."""


class CountyAway(CountyError):
    """The county did not answer in time; its effect is unknown, and a retry is harmless."""


class CountyRefused(CountyError):
    """The county refused; ``answer`` has the reason."""

    def __init__(self, status: int, answer: c.JournalRefused) -> None:
        super().__init__(f"{answer.error}: {answer.message.en}")
        self.status = status
        self.answer = answer


class CountyClient:
    """A hub's connection to the county. Safe to use from several threads; never repeats a request by itself.

    ``timeout_s`` bounds connecting, waiting and the whole of an answer together, to its last byte. Every method raises
    CountyAway and CountyRefused.
    """

    def __init__(self, address: CountyAddress, *, site: SiteId, timeout_s: float = 10.0) -> None:
        self._timeout_s = timeout_s
        self._json = JsonClient(
            f"{address.url.rstrip('/')}/v1/sites/{site}",
            server="county",
            key=address.key,
            at_once=3,
            away=CountyAway,
            refused=CountyRefused,
            refusal=c.JournalRefused,
            retry_later=RETRY_LATER,
            tls=ssl.create_default_context(cafile=address.ca) if address.ca else None,
        )

    def on_time(self, listener: Callable[[datetime], None]) -> None:
        """Call ``listener`` with the county's time just after each of its answers."""
        self._json.on_time = listener

    def push(self, push: c.JournalPush) -> c.PushAccepted:
        """Push the next entries. Refused: gap, journal_rewritten, clock_impossible, invalid_entry and others."""
        body = push.model_dump_json().encode()
        return self._json.request("POST", "/journal", c.PushAccepted, body=body, within_s=self._timeout_s)

    def journal_after(self, since: int, *, timeout_s: float | None = None) -> c.JournalStretch:
        """Return the site's own journal after ``since``, some hundred entries. Refused: gap when it is not there."""
        path = f"/journal?since={since}"
        return self._json.request("GET", path, c.JournalStretch, within_s=timeout_s or self._timeout_s)

    def view(self, *, mark: str, wait_s: float, seq: int = 0) -> c.CountyView:
        """Long poll: return the county's view for this site once it differs from ``mark``, or after ``wait_s``.

        ``seq`` is how far the county has confirmed the journal: when it has less by now, it answers at once.
        """
        path = f"/view?wait_s={wait_s:g}&seq={seq}" + (f"&mark={mark}" if mark else "")
        return self._json.request("GET", path, c.CountyView, within_s=wait_s + self._timeout_s)

    def close(self) -> None:
        """Close the connections that are idle."""
        self._json.close()
