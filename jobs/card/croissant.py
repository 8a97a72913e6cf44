"""The corpus as Croissant 1.1 describes a data set: JSON-LD on schema.org, https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html."""

from typing import Any

import pyarrow as pa

from jobs.card.ledger import Ledger
from jobs.corpus.folder import Corpus
from pipeline.tables import CURATED

CONFORMS_TO = "http://mlcommons.org/croissant/1.1"
FILES, PAGES = "curated-files", "pages"
MEANINGS = {
    "doc_id": "hash of the record's identity: record id, address, date",
    "url": "address as it was fetched, e-mail and secrets masked",
    "language": "ISO 639-1 where there is one, else 639-3",
    "text": "main text of the page, after edits",
    "n_tokens": "null where tokens were counted elsewhere",
}
_TYPES = {pa.string(): "sc:Text", pa.int64(): "sc:Integer"}

# The specification's own context, as mlcroissant 1.1 writes it.
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def croissant_of(corpus: Corpus, ledger: Ledger, title: str, licence: str | None) -> dict[str, Any]:
    """Files by their paths in the corpus, which is where this document has to lie, and by their hashes."""
    period = ledger.one("read_period")
    described: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": title,
        "description": _description(ledger),
        "inLanguage": [row["language"] for row in ledger.all("languages") if row["language"]],
        "distribution": _distribution(corpus),
        "recordSet": [_record_set()],
    }
    if period["first"]:
        described["temporalCoverage"] = f"{period['first'][:10]}/{period['last'][:10]}"
    return described | ({"license": licence} if licence else {})


def _description(ledger: Ledger) -> str:
    kept, records = ledger.one("kept"), sum(row["records"] for row in ledger.all("outcomes"))
    return (
        f"{kept['documents']:,} pages, {kept['bytes']:,} bytes of text, kept of {records:,} records of web crawls by winnow, "
        "which accounts for every record."
    )


def _distribution(corpus: Corpus) -> list[dict[str, Any]]:
    files = corpus.files("curated")
    described: list[dict[str, Any]] = [
        {
            "@type": "cr:FileObject",
            "@id": one.file,
            "name": one.file,
            "contentUrl": one.file,
            "contentSize": f"{one.bytes} B",
            "encodingFormat": "application/x-parquet",
            "sha256": one.sha256,
        }
        for one in files
    ]
    together = {"@type": "cr:FileSet", "@id": FILES, "name": FILES, "encodingFormat": "application/x-parquet"}
    return [*described, together | {"includes": [one.file for one in files]}]


def _record_set() -> dict[str, Any]:
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"{PAGES}/{column.name}",
            "name": column.name,
            "description": MEANINGS[column.name],
            "dataType": _TYPES[column.type],
            "source": {"fileSet": {"@id": FILES}, "extract": {"column": column.name}},
        }
        for column in CURATED
    ]
    key = {"@id": f"{PAGES}/doc_id"}
    return {
        "@type": "cr:RecordSet",
        "@id": PAGES,
        "name": PAGES,
        "description": "A row for each kept page.",
        "key": key,
        "field": fields,
    }
