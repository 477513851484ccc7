"""A scanner's keys make one text when it presses Enter."""

from __future__ import annotations

import os
import string
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.scanned_keys import ScannedKeys, character_of, keys_of

texts = st.text(st.sampled_from(string.ascii_letters + string.digits + string.punctuation + " "), min_size=1)


@given(st.lists(texts, min_size=1, max_size=3))
def test_whatever_a_scanner_types_is_read_as_it_is_on_the_paper(written: list[str]) -> None:
    keys, now, read = ScannedKeys(), 100.0, []
    for text in written:
        for key, modifiers in keys_of(text):
            now += 0.005
            read.append(keys.press(key, modifiers, at=now))
    assert [text for text in read if text is not None] == written


def test_a_key_pressed_long_before_belongs_to_nothing() -> None:
    keys = ScannedKeys()
    keys.press(ord("x"), [], at=100.0)
    assert [keys.press(key, modifiers, at=102.0) for key, modifiers in keys_of("A1")] == [None, None, "A1"]


def test_enter_alone_is_nothing_scanned() -> None:
    assert ScannedKeys().press(13, [], at=100.0) is None


@pytest.mark.parametrize(
    ("key", "modifiers", "written"),
    [
        (ord("a"), [], "a"),
        (ord("a"), ["shift"], "A"),
        (ord("a"), ["capslock"], "A"),
        (ord("a"), ["shift", "capslock"], "a"),
        (ord("-"), ["shift"], "_"),
        (ord(";"), ["shift"], ":"),
        (304, ["shift"], ""),
    ],
)
def test_a_key_writes_what_an_american_keyboard_writes(key: int, modifiers: list[str], written: str) -> None:
    assert character_of(key, modifiers) == written


def test_the_keys_of_a_real_window_are_read_with_capital_letters_and_signs() -> None:
    here, address = Path(__file__), "https://192.168.1.10:8080/t/b3T5-xY_q9LmZ2w1"
    command = [sys.executable, str(here.with_name("type_like_a_scanner.py")), address]
    environment = {**os.environ, "PYTHONPATH": str(here.parents[2])}
    output = subprocess.run(command, check=True, env=environment, timeout=60, capture_output=True, text=True).stdout
    assert output.splitlines() == [address]
