"""HTTP requests whose answers are models: a client of one server that separates "no answer" from "refused".

The hub's and the county's clients stand on it; each names its own two errors.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Generic, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError

from protocol.answers import ErrorAnswer
from protocol.clients.http_answers import HttpAnswer, HttpConnections, NoHttpAnswer
from protocol.vocabulary import Text

AnswerModel = TypeVar("AnswerModel", bound=BaseModel)
RefusalModel = TypeVar("RefusalModel", bound=ErrorAnswer)


class ForeignAnswer(OSError):
    """Another server answered, such as a router with its login page."""

    def __init__(self, server: str, status: int, error: ValidationError) -> None:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        wrong = f"{place}: {first['msg']}" if place else first["msg"]
        super().__init__(f"the answer is not the {server}'s: HTTP {status}, {wrong}")


class ServerFailed(OSError):
    """The server could not answer; ``text`` has its sentence."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class JsonClient(Generic[RefusalModel]):
    """A connection to one server. Safe to use from several threads; never repeats a request by itself.

    ``away`` makes the error for a request without a usable answer, ``refused`` the error for a 4xx answer, which is
    read as ``refusal``. A status in ``retry_later`` counts as no answer, and so does every status from 500 on.
    """

    def __init__(
        self,
        base_url: str,
        *,
        server: str,
        key: SecretStr | None,
        at_once: int,
        away: Callable[[str], OSError],
        refused: Callable[[int, RefusalModel], OSError],
        refusal: type[RefusalModel],
        retry_later: frozenset[int] = frozenset(),
        tls: ssl.SSLContext | None = None,
        on_result: Callable[[OSError | None], None] = lambda error: None,  # noqa: ARG005
    ) -> None:
        """``on_result`` is called with None after each good answer, and with the error otherwise."""
        self._on_result = on_result
        self._base_url = base_url
        self._server = server
        self._away, self._refused, self._refusal = away, refused, refusal
        self._retry_later = retry_later
        self.on_time: Callable[[datetime], None] | None = None
        """Called with the server's time just after each of its answers."""
        authorization = {} if key is None else {"Authorization": f"Bearer {key.get_secret_value()}"}
        headers = {**authorization, "Content-Type": "application/json"}
        self._http = HttpConnections(at_once=at_once, headers=headers, tls=tls)

    def request(
        self, method: str, path: str, answer: type[AnswerModel], *, within_s: float, body: bytes | None = None
    ) -> AnswerModel:
        """Return the server's answer, whole within ``within_s`` seconds; raises what ``away`` or ``refused`` makes."""
        try:
            found = self._request(method, path, answer, within_s=within_s, body=body)
        except OSError as error:
            self._on_result(error)
            raise
        self._on_result(None)
        return found

    def _request(
        self, method: str, path: str, answer: type[AnswerModel], *, within_s: float, body: bytes | None
    ) -> AnswerModel:
        try:
            response = self._http.request(method, self._base_url + path, body=body, within_s=within_s)
        except NoHttpAnswer as error:
            raise self._away(f"{method} {path}: {error}") from error
        self._note_time(response)
        if response.status >= 500 or response.status in self._retry_later:
            raise self._away(f"{method} {path}: HTTP {response.status}") from _failure(response)
        try:
            if response.status >= 400:
                raise self._refused(response.status, self._refusal.model_validate_json(response.body))
            return answer.model_validate_json(response.body)
        except ValidationError as error:
            foreign = ForeignAnswer(self._server, response.status, error)
            raise self._away(f"{method} {path}: {foreign}") from foreign

    def _note_time(self, answer: HttpAnswer) -> None:
        if self.on_time is not None and answer.date is not None:
            with suppress(ValueError):
                self.on_time(parsedate_to_datetime(answer.date))

    def close(self) -> None:
        """Close the connections that are idle."""
        self._http.close()


def _failure(response: HttpAnswer) -> ServerFailed | None:
    """Return what a server that cannot answer says of itself; None when it says nothing that is for people."""
    try:
        return ServerFailed(ErrorAnswer.model_validate_json(response.body).message)
    except ValidationError:
        return None
