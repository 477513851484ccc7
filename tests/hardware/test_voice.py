"""The hall's voice: real synthesiser, real WAV files, a player that keeps the sound instead of playing it."""

from __future__ import annotations

import subprocess
from array import array
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from queue import SimpleQueue
from threading import Event

import pytest

from hardware.voice.clip_files import ClipFolder
from hardware.voice.loudness import SPEECH_DB, speech_level_db
from hardware.voice.phrases import Phrase, Utterance, phrase_for
from hardware.voice.sound import NotJoinable, Sound, join_sounds, make_chime, make_silence, read_wav, write_wav
from hardware.voice.speech_worker import SpeechWorker
from hardware.voice.voice import (
    ESPEAK_VOICES,
    ClipReader,
    EspeakReader,
    FirstReader,
    Loudspeaker,
    Pauses,
    Player,
    ReadAhead,
    Reader,
    SilentVoice,
    Voice,
)
from hardware.voice.voice_fault import VoiceFault
from protocol.retained_messages import Call
from protocol.vocabulary import Language, Text

RATE = 8000


def call(number: str = "A017", call_seq: int = 1) -> Call:
    return Call(
        number=number,
        window="window-3",
        window_label="3",
        area=Text(zh="一楼", en="Floor 1"),
        call_seq=call_seq,
        called_at=datetime(2026, 11, 23, tzinfo=UTC),
    )


def utterance(
    language: Language | None = Language.ZH, *, number: str = "A017", call_seq: int = 1, brief: bool = False
) -> Utterance:
    return Utterance(call=call(number, call_seq), language=language, brief=brief)


def phrase(language: Language = Language.ZH, *, number: str = "A017", brief: bool = False) -> Phrase:
    return phrase_for(call(number), language, brief=brief)


def loudest(sound: Sound) -> int:
    return max(abs(sample) for sample in array("h", sound.frames))


def record_clips(folder: Path, *, rate: int = RATE, leave_out: str = "") -> None:
    """Write a clip of 0.1 s for all that A017 at window 3 needs."""
    for language in Language:
        (folder / language).mkdir()
        for clip in {*chain(*phrase(language).clips)} - {leave_out}:
            (folder / language / f"{clip}.wav").write_bytes(write_wav(make_chime(rate=rate)))


def saving_speaker(reader: Reader, kept: Path) -> Loudspeaker:
    """Return a loudspeaker whose player keeps the file."""
    return Loudspeaker(reader=ReadAhead(reader), player=Player(command=("cp", "{file}", str(kept))))


@pytest.mark.parametrize("language", Language)
def test_espeak_speaks_the_call_slowly_and_briefly_while_others_wait(tmp_path: Path, language: Language) -> None:
    kept = tmp_path / "kept.wav"
    durations = []
    for brief in (False, True):
        saving_speaker(EspeakReader(), kept).speak(utterance(language, brief=brief))
        sound = read_wav(kept.read_bytes(), name="kept")
        assert loudest(sound) > 5000
        durations.append(sound.duration_s)
    full_s, brief_s = durations
    assert 4.0 < full_s < 5.5
    assert 1.5 < brief_s < 2.2


def test_a_chime_comes_alone_where_it_is_wanted(tmp_path: Path) -> None:
    kept = tmp_path / "kept.wav"
    silent = Loudspeaker(
        reader=ReadAhead(EspeakReader()), player=Player(command=("cp", "{file}", str(kept))), with_chime=False
    )
    silent.speak(utterance(None))
    assert not kept.exists()
    saving_speaker(EspeakReader(), kept).speak(utterance(None))
    chime_s = make_chime(rate=22050).duration_s
    assert read_wav(kept.read_bytes(), name="kept").duration_s == pytest.approx(chime_s + 0.1, abs=0.01)


def test_clips_are_joined_with_a_breath_between_number_and_window(tmp_path: Path) -> None:
    record_clips(tmp_path)
    durations = [ClipReader(clips=ClipFolder(tmp_path)).read(phrase(brief=brief)).duration_s for brief in (False, True)]
    chime_s = make_chime(rate=RATE).duration_s
    assert durations == pytest.approx([9 * chime_s + 0.9, 6 * chime_s + 0.05], abs=0.01)


def test_espeak_reads_chinese_as_mandarin_and_a_letter_as_a_letter() -> None:
    def phonemes(language: Language) -> str:
        command = ["espeak-ng", "-v", ESPEAK_VOICES[language], "-q", "-x", phrase(language).text]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    mandarin = phonemes(Language.ZH)
    assert "(en)" not in mandarin
    assert "j'Au55" in mandarin  # 幺, high and level
    assert "'eI" in phonemes(Language.EN).split("\n")[0]  # A by its name, not the article


def test_clips_are_joined_in_order(tmp_path: Path) -> None:
    record_clips(tmp_path)
    reader = ClipReader(clips=ClipFolder(tmp_path), full=Pauses(clip_s=0.0, breath_s=0.0))
    wanted = phrase()
    number, window = wanted.clips
    expected = (len(number) + len(window)) * make_chime(rate=RATE).duration_s
    assert reader.read(wanted).duration_s == pytest.approx(expected)


def test_a_missing_clip_is_a_fault_that_names_it(tmp_path: Path) -> None:
    record_clips(tmp_path, leave_out="digit-7")
    with pytest.raises(VoiceFault, match=r"digit-7\.wav"):
        saving_speaker(ClipReader(clips=ClipFolder(tmp_path)), tmp_path / "kept.wav").speak(utterance())


def test_words_without_a_clip_are_spoken_by_the_synthesiser(tmp_path: Path) -> None:
    record_clips(tmp_path)
    reader = FirstReader(ClipReader(clips=ClipFolder(tmp_path)), EspeakReader())
    known, unknown = phrase(), phrase(number="B017")
    assert reader.read(known) == ClipReader(clips=ClipFolder(tmp_path)).read(known)
    assert reader.read(unknown) == EspeakReader().read(unknown)


def test_the_synthesiser_is_equally_loud_in_both_languages() -> None:
    levels = [speech_level_db(EspeakReader().read(phrase(language))) for language in Language]
    assert levels == pytest.approx([SPEECH_DB, SPEECH_DB], abs=1.0)


def test_a_clip_that_is_no_wav_is_a_fault(tmp_path: Path) -> None:
    record_clips(tmp_path)
    (tmp_path / "zh" / "qing.wav").write_bytes(b"MP3?")
    with pytest.raises(VoiceFault, match=r"qing\.wav is not a WAV file"):
        ClipReader(clips=ClipFolder(tmp_path)).read(phrase())


def test_a_program_that_is_not_installed_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(VoiceFault, match="no-such-synthesiser is not installed"):
        saving_speaker(EspeakReader(program="no-such-synthesiser"), tmp_path / "kept.wav").speak(utterance())


def test_a_player_that_fails_is_a_fault_with_its_own_message(tmp_path: Path) -> None:
    record_clips(tmp_path)
    voice = saving_speaker(ClipReader(clips=ClipFolder(tmp_path)), Path("/no/where"))
    with pytest.raises(VoiceFault, match=r"cp failed: .*no/where"):
        voice.speak(utterance())


def test_of_what_a_player_complains_the_last_line_is_the_fault(tmp_path: Path) -> None:
    record_clips(tmp_path)
    player = Player(command=("sh", "-c", "echo lib conf.c:5180 >&2; echo no sound card >&2; exit 1", "{file}"))
    with pytest.raises(VoiceFault, match=r"^sh 出错：no sound card / sh failed: no sound card$"):
        Loudspeaker(reader=ReadAhead(ClipReader(clips=ClipFolder(tmp_path))), player=player).speak(utterance())


def test_sounds_of_different_rates_do_not_join() -> None:
    with pytest.raises(NotJoinable, match=r"8000, 16000"):
        join_sounds([make_silence(0.1, rate=8000), make_silence(0.1, rate=16000)])


def test_a_chime_is_audible_and_never_overdriven() -> None:
    sound = make_chime(rate=22050)
    assert sound.duration_s == pytest.approx(1.0)
    assert 8000 < loudest(sound) < 32767


def test_what_follows_is_read_while_the_player_plays(tmp_path: Path) -> None:
    played, counted = tmp_path / "played", tmp_path / "counted"
    synthesiser = tmp_path / "synthesiser"
    synthesiser.write_text(f'#!/bin/sh\necho >> {counted}\nexec espeak-ng "$@"\n')
    synthesiser.chmod(0o755)
    waits = f"until [ $(wc -l < {counted}) -ge 2 ]; do sleep 0.02; done; cp {{file}} {played}"
    reader = ReadAhead(EspeakReader(program=str(synthesiser)))
    voice = Loudspeaker(reader=reader, player=Player(command=("sh", "-c", waits)))
    following = utterance(number="B018", brief=True)
    voice.speak(replace(utterance(), then=following))  # the player ends when the second phrase is read
    first = played.read_bytes()
    voice.speak(following)
    assert counted.read_text() == "\n\n"
    assert played.read_bytes() != first
    saving_speaker(EspeakReader(), tmp_path / "alone").speak(following)
    assert played.read_bytes() == (tmp_path / "alone").read_bytes()


def test_a_fault_while_reading_ahead_is_raised_in_its_turn(tmp_path: Path) -> None:
    record_clips(tmp_path)
    voice = saving_speaker(ClipReader(clips=ClipFolder(tmp_path)), tmp_path / "kept.wav")
    following = utterance(number="B018")
    voice.speak(replace(utterance(), then=following))
    with pytest.raises(VoiceFault, match=r"letter-b\.wav"):
        voice.speak(following)


class Overlapping(RuntimeError):
    """Two calls at once."""


class Recorder:
    """A voice that remembers, fails on the given numbers, and notices two calls at once."""

    def __init__(self, *, fails_on: str = "", breaks_on: str = "") -> None:
        self.spoken: list[str] = []
        self._fails_on, self._breaks_on = fails_on, breaks_on
        self._busy = False

    def speak(self, utterance: Utterance) -> None:
        call = utterance.call
        if self._busy:
            raise Overlapping
        self._busy = True
        try:
            if call.number == self._fails_on:
                raise VoiceFault(zh="没有声卡", en="no sound card")
            if call.number == self._breaks_on:
                raise ZeroDivisionError
            self.spoken.append(call.number)
        finally:
            self._busy = False


def spoken_by(voice: Voice, numbers: list[str]) -> list[tuple[str, str | None]]:
    """Return what the worker reports for calls that come one after the other."""
    ended: SimpleQueue[tuple[str, str | None]] = SimpleQueue()
    speaking = SpeechWorker(
        voice, on_spoken=lambda u, fault: ended.put((u.call.number, None if fault is None else str(fault)))
    )
    reported = []
    for index, number in enumerate(numbers):
        speaking.announce(utterance(number=number, call_seq=index))
        reported.append(ended.get(timeout=60))
    speaking.close()
    return reported


def test_calls_are_spoken_in_order_and_never_at_once() -> None:
    voice = Recorder()
    numbers = [f"A{index:03d}" for index in range(50)]
    assert spoken_by(voice, numbers) == [(number, None) for number in numbers]
    assert voice.spoken == numbers


def test_behind_a_voice_that_hangs_only_the_newest_waits() -> None:
    begun, free, spoken = Event(), Event(), SimpleQueue[str]()

    class Hanging:
        def speak(self, utterance: Utterance) -> None:
            begun.set()
            assert free.wait(60), utterance

    speaking = SpeechWorker(Hanging(), on_spoken=lambda u, _: spoken.put(u.call.number))
    speaking.announce(utterance(number="A001"))
    assert begun.wait(60)
    for number in ("A002", "A003"):
        speaking.announce(utterance(number=number))
    free.set()
    assert [spoken.get(timeout=60) for _ in range(2)] == ["A001", "A003"]
    speaking.close()


def test_a_fault_or_a_defect_is_reported_and_the_next_call_is_spoken() -> None:
    voice = Recorder(fails_on="A001", breaks_on="A002")
    assert spoken_by(voice, ["A001", "A002", "A003"]) == [
        ("A001", "没有声卡 / no sound card"),
        ("A002", "语音程序出错： / the voice failed: "),
        ("A003", None),
    ]
    assert voice.spoken == ["A003"]


def test_silence_speaks_at_once() -> None:
    assert spoken_by(SilentVoice(), ["A001"]) == [("A001", None)]
