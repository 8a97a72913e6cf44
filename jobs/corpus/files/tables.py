"""Where the files of each table of a corpus lie, and how its rows are dealt into them (pipeline/tables.py has the columns)."""

from typing import NamedTuple

from tokenizer.bpe.special import tokenizer_config

# Tables that lie in a folder of another name than theirs.
_FOLDERS = {
    "word_counts": "tokenizer/word_counts",
    "language_counts": "tokenizer/language_counts",
    "token_counts": "shards/token_counts",
    "tombstones": "takedowns",
}

# What is no table has files too: texts and token shards. The first file of each is known to other tools by a name that never
# changes: a copy, which nothing of ours reads.
COPIES = {"tokenizer": "tokenizer/tokenizer.json", "shards": "shards/shards.json", "report": "report.html"}

# What stands beside such a copy, the same in every corpus: what AutoTokenizer wants to know besides tokenizer.json.
BESIDE = {"tokenizer": ("tokenizer/tokenizer_config.json", tokenizer_config())}


def folder_of(table: str) -> str:
    """Where the files of a table lie in a corpus."""
    return _FOLDERS.get(table, table)


class Layout(NamedTuple):
    """How a table's rows are dealt into files: by value alone, so that the same rows give the same files on any cluster."""

    records_per_file: int  # records that the corpus has read, for each file
    sorted_by: tuple[str, ...]  # then by all other columns
    by_doc_id: bool = True  # files are stretches of doc_ids; else the hash of what it is sorted by decides

    def files(self, records: int) -> int:
        """For so many records of the whole corpus, documents and rejects."""
        return 1 + records // self.records_per_file


_LAYOUTS = {
    "own_measures": Layout(1_000_000, ("doc_id", "measure")),
    "own_findings": Layout(2_000_000, ("doc_id", "field", "start", "end", "detector", "kind")),
    "verdicts": Layout(1_000_000, ("doc_id", "stage", "rule")),
    "findings": Layout(2_000_000, ("doc_id", "field", "start", "end", "rule")),
    "edits": Layout(200_000, ("doc_id", "start", "end")),
    "repeats": Layout(200_000, ("doc_id", "start", "end")),
    "own_edits": Layout(200_000, ("doc_id", "start", "end")),
    "duplicates": Layout(2_000_000, ("doc_id", "kind", "warc_file", "warc_offset")),
    "sketches": Layout(500_000, ("doc_id",)),
    "outcomes": Layout(1_000_000, ("warc_file", "warc_offset"), by_doc_id=False),
    "curated": Layout(50_000, ("doc_id",)),
    "word_counts": Layout(5_000_000, ("word",), by_doc_id=False),  # distinct words grow far slower than records
    "language_counts": Layout(5_000_000, ("word",), by_doc_id=False),
    "token_counts": Layout(1 << 40, ("token",), by_doc_id=False),  # one file: a vocabulary is small
}


def layout_of(table: str) -> Layout:
    """Of a table that does not say, as one that is keyed by doc_id and has about a row a record."""
    return _LAYOUTS.get(table, Layout(1_000_000, ("doc_id",)))
