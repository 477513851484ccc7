"""A page that is slow, or that cannot be built."""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import logging
import threading
import traceback
from collections.abc import Iterator

import pytest
import urllib3
import uvicorn
from fastapi import APIRouter, Request
from fastapi.responses import Response
from itsdangerous import TimestampSigner
from nicegui import ui
from ports import LOCAL, free_port
from real_hall import until

from server.web.staff.login_page import LoginTarget
from server.web.staff.nicegui_app import web_application
from server.web.staff.staff_page import staff_page

SECRET = "secret"


def get(address: str) -> urllib3.BaseHTTPResponse:
    """Request a page as a manager who has logged in."""
    session = base64.b64encode(json.dumps({"role": "manager"}).encode())
    cookie = f"jiaohao_test={TimestampSigner(SECRET).sign(session).decode()}"
    return urllib3.request("GET", address, headers={"Cookie": cookie}, timeout=30)


@pytest.fixture(scope="module")
def searches_of_all_objects() -> Iterator[list[str]]:
    """Return the stacks of those who searched all objects of the process."""
    searches: list[str] = []

    def get_objects() -> list[object]:
        searches.append("".join(traceback.format_stack()))
        return []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gc, "get_objects", get_objects)
        yield searches


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, searches_of_all_objects: list[str]) -> Iterator[str]:  # noqa: ARG001 - from the beginning
    """Staff's pages served in this process, three that the test makes among them."""
    target = LoginTarget(service=None, homes={"manager": "/slow"}, command="")  # type: ignore[arg-type] - nobody logs in
    folder = tmp_path_factory.mktemp("web")
    app = web_application(target, APIRouter(), name="test", secret=SECRET, folder=folder)

    @staff_page("/slow/{name}", title="Slow")
    async def slow(request: Request, name: str) -> Response | None:
        await asyncio.sleep(3.1)
        ui.label(f"{request.url.path} is here, {name}")
        return None

    @staff_page("/endless", title="Endless", limit_s=0.1)
    async def endless(request: Request) -> Response | None:
        await asyncio.Event().wait()
        ui.label(request.url.path)
        return None

    @staff_page("/broken", title="Broken")
    async def broken(request: Request) -> Response | None:
        raise OSError(f"the database is away: {request.url.path}")

    server = uvicorn.Server(uvicorn.Config(app, host=LOCAL, port=free_port(), log_level="warning"))
    serving = threading.Thread(target=server.run)
    serving.start()
    until(lambda: server.started, what="the pages are served", within_s=30)
    yield f"http://{LOCAL}:{server.config.port}"
    server.should_exit = True
    serving.join()


def test_pages_start_without_a_search_of_all_objects(address: str, searches_of_all_objects: list[str]) -> None:
    assert urllib3.request("GET", f"{address}/login", timeout=30).status == 200
    assert searches_of_all_objects == [], "a tuple that another thread is just making from a generator would fail"


def test_a_page_that_takes_longer_than_three_seconds_is_shown(address: str) -> None:
    answer = get(f"{address}/slow/today")
    assert answer.status == 200
    assert "/slow/today is here, today" in answer.data.decode()


@pytest.mark.parametrize(("path", "cause"), [("/endless", "TimeoutError"), ("/broken", "the database is away")])
def test_a_page_that_cannot_be_built_shows_it_in_both_languages_and_logs_it(
    address: str, caplog: pytest.LogCaptureFixture, path: str, cause: str
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = get(address + path)
    html = answer.data.decode()
    assert answer.status == 500
    assert "这个页面现在显示不了" in html
    assert "This page cannot be shown now" in html
    assert cause not in html
    assert cause in caplog.text
