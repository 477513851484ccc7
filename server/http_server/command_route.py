"""Routes that carry out a command: a key, parameters in the path, and a JSON body."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

NO_BODY = {"type": "missing", "loc": ("body",), "msg": "Field required", "input": None}
"""The error of a request without a body, in pydantic's form."""


class CommandRoute(APIRoute):
    """A route whose function is called with what FastAPI has read from its signature, without FastAPI's resolver.

    The resolver handles forms, streams, nested dependencies and background tasks, none of which a command has, and
    took half of a request's time. Every dependency is a function of the request, the only body is JSON, and the
    function returns a Response. The first error is raised; the order of checks is body read, key, path, body.
    A route without a body is FastAPI's own.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request, made once for each route."""
        if self.body_field is None:
            return super().get_route_handler()
        endpoint, body_field, path_fields = self.endpoint, self.body_field, self.dependant.path_params
        needed = [(needs.name, needs.call) for needs in self.dependant.dependencies if needs.name and needs.call]

        async def answer(request: Request) -> Response:
            body = await request.body()
            values = {name: await call(request) for name, call in needed}
            for field in path_fields:
                values[field.name] = _checked(field, request.path_params[field.name], "path", field.name)
            values[body_field.name] = _checked(body_field, _parsed(body, request), "body")
            response: Response = await endpoint(**values)
            return response

        return answer


def _parsed(body: bytes, request: Request) -> Any:  # noqa: ANN401 - any JSON
    """Return the JSON of a body; the bytes of one of another kind, which no model takes."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return body or None
    if not body:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, detail="the body is not valid JSON") from error


def _checked(field: Any, value: Any, *place: str) -> Any:  # noqa: ANN401 - FastAPI's field of any type
    """Return a value in the form that its field demands. Raises RequestValidationError."""
    if value is None:
        raise RequestValidationError([NO_BODY])
    checked, errors = field.validate(value, loc=place)
    if errors:
        raise RequestValidationError(errors)
    return checked
