"""Characters outside the kiosk's own face are painted as themselves, and words of letters stay whole."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

from PIL import Image

from kiosk.screens.display_list import Rect, ScreenFormat
from kiosk.screens.draw_page import draw_page
from kiosk.screens.typesetting import Alignment, TextRun, set_text
from protocol.vocabulary import Text

FORM = ScreenFormat(width_px=640, height_px=360)
NAMES = ("㮾梨街道", "㵘梨街道", "𠀀梨街道", "😊街道街道", "مەمۇرىي", "\ue000梨街道")


def test_each_rare_character_is_painted_as_itself(tmp_path: Path, newcomer: Any) -> None:
    pages = {}
    for index, name in enumerate(NAMES):
        state = newcomer.twin().with_menu(name=Text(zh=name, en="Hall")).state
        pages[str(index)] = draw_page(state, FORM, at=0.0, public_url="http://hub")
    assert all(any(name in text for text in pages[str(index)].texts) for index, name in enumerate(NAMES))
    (tmp_path / "pages").write_bytes(pickle.dumps(pages))
    here = Path(__file__)
    command = [here.with_name("paint_display_lists.py"), tmp_path / "pages", tmp_path, FORM.width_px, FORM.height_px]
    environment = {**os.environ, "PYTHONPATH": str(here.parents[2])}
    subprocess.run([sys.executable, *map(str, command)], check=True, env=environment, timeout=100)
    painted = {Image.open(tmp_path / f"{name}.png").tobytes() for name in pages}
    assert len(painted) == len(NAMES), "two boxes are alike, two characters are not"


def test_a_uyghur_word_is_set_smaller_and_never_cut() -> None:
    word = "مۇلازىمەتخانىسى"
    (line,) = set_text([TextRun(text=word, size=96, colour="#000000")], Rect(0, 0, 330, 400), Alignment())
    assert line.text == word
    assert line.size < 96


def test_a_uyghur_sentence_runs_from_right_to_left_in_every_line() -> None:
    run = TextRun(text="كۆزنەك نومۇرلۇقلار A017 كىملىك", size=64, colour="#000000")
    lines = [line.text for line in set_text([run], Rect(0, 0, 360, 900), Alignment())]
    assert lines == ["كۆزنەك", "نومۇرلۇقلار", "\u200fA017 كىملىك"], "a line that begins with a number is marked"
