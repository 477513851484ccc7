"""Every name that the source of the product or of its tests defines, with the place where it is defined."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("protocol", "runtime", "server", "kiosk", "display", "hardware", "demo", "installation")
TESTS = ("tests",)
HISTORY = frozenset({"migrations", "old_tree"})
"""Folders that are never edited."""


@dataclass(frozen=True, slots=True, order=True)
class DefinedName:
    """A module, class, function, parameter, attribute or variable."""

    path: str
    name: str

    def words(self) -> frozenset[str]:
        """Its words in lower case, whether it is written in snake_case, CamelCase or CAPITALS."""
        return frozenset(part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", self.name))

    def phrase(self) -> str:
        """The same words in order, joined by underscores, so that a phrase of two words can be found."""
        return "_".join(part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", self.name))


def source_files(rooms: tuple[str, ...] = ROOMS) -> tuple[Path, ...]:
    """All Python files of these rooms, without history."""
    return tuple(f for room in rooms for f in sorted((ROOT / room).rglob("*.py")) if not HISTORY & set(f.parts))


@cache
def parsed(rooms: tuple[str, ...] = ROOMS) -> dict[str, ast.Module]:
    """The syntax tree of each source file by its path from the root."""
    return {f.relative_to(ROOT).as_posix(): ast.parse(f.read_text(encoding="utf-8")) for f in source_files(rooms)}


def modules_by_basename() -> dict[str, list[str]]:
    """Paths of all modules by file name."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in parsed():
        found[Path(path).name].append(path)
    return found


def public_classes() -> dict[str, list[str]]:
    """Paths that define a class, or an alias written like one, by its public name."""
    found: dict[str, list[str]] = defaultdict(list)
    for path, tree in parsed().items():
        for name in _classes_and_aliases(tree):
            if not name.startswith("_"):
                found[name].append(path)
    return found


@cache
def defined_names(rooms: tuple[str, ...] = ROOMS) -> frozenset[DefinedName]:
    """All names of these rooms, fields of what travels and of settings left out: those never change."""
    fields = wire_fields()
    modules = {DefinedName(path, Path(path).stem) for path in parsed(rooms)}
    inside = {DefinedName(path, name) for path, tree in parsed(rooms).items() for name in _names(tree)}
    return frozenset(d for d in modules | inside if d.name not in fields)


def modules_with_subclasses(base: str) -> list[str]:
    """Dotted names of the modules that define a class below one of this name."""
    families = _family(base)
    return sorted(
        path.removesuffix(".py").replace("/", ".")
        for path, tree in parsed().items()
        if any(isinstance(n, ast.ClassDef) and n.name in families for n in tree.body)
    )


@cache
def wire_fields() -> frozenset[str]:
    """Names of the fields of all Pydantic models (messages, facts, settings) and of the tables' columns."""
    models = _family("BaseModel")
    fields = (
        item.target.id
        for tree in parsed().values()
        for c in ast.walk(tree)
        if isinstance(c, ast.ClassDef) and c.name in models
        for item in c.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    )
    columns = (
        str(call.args[0].value)
        for call in ast.walk(parsed()["server/store/tables.py"])
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Column"
        if isinstance(call.args[0], ast.Constant)
    )
    return frozenset([*fields, *columns])


def _family(base: str) -> frozenset[str]:
    """Names of a class and of all classes below it; found by name, because no public class name is used twice."""
    classes = [n for tree in parsed().values() for n in ast.walk(tree) if isinstance(n, ast.ClassDef)]
    family = {base}
    while grown := {c.name for c in classes if c.name not in family and any(_base_name(b) in family for b in c.bases)}:
        family |= grown
    return frozenset(family)


def _base_name(base: ast.expr) -> str:
    while isinstance(base, ast.Subscript):
        base = base.value
    return base.attr if isinstance(base, ast.Attribute) else base.id if isinstance(base, ast.Name) else ""


def _classes_and_aliases(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        for target in node.targets if isinstance(node, ast.Assign) else ():
            if isinstance(target, ast.Name) and target.id[0].isupper() and not target.id.isupper():
                yield target.id


def _names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.alias(asname=str(name)):
                yield name
