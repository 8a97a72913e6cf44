"""What the words of a block are: how many, how they end, and which of them say what a page's furniture says.

A cue is a kind of word, whatever the language; the words are those of Europe's larger languages. Other scripts are judged by
marks, links and place alone.
"""

import numpy as np

from pipeline.kernels.cache import part
from pipeline.kernels.html.names import LOWER, find, hash_table, mix, vocabulary

_CUES = """
copyright: © copyright rights reserved rechte vorbehalten réservés derechos diritti
comment: comment comments kommentar kommentare commentaire commentaires comentario comentarios commenti reply replies
    responses antworten antwort répondre responder reacties
share: share tweet facebook twitter linkedin whatsapp pinterest instagram youtube teilen partager compartir condividi delen
    reddit telegram
related: related similar recommended popular latest recent trending ähnliche weitere verwandte similaires recientes
    correlati recommendations also
subscribe: subscribe newsletter signup subscription inbox abonnieren abonnez suscríbete iscriviti unsubscribe
cookie: cookie cookies consent gdpr javascript browser
legal: privacy terms policy conditions datenschutz impressum agb disclaimer confidentialité privacidad legal accessibility
    sitemap
login: login log register account password sign anmelden anmeldung einloggen registrieren connexion logout username
author: by author written von par posted published updated edited editor writer autor redaktion veröffentlicht publié
    publicado redacción reporter contributor photograph photo credit getty source quelle
date: january february march april may june july august september october november december jan feb mar apr jun jul aug sep
    sept oct nov dec ago januar februar märz mai juni juli oktober dezember uhr janvier février mars avril juin juillet août
    septembre octobre novembre décembre enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre
    diciembre am pm yesterday today hours minutes days
advert: advertisement advertisements ads ad anzeige sponsored werbung affiliate commission publicité publicidad promoted
    partner
counts: views likes votes points joined member members reputation followers posts topics upvote downvote karma solved
shop: cart buy checkout shipping basket stock quantity wishlist delivery returns warenkorb versand panier carrito
price: $ € £ usd eur gbp price preis prix
navigation: home menu search next previous back top skip contact about navigation startseite kontakt suche accueil inicio
    categories category archives breadcrumb
more: read continue learn view click show load see more mehr weiterlesen lire suite leer leggi expand close toggle open
filter: sort filter results showing page pages items per clear apply select refine
review: review reviews rating ratings stars bewertung bewertungen avis reseñas verified
tags: tags tag tagged filed under topics keywords schlagwörter schlagworte étiquettes etiquetas
place: phone tel email fax address street monday tuesday wednesday thursday friday saturday sunday
report: report flag quote edit copy link permalink print download save bookmark follow
question: faq faqs frequently question questions
"""
_VOCABULARY = vocabulary(_CUES)
BIT = {cue: 1 << number for number, cue in enumerate(_VOCABULARY)}
PLAIN = 1 << len(BIT)  # words of any prose: articles, prepositions, pronouns
_PLAIN = """
a an the of and to in is that it for was on are as with his they at be this have from or had but not what all were we when
your can said there use each which she do how their if will up other out them then many some so these would into has him her
been who its now than find the der die das und ist nicht ein eine zu den von mit sich auf für im dem des auch es an werden
aus er hat dass sie nach bei um noch wie einem über le la les des est une que dans qui pour pas sur au avec ce il elle ne se
plus par son el los las en un una por con para su al lo como más pero sus il di che non è una per sono del della i het van
een dat op te zijn niet o os um uma não com
"""
WORDS = {word: BIT[cue] for cue, words in _VOCABULARY.items() for word in words}
for _word in _PLAIN.split():
    WORDS[_word] = WORDS.get(_word, 0) | PLAIN
WORD_TABLE = hash_table(WORDS, 2048)

LETTER, DIGIT, MARK, COMMA, SIGN = 1, 2, 3, 4, 5  # kinds of bytes
_KIND = np.zeros(256, np.uint8)
_KIND[65:91] = _KIND[97:123] = _KIND[128:] = LETTER
_KIND[48:58] = DIGIT
_KIND[[ord(c) for c in ".!?"]] = MARK
_KIND[[ord(c) for c in ",;:"]] = COMMA
_KIND[[ord(c) for c in "|/<>*#+=@$"]] = SIGN

# ---------------------------------------------------------------- words of a block: int64 [blocks, WORD_COLUMNS]

N_WORDS, N_MARKS, N_COMMAS, N_DIGITS, N_CAPITALS, N_PLAIN, N_SIGNS, CUES_OF = range(8)
WORD_COLUMNS = 8
CUE_BYTES = 400  # of a block that are searched for cues: furniture is short, and prose says everything somewhere


@part
def _wide_kind(text: np.ndarray, i: int, end: int) -> int:
    """MARK or COMMA where the letter at `i` is one: the ideographic, Arabic and Indic marks, and the ellipsis."""
    if i + 1 >= end:
        return LETTER
    a, b = text[i], text[i + 1]
    if a == 0xD8:
        return MARK if b == 0x9F else COMMA if b == 0x8C else LETTER
    if i + 2 >= end:
        return LETTER
    c = text[i + 2]
    if a == 0xE3 and b == 0x80:
        return MARK if c == 0x82 else COMMA if c == 0x81 else LETTER
    if a == 0xEF and b == 0xBC:
        return MARK if c in (0x81, 0x9F) else COMMA if c in (0x8C, 0x9A, 0x9B) else LETTER
    is_mark = (a == 0xE0 and b == 0xA5 and c == 0xA4) or (a == 0xE2 and b == 0x80 and c == 0xA6)
    return MARK if is_mark else LETTER


@part
def _count_word(h: int, row: np.ndarray) -> None:
    found = find(WORD_TABLE, h)
    row[N_PLAIN] += (found & PLAIN) != 0
    row[CUES_OF] |= found & ~PLAIN


@part
def _count_sign(text: np.ndarray, i: int, end: int, kind: int, row: np.ndarray) -> None:
    if kind == DIGIT:
        row[N_DIGITS] += 1
    elif kind == MARK:
        row[N_MARKS] += i + 1 >= end or text[i + 1] <= 32 or text[i + 1] == 34
    elif kind == COMMA:
        row[N_COMMAS] += 1
    elif kind == SIGN:
        row[N_SIGNS] += 1
        if text[i] == 36:
            _count_word(36, row)


@part
def read_words(text: np.ndarray, start: int, end: int, row: np.ndarray) -> None:
    """Fills the row of the block between `start` and `end`."""
    row[:] = 0
    h = 0
    in_word = False
    for i in range(start, end):
        c = text[i]
        kind = _KIND[c]
        if kind == LETTER:
            row[N_CAPITALS] += not in_word and c <= 90
            h = mix(h, LOWER[c])
            in_word = True
            if c >= 0xD8:
                wide = _wide_kind(text, i, end)
                row[N_MARKS] += wide == MARK
                row[N_COMMAS] += wide == COMMA
            continue
        if in_word:
            row[N_WORDS] += 1
            if i - start < CUE_BYTES:
                _count_word(h, row)
            h = 0
            in_word = False
        if kind:
            _count_sign(text, i, end, kind, row)
    if in_word:
        row[N_WORDS] += 1
        if end - start < CUE_BYTES:
            _count_word(h, row)
