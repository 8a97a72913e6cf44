"""fastText labels as language codes: "__label__eng_Latn", "__label__en" and "__label__pt-br" say en, en and pt."""

import functools

PREFIX = "__label__"

# ISO 639-3 -> 639-1, all 184 (ISO 639 registration authority; withdrawn "sh" kept).
ISO_639 = (
    "aar:aa abk:ab afr:af aka:ak amh:am ara:ar arg:an asm:as ava:av ave:ae aym:ay aze:az bak:ba bam:bm bel:be ben:bn bis:bi "
    "bod:bo bos:bs bre:br bul:bg cat:ca ces:cs cha:ch che:ce chu:cu chv:cv cor:kw cos:co cre:cr cym:cy dan:da deu:de div:dv "
    "dzo:dz ell:el eng:en epo:eo est:et eus:eu ewe:ee fao:fo fas:fa fij:fj fin:fi fra:fr fry:fy ful:ff gla:gd gle:ga glg:gl "
    "glv:gv grn:gn guj:gu hat:ht hau:ha hbs:sh heb:he her:hz hin:hi hmo:ho hrv:hr hun:hu hye:hy ibo:ig ido:io iii:ii iku:iu "
    "ile:ie ina:ia ind:id ipk:ik isl:is ita:it jav:jv jpn:ja kal:kl kan:kn kas:ks kat:ka kau:kr kaz:kk khm:km kik:ki kin:rw "
    "kir:ky kom:kv kon:kg kor:ko kua:kj kur:ku lao:lo lat:la lav:lv lim:li lin:ln lit:lt ltz:lb lub:lu lug:lg mah:mh mal:ml "
    "mar:mr mkd:mk mlg:mg mlt:mt mon:mn mri:mi msa:ms mya:my nau:na nav:nv nbl:nr nde:nd ndo:ng nep:ne nld:nl nno:nn nob:nb "
    "nor:no nya:ny oci:oc oji:oj ori:or orm:om oss:os pan:pa pli:pi pol:pl por:pt pus:ps que:qu roh:rm ron:ro run:rn rus:ru "
    "sag:sg san:sa sin:si slk:sk slv:sl sme:se smo:sm sna:sn snd:sd som:so sot:st spa:es sqi:sq srd:sc srp:sr ssw:ss sun:su "
    "swa:sw swe:sv tah:ty tam:ta tat:tt tel:te tgk:tg tgl:tl tha:th tir:ti ton:to tsn:tn tso:ts tuk:tk tur:tr twi:tw uig:ug "
    "ukr:uk urd:ur uzb:uz ven:ve vie:vi vol:vo wln:wa wol:wo xho:xh yid:yi yor:yo zha:za zho:zh zul:zu"
)
TWO_LETTERS = dict(pair.split(":") for pair in ISO_639.split())

# Members of a macrolanguage that models name (GlotLID, NLLB) where pages and 639-1 speak of the macrolanguage.
MEMBER_CODES = (
    "als:sq arb:ar azj:az cmn:zh ekk:et fil:tl gaz:om gug:gn khk:mn kmr:ku lvs:lv npi:ne ory:or pbt:ps pes:fa plt:mg "
    "quy:qu swh:sw uzn:uz ydd:yi zsm:ms"
)
MEMBERS = dict(pair.split(":") for pair in MEMBER_CODES.split())


@functools.cache
def language_of_label(label: str) -> str:
    """ISO 639-1 where there is one, else the 639-3 code as the model names it; what no code looks like is "und"."""
    code = label.removeprefix(PREFIX).replace("-", "_").split("_")[0].lower()
    code = TWO_LETTERS.get(code) or MEMBERS.get(code) or code
    return code if code.isalpha() and code.isascii() and len(code) in (2, 3) else "und"
