"""Which copies are looked for, and how alike they must be."""

from dataclasses import dataclass

from pipeline.errors import RecipeError
from pipeline.settings import setting

MAX_PERMUTATIONS = 1024  # 4 KiB a signature


@dataclass(frozen=True, kw_only=True)
class DuplicateSettings:
    """Which copies are looked for, and how alike two texts must be."""

    same_url: bool = setting(True, "drop all but the newest fetch of a URL")
    row_urls: str = setting(
        "dated",
        'of rows (JSON, Parquet) with one URL the newest stands: "dated" where their dates differ, "always", "never"; '
        "alike texts are found all the same",
    )
    exact: bool = setting(True, "drop all but one document of the same text")
    near: bool = setting(True, "drop all but one of documents that share most of their shingles")
    shingle_words: int = setting(5, "words in a shingle", "FineWeb")
    bands: int = setting(14, "bands of the signature; two documents are compared when one band is equal", "FineWeb")
    rows: int = setting(8, "hashes in a band", "FineWeb")
    # A pair of similarity s is compared with probability 1 - (1 - s^8)^14: .57 at .7, .77 at .75, .92 at .8, 1.00 at .9.
    # Half of all pairs are found at (1 - .5^(1/14))^(1/8) = .685; a bound below that would promise what is mostly missed.
    min_similarity: float = setting(0.75, "Jaccard similarity of shingles from which a pair is near duplicates", "FineWeb")
    seed: int = setting(1, "chooses the permutations of the signature", "datasketch's default")
    # On 6,563 texts of manuals .9979 of the true pairs end in one component with the best alone, .9986 with one neighbour,
    # and not one more with 15 or with every pair of the bucket: what is left is what MinHash itself misses.
    bucket_neighbours: int = setting(1, "in a bucket, compare with the best and so many next in value", "measured")
    # There, 12 of 1,345 near copies are less than .75 similar to their keeper, the least .66: one page half translated into
    # several languages, one screen a few moves later. Such may go; what a long chain drifts to may not.
    min_keeper_similarity: float = setting(0.5, "a copy of a copy that is less similar to the keeper stays", "measured")

    scope: str = setting(
        "corpus",
        '"corpus": of whatever page; "input": of pages of the same dump or folder alone (pipeline/duplicates/scope.py)',
        "FineWeb: by dump",
    )
    strict: bool = setting(False, "a near copy less similar to its keeper than min_similarity stays: no copy of a copy goes")
    against: tuple[str, ...] = setting(
        (), "corpora of earlier crawls, by folder or URL: a copy of what one keeps goes", "RefinedWeb 3.3", content="curated"
    )

    @property
    def within_inputs(self) -> bool:
        """Whether pages are copies of pages of the same input alone."""
        return self.scope == "input"

    @property
    def keeper_similarity(self) -> float:
        """From which a member of a component goes for its best."""
        return self.min_similarity if self.strict else self.min_keeper_similarity

    def __post_init__(self) -> None:
        if self.row_urls not in ("dated", "always", "never"):
            raise RecipeError(f'duplicates.row_urls is {self.row_urls!r}; it must be "dated", "always" or "never"')
        if self.scope not in ("corpus", "input"):
            raise RecipeError(f'duplicates.scope is {self.scope!r}; it must be "corpus" or "input"')
        if self.within_inputs and self.against:
            raise RecipeError(
                'duplicates.scope = "input" looks at one input at a time and duplicates.against at other crawls; set one of them'
            )
        for name in ("shingle_words", "bands", "rows", "bucket_neighbours"):
            if getattr(self, name) < 1:
                raise RecipeError(f"duplicates.{name} is {getattr(self, name)}; it must be 1 or more")
        if self.bands * self.rows > MAX_PERMUTATIONS:
            raise RecipeError(f"duplicates.bands times rows is {self.bands * self.rows}; it can be at most {MAX_PERMUTATIONS}")
        if not 0 < self.min_similarity <= 1:
            raise RecipeError(f"duplicates.min_similarity is {self.min_similarity}; it must be above 0 and at most 1")
        if not 0 <= self.min_keeper_similarity <= self.min_similarity:
            raise RecipeError(
                f"duplicates.min_keeper_similarity is {self.min_keeper_similarity}; "
                f"it must be from 0 to min_similarity, which is {self.min_similarity}"
            )
        if not 0 <= self.seed < 2**32:
            raise RecipeError(f"duplicates.seed is {self.seed}; it must be from 0 to 4294967295")
