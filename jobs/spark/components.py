"""edges -> (node, component): alternating large-star and small-star steps until nothing moves.

Kiveris et al., "Connected Components in MapReduce and Beyond" (SoCC 2014). Each step is one shuffle that turns every edge
into one edge, so the graph never grows; a node with a million neighbours is a sort that spills, never a list. No graph
leaves the cluster: the driver sees one number a round.
"""

from pyspark import StorageLevel
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as f

from pipeline.errors import BrokenPromise

MAX_ROUNDS = 64  # a path of 1,000 nodes takes 7 rounds; the known bound is the square of the logarithm of the nodes


def components(edges: DataFrame) -> DataFrame:
    """(node, component): every node of `edges` (left, right) with the smallest node it is connected to.

    Raises BrokenPromise where the edges still move after MAX_ROUNDS.
    """
    larger, smaller = f.greatest("left", "right"), f.least("left", "right")
    stars = edges.where("left <> right").select(larger.alias("node"), smaller.alias("root"))
    before = None
    for _ in range(MAX_ROUNDS):
        stars = materialised(small_star(large_star(stars)))
        after = stars.agg(f.sum(f.pmod(f.xxhash64("node", "root"), f.lit(1 << 30)))).first()
        if after == before:
            return stars.union(stars.select("root", "root")).distinct().toDF("node", "component")
        before = after
    raise BrokenPromise(f"the components of the duplicates did not settle within {MAX_ROUNDS} rounds; please report this graph")


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
