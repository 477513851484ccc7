from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from real_hall import RealHall
from schemathesis import GenerationMode
from schemathesis import checks as known_checks
from schemathesis.core.result import Ok

from protocol.requests import IssueTicket, TransferTicket
from server.hub.app import create_app
from server.hub.routes.route_responses import ERRORS
from server.hub.settings import HubSettings

DESCRIBED: dict[str, Any] = create_app(HubSettings()).openapi()
OPERATIONS = {
    operation["operationId"]: operation for methods in DESCRIBED["paths"].values() for operation in methods.values()
}
OPEN = {"health", "authority", "enrol"}
"""Operations that need no key."""
ENROLMENT = {"enrol", "renew"}
"""Requests that change nothing in the hall, and so are no commands."""
COMMANDS = sorted(
    operation["operationId"]
    for methods in DESCRIBED["paths"].values()
    for method, operation in methods.items()
    if method == "post" and operation["operationId"] not in ENROLMENT
)


def valid(schema: dict[str, Any], value: object) -> None:
    whole = {**schema, "components": DESCRIBED["components"]}
    jsonschema_rs.validator_for(whole).validate(value)


def examples(operation: dict[str, Any], status: str) -> dict[str, Any]:
    content = operation["responses"][status]["content"]["application/json"]
    return {name: example["value"] for name, example in content["examples"].items()}


def error_statuses(operation: dict[str, Any]) -> set[str]:
    """The statuses of errors: health also answers 503 in the form of its 200."""
    answers = {status: response.get("content") for status, response in operation["responses"].items()}
    return {status for status, content in answers.items() if content != answers["200"]}


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_a_route_states_its_purpose(operation: str) -> None:
    described = OPERATIONS[operation]
    assert described["description"].endswith(".")
    assert described["responses"]["200"]["content"]


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_every_error_of_a_route_has_a_valid_example_under_its_own_name_and_status(operation: str) -> None:
    described = OPERATIONS[operation]
    shown = {}
    for status in error_statuses(described):
        schema = described["responses"][status]["content"]["application/json"]["schema"]
        for name, value in examples(described, status).items():
            valid(schema, value)
            assert (value["error"], str(ERRORS[name].status)) == (name, status)
            shown[name] = value
    assert ("unknown_key" in shown) == (operation not in OPEN)


@pytest.mark.parametrize("operation", COMMANDS)
def test_every_command_documents_what_any_command_may_be_refused_for(operation: str) -> None:
    statuses = set(OPERATIONS[operation]["responses"])
    assert {"200", "401", "403", "409", "413", "422", "503"} <= statuses


def test_every_error_is_documented_at_some_route() -> None:
    shown = {
        name
        for operation in OPERATIONS.values()
        for status in error_statuses(operation)
        for name in examples(operation, status)
    }
    assert shown == set(ERRORS)


def test_the_examples_of_a_command_make_a_command() -> None:
    for command in (IssueTicket, TransferTicket):
        fields = command.model_json_schema()["properties"]
        command.model_validate({name: f["examples"][0] for name, f in fields.items() if "examples" in f})


@pytest.mark.parametrize("operation", sorted(ENROLMENT))
def test_every_enrolment_documents_what_it_may_be_refused_for(operation: str) -> None:
    assert {"200", "404", "413", "422", "429", "503"} <= set(OPERATIONS[operation]["responses"])


def test_the_key_is_documented_and_only_health_and_enrolment_go_without() -> None:
    assert DESCRIBED["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert {name for name, operation in OPERATIONS.items() if not operation.get("security")} == OPEN


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("kiosk", GenerationMode.POSITIVE),
        ("window", GenerationMode.POSITIVE),
        ("display", GenerationMode.POSITIVE),
        ("monitor", GenerationMode.POSITIVE),
        ("kiosk", GenerationMode.NEGATIVE),
        ("window", GenerationMode.NEGATIVE),
    ],
)
def test_whatever_a_device_sends_the_hub_answers_as_described(
    shared_hall: RealHall, kind: str, mode: GenerationMode
) -> None:
    hall = shared_hall
    schema = schemathesis.openapi.from_dict(DESCRIBED)
    schema.config.update(base_url=hall.url)
    headers = {"Authorization": f"Bearer {hall.key(f'{kind}-1')}"}
    checks = [
        known_checks.not_a_server_error,
        *(
            known_checks.CHECKS.get_one(name)
            for name in ("status_code_conformance", "content_type_conformance", "response_schema_conformance")
        ),
    ]
    sent = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not operation.body:
            continue  # nothing can be wrong with a request that has no fields

        @settings(
            max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def send(case: Any) -> None:
            nonlocal sent
            answer = case.call(headers=headers)
            case.validate_response(answer, checks=checks)
            sent += 1

        send()
    assert sent >= 100
    assert hall.health().status == "ok"
    assert "Traceback" not in hall.hub.output()
