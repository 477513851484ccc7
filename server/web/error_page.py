"""The page that a person at a browser reads where nothing else can be shown: an address that is none, a fault."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import Response

from protocol.answers import ErrorAnswer
from protocol.vocabulary import Language, Text
from server.web.visitor.plain_page import page

_NO_PAGE = Text(zh="没有这个页面", en="There is no such page")
_CHECK_ADDRESS = Text(
    zh="请检查地址。看自己的号码，请扫描票上的二维码。",
    en="Please check the address. To see your number, scan the code on your ticket.",
)
_FAILED = Text(zh="这次没有成功", en="This did not work")
_STAFF = Text(zh="工作人员登录", en="Staff login")
NOT_FOUND = 404
LOGIN = "login"
"""First path segment of the login, which not every port serves."""


def add(app: FastAPI) -> None:
    """Give an application the page of its errors."""
    app.state.error_page = error_page


def error_page(request: Request, status: int, answer: ErrorAnswer) -> Response:
    """Return the page of an error, in the language that the browser prefers."""
    english = request.headers.get("Accept-Language", "").lower().startswith("en")
    language = Language.EN if english else Language.ZH
    unknown = status == NOT_FOUND
    served = request.scope.get("state", {}).get("paths_served")
    heading = _NO_PAGE if unknown else _FAILED
    return page(
        "visitor/message.html",
        title=heading.in_language(language),
        language=language,
        status=status,
        heading=heading,
        text=_CHECK_ADDRESS if unknown else answer.message,
        again=_STAFF if served is None or LOGIN in served else None,
        address=f"/{LOGIN}",
    )
