"""How Spark runs in tests: with little data and not for long."""

from tests.paths import PROJECT

# A session of minutes is over before Java's second compiler and Spark's own have paid for themselves.
SHORT_LIVED = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=240m",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",  # tests/jobs/stages/test_killed.py: with it no byte differs
    "spark.sql.lightweightPlanChangeValidation": "false",
    "spark.python.sql.dataFrameDebugging.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    # Workers end after an idle minute, and loading takes seconds: they are forked from one that has loaded all.
    "spark.python.daemon.module": "tests.jobs.daemon",
    "spark.executorEnv.PYTHONPATH": str(PROJECT),
    "spark.executorEnv.SPARK_SIMPLIFIED_TRACEBACK": "1",  # Spark sets it for workers of tables alone, and starts two daemons
}
