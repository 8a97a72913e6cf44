"""Charsets declared, mis-declared and undeclared, in the languages they were made for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.read.http.charset import Decoded, decode
from pipeline.read.http.charset_labels import charset_of_label, declared_in_page, declared_late
from tests.paths import SHARED

# Written for this test: a few lines each, as a page would have them.
TEXTS = {
    "ja": "日本語の文章をいろいろな文字コードで保存して、正しく読めるか確かめます。\n駅の近くに新しい図書館ができました。\n",
    "ru": "Сегодня утром мы вышли из дома раньше обычного, потому что поезд уходил в семь часов.\nПогода была хорошая.\n",
    "pl": "Wczoraj wieczorem poszliśmy na długi spacer wzdłuż rzeki, żeby zobaczyć, jak świeci księżyc.\nPiękny był też dąb.\n",
    "zh-hans": "今天早上我们去了市场，买了很多新鲜的蔬菜和水果。\n老师说下个星期要考试，大家都在认真复习。\n",
    "zh-hant": "今天早上我們去了市場，買了很多新鮮的蔬菜和水果。\n老師說下個星期要考試，大家都在認真複習。\n",
    "ko": "오늘 아침에 우리는 시장에 가서 채소와 과일을 많이 샀습니다.\n선생님은 다음 주에 시험이 있다고 말씀하셨습니다.\n",
    "de": "Gestern hörten wir, daß die Brücke über den Fluß für längere Zeit geschlossen würde.\nSchöne Grüße aus München!\n",
    "el": "Σήμερα το πρωί πήγαμε στην αγορά και αγοράσαμε πολλά φρέσκα λαχανικά και φρούτα.\nΟ καιρός ήταν καλός.\n",
    "lt": "Šįryt nuėjome į turgų ir nusipirkome daug šviežių daržovių bei vaisių.\nŽiūrėjome „paukščius“ ąžuolyne.\n",
}
STORED = [
    ("ja", "euc_jp", "euc-jp"), ("ja", "cp932", "shift_jis"), ("ja", "iso2022_jp", "iso-2022-jp"),
    ("ru", "koi8_r", "koi8-r"), ("ru", "cp1251", "windows-1251"), ("ru", "iso8859_5", "iso-8859-5"), ("ru", "cp866", "ibm866"),
    ("pl", "iso8859_2", "iso-8859-2"), ("pl", "cp1250", "windows-1250"),
    ("zh-hans", "gbk", "gb18030"), ("zh-hans", "gb18030", "gb18030"), ("zh-hant", "big5", "big5"),
    ("ko", "euc_kr", "euc-kr"), ("de", "latin1", "windows-1252"),
    ("el", "iso8859_7", "iso-8859-7"), ("lt", "cp1257", "windows-1257"),
]  # fmt: skip
HEAD = "<!doctype html><html><head><title>page</title></head><body>\n"


def page(text: str, codec: str, head: str = HEAD) -> bytes:
    return (head + text * 3).encode(codec)


@pytest.mark.parametrize(("language", "codec", "charset"), STORED)
def test_legacy_pages_are_read_however_they_declare_themselves(language, codec, charset):
    text = TEXTS[language] * 3
    stored = page(TEXTS[language], codec)
    meta = page(TEXTS[language], codec, f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}">\n')
    for payload, http, source in (
        (stored, charset.upper(), "http"),
        (meta, None, "meta"),
        (stored, None, "detected"),
        (stored, "UTF-8", "detected"),  # mis-declared, as servers do for all they serve
        (meta, "utf-8", "meta"),
        (meta, "x-no-such-charset", "meta"),
    ):
        decoded = decode(payload, http)
        assert decoded.text.endswith(text), (http, decoded.charset)
        assert decoded.source == source


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1251", "shift_jis", "gb2312", "euc-kr", "utf-16"])
@pytest.mark.parametrize("language", TEXTS)
def test_utf8_pages_are_read_though_the_server_says_otherwise(declared, language):
    assert decode(page(TEXTS[language], "utf-8"), declared) == Decoded(page(TEXTS[language], "utf-8"), "utf-8", "detected")


def test_sources_are_asked_in_order():
    latin = "<meta charset=windows-1250>černý kůň".encode("cp1250")
    assert decode(latin, "windows-1252")[1:] == ("windows-1252", "http")
    assert decode(latin, None)[1:] == ("windows-1250", "meta")
    assert decode(latin, None, html=False).source == "detected"
    marked = b"\xef\xbb\xbf<meta charset=koi8-r>ok"
    assert decode(marked, "windows-1252") == Decoded(marked[3:], "utf-8", "bom")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_is_read_by_its_mark_its_header_or_its_nuls(codec):
    stored = page(TEXTS["de"], codec)
    mark = b"\xff\xfe" if codec.endswith("le") else b"\xfe\xff"
    label = codec.replace("16-", "16")
    for payload, http, source in ((mark + stored, "utf-8", "bom"), (stored, label, "http"), (stored, None, "detected")):
        decoded = decode(payload, http)
        assert decoded.source == source
        assert decoded.text.endswith(TEXTS["de"])


@pytest.mark.parametrize(
    ("label", "charset"),
    [
        ("latin1", "windows-1252"),
        (" ISO-8859-1\n", "windows-1252"),
        ("us-ascii", "windows-1252"),
        ("GB2312", "gbk"),
        ("x-sjis", "shift_jis"),
        ("ks_c_5601-1987", "euc-kr"),
        ("x-user-defined", "windows-1252"),
        ("iso-8859-9", "windows-1254"),
        ("tis-620", "windows-874"),
        ("koi8", "koi8-r"),
        ("unicode", "utf-16le"),
        ("utf8", "utf-8"),
        ("iso–8859−1", "windows-1252"),
        ("utf-7", None),
        ("", None),
        ("\0", None),
        ("no-such", None),
    ],
)
def test_labels_mean_what_browsers_take_them_to_mean(label, charset):
    assert charset_of_label(label) == charset


@pytest.mark.parametrize(
    ("head", "label"),
    [
        (b"<meta charset=koi8-r>", "koi8-r"),
        (b"<META  CharSet = 'koi8-r' />", "koi8-r"),
        (b'<meta name="a>b" charset="koi8-r">', "koi8-r"),
        (b'<meta content="text/html; charset = koi8-r" http-equiv=Content-type>', "koi8-r"),
        (b'<meta content="text/html; charset=koi8-r">', None),
        (b"<!-- <meta charset=koi8-r> -->", None),
        (b"<!-- <meta charset=koi8-r>", None),
        (b'<a title="<meta charset=koi8-r>">', None),
        (b"<metadata charset=koi8-r>", None),
        (b'<meta http-equiv=content-type content="text/html; charset=iso-8859&#8211;2">', "iso-8859–2"),
        (b"<meta charset=iso-8859\xe2\x80\x932>", "iso-8859–2"),
        (b"<meta charset=nonsense><meta charset=koi8-r>", "koi8-r"),
        (b"<meta charset=utf-16be>", "utf-8"),
        (b'<?xml version="1.0" encoding="koi8-r"?><html>', "koi8-r"),
        (b" " * 1020 + b"<meta charset=koi8-r>", None),
        (b"<meta charset>", None),
        (b"", None),
    ],
)
def test_the_prescan_finds_what_browsers_find(head, label):
    assert declared_in_page(head) == label


def test_a_few_bad_bytes_do_not_overturn_a_declaration_and_many_do():
    good = TEXTS["ru"].encode()
    assert decode(good + b"\xff" + good, "utf-8").text == TEXTS["ru"] + "\ufffd" + TEXTS["ru"]
    words = "drei Wörter größer"
    assert decode(words.encode("latin1"), "utf-8") == Decoded(words.encode(), "windows-1252", "detected")


@pytest.mark.parametrize("codec", ["utf-8", "euc_jp", "cp932", "gb18030"])
def test_a_page_cut_inside_a_character_keeps_its_charset(codec):
    stored = TEXTS["ja"].encode(codec).rstrip(b"\n")[:-1]
    label = {"cp932": "shift_jis", "euc_jp": "euc-jp"}.get(codec, codec)
    assert decode(stored, label).text == TEXTS["ja"].rstrip("\n。")


FILLED = b"<script>" + b"var a = 0;" * 200 + b"</script>"


@pytest.mark.parametrize(
    ("language", "codec", "label"),
    [("pl", "iso8859_2", "iso-8859-2"), ("ru", "iso8859_5", "iso-8859-5"), ("zh-hant", "big5", "big5"), ("ja", "cp932", "sjis")],
)
def test_a_meta_behind_the_first_kilobyte_decides_until_2026_11_detection_did(language, codec, label):
    text = TEXTS[language].split("，")[0][:30]
    late = FILLED + f"<title>x</title><meta charset={label}><p>".encode()
    decoded = decode(late + text.encode(codec), None)
    assert (decoded.text.endswith(text), decoded.charset, decoded.source) == (True, charset_of_label(label), "meta")


@pytest.mark.parametrize(
    "where", [b"<script>'<meta charset=koi8-r>'</script>", b"<!-- <meta charset=koi8-r> -->", b"<title><meta charset=koi8-r>",
              b"<noscript><meta charset=koi8-r></noscript>", b"<metal charset=koi8-r>"],
)  # fmt: skip
def test_a_late_meta_counts_only_where_a_parser_would_meet_it(where):
    assert declared_late(FILLED + where) is None
    assert declared_late(FILLED + where + b"</title><meta charset=big5>") == "big5"


@pytest.mark.parametrize("stray", [b"\xa0", b"\xe2\x80", b"\xff", b"\xed\xa0\xbd\xed\xb8\x80"])
@pytest.mark.parametrize("good", ["It’s late by the mill.", "Grüße, Käse", "日本", "ру"])
def test_a_stray_byte_costs_itself_in_declared_utf8_until_2026_11_it_made_the_page_another_charset(stray, good):
    payload = good.encode() + b" one" + stray + b"stray " + good.encode()
    for label, source, head in (("utf-8", "http", b""), (None, "meta", b"<meta charset=utf-8>")):
        decoded = decode(head + payload, label)
        assert decoded == Decoded(decoded.utf8, "utf-8", source)
        assert decoded.text == head.decode() + payload.decode("utf-8", "replace")
        assert good in decoded.text


def test_one_good_sequence_weighs_more_than_one_error():
    assert decode("It’s ".encode() + b"one\xa0stray", "utf-8")[1:] == ("utf-8", "http")
    assert decode("für ".encode() + b"gr\xf6\xdfer", "utf-8")[1:] == ("windows-1252", "detected")


@pytest.mark.parametrize(
    ("text", "codec"), [("สวัสดีตอนเช้า วันนี้อากาศดีมาก เราไปตลาดด้วยกัน\n", "cp874"), ("שלום עולם, היום יום יפה מאוד\n", "cp1255")]
)
def test_a_page_of_another_charset_is_no_utf8_though_some_of_its_bytes_would_be(text, codec):
    assert decode((text * 20).encode(codec), "utf-8").charset != "utf-8"


def test_a_cut_tail_proves_nothing_until_2026_11_it_made_latin1_utf8():
    last = "puis le vent est tombé"
    assert decode(last.encode("latin-1"), "iso-8859-1", html=False).text == last
    assert decode(last.encode("latin-1"), None, html=False).text == last
    assert decode(last.encode()[:-1], "utf-8", html=False) == Decoded(last[:-1].encode(), "utf-8", "http")


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
@pytest.mark.parametrize("text", [HEAD + "plain", HEAD + TEXTS["ja"]])
def test_a_mark_of_utf16_before_anything_else_is_no_mark(mark, text):
    assert decode(mark + text.encode(), None) == Decoded(text.encode(), "utf-8", "detected")


UTF16_UNITS = st.lists(st.sampled_from([b"\0\xd8", b"\0\xdc", b"A\0", b"\0\0"]), max_size=20).map(b"".join)
LEGACY = ["utf-8", "utf-16", "utf-16be", "latin1", "big5", "euc-jp", "iso-2022-jp", "iso-2022-kr", "hz-gb-2312"]


@given(st.binary(max_size=300) | UTF16_UNITS | st.text(max_size=80).map(str.encode), st.none() | st.sampled_from(LEGACY))
def test_any_bytes_become_utf8_without_nul_and_lone_surrogates(payload, label):
    decoded = decode(payload, label)
    assert "\0" not in decoded.utf8.decode("utf-8", "strict")
    assert decoded.source in ("bom", "http", "meta", "detected")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff\x1b"), max_size=200))
def test_valid_utf8_comes_through_as_it_is(text):
    assert decode(text.encode(), "utf-8") == Decoded(text.encode(), "utf-8", "http")


def test_real_pages_of_the_crawl_keep_their_charsets():
    if SHARED is None:
        pytest.skip("needs the real files beside the checkout")
    from pipeline.read.http.response import HttpLimits, parse_response
    from pipeline.read.warc.records import Record, WarcLimits, read_records

    found: dict[tuple[str, str], int] = {}
    with (SHARED / "crawl" / "recrawl-revisit.warc.gz").open("rb") as stream:
        for item in read_records(stream, WarcLimits()):
            if isinstance(item, Record) and item.record_type == "response":
                response = parse_response(item.block, HttpLimits())
                if response.mime == "text/html":
                    decoded = decode(response.payload, response.charset)
                    found[decoded[1:]] = found.get(decoded[1:], 0) + 1
                    assert "\ufffd" not in decoded.text
    assert found
