"""How Spark runs in tests: with little data and not for long."""

from tests.paths import PROJECT

# Beside what jobs/spark/session.py does for little data.
FEW_TASKS = {
    "spark.sql.adaptive.enabled": "false",  # tests/jobs/stages/test_killed.py: with it no byte differs
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    "spark.executorEnv.PYTHONPATH": str(PROJECT),  # functions of tests go to workers by name
}
