"""A folder of recorded clips: complete, of one kind, equally loud, without silence around the words."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest

from hardware.voice.clip_files import ClipFolder
from hardware.voice.clips import NEEDED, check_clips
from hardware.voice.loudness import made_equal, peak_db, speech_level_db
from hardware.voice.phrases import phrase_for
from hardware.voice.sound import LOUDEST, Sound, join_sounds, make_silence, write_wav
from hardware.voice.voice_command import main
from protocol.retained_messages import Call
from protocol.vocabulary import Language, Text

RATE = 8000


def tone(*, peak: float = 0.2, seconds: float = 0.2, rate: int = RATE) -> Sound:
    samples = (round(LOUDEST * peak * math.sin(math.tau * 400 * i / rate)) for i in range(round(seconds * rate)))
    return Sound(rate=rate, frames=array("h", samples).tobytes())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder that is as it should be."""
    for language, names in NEEDED.items():
        (tmp_path / language).mkdir()
        for name in names:
            (tmp_path / language / f"{name}.wav").write_bytes(write_wav(tone()))
    return tmp_path


def problems(folder: Path) -> list[str]:
    return [problem.en for problem in check_clips(ClipFolder(folder)).problems]


def test_a_good_folder_has_no_problem_and_its_loudness_is_reported(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = check_clips(ClipFolder(folder))
    assert (report.problems, report.clips) == ((), sum(map(len, NEEDED.values())))
    assert main(["check", str(folder)]) == 0
    assert "zh -17.0 dB, en -17.0 dB" in capsys.readouterr().out


Spoil = Callable[[Path], object]
SPOILED: list[tuple[Spoil, str]] = [
    (lambda clip: clip.unlink(), "zh/digit-7.wav is missing"),
    (
        lambda clip: clip.write_bytes(b"No sound at all"),
        "zh/digit-7.wav is not a WAV file: file does not start with RIFF id",
    ),
    (
        lambda clip: clip.write_bytes(write_wav(tone(peak=0.05))),
        "zh/digit-7.wav has -29.0 dB, the others of its language -17.0 dB",
    ),
    (lambda clip: clip.write_bytes(write_wav(make_silence(0.2, rate=RATE))), "zh/digit-7.wav is silent"),
    (
        lambda clip: clip.write_bytes(write_wav(join_sounds([make_silence(0.4, rate=RATE), tone()]))),
        "zh/digit-7.wav has too much silence around its words (0.40 s and 0.00 s)",
    ),
    (lambda clip: clip.write_bytes(write_wav(tone(seconds=3.5))), "zh/digit-7.wav is too long (3.5 s)"),
    (lambda clip: clip.write_bytes(write_wav(tone(rate=16000))), "the sample rates differ: [8000, 16000]"),
]


@pytest.mark.parametrize(("spoil", "sentence"), SPOILED, ids=[sentence for _, sentence in SPOILED])
def test_a_clip_that_is_not_as_it_should_be_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str], spoil: Spoil, sentence: str
) -> None:
    spoil(folder / "zh" / "digit-7.wav")
    assert problems(folder) == [sentence]
    assert main(["check", str(folder)]) == 1
    assert sentence in capsys.readouterr().out


def test_an_overdriven_clip_is_named(folder: Path) -> None:
    (folder / "zh" / "digit-7.wav").write_bytes(write_wav(tone(peak=1.0)))
    assert "zh/digit-7.wav is overdriven (peak 0.0 dB)" in problems(folder)


def test_two_languages_that_are_not_equally_loud_are_named(folder: Path) -> None:
    for clip in (folder / "en").iterdir():
        clip.write_bytes(write_wav(tone(peak=0.1)))
    assert problems(folder) == ["the languages are not equally loud: zh -17.0 dB, en -23.0 dB"]


def test_a_sound_is_made_as_loud_as_it_should_be_and_never_overdriven() -> None:
    assert speech_level_db(made_equal(tone(peak=0.02))) == pytest.approx(-20.0, abs=0.1)
    click = join_sounds([tone(peak=0.001, seconds=1.0), tone(peak=0.9, seconds=0.001)])
    assert peak_db(made_equal(click, level_db=0.0)) == pytest.approx(-1.0, abs=0.1)
    silence = make_silence(0.1, rate=RATE)
    assert made_equal(silence) == silence


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("brief", [False, True])
def test_every_number_and_every_counted_window_has_its_clips(language: Language, *, brief: bool) -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    calls = [
        Call(
            number=f"{letters[n % 26]}{letters[n % 7]}{n:03d}",
            window="w",
            window_label=str(n),
            area=Text(zh="", en=""),
            call_seq=1,
            called_at="2026-11-23T00:00:00Z",
        )
        for n in range(1, 100)
    ]
    phrases = [phrase_for(call, language, brief=brief) for call in calls]
    assert {clip for phrase in phrases for group in phrase.clips for clip in group} <= set(NEEDED[language])
