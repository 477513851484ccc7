"""ESC/POS bytes parsed back into commands."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hardware.printer.escpos_commands import (
    CommandParser,
    CutPaper,
    EscposCommand,
    Ignored,
    QueryInOrder,
    QueryNow,
    Raster,
    Reset,
)

JOB = b"\x1b@\x1da\x00\x1dv0\x00\x02\x00\x03\x00\x10\x04\x1dV\x1b@\x1bd\x06\x1dV\x01\x1dVB\x00\x1dr\x01\x10\x04\x04ok\n"
COMMANDS: list[EscposCommand] = [
    Reset(),
    Ignored(b"\x1da\x00"),
    Raster(row_bytes=2, rows=3, dots=b"\x10\x04\x1dV\x1b@"),
    Ignored(b"\x1bd\x06"),
    CutPaper(),
    CutPaper(),
    QueryInOrder(1),
    QueryNow(4),
    Ignored(b"o"),
    Ignored(b"k"),
    Ignored(b"\n"),
]


@given(cuts=st.lists(st.integers(0, len(JOB)), max_size=20))
def test_a_job_is_parsed_the_same_in_whatever_chunks_it_arrives(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(JOB)]
    parser = CommandParser()
    parsed = [command for a, b in pairwise(edges) for command in parser.feed(JOB[a:b])]
    assert parsed == COMMANDS


@given(noise=st.lists(st.binary(max_size=40)))
def test_noise_is_parsed_without_an_error(noise: list[bytes]) -> None:
    parser = CommandParser()
    for data in noise:
        list(parser.feed(data))
