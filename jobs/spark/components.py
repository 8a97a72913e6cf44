"""edges -> (node, component): alternating large-star and small-star steps until nothing moves; few edges in one task.

Kiveris et al., "Connected Components in MapReduce and Beyond" (SoCC 2014). Each step is one shuffle that turns every edge
into one edge, so the graph never grows; a node with a million neighbours is a sort that spills, never a list. No graph
leaves the cluster: the driver sees one number a round.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark import StorageLevel
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as f

from jobs.spark.arrow_map import map_partitions
from pipeline.errors import BrokenPromise

MAX_ROUNDS = 64  # a path of 1,000 nodes takes 7 rounds; the known bound is the square of the logarithm of the nodes
NOT_SETTLED = "the components of the duplicates did not settle within {rounds} rounds; please report this graph"
FEW_EDGES = 1_000_000  # what one task connects: two ids each, 100 MB in all

CONNECTED = pa.schema([("node", pa.string()), ("component", pa.string())])


def components(edges: DataFrame, few_edges: int = FEW_EDGES) -> DataFrame:
    """(node, component): every node of `edges` (left, right) with the smallest node it is connected to.

    `edges` are counted, so they should be computed already. Raises BrokenPromise where they still move after MAX_ROUNDS.
    """
    if edges.limit(few_edges + 1).count() <= few_edges:
        return map_partitions(connected, edges.select("left", "right").coalesce(1), CONNECTED)
    larger, smaller = f.greatest("left", "right"), f.least("left", "right")
    stars = edges.where("left <> right").select(larger.alias("node"), smaller.alias("root"))
    before = None
    for _ in range(MAX_ROUNDS):
        stars = materialised(small_star(large_star(stars)))
        after = stars.agg(f.sum(f.pmod(f.xxhash64("node", "root"), f.lit(1 << 30)))).first()
        if after == before:
            return stars.union(stars.select("root", "root")).distinct().toDF("node", "component")
        before = after
    raise BrokenPromise(NOT_SETTLED.format(rounds=MAX_ROUNDS))


def connected(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """All edges (left, right) -> CONNECTED."""
    edges = pa.Table.from_batches(batches, pa.schema([("left", pa.string()), ("right", pa.string())]))
    edges = edges.filter(pc.not_equal(edges["left"], edges["right"]))
    names = pc.unique(pa.chunked_array([*edges["left"].chunks, *edges["right"].chunks], pa.string()))
    names = names.take(pc.sort_indices(names))
    left, right = (pc.index_in(edges[side], names).to_numpy() for side in ("left", "right"))
    smallest = pa.array(smallest_connected(left, right, len(names)))
    yield pa.RecordBatch.from_arrays([names, names.take(smallest)], schema=CONNECTED)


def smallest_connected(left: np.ndarray, right: np.ndarray, nodes: int) -> np.ndarray:
    """int64 [nodes]: for each node the smallest that it is connected to. `left` and `right` [edges] are nodes, from 0.

    Two rounds halve the trees: each hangs itself on a smaller neighbour, or its neighbours do on trees smaller than it.
    """
    root = np.arange(nodes)
    for _ in range(MAX_ROUNDS):
        before = root.copy()
        smaller = np.minimum(root[left], root[right])
        for side in (left, right):
            np.minimum.at(root, before[side], smaller)  # trees are hung on one another
            np.minimum.at(root, side, smaller)
        while not np.array_equal(jumped := root[root], root):
            root = jumped
        if np.array_equal(root, before):
            return root
    raise BrokenPromise(NOT_SETTLED.format(rounds=MAX_ROUNDS))


def large_star(stars: DataFrame) -> DataFrame:
    """Hangs each node's larger neighbours on the smallest of its neighbourhood. Edges are (node, root), root < node."""
    both_ways = stars.union(stars.select("root", "node"))
    smallest = f.least(f.min("root").over(Window.partitionBy("node")), "node")
    return both_ways.withColumn("smallest", smallest).where("root > node").select("root", "smallest").toDF("node", "root")


def small_star(stars: DataFrame) -> DataFrame:
    """Hangs each node and its smaller neighbours on the smallest of them: the edge to that one stays, the others move down."""
    smallest = f.min("root").over(Window.partitionBy("node"))
    moved = f.when(f.col("root") == f.col("smallest"), f.col("node")).otherwise(f.col("root"))
    return stars.withColumn("smallest", smallest).select(moved, "smallest").toDF("node", "root")


def materialised(frame: DataFrame) -> DataFrame:
    """`frame`, computed now and cut from its history, so that rounds do not pile up in the plan.

    Where the session has a checkpoint folder it goes there and survives the loss of an executor; else into Spark's own
    storage, where the loss of an executor fails the stage, which is then made again from its inputs. Same rows either way.
    """
    if frame.sparkSession.sparkContext.getCheckpointDir() is None:
        return frame.localCheckpoint(eager=True)
    kept = frame.persist(StorageLevel.DISK_ONLY)  # else the checkpoint would compute everything twice
    try:
        return kept.checkpoint(eager=True)
    finally:
        kept.unpersist()
