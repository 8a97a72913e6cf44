"""A card's Croissant and front matter, read by those who define them."""

import shutil
from pathlib import Path

import pytest

from jobs.card.write import write_card
from jobs.corpus.folder import open_corpus
from tests.jobs.report.report_corpus import make_corpus
from tests.jobs.stored import table
from tests.peers.peer import peer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The card of a corpus, and its pages beside it: what is published."""
    make_corpus(tmp_path / "C", documents=40)
    answers = tmp_path / "answers.toml"
    answers.write_text('licence = "https://opendatacommons.org/licenses/by/1-0/"\ntitle = "Pages"\n')
    write_card(open_corpus(str(tmp_path / "C")), tmp_path / "card", answers)
    shutil.copytree(tmp_path / "C" / "curated", tmp_path / "card" / "curated")
    return tmp_path / "card"


@peer("mlcroissant", "'mlcroissant[parquet]==1.1.1'")
@pytest.mark.usefixtures("quiet")
def test_mlcroissant_finds_no_error_and_reads_every_page(folder: Path) -> None:
    import mlcroissant

    dataset = mlcroissant.Dataset(str(folder / "croissant.json"))
    assert not dataset.metadata.ctx.issues.errors
    assert dataset.metadata.ctx.is_v1_1()
    read = {row["pages/doc_id"].decode(): row["pages/text"].decode() for row in dataset.records("pages")}
    kept = table(open_corpus(str(folder.parent / "C")), "curated")
    assert read == {row["doc_id"]: row["text"] for row in kept} and len(read) == 20


@peer("huggingface_hub", "huggingface_hub")
def test_the_hub_reads_the_front_matter(folder: Path) -> None:
    from huggingface_hub import DatasetCard

    data = DatasetCard.load(folder / "README.md").data.to_dict()
    assert (data["pretty_name"], data["size_categories"], data["task_categories"]) == ("Pages", ["n<1K"], ["text-generation"])
    assert set(data["language"]) == {"en", "de", "fr", "ja", "ru", "zh"}


@peer("datasets", "datasets==5.2.0")
@pytest.mark.usefixtures("quiet")
def test_datasets_finds_the_pages_by_the_front_matter(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import load_dataset

    assert load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))["train"].num_rows == 20
