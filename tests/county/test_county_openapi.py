"""The county's interface is described completely, and answers as it is described."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from real_county import RealCounty
from schemathesis import GenerationMode
from schemathesis import checks as known_checks
from schemathesis.core.result import Ok

from server.county.app import create_app
from server.county.intake.push_refusals import ERRORS
from server.county.settings import CountySettings

SETTINGS = CountySettings.model_validate(
    {
        "name": {"zh": "县", "en": "County"},
        "data": Path("nowhere"),
        "sites": [{"id": "tax", "name": {"zh": "税", "en": "Tax"}, "address": {"zh": "", "en": ""}}],
    }
)
DESCRIBED: dict[str, Any] = create_app(SETTINGS).openapi()
OPERATIONS = {
    operation["operationId"]: operation for methods in DESCRIBED["paths"].values() for operation in methods.values()
}
OPEN = {"health", "authority", "join"}
"""Operations that need no key; who joins has a code instead."""
CHECKS = ("status_code_conformance", "content_type_conformance", "response_schema_conformance")


def examples(operation: dict[str, Any]) -> dict[str, int]:
    return {
        name: int(status)
        for status, answer in operation["responses"].items()
        for name in answer["content"].get("application/json", {}).get("examples", {})
    }


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_a_route_states_its_purpose_and_its_refusals(operation: str) -> None:
    described = OPERATIONS[operation]
    assert described["description"].endswith(".")
    assert {name: ERRORS[name].status for name in examples(described)} == examples(described)
    assert ("unknown_key" in examples(described)) == bool(described.get("security")) == (operation not in OPEN)


def test_every_refusal_is_documented_at_some_route() -> None:
    assert {name for operation in OPERATIONS.values() for name in examples(operation)} == set(ERRORS)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_whatever_a_hub_sends_the_county_answers_as_described(
    county: RealCounty, site: str, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_dict(DESCRIBED)
    schema.config.update(base_url=county.url())
    checks = [known_checks.not_a_server_error, *(known_checks.CHECKS.get_one(name) for name in CHECKS)]
    sent = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not operation.body:
            continue  # a wrong address is another test's

        @settings(
            max_examples=15, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def send(case: Any) -> None:
            nonlocal sent
            if "site" in case.path_parameters:
                case.path_parameters["site"] = site
            if "wait_s" in (case.query or {}):
                case.query["wait_s"] = 0
            answer = case.call(headers={"Authorization": f"Bearer {county.key(site)}"})
            case.validate_response(answer, checks=checks)
            sent += 1

        send()
    assert sent >= 15
    assert "Traceback" not in county.processes[0].output()
