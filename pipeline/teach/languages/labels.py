"""Which declarations of human rights teach which label, and which labels are languages that the model claims to know."""

from collections.abc import Collection

from pipeline.language.codes import language_of_label

# Languages taught by the Declaration alone, besides those that have sentences: names of its files, without "udhr_".
DECLARED = frozenset(
    "abk amh ast ayr bam ban bis bod bre ceb cha chr_cased ckb cos crh div dzo ewe fao fij fon fri fur gaa gla glg glv gsw1 gug "
    "hat_kreyol hat_popular hau_NE hau_NG haw hil hsb ibo ido ike ilo ina jav kal kan kbp khm kin kir kmr kng lad lao lij lin "
    "lin_tones ltz lua lus mai bho mal mal_chillus min mlt mos mya nav nbl nds nep nso nya_chechewa nya_chinyanja oci_1 oci_2 "
    "oci_3 oci_4 oss pam pap pbu plt pnb quy roh roh_puter roh_rumgr roh_surmiran roh_sursilv roh_sutsilv roh_vallader "
    "run sag sah san sco "
    "sin sme smo src ssw sun tah tat tet tgk tir tiv ton tpi tuk_cyrl tuk_latn tyv uig_arab uig_latn uzn_cyrl uzn_latn vec ven "
    "wln war wol ydd yue zgh azj_cyrl cmn_hant ace bci bcl".split()
)
# Files whose label is not the code in front of their name; "-" stands before what is never claimed.
LABELS = {
    "azj_cyrl": "az_Cyrl", "cmn_hant": "zh_Hant", "srp_latn": "sr_Latn", "fri": "fy", "gsw1": "gsw", "ike": "iu",
    "src": "sc", "uig_latn": "ug_Latn", "uzn_cyrl": "uz_Cyrl", "tuk_cyrl": "tk_Cyrl", "tha2": "th", "ven2": "ve",
    "fuv2": "-fuv", "mly_latn": "ms", "ckb": "ku", "mly_arab": "-mly_arab", "vie_han": "-vie_han", "jav_java": "-jav_java",
    "tgl_tglg": "-tgl_tglg", "khk_mong": "-khk_mong", "san_gran": "-san_gran", "kkh_lana": "-kkh_lana",
}  # fmt: skip
# Word for word the Serbian one, but for a few; and Chinese as it is written everywhere, under the names of its dialects.
UNUSED = frozenset({"bos_cyrl", "cjy", "gan", "wuu"})
NOISE = "-noise"


def label_of_declaration(name: str, with_sentences: Collection[str]) -> str:
    """The label that a file of the Declaration teaches: "az_Cyrl" of azj_cyrl, "-vep" of a language that is not claimed."""
    code = language_of_label(name.split("_")[0])
    label = LABELS.get(name) or (name if code == "und" else code)
    claimed = name in DECLARED or label.split("_")[0] in with_sentences
    return label if claimed else "-" + label.removeprefix("-")


def is_claimed(label: str) -> bool:
    """Whether an answer may be this label."""
    return not label.startswith("-")


def language_of(label: str) -> str:
    """The code that pages get: "az" of az_Cyrl, "und" of what is not claimed."""
    return label.split("_")[0] if is_claimed(label) else "und"
