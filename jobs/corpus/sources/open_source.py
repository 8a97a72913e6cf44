"""One way into an input: a path, an http(s) URL, a URL of a store, or a WARC inside a WACZ of any of these."""

import io
from typing import BinaryIO, NamedTuple

from jobs.corpus.sources.http import HttpFile
from jobs.corpus.sources.settings import SourceSettings
from jobs.corpus.sources.stores import LocalFile, StoreFile
from jobs.corpus.sources.wacz import open_member
from pipeline.errors import InputError
from pipeline.lineage import INSIDE_WACZ

BUFFER_BYTES = {LocalFile: 1 << 17, HttpFile: 1 << 16, StoreFile: 4 << 20}  # a store answers each read with one request


class Source(NamedTuple):
    """An input that was opened, to be closed by whoever asked for it. Reading raises InputError, never what lies below."""

    stream: BinaryIO
    size: int
    version: str  # with the size, enough to notice another file of the name


def open_source(name: str, settings: SourceSettings | None = None) -> Source:
    """Raises InputError when there is nothing to read."""
    patience = settings or SourceSettings()
    container, inside, member = name.partition(INSIDE_WACZ)
    raw: LocalFile | HttpFile | StoreFile
    if "://" not in name:
        raw = LocalFile(container + inside.removesuffix("!/"))
    elif name.startswith(("http://", "https://")):
        raw = HttpFile(container + inside.removesuffix("!/"), patience)
    else:
        raw = StoreFile(container + inside.removesuffix("!/"), patience)
    stream: BinaryIO = io.BufferedReader(raw, BUFFER_BYTES[type(raw)])
    if not inside:
        return Source(stream, raw.size, raw.version)
    try:
        opened, size = open_member(stream, name, member)
    except BaseException:
        stream.close()
        raise
    return Source(opened, size, raw.version)


def open_pinned(name: str, size: int, version: str, settings: SourceSettings) -> BinaryIO:
    """The stream of an input that was listed before; raises InputError where it is another file now."""
    source = open_source(name, settings)
    if (source.size, source.version) != (size, version):
        source.stream.close()
        raise InputError(
            f"{name} is not what it was when it was listed: it had {size:,} bytes of {version or 'no date'}, and now "
            f"{source.size:,} of {source.version or 'no date'}; run the same command again when nobody writes it"
        )
    return source.stream
