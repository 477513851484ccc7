"""The clips that the product ships: complete, fit to be heard, and what a screen without settings speaks with."""

from __future__ import annotations

import logging
import shutil
import string
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from statistics import mean

import pytest

from display.main import make_voice
from display.settings import VoiceSettings
from hardware.voice.clip_files import SHIPPED_CLIPS, ClipArchive, ClipFolder
from hardware.voice.clips import check_clips
from hardware.voice.phrases import Phrase, Utterance, clips_of, phrase_for
from hardware.voice.sound import read_wav, write_wav
from hardware.voice.voice import ENDING_S, ClipReader, EspeakReader, FirstReader
from hardware.voice.voice_command import main
from hardware.voice.voice_fault import NoClip, VoiceFault
from protocol.retained_messages import Call
from protocol.vocabulary import Language, Text

SHIPPED = ClipArchive()
LONGEST_BRIEF_S, LONGEST_FULL_S = 2.2, 4.8
"""Mean durations with which the pace of announcing is tested (`tests/display/test_announcing_pace.py`), seconds."""


def call(number: str = "A017", label: str = "3") -> Call:
    return Call(
        number=number,
        window="window-3",
        window_label=label,
        area=Text(zh="一楼", en="Floor 1"),
        call_seq=1,
        called_at=datetime(2026, 11, 23, tzinfo=UTC),
    )


def phrase(language: Language, number: str = "A017", label: str = "3", *, brief: bool = False) -> Phrase:
    return phrase_for(call(number, label), language, brief=brief)


def spoken_clips(spoken: Phrase) -> list[str]:
    """Return the clips of which an announcement is joined."""
    known = SHIPPED.names(spoken.language)
    return [name for words in spoken.clips for name in clips_of(words, known, brief=spoken.brief)]


def test_every_clip_is_as_it_should_be() -> None:
    report = check_clips(SHIPPED)
    assert report.problems == ()
    levels = report.levels_db.values()
    assert max(levels) - min(levels) < 1.0


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("brief", [False, True])
def test_every_number_and_every_counted_window_is_spoken_without_the_synthesiser(
    language: Language, *, brief: bool
) -> None:
    known = SHIPPED.names(language)
    numbers = [f"{letter}{number:03d}" for letter in string.ascii_uppercase for number in (1, 17, 999)]
    labels = [*map(str, range(1, 100)), "A-12", "B3", "十二"]
    spoken = [phrase(language, number, "1", brief=brief) for number in numbers]
    spoken += [phrase(language, label=label, brief=brief) for label in labels]
    spoken += [phrase(language, f"AB{number:04d}", brief=brief) for number in range(0, 10_000, 37)]
    assert {clip for one in spoken for clip in spoken_clips(one)} <= known


def test_the_end_of_a_number_is_read_in_one_breath_and_so_is_a_window() -> None:
    assert spoken_clips(phrase(Language.ZH, "B023", "12")) == [
        "qing",
        "letter-b",
        "digit-0",
        "digit-2+digit-3+hao",
        "dao+digit-10+digit-2+hao-chuangkou",
    ]
    assert spoken_clips(phrase(Language.ZH, "B023", "12", brief=True)) == [
        "letter-b",
        "digit-0",
        "digit-2+digit-3",
        "digit-10+digit-2+hao-chuangkou-brief",
    ]


@pytest.mark.parametrize("language", Language)
def test_a_screen_without_settings_speaks_with_the_clips(language: Language, tmp_path: Path) -> None:
    kept = tmp_path / "kept.wav"
    voice = make_voice(VoiceSettings(player=("cp", "{file}", str(kept))))
    voice.speak(Utterance(call=call(), language=language))
    clips = ClipReader(clips=SHIPPED)
    parts = [SHIPPED.read(language, name) for name in spoken_clips(phrase(language))]
    pauses_s = (len(parts) - 2) * clips.full.clip_s + clips.full.breath_s
    played = read_wav(kept.read_bytes(), name="kept")
    assert played.duration_s == pytest.approx(sum(part.duration_s for part in parts) + pauses_s + ENDING_S, abs=0.01)


@pytest.mark.parametrize(("brief", "longest_s"), [(True, LONGEST_BRIEF_S), (False, LONGEST_FULL_S)])
@pytest.mark.parametrize("language", Language)
def test_calls_are_no_longer_than_the_pace_of_announcing_allows(
    language: Language, *, brief: bool, longest_s: float
) -> None:
    reader = ClipReader(clips=SHIPPED)
    calls = [phrase(language, f"{'ABCDEFGH'[n % 8]}{29 * n:03d}", str(n), brief=brief) for n in range(1, 13)]
    assert mean(reader.read(one).duration_s for one in calls) + ENDING_S <= longest_s


def test_a_label_that_has_no_clip_is_spoken_by_the_synthesiser() -> None:
    reader = FirstReader(ClipReader(clips=SHIPPED), EspeakReader())
    unusual = phrase(Language.ZH, label="综合1")
    with pytest.raises(NoClip, match=r"zh/sign-综\.opus"):
        ClipReader(clips=SHIPPED).read(unusual)
    assert reader.read(unusual) == EspeakReader().read(unusual)
    english = phrase(Language.EN, label="综合1")
    assert reader.read(english) == ClipReader(clips=SHIPPED).read(english)


def test_without_the_decoder_the_synthesiser_speaks_and_the_log_names_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "espeak-ng").symlink_to(str(shutil.which("espeak-ng")))
    monkeypatch.setenv("PATH", str(tmp_path))
    reader = FirstReader(ClipReader(clips=SHIPPED), EspeakReader())
    with caplog.at_level(logging.WARNING):
        for number in ("A017", "A018"):
            wanted = phrase(Language.ZH, number)
            assert reader.read(wanted) == EspeakReader().read(wanted)
    assert [record.getMessage().rsplit(": ", 1)[1] for record in caplog.records] == [
        "没有安装 opusdec / opusdec is not installed"
    ]
    assert main(["check"]) == 1


def test_a_damaged_or_missing_archive_is_a_fault_that_names_it(tmp_path: Path) -> None:
    damaged = tmp_path / "clips.zip"
    for content in (None, b"", SHIPPED_CLIPS.read_bytes()[:-1000]):
        if content is not None:
            damaged.write_bytes(content)
        with pytest.raises(VoiceFault, match=r"clips\.zip"):
            ClipReader(clips=ClipArchive(damaged)).read(phrase(Language.ZH))


def test_a_county_records_clips_of_several_words_too(tmp_path: Path) -> None:
    for language, brief in product(Language, (False, True)):
        (tmp_path / language).mkdir(exist_ok=True)
        for name in spoken_clips(phrase(language, brief=brief)):
            (tmp_path / language / f"{name}.wav").write_bytes(write_wav(SHIPPED.read(language, name)))
    for language in Language:
        own = ClipReader(clips=ClipFolder(tmp_path)).read(phrase(language))
        assert own == ClipReader(clips=SHIPPED).read(phrase(language))


def test_a_call_can_be_listened_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "call.wav"
    assert main(["speak", "B023", "12", "--wav", str(file)]) == 0
    assert "请 B 零 二 三 号，到 十二 号窗口。" in capsys.readouterr().out
    wanted = ClipReader(clips=SHIPPED).read(phrase(Language.ZH, "B023", "12"))
    assert read_wav(file.read_bytes(), name="call") == wanted
