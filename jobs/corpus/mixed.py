"""Several corpora as one sequence of rows, which runs read and exports hold; those that make no mixture are refused. No torch."""

from collections.abc import Sequence

from pipeline.errors import UsageError
from tokenizer.shards.loader import Loader
from tokenizer.shards.mixture import Mixture
from tokenizer.shards.turns import Turns

Rows = Loader | Mixture  # what a feed reads


def mixed(loaders: Sequence[Loader], weights: Sequence[int]) -> Rows:
    """What a feed reads: the loader of one corpus, or several by turns. Raises UsageError where they cannot be mixed."""
    if len(loaders) > 1:
        return mixture_of(loaders, weights)
    if weights:
        raise UsageError(_wanted_weights(loaders))
    return loaders[0]


def mixture_of(loaders: Sequence[Loader], weights: Sequence[int], *, one_tokenizer: bool = True) -> Mixture:
    """Several corpora by turns; `one_tokenizer`: their ids have to mean the same, for they are read as ids."""
    if len(weights) != len(loaders):
        raise UsageError(_wanted_weights(loaders))
    if one_tokenizer:
        _refuse_other_tokenizers(loaders)
    _refuse_twice(loaders)
    return Mixture(loaders, Turns(weights))


def _wanted_weights(loaders: Sequence[Loader]) -> str:
    """A line for people who gave weights that do not fit the corpora."""
    if len(loaders) == 1:
        return f"weights are given and there is one corpus, {loaders[0].corpus}: name the others, or leave the weights out"
    tokens = " and ".join(f"{loader.tokens:,}" for loader in loaders)
    return (
        f"{len(loaders)} corpora want --weights, such as {','.join(['3', *'1' * (len(loaders) - 1)])}; they have {tokens} tokens"
    )


def _refuse_other_tokenizers(loaders: Sequence[Loader]) -> None:
    """Raises UsageError where ids of one corpus mean other tokens than those of another."""
    first = loaders[0]
    for one in loaders[1:]:
        if one.manifest.tokenizer_sha256 != first.manifest.tokenizer_sha256:
            raise UsageError(
                f"{one.corpus} has another tokenizer than {first.corpus}: "
                f"`winnow curate INPUT... --output {one.corpus} --set tokenizer.from={first.corpus}` gives it the same"
            )


def _refuse_twice(loaders: Sequence[Loader]) -> None:
    """Raises UsageError where a corpus is named twice."""
    for number, one in enumerate(loaders):
        if any(one.manifest.fingerprint == other.manifest.fingerprint for other in loaders[:number]):
            raise UsageError(f"{one.corpus} has the shards of another one: name it once, with the sum of both weights")
