"""Pages whose charset is declared wrongly, in two places that disagree, or nowhere, as on the real web."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Declaration:
    encoding: str  # of the bytes
    http: str | None  # what the Content-Type header says
    meta: str | None  # what the page says of itself
    byte_order_mark: bytes = b""

    @property
    def content_type(self) -> str:
        return f"text/html; charset={self.http}" if self.http else "text/html"

    @property
    def head(self) -> str:
        return f'<meta http-equiv="Content-Type" content="text/html; charset={self.meta}">' if self.meta else ""

    @property
    def note(self) -> str:
        return f"bytes are {self.encoding}, HTTP says {self.http or 'nothing'}, meta says {self.meta or 'nothing'}"

    def encode(self, html: str) -> bytes:
        """Characters that the charset lacks become references, as editors of the time wrote them."""
        return self.byte_order_mark + html.encode(self.encoding, "xmlcharrefreplace")


# LANGUAGE-SLUG of an article -> how it is served; all other articles are UTF-8 and say so.
DECLARATIONS = {
    "ru-samovar": Declaration(encoding="windows-1251", http="utf-8", meta="windows-1251"),
    "ru-snezhinki": Declaration(encoding="koi8-r", http="koi8-r", meta=None),
    "ja-tofu": Declaration(encoding="shift_jis", http=None, meta="utf-8"),
    "ja-washi": Declaration(encoding="euc_jp", http=None, meta="euc-jp"),
    "zh-cha": Declaration(encoding="gb18030", http=None, meta="gb2312"),
    "pl-bursztyn": Declaration(encoding="iso-8859-2", http="iso-8859-2", meta="utf-8"),
    "fr-montgolfiere": Declaration(encoding="utf-8", http="iso-8859-1", meta=None, byte_order_mark=b"\xef\xbb\xbf"),
    "de-foehn": Declaration(encoding="windows-1252", http=None, meta=None),
    "ar-asturlab": Declaration(encoding="windows-1256", http="windows-1256", meta="windows-1256"),
    "en-lighthouse": Declaration(encoding="utf-16-le", http="utf-16", meta=None, byte_order_mark=b"\xff\xfe"),
}
