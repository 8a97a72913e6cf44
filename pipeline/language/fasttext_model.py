"""A fastText classifier of the user's, read into arrays and asked by our own kernel (pipeline/kernels/language/fasttext.py).

Read are .bin and .ftz files of `fasttext supervised`, quantised and pruned ones included. Every number that the kernel uses as an
index is checked here: a file may say anything.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from pipeline.arrays import FlatText
from pipeline.kernels.language.fasttext import HIERARCHICAL, classify
from pipeline.kernels.language.parts import joined
from pipeline.language.fasttext_file import DICTIONARY, HEADER, LABEL, NotAClassifierError, read_header
from pipeline.language.model import Answers, Parts

LINE_END = b"</s>"
CENTROIDS = 256
MOST_BUCKETS = 1 << 26
LONGEST_GRAM = 64
NO_CHARACTERS = 11  # files of this version hold classifiers without n-grams of characters, whatever they say


@dataclass(frozen=True)
class FastTextModel:
    """Arrays as `classify` takes them; `names` are labels in the file's order."""

    names: tuple[str, ...]
    word_keys: np.ndarray  # uint64 [words], ascending
    word_ids: np.ndarray  # int32 [words]
    line_end: int
    bucket_row: np.ndarray  # int32 [buckets]
    shortest: int
    longest: int
    word_longest: int
    matrix: np.ndarray  # float32 [words + n-grams, dimensions]
    output: np.ndarray  # float32 [labels, dimensions]
    loss: int
    left: np.ndarray  # int64 [labels - 1]
    right: np.ndarray

    def answer(self, parts: Parts) -> tuple[Answers, Answers]:
        """What each sample of letters is written in, and each page, its samples as one line."""
        whole = FlatText(*joined(*parts.samples, parts.bounds, parts.counts))
        return self.classified(parts.samples), self.classified(whole)

    def classified(self, lines: FlatText) -> Answers:
        """Each line, as fastText has it."""
        best, probability = classify(
            *lines, self.word_keys, self.word_ids, self.line_end, signed_hash(LINE_END), self.bucket_row, self.shortest,
            self.longest, self.word_longest, self.matrix, self.output, self.loss, self.left, self.right,
        )  # fmt: skip
        return Answers(best, np.minimum(probability, 1.0).astype(np.float32))


def read_fasttext(path: Path) -> FastTextModel:
    """The classifier at `path`. Raises NotAClassifierError where it is none, or not all of one."""
    read_header(path)
    with path.open("rb") as file:
        _, version, _, _, _, _, _, of_words, loss, _, buckets, shortest, longest, _, _ = HEADER.unpack(file.read(HEADER.size))
        words, labels, counts, pruned = _read_dictionary(file)
        matrix, output = _read_matrix(file), _read_matrix(file)
    if buckets <= 0 or version == NO_CHARACTERS:
        longest = 0
    if buckets <= 0:
        of_words = 1
    _refuse_unless(buckets <= MOST_BUCKETS and max(longest, of_words) <= LONGEST_GRAM, "has n-grams beyond reason")
    bucket_row = _bucket_rows(buckets, len(words), pruned) if longest > 0 or of_words > 1 else np.full(1, -1, np.int32)
    _refuse_unless(max(len(words) - 1, int(bucket_row.max())) < len(matrix), "has fewer rows than words and n-grams")
    _refuse_unless(len(output) >= len(labels) and output.shape[1] == matrix.shape[1], "has matrices that do not fit")
    keys = np.array([large_hash(word) for word in words], np.uint64)
    order = np.argsort(keys, kind="stable")
    left, right = _tree(counts) if loss == HIERARCHICAL else (np.zeros(0, np.int64), np.zeros(0, np.int64))
    return FastTextModel(
        tuple(label.decode("utf-8", "replace") for label in labels), keys[order], order.astype(np.int32),
        words.index(LINE_END) if LINE_END in words else -1, bucket_row, max(shortest, 1), max(longest, 0), max(of_words, 1),
        matrix, output[: len(labels)], loss, left, right,
    )  # fmt: skip


def _read_dictionary(file: BinaryIO) -> tuple[list[bytes], list[bytes], list[int], np.ndarray | None]:
    """(words, labels, counts of labels, pairs of n-gram and row where n-grams were pruned)."""
    entries, _, _, _, pruned = DICTIONARY.unpack(file.read(DICTIONARY.size))
    data, position = file.read(), 0
    words: list[bytes] = []
    labels: list[bytes] = []
    counts: list[int] = []
    for _ in range(entries):
        end = data.index(b"\0", position)
        count, kind = struct.unpack_from("<qb", data, end + 1)
        if kind == LABEL:
            labels.append(data[position:end])
            counts.append(count)
        else:
            _refuse_unless(not labels, "has words behind its labels")
            words.append(data[position:end])
        position = end + 10
    pairs = np.frombuffer(data, "<i4", 2 * max(pruned, 0), position).reshape(-1, 2) if pruned >= 0 else None
    file.seek(HEADER.size + DICTIONARY.size + position + 8 * max(pruned, 0))
    return words, labels, counts, pairs


def _bucket_rows(buckets: int, words: int, pruned: np.ndarray | None) -> np.ndarray:
    """int32 [buckets]: the row of each hash."""
    if pruned is None:
        return np.arange(words, words + buckets, dtype=np.int32)
    rows = np.full(buckets, -1, np.int32)
    _refuse_unless(len(pruned) == 0 or (pruned.min() >= 0 and pruned[:, 0].max() < buckets), "has n-grams outside their range")
    rows[pruned[:, 0]] = words + pruned[:, 1]
    return rows


def _read_matrix(file: BinaryIO) -> np.ndarray:
    """float32 [rows, columns], of a dense or a product-quantised matrix."""
    if not file.read(1)[0]:
        rows, columns = struct.unpack("<qq", file.read(16))
        return np.fromfile(file, "<f4", rows * columns).reshape(rows, columns).astype(np.float32, copy=False)
    has_norms, rows, columns, size = struct.unpack("<?qqi", file.read(21))
    codes = np.fromfile(file, np.uint8, size)
    matrix = _decoded(codes, rows, *_quantiser(file))
    _refuse_unless(matrix.shape == (rows, columns), "has codes that do not fit its matrix")
    if has_norms:
        norm_codes = np.fromfile(file, np.uint8, rows)
        matrix *= _decoded(norm_codes, rows, *_quantiser(file))
    return matrix


def _quantiser(file: BinaryIO) -> tuple[int, int, int, int, np.ndarray]:
    """(dimensions, parts, dimensions of a part, of the last part, centroids)."""
    dimensions, parts, each, last = struct.unpack("<4i", file.read(16))
    fits = min(dimensions, parts, each, last) > 0 and (parts - 1) * each + last == dimensions
    _refuse_unless(fits, "has a quantiser that does not fit itself")
    return dimensions, parts, each, last, np.fromfile(file, "<f4", dimensions * CENTROIDS)


def _decoded(
    codes: np.ndarray, rows: int, dimensions: int, parts: int, each: int, last: int, centroids: np.ndarray
) -> np.ndarray:
    _refuse_unless(
        len(codes) == rows * parts and len(centroids) == dimensions * CENTROIDS, "has codes that do not fit its matrix"
    )
    by_row, matrix = codes.reshape(rows, parts), np.empty((rows, dimensions), np.float32)
    for number in range(parts):
        width, at = last if number == parts - 1 else each, number * each
        book = centroids[CENTROIDS * at : CENTROIDS * (at + width)].reshape(CENTROIDS, width)
        matrix[:, at : at + width] = book[by_row[:, number]]
    return matrix


def _tree(counts: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Children of the inner nodes of fastText's Huffman tree over the labels, which the file has by falling count."""
    labels = len(counts)
    weight = [*counts, *[10**15] * (labels - 1)]
    left, right = np.zeros(labels - 1, np.int64), np.zeros(labels - 1, np.int64)
    leaf, node = labels - 1, labels
    for inner in range(labels, 2 * labels - 1):
        lightest = []
        for _ in range(2):
            if leaf >= 0 and (node >= inner or weight[leaf] < weight[node]):
                lightest.append(leaf)
                leaf -= 1
            else:
                lightest.append(node)
                node += 1
        _refuse_unless(max(lightest) < inner, "has counts that make no tree")
        left[inner - labels], right[inner - labels] = lightest
        weight[inner] = weight[lightest[0]] + weight[lightest[1]]
    return left, right


def large_hash(word: bytes) -> int:
    hashed = 0xCBF29CE484222325
    for byte in word:
        hashed = ((hashed ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return hashed


def signed_hash(word: bytes) -> int:
    """fastText's 32-bit hash as the signed number that its n-grams of words are made of."""
    hashed = 2166136261
    for byte in word:
        hashed = ((hashed ^ (byte | 0xFFFFFF00 if byte >= 0x80 else byte)) * 16777619) & 0xFFFFFFFF
    return hashed - (1 << 32) if hashed >= 1 << 31 else hashed


def _refuse_unless(holds: bool, why: str) -> None:
    if not holds:
        raise NotAClassifierError(why)
