"""A window over the readable bytes of a WARC file that knows where in the file they are stored."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pipeline.read.warc.header import NEWLINES, begins_record
from pipeline.read.warc.members import Codec, Gap, Piece, Rereads, StoredBytes, WarcLimits, member_pieces, plain_pieces


class Span(NamedTuple):
    """Inflated places [start, end) of the run are stored at [stored_start, stored_end); their member began at `member_place`."""

    start: int
    end: int
    stored_start: int
    stored_end: int
    member: int  # first stored byte of the compressed member, -1 where nothing is compressed
    member_place: int
    problem: str  # of the piece: why its bytes may be wrong


class Run:
    """`data[at]` is the next byte. A run ends where bytes cannot be read, and before a member that begins with `WARC/`.

    Places count the run's inflated bytes from its beginning; everything before `at` may be forgotten when more is read.
    """

    def __init__(self, stored: StoredBytes, codec: Codec | None, start: int, limits: WarcLimits) -> None:
        self._stored, self._codec, self._limits = stored, codec, limits
        self.rereads = Rereads()
        self._accounted = start  # stored bytes before it belong to earlier items
        self._read_from(start)

    def _read_from(self, start: int) -> None:
        self.data, self.at = b"", 0
        self._place = 0  # of data[0]
        self._doubtful = False  # whether any span has a problem
        self._spans: deque[Span] = deque()
        codec, stored = self._codec, self._stored
        pieces = member_pieces(stored, codec, start, self._limits, self.rereads) if codec else plain_pieces(stored, start)
        self._pieces: Iterator[Piece | Gap] = pieces
        self._waiting = next(pieces, None)

    def open_next(self) -> "Run | Gap | None":
        """The gap that comes next, or this run at its beginning, or None at the end of the file."""
        waiting = self._waiting
        if isinstance(waiting, Piece):
            self.data, self.at, self._place = b"", 0, 0
            self._spans.clear()
            self._accounted, self._doubtful = waiting.start, False
            self._take(0)
            return self
        self._waiting = next(self._pieces, None)
        return waiting

    # Reading on

    def left(self) -> int:
        """Bytes in the window."""
        return len(self.data) - self.at

    def has(self, count: int) -> bool:
        """Whether the run goes on for `count` bytes; if so they are in the window."""
        return len(self.data) - self.at >= count or self._take(count)

    def _take(self, count: int) -> bool:
        """Read until the window holds `count` bytes from `at`, joining once however small the pieces are."""
        if self._spans and not self._goes_on():
            return self.left() >= count
        parts = [self.data[self.at :]]
        here = self.place()
        size = len(parts[0])
        while size < count or not self._spans:
            piece = self._waiting
            if not isinstance(piece, Piece) or (self._spans and not self._goes_on()):
                break
            end = here + size
            member_place = end if piece.opens_member or not self._spans else self._spans[-1].member_place
            places = (end, end + len(piece.data), piece.start, piece.end)
            self._spans.append(Span(*places, piece.member, member_place, piece.problem))
            self._doubtful = self._doubtful or bool(piece.problem)
            parts.append(piece.data)
            size += len(piece.data)
            self._waiting = next(self._pieces, None)
        if len(parts) > 1:
            self.data, self.at, self._place = b"".join(parts), 0, here
        return size >= count

    def _goes_on(self) -> bool:
        """Whether what waits belongs to this run."""
        piece = self._waiting
        return isinstance(piece, Piece) and not (piece.opens_member and begins_record(piece.data[:16].lstrip(NEWLINES)))

    def skip_any(self, of: bytes) -> bool:
        """Step over these bytes; False where nothing of the run is left."""
        while self.has(1):
            if self.data[self.at] not in of:
                return True
            rest = self.data[self.at :].lstrip(of)
            self.at = len(self.data) - len(rest)
        return False

    def skip(self, count: int, see: Callable[[bytes], None] | None = None) -> bool:
        """Step over `count` bytes without holding them; False, and at the run's end, where it is shorter. `see` is shown them."""
        while True:
            here = min(count, self.left())
            if see is not None:
                see(self.data[self.at : self.at + here])
            self.at += here
            count -= here
            if not count:
                return True
            if not self._take(1):
                return False

    # Where things are stored

    def place(self) -> int:
        """Inflated place of the next byte."""
        return self._place + self.at

    def stored_place(self) -> int:
        """Where the next byte is stored; inside a compressed member by its share of the inflated bytes."""
        span = self.span()
        share = (self.place() - span.start) * (span.stored_end - span.stored_start) // (span.end - span.start)
        return span.stored_start + share

    def span(self) -> Span:
        """The span of the next byte, or the last one where nothing is left."""
        while len(self._spans) > 1 and self._spans[0].end <= self.place():
            self._spans.popleft()
        return self._spans[0]

    def doubt(self, count: int) -> str:
        """Why the next `count` bytes, which are in the window, may be wrong; empty if nothing says so."""
        if not self._doubtful:
            return ""
        begin, end = self.place(), self.place() + count
        return next((span.problem for span in self._spans if span.problem and span.start < end and span.end > begin), "")

    def begin_item(self) -> None:
        """What was stepped over up to here was padding."""
        if self._codec is None:
            self._accounted = self.stored_place()

    def item_length(self) -> int:
        """Stored bytes of the item that ends here."""
        begin, self._accounted = self._accounted, self.stored_place()
        return self._accounted - begin

    def go_back(self, span: Span, place: int) -> None:
        """Read once more, from `place` in `span` on."""
        self._read_from(span.stored_start if span.member < 0 else span.member)
        self._take(0)
        self.skip(place - (span.start if span.member < 0 else span.member_place))
