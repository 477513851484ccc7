"""Describes in OpenAPI what a route may refuse: each error by name, with an example."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from protocol.messages import ErrorAnswer, Text


class Example(NamedTuple):
    """How an error looks on the wire."""

    status: int
    zh: str
    en: str
    field: str | None = None


def described(
    table: Mapping[str, Example], *names: str, model: type[ErrorAnswer] = ErrorAnswer
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
