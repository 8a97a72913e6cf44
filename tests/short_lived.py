"""How Spark runs in tests: with little data and not for long."""

from tests.paths import PROJECT

# Beside what jobs/spark/session.py does for little data.
FEW_TASKS = {
    "spark.default.parallelism": "2",
    "spark.executorEnv.PYTHONPATH": str(PROJECT),  # functions of tests go to workers by name
}
