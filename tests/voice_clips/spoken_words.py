"""What the neural voice reads for each clip: sentences as phonemes, and the part of each that is kept.

The voice reads single syllables badly and short sentences well. In Mandarin the last two digits of a number are
therefore one clip with 号, and so is a window; a letter and the first digit are cut out of sentences. Letters are read
by an English voice: they are not in the Mandarin phonemes, and speakers of Mandarin call them as English does.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass

from neural_voice import Sentence

from hardware.voice.phrases import BRIEF
from protocol.vocabulary import Language

MANDARIN, ENGLISH = "zm_yunyang", "am_michael"
USUAL_WINDOWS = 20
"""Number of windows whose brief form is a sentence of its own."""
BRIEF_SPEED = 1.2
FIRST_ONSET_S, WORD_ONSET_S, LETTER_ONSET_S = (-0.12, -0.02), (-0.08, 0.01), (-0.2, -0.06)
"""Where a clip begins that is the first word of a sentence, a later word, or a letter, in full with its consonant."""

LETTERS = dict(
    zip(
        string.ascii_lowercase,
        [
            "ˈA",
            "bˈi",
            "sˈi",
            "dˈi",
            "ˈi",
            "ˈɛf",
            "ʤˈi",
            "ˈAʧ",
            "ˈI",
            "ʤˈA",
            "kˈA",
            "ˈɛl",
            "ˈɛm",
            "ˈɛn",
            "ˈO",
            "pˈi",
            "kjˈu",
            "ˈɑɹ",
            "ˈɛs",
            "tˈi",
            "jˈu",
            "vˈi",
            "dˈʌbəljˌu",
            "ˈɛks",
            "wˈI",
            "zˈi",
        ],
        strict=True,
    )
)
QING, HAO, DAO, CHUANGKOU, YAO = "ʨʰi↓ŋ", "xau↘", "tau↘", "ꭧʰwa→ŋkʰou↓", "jau→"
DIGITS_ZH = dict(enumerate(["li↗ŋ", "i→", "ɚ↘", "sa→n", "sɨ↘", "u↓", "ljou↘", "ʨʰi→", "pa→", "ʨjou↓", "ʂɨ↗"]))
NUMBERS_EN = dict(
    enumerate(
        [
            "zˈɪɹO",
            "wˈʌn",
            "tˈu",
            "θɹˈi",
            "fˈɔɹ",
            "fˈIv",
            "sˈɪks",
            "sˈɛvən",
            "ˈAt",
            "nˈIn",
            "tˈɛn",
            "ɪlˈɛvən",
            "twˈɛlv",
            "θˌɜɹtˈin",
            "fˌɔɹtˈin",
            "fˌɪftˈin",
            "sˌɪkstˈin",
            "sˌɛvəntˈin",
            "ˌAtˈin",
            "nˌIntˈin",
        ]
    )
) | dict(
    zip(
        range(20, 100, 10),
        ["twˈɛnti", "θˈɜɹTi", "fˈɔɹTi", "fˈɪfti", "sˈɪksti", "sˈɛvənti", "ˈATi", "nˈInti"],
        strict=True,
    )
)


@dataclass(frozen=True)
class Cut:
    """A clip: the words from ``first`` to ``last`` of a sentence."""

    language: Language
    name: str
    sentence: Sentence
    first: int = 0
    last: int = -1
    onset_s: tuple[float, float] = FIRST_ONSET_S


def every_cut() -> Iterator[Cut]:
    """Yield every clip, those first without which a hall has no voice."""
    yield from letter_cuts()
    yield from english_cuts()
    yield from mandarin_cuts()
    yield from window_cuts()
    yield from pair_cuts()


def letter_cuts() -> Iterator[Cut]:
    """Yield the letters, which both languages speak as English ones: so do Mandarin speakers."""
    for letter, phonemes in LETTERS.items():
        sentence = Sentence(ENGLISH, 0.8, ("lˈɛTəɹ", f"{phonemes},", "tˈɛn", "pˈipəl."))
        for language in Language:
            yield Cut(language, f"letter-{letter}", sentence, 1, 1, LETTER_ONSET_S)
        yield Cut(Language.EN, f"letter-{letter}{BRIEF}", sentence, 1, 1, WORD_ONSET_S)


def english_cuts() -> Iterator[Cut]:
    """Yield the English words and numbers."""
    yield Cut(Language.EN, "number", Sentence(ENGLISH, 0.9, ("nˈʌmbəɹ", "tˈɛn,", "pˈipəl.")), 0, 0)
    yield Cut(Language.EN, "window", Sentence(ENGLISH, BRIEF_SPEED, ("wˈɪndO", "tˈɛn.")), 0, 0)
    please = Sentence(ENGLISH, 0.9, ("plˈiz", "ɡˌO", "tə", "wˈɪndO", "tˈɛn."))
    yield Cut(Language.EN, "please-go-to-window", please, 0, 3)
    for number, phonemes in NUMBERS_EN.items():
        words = ("nˈʌmbəɹ", f"{phonemes},", "tˈɛn", "pˈipəl.")
        yield Cut(Language.EN, f"digit-{number}", Sentence(ENGLISH, 0.9, words), 1, 1, WORD_ONSET_S)
        yield Cut(Language.EN, f"digit-{number}{BRIEF}", Sentence(ENGLISH, BRIEF_SPEED, words), 1, 1, WORD_ONSET_S)


def mandarin_cuts() -> Iterator[Cut]:
    """Yield the Mandarin words and digits one by one."""
    please = Sentence(MANDARIN, 0.85, ("pa→,", f"{QING},", "pa→", "sa→n", f"{HAO}."))
    yield Cut(Language.ZH, "qing", please, 1, 1, WORD_ONSET_S)
    yield Cut(Language.ZH, "hao", please, 4, onset_s=WORD_ONSET_S)
    window = Sentence(MANDARIN, 0.85, (DAO, "pa→", HAO, f"{CHUANGKOU}."))
    yield Cut(Language.ZH, "dao", window, 0, 0)
    yield Cut(Language.ZH, "hao-chuangkou", window, 2, onset_s=WORD_ONSET_S)
    for name, phonemes in {**DIGITS_ZH, "yao": YAO}.items():
        yield Cut(
            Language.ZH, f"digit-{name}", Sentence(MANDARIN, 0.7, (f"{phonemes},", "pa→", "pa→", f"{HAO}.")), 0, 0
        )


def window_cuts() -> Iterator[Cut]:
    """Yield the counted windows, in full and as spoken while others wait."""
    for number in range(1, 100):
        names = counted(number)
        word = "".join(DIGITS_ZH[int(name.removeprefix("digit-"))] for name in names)
        full = Sentence(MANDARIN, 0.9, (DAO, word, HAO, f"{CHUANGKOU}."))
        yield Cut(Language.ZH, "+".join(["dao", *names, "hao-chuangkou"]), full)
        yield Cut(Language.ZH, "+".join([*names, "hao-chuangkou"]), full, 1, onset_s=WORD_ONSET_S)
        if number <= USUAL_WINDOWS:
            brief = Sentence(MANDARIN, BRIEF_SPEED, (word, HAO, f"{CHUANGKOU}."))
            yield Cut(Language.ZH, "+".join([*names, f"hao-chuangkou{BRIEF}"]), brief)


def pair_cuts() -> Iterator[Cut]:
    """Yield the last two digits of a number with 号 and, for a brief call, without."""
    for number in range(100):
        digits = f"{number:02d}"
        names = ["digit-yao" if digit == "1" else f"digit-{digit}" for digit in digits]
        words = [YAO if digit == "1" else DIGITS_ZH[int(digit)] for digit in digits]
        sentence = Sentence(MANDARIN, 0.85, (*words, f"{HAO}."))
        yield Cut(Language.ZH, "+".join([*names, "hao"]), sentence)
        yield Cut(Language.ZH, "+".join(names), sentence, last=1)


def counted(number: int) -> list[str]:
    """Return the words of a counted number: 25 is 2, 10, 5."""
    tens, units = divmod(number, 10)
    return [f"digit-{part}" for part in [tens] * (tens > 1) + [10] * (tens > 0) + [units] * (units > 0)]
