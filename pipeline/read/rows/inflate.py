"""What is inside a file, a bounded piece at a time: packed by gzip, zstd, bzip2, xz or nothing, as its first bytes tell."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

import zstandard

READ_BYTES = 1 << 20
GZIP_MAGIC, ZSTD_MAGIC, BZIP2_MAGIC, XZ_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ\0"
PACKED = (GZIP_MAGIC, ZSTD_MAGIC, BZIP2_MAGIC, XZ_MAGIC)
ZSTD_MAX_WINDOW_BYTES = 1 << 27  # what `zstd --long` uses
ZSTD_FEED_BYTES = 512  # 4 bytes can say "128 KiB of this byte": so many inflate to 16 MiB at most
XZ_MAX_MEMORY_BYTES = 1 << 28  # `xz -9` needs 65 MiB


def inflated(stream: BinaryIO) -> Iterator[bytes | str]:
    """Chunks of the inflated stream; a string says why it ends early."""
    magic = stream.read(6)
    stream.seek(0)
    try:
        if magic.startswith(GZIP_MAGIC):
            with gzip.GzipFile(fileobj=stream) as members:
                while chunk := members.read1(READ_BYTES):
                    yield chunk
        elif magic.startswith(ZSTD_MAGIC):
            yield from _zstd_frames(stream)
        elif magic.startswith(BZIP2_MAGIC):
            yield from _streams(stream, bz2.BZ2Decompressor)
        elif magic == XZ_MAGIC:
            yield from _streams(stream, lambda: lzma.LZMADecompressor(memlimit=XZ_MAX_MEMORY_BYTES))
        else:
            while chunk := stream.read(READ_BYTES):
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError) as error:
        yield f"the rest of the file does not inflate: {str(error)[:120]}"


def _zstd_frames(stream: BinaryIO) -> Iterator[bytes]:
    frames = zstandard.ZstdDecompressor(max_window_size=ZSTD_MAX_WINDOW_BYTES)
    frame = None
    while fed := stream.read(ZSTD_FEED_BYTES):
        while fed:
            frame = frame or frames.decompressobj()
            if chunk := frame.decompress(fed):
                yield chunk
            fed = b""
            if frame.eof:
                fed, frame = frame.unused_data, None
    if frame is not None:
        raise EOFError("the file ends inside a zstd frame")


Decompressor = bz2.BZ2Decompressor | lzma.LZMADecompressor


def _streams(stream: BinaryIO, new: Callable[[], Decompressor]) -> Iterator[bytes]:
    """Streams of bzip2 or xz behind one another, with the NULs that xz may put between them."""
    one: Decompressor | None = None
    while fed := stream.read(READ_BYTES // 16):
        while fed or (one and not one.needs_input):
            if one is None:
                fed = fed.lstrip(b"\0")
                one = new() if fed else None
                continue
            if chunk := _piece(one, fed):
                yield chunk
            fed = b""
            if one.eof:
                fed, one = one.unused_data, None
    if one is not None:
        raise EOFError("the file ends inside a compressed stream")


def _piece(one: Decompressor, fed: bytes) -> bytes:
    try:
        return one.decompress(fed, READ_BYTES)
    except (OSError, lzma.LZMAError) as error:  # bz2 raises what a failing disk raises
        raise EOFError(str(error) or "damaged") from error
