"""Parses a stream of ESC/POS bytes into the commands that make up a ticket, as a printer does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_NUL, _ESC, _GS, _DLE = 0x00, 0x1B, 0x1D, 0x10
_ESC_ARGUMENTS = dict.fromkeys(b"!-3EGJMRVadtrS{=", 1) | dict.fromkeys(b"@2i\x0cm", 0) | dict.fromkeys(b"$\\", 2)
_GS_ARGUMENTS = dict.fromkeys(b"!BHabfhrwI", 1) | dict.fromkeys(b"LPW", 2)
_DLE_ARGUMENTS = {0x04: 1, 0x05: 1}
_RASTER_HEADER = 8


@dataclass(frozen=True)
class Raster:
    """``GS v 0``: rows of dots, eight to a byte, a set bit is black."""

    row_bytes: int
    rows: int
    dots: bytes


@dataclass(frozen=True)
class CutPaper:
    """``GS V``: cut the paper."""


@dataclass(frozen=True)
class Reset:
    """``ESC @``: back to the settings of power-on; what is on paper stays."""


@dataclass(frozen=True)
class QueryInOrder:
    """``GS r n``: answer when everything before has been worked through."""

    kind: int


@dataclass(frozen=True)
class QueryNow:
    """``DLE EOT n``: answer at once."""

    kind: int


@dataclass(frozen=True)
class Ignored:
    """Anything that leaves no dots on the paper here: feeds, settings, plain text, a run of NULs."""

    raw: bytes


EscposCommand = Raster | CutPaper | Reset | QueryInOrder | QueryNow | Ignored


class CommandParser:
    """Turns bytes, in whatever chunks they arrive, into whole commands."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> Iterator[EscposCommand]:
        """Append a chunk and yield every command that is complete now."""
        self._bytes += data
        while self._bytes:
            length = _command_length(self._bytes)
            if length is None or length > len(self._bytes):
                return
            raw = bytes(self._bytes[:length])
            del self._bytes[:length]
            yield _decode(raw)


def _command_length(data: bytearray) -> int | None:
    """Return how many bytes the first command has, or None while too few bytes have arrived to know."""
    first = data[0]
    if first == _NUL:
        return len(data) - len(data.lstrip(b"\0"))
    if first not in {_ESC, _GS, _DLE}:
        return 1
    if len(data) < 2:
        return None
    match first:
        case 0x1B:
            return 2 + _ESC_ARGUMENTS.get(data[1], 0)
        case 0x10:
            return 2 + _DLE_ARGUMENTS.get(data[1], 0)
        case _:
            return _gs_length(data)


def _gs_length(data: bytearray) -> int | None:
    """Return the length of a ``GS`` command: some carry a length or a picture."""
    match chr(data[1]):
        case "v":
            if len(data) < _RASTER_HEADER:
                return None
            return _RASTER_HEADER + _uint16(data[4:6]) * _uint16(data[6:8])
        case "V":
            if len(data) < 3:
                return None
            return 4 if data[2] in {65, 66} else 3
        case "(":
            return 5 + _uint16(data[3:5]) if len(data) >= 5 else None
        case _:
            return 2 + _GS_ARGUMENTS.get(data[1], 0)


def _decode(raw: bytes) -> EscposCommand:
    """Return the value of one whole command."""
    match raw[:2]:
        case b"\x1dv":
            return Raster(row_bytes=_uint16(raw[4:6]), rows=_uint16(raw[6:8]), dots=raw[_RASTER_HEADER:])
        case b"\x1dV":
            return CutPaper()
        case b"\x1b@":
            return Reset()
        case b"\x1dr":
            return QueryInOrder(raw[2])
        case b"\x10\x04":
            return QueryNow(raw[2])
        case _:
            return Ignored(raw)


def _uint16(low_high: bytes | bytearray) -> int:
    """Decode an unsigned 16-bit number, low byte first."""
    return int.from_bytes(low_high, "little")
