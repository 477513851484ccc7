"""docs/settings.md has a row for every setting of every model, whether it is one program's or a part of another."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from product_names import ROOMS, modules_with_subclasses
from pydantic import BaseModel

from protocol.settings import Settings
from protocol.vocabulary import Text

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
FILES = {
    "Catalogue": "site.toml",
    "CountySettings": "county.toml",
    "DisplaySettings": "display.toml",
    "HubSettings": "hub.toml",
    "KioskSettings": "kiosk.toml",
    "Scenario": "Scenario (JSON)",
    "SetupAnswers": "Answers",
    "WindowSettings": "window.toml",
}
"""The section of each model that is a whole file."""


def all_models() -> frozenset[type[Settings]]:
    """Every settings model of the product."""
    for module in modules_with_subclasses("Settings"):
        importlib.import_module(module)
    return frozenset(model for model in _subclasses(Settings) if model.__module__.split(".")[0] in ROOMS)


def whole_files() -> list[type[Settings]]:
    """The models that are no part and no base class of another."""
    models = all_models()
    parts = {part for model in models for field in model.model_fields.values() for part in _models(field.annotation)}
    bases = {base for model in models for base in model.__mro__[1:]}
    return sorted(models - parts - bases, key=lambda model: model.__name__)


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every key of a file, those of its tables with the table's name and a dot."""
    for name, field in model.model_fields.items():
        key = prefix + (field.alias or name)
        parts = [part for part in _models(field.annotation) if part is not Text]
        for part in parts:
            yield from keys(part, f"{key}.")
        if not parts:
            yield key


def test_every_model_is_a_file_or_part_of_one() -> None:
    assert {model.__name__ for model in whole_files()} == set(FILES)


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_page_has_a_row_for_every_setting_and_no_other(name: str) -> None:
    [model] = [model for model in whole_files() if model.__name__ == name]
    assert rows(FILES[name]) == set(keys(model))


def rows(section: str) -> set[str]:
    """The keys in the first cells of a section's table."""
    text = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    [body] = [part for part in text if part.startswith(f"{section}\n")]
    cells = re.findall(r"^\|([^|]*)\|", body, re.MULTILINE)
    return {key for cell in cells for key in re.findall(r"`([^`]+)`", cell)}


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models inside an annotation, such as a tuple's or a union's."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _subclasses(model: type[Settings]) -> Iterator[type[Settings]]:
    for subclass in model.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)
