"""Describes the named errors of a route in OpenAPI, each with an example."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from protocol.answers import ErrorAnswer
from protocol.vocabulary import Text


class ErrorExample(NamedTuple):
    """An example of a named error: HTTP status, message in both languages, and the field it is about."""

    status: int
    zh: str
    en: str
    field: str | None = None


STORE_ERRORS: Mapping[str, ErrorExample] = MappingProxyType(
    {
        "disk_full": ErrorExample(
            503,
            "没有保存，请告诉工作人员：磁盘已满，请清理磁盘",
            "nothing was saved: the disk is full, please make room",
        ),
        "store_fault": ErrorExample(
            503, "没有保存，请告诉工作人员：数据库出错", "nothing was saved: the database failed: disk I/O error"
        ),
        "unreadable": ErrorExample(
            503, "暂时读不出来，请告诉工作人员：数据库出错", "cannot be read now: the database failed: disk I/O error"
        ),
    }
)
"""Errors of every route that uses a store; ``server.http_server.errors`` maps faults to these names."""


def describe_errors(
    table: Mapping[str, ErrorExample], *names: str, model: type[ErrorAnswer] = ErrorAnswer
) -> dict[int | str, dict[str, Any]]:
    """Return FastAPI's ``responses`` for these errors of a table."""
    responses: dict[int | str, dict[str, Any]] = {}
    for name in names:
        status, zh, en, field = table[name]
        value = model(error=name, message=Text(zh=zh, en=en), field=field).model_dump(mode="json")
        one = responses.setdefault(status, {"model": model, "content": {"application/json": {"examples": {}}}})
        one["content"]["application/json"]["examples"][name] = {"value": value}
        one["description"] = ", ".join(one["content"]["application/json"]["examples"])
    return responses
