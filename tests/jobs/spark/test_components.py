"""jobs/spark/components.py against following every edge until nothing changes."""

import random
from itertools import combinations, pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.spark import components as connect_components
from jobs.spark.components import components, connected, smallest_connected
from pipeline.errors import BrokenPromise
from tests.examples import one_in
from tests.reference import minhash as reference

pytestmark = pytest.mark.spark
graphs = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=14)


def found(spark, edges, few_edges=0):
    sides = [pa.array([edge[side] for edge in edges], pa.string()) for side in (0, 1)]
    table = pa.table(sides, ["left", "right"])
    rows = components(spark.createDataFrame(table), few_edges).collect()
    assert len(rows) == len({row["node"] for row in rows})
    return {row["node"]: row["component"] for row in rows}


# Many graphs are one disconnected graph: Spark starts once for all of them.
@given(st.lists(graphs, min_size=60, max_size=60))
@one_in(20)
def test_components_equal_the_twin(spark, many):
    edges = [(f"{graph:02}.{left}", f"{graph:02}.{right}") for graph, edges in enumerate(many) for left, right in edges]
    assert found(spark, edges) == reference.components(edges)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=60))
def test_one_task_connects_as_the_twin_does(edges):
    named = [(f"{left:02}", f"{right:02}") for left, right in edges]
    sides = [pa.array([edge[side] for edge in named], pa.string()) for side in (0, 1)]
    batch = pa.record_batch(sides, ["left", "right"])
    (rows,) = connected(iter([batch.slice(0, 7), batch.slice(7)]))
    assert dict(zip(*(rows[name].to_pylist() for name in ("node", "component")), strict=True)) == reference.components(named)


def test_one_task_connects_a_long_path_in_any_order_within_few_rounds():
    """Labels that only move along edges give the same answer after 40,000 rounds of such a path of 100,000 nodes."""
    path = np.random.default_rng(1).permutation(100_000)
    assert not smallest_connected(path[:-1], path[1:], len(path)).any()


def test_few_edges_give_what_many_would(spark):
    edges = [("b", "a"), ("c", "b"), ("f", "f"), ("y", "z"), ("x", "z")]
    assert found(spark, edges, few_edges=5) == found(spark, edges, few_edges=4) == reference.components(edges)
    assert found(spark, [], few_edges=5) == {}


def test_a_path_of_a_thousand_nodes_in_any_order_is_one_component(spark):
    names = [f"{number:04}" for number in range(1000)]
    random.Random(5).shuffle(names)
    edges = list(pairwise(names))
    assert found(spark, edges) == found(spark, edges, few_edges=2000) == dict.fromkeys(names, "0000")


def test_a_star_and_a_clique_keep_apart(spark):
    rays, circle = [f"s{number:03}" for number in range(1000)], [f"c{number:02}" for number in range(30)]
    edges = [("s500", ray) for ray in rays] + list(combinations(circle, 2))
    assert found(spark, edges) == dict.fromkeys(rays, "s000") | dict.fromkeys(circle, "c00")


def test_edges_that_do_not_settle_in_time_are_a_broken_promise(spark, monkeypatch):
    monkeypatch.setattr(connect_components, "MAX_ROUNDS", 2)
    path = [(f"{number:03}", f"{number + 1:03}") for number in range(100)]
    with pytest.raises(BrokenPromise, match="did not settle within 2 rounds"):
        found(spark, path)


def test_with_a_checkpoint_folder_the_answer_is_the_same(spark, tmp_path):
    context = spark.sparkContext
    context.setCheckpointDir(str(tmp_path))
    try:
        assert found(spark, [("b", "a"), ("c", "b"), ("f", "f")]) == {"a": "a", "b": "a", "c": "a"}
        assert list(tmp_path.iterdir())
    finally:
        context._jsc.sc().setCheckpointDir(None)
