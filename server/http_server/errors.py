"""Maps refusals and faults to HTTP: every error has a name, a message in both languages, and a status.

Programs receive it as JSON. A person at a browser, anywhere but below ``/v1``, receives the page of
``app.state.error_page``, where an application has set one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from protocol.answers import ErrorAnswer
from protocol.vocabulary import Text
from runtime.fault_log import FaultLog
from server.domain.model.refusals import NotNow, Refusal
from server.store.faults import StoreFault, StoreFull

log = logging.getLogger(__name__)

_READING = FaultLog(log, Text(zh="数据库暂时读不出来", en="the database cannot be read"))
"""Reads of requests that failed; failed commands are logged by who commits them."""
_unreadable_routes: set[str] = set()
"""Routes whose newest read failed: the fault is over when each of them has answered."""
NOT_READ = frozenset({401, 403, 413, 422, 429, 500, 503})
"""HTTP statuses of answers for which the database was not read, or not with success."""
NOT_JSON = (422, "invalid_json", "请求不是正确的 JSON", "the body is not valid JSON")


ErrorPage = Callable[[Request, int, ErrorAnswer], Response]
"""Returns the page of an error: of its status and its answer."""
PROGRAMS = "/v1/"
"""Beginning of the paths that programs alone use."""


class Denied(HTTPException):
    """A request without a valid key (401), for what this key may not do (403), or one too many of it (429).

    An HTTPException, because FastAPI takes every other error at reading a body for a body that cannot be read.
    """

    def __init__(self, *, status: int, error: str, zh: str, en: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, detail=en, headers=headers)
        self.answer = ErrorAnswer(error=error, message=Text(zh=zh, en=en))


def status_of(refusal: Refusal) -> int:
    """Return 409 for NotNow, 422 for an unknown value in the body, 404 for one in the URL."""
    if isinstance(refusal, NotNow):
        return 409
    return 422 if refusal.field in ("service", "priority") else 404


def answer_of(refusal: Refusal) -> ErrorAnswer:
    """Return the body of a refusal."""
    return ErrorAnswer(error=refusal.name, message=refusal.message, field=refusal.field)


def answer_request(request: Request, status: int, answer: ErrorAnswer) -> Response:
    """Return an error as the page that a person at a browser reads, or as JSON."""
    error_page: ErrorPage | None = getattr(request.app.state, "error_page", None)
    at_browser = "text/html" in request.headers.get("Accept", "") and not request.url.path.startswith(PROGRAMS)
    if error_page is not None and at_browser:
        return error_page(request, status, answer)
    return Response(content=answer.model_dump_json(), status_code=status, media_type="application/json")


def error_answer(name: str, zh: str, en: str, field: str | None = None) -> ErrorAnswer:
    """Return the body of an error that is no refusal of a rule."""
    return ErrorAnswer(error=name, message=Text(zh=zh, en=en), field=field)


def too_large_text(largest: int) -> Text:
    """Return the message to a body of more than ``largest`` bytes."""
    return Text(zh="请求太大", en=f"the body is larger than {largest} bytes")


def install(app: FastAPI) -> None:
    """Register the exception handlers of an application."""
    app.add_middleware(ReadFaults)
    install_handlers(app)


def install_handlers(app: FastAPI) -> None:
    """Register the exception handlers alone, for an application within another one."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(Denied, _denied)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(StoreFault, _store)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unforeseen)


async def _refused(request: Request, exc: Exception) -> Response:
    if not isinstance(exc, Refusal):
        raise exc
    return answer_request(request, status_of(exc), answer_of(exc))


async def _denied(request: Request, exc: Exception) -> Response:
    if not isinstance(exc, Denied):
        raise exc
    response = answer_request(request, exc.status_code, exc.answer)
    response.headers.update(exc.headers or {})
    return response


async def _invalid(request: Request, exc: Exception) -> Response:
    if not isinstance(exc, RequestValidationError):
        raise exc
    first = exc.errors()[0]
    if first["type"] == "json_invalid":
        return answer_request(request, NOT_JSON[0], error_answer(*NOT_JSON[1:]))
    field = ".".join(str(part) for part in first["loc"][1:]) or "body"
    answer = error_answer("invalid_field", _in_chinese(first["type"], field), f"field {field}: {first['msg']}", field)
    return answer_request(request, 422, answer)


def _in_chinese(kind: str, field: str) -> str:
    """Return the Chinese message for a wrong field; only the English message has the exact rule."""
    match kind:
        case "missing":
            return f"缺少字段 {field}"
        case "extra_forbidden":
            return f"没有字段 {field}"
        case _:
            return f"字段 {field} 的值不对"


async def on_http_error(request: Request, exc: Exception) -> Response:
    """Answer what FastAPI or a route refuses."""
    if not isinstance(exc, HTTPException):
        raise exc
    response = answer_request(request, *_of_status(request, exc))
    response.headers.update(exc.headers or {})
    return response


def _not_found(request: Request) -> tuple[str, str]:
    elsewhere = request.scope.get("state", {}).get("path_elsewhere")
    if elsewhere is not None:
        return f"这个端口没有 {elsewhere}", f"there is no {elsewhere} at this port"
    return f"没有 {request.url.path}", f"there is no {request.url.path}"


def _of_status(request: Request, exc: HTTPException) -> tuple[int, ErrorAnswer]:
    match exc.status_code:
        case 400:  # FastAPI's answer to a body that is not UTF-8, or nested too deeply
            return NOT_JSON[0], error_answer(*NOT_JSON[1:])
        case 404:
            return 404, error_answer("not_found", *_not_found(request))
        case 405:
            return 405, error_answer("method_not_allowed", "不支持这个方法", f"{request.method} is not possible here")
        case 413:
            return 413, ErrorAnswer(error="body_too_large", message=too_large_text(int(exc.detail)))
        case status:
            return status, error_answer("http_error", str(exc.detail), str(exc.detail))


async def _gone(request: Request, exc: Exception) -> Response:  # noqa: ARG001
    """Return something for a client that went away before its request was whole; nobody receives it."""
    return Response(status_code=400)


async def _unforeseen(request: Request, exc: Exception) -> Response:
    """Answer in the usual form; Starlette logs the error with its traceback."""
    log.error("%s %s failed: %r", request.method, request.url.path, exc)
    answer = error_answer("internal_error", "系统出错，请告诉技术人员", "the server failed, please tell a technician")
    return answer_request(request, 500, answer)


async def _store(request: Request, exc: Exception) -> Response:
    if not isinstance(exc, StoreFault):
        raise exc
    zh, en = exc.text.zh, exc.text.en
    if request.method == "GET":
        _unreadable_routes.add(_route_of(request.scope))
        _READING.began(exc)
        answer = error_answer("unreadable", f"暂时读不出来，请告诉工作人员：{zh}", f"cannot be read now: {en}")
        return answer_request(request, 503, answer)
    name = "disk_full" if isinstance(exc, StoreFull) else "store_fault"
    answer = error_answer(name, f"没有保存，请告诉工作人员：{zh}", f"nothing was saved: {en}")
    return answer_request(request, 503, answer)


class ReadFaults:
    """Notes that reads of the database succeed again."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; while reads fail, note its answer."""

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] not in NOT_READ:
                _unreadable_routes.discard(_route_of(scope))
                if not _unreadable_routes:
                    _READING.ended()
            await send(message)

        await self._app(scope, receive, noting if _unreadable_routes and scope["type"] == "http" else send)


def _route_of(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", scope["path"]))
