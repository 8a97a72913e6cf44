"""What happens to personal data and secrets, kind by kind."""

from dataclasses import dataclass
from typing import Literal

from pipeline.errors import RecipeError
from pipeline.settings import check_settings, setting

WHAT = "mask: a placeholder in the kept text; drop: the page goes, as personal; keep: only reported; off: not looked for"


PERSONAL = "personal"  # findings.attack


@dataclass(frozen=True, kw_only=True)
class PersonalSettings:
    """Personal data and secrets in the text that is kept: masked, reason to drop the page, only reported, or not looked for."""

    email: Literal["mask", "drop", "keep", "off"] = setting(
        "mask", f"e-mail addresses. {WHAT}", "datatrove, FineWeb, Dolma, The Stack: masked"
    )
    phone: Literal["mask", "drop", "keep", "off"] = setting(
        "mask",
        "phone numbers: valid ones with a country's code, or after a word that says so",
        "Dolma: masked; FineWeb: left, for errors",
    )
    ip_address: Literal["mask", "drop", "keep", "off"] = setting(
        "mask", "public IPv4 and IPv6 addresses", "datatrove, FineWeb, Dolma, The Stack: masked"
    )
    iban: Literal["mask", "drop", "keep", "off"] = setting(
        "mask", "bank accounts by IBAN, with length and check digits of their country", "winnow; ISO 13616"
    )
    card: Literal["mask", "drop", "keep", "off"] = setting(
        "mask", "payment cards: issuer's range and length, check digit", "winnow; ISO/IEC 7812"
    )
    national_id: Literal["mask", "drop", "keep", "off"] = setting(
        "mask", "numbers of persons with check digits: docs/content-lists.md has countries and forms", "winnow"
    )
    secret: Literal["mask", "drop", "keep", "off"] = setting(
        "mask", "keys, tokens, private keys, passwords in addresses: docs/content-lists.md has the services", "The Stack: masked"
    )
    max_masked: int | None = setting(
        None, "a page with more masked spans is dropped as personal; none: no bound", "Dolma drops pages from 6 on", minimum=0
    )
    max_findings_per_page: int = setting(
        100, "further findings of a page are not written; all of them are masked", "bounds the table", minimum=1
    )

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "personal.")


KINDS = ("secret", "email", "iban", "card", "national_id", "ip_address", "phone")  # where two overlap, the first one holds
PLACEHOLDERS = {
    "secret": "<KEY>",
    "email": "<EMAIL>",
    "iban": "<IBAN>",
    "card": "<CARD>",
    "national_id": "<ID>",
    "ip_address": "<IP>",
    "phone": "<PHONE>",
}
