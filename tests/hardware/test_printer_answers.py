"""Which bytes of a printer are answers to which query, in whatever pieces they come."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.printer.printer_answers import AnswerKind, AnswerQueues

UNREQUESTED = {
    "automatic status": b"\x14\x00\x00\x0f",
    "automatic status, no paper": b"\x18\x00\x0c\x0f",
    "power on": b"\x3b\x30\x00",
    "buffer cleared": b"\x37\x25\x00",
    "maker's name": b"\x5fEPSON\x00",
    "XON": b"\x11",
    "XOFF": b"\x13",
}


def answers(pieces: list[bytes]) -> dict[AnswerKind, list[int]]:
    waiting = list(pieces)
    queues = AnswerQueues(lambda _: waiting.pop(0) if waiting else b"")
    return {kind: list(_answers_of(queues, kind)) for kind in AnswerKind}


def _answers_of(queues: AnswerQueues, kind: AnswerKind) -> Iterator[int]:
    while (answer := queues.wait_for(kind, within_s=0.001)) is not None:
        yield answer


@pytest.mark.parametrize("unrequested", UNREQUESTED.values(), ids=UNREQUESTED)
def test_what_no_query_requested_is_left_out(unrequested: bytes) -> None:
    sent = b"\x00" + unrequested + b"\x12" + unrequested + b"\x03\x7e" + unrequested
    assert answers([sent]) == {AnswerKind.IN_ORDER: [0x00, 0x03], AnswerKind.NOW: [0x12, 0x7E]}


@given(
    sent=st.lists(st.sampled_from([b"\x00", b"\x03", b"\x12", b"\x1e", *UNREQUESTED.values()]), max_size=12),
    cuts=st.lists(st.integers(0, 60), max_size=8),
)
def test_answers_are_the_same_in_whatever_pieces_they_come(sent: list[bytes], cuts: list[int]) -> None:
    whole = b"".join(sent)
    edges = [0, *sorted(cut for cut in cuts if cut < len(whole)), len(whole)]
    pieces = [whole[a:b] for a, b in pairwise(edges) if a < b]
    assert answers(pieces) == {
        AnswerKind.IN_ORDER: [part[0] for part in sent if part in {b"\x00", b"\x03"}],
        AnswerKind.NOW: [part[0] for part in sent if part in {b"\x12", b"\x1e"}],
    }
