"""Starting Spark: on this machine behind loopback by default, on any cluster by its master's URL."""

import logging
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from py4j.protocol import Py4JError
from pyspark.errors import PySparkRuntimeError
from pyspark.sql import SparkSession

from jobs.corpus.files.parquet import LOOKED_UP, ROWS_PER_GROUP
from jobs.spark.java import find_java
from jobs.stopping import listen_again
from pipeline.errors import EnvironmentProblem

LOG = logging.getLogger(__name__)
EXECUTOR_PYTHON = "spark.pyspark.python"  # a path that executors see; without it, PYSPARK_PYTHON, else the driver's own
OLDEST_SPARK = [4, 1]  # on a cluster: here it is PySpark's own
LOCAL_MASTER = "local[*,4]"  # 4: a failed task is tried again, which plain local[*] never does

SETTINGS = {
    "spark.app.name": "winnow",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "512",  # pages of up to 16 MiB: a batch must stay far below a worker's memory
    "spark.sql.execution.arrow.maxBytesPerBatch": str(16 << 20),
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.hadoop.parquet.page.write-checksum.enabled": "true",  # without both, 167 of 300 flipped bits give silently wrong data
    "spark.hadoop.parquet.page.verify-checksum.enabled": "true",
    "spark.hadoop.parquet.block.row.count.limit": str(ROWS_PER_GROUP),
    "spark.hadoop.parquet.bloom.filter.adaptive.enabled": "true",
    "spark.hadoop.parquet.bloom.filter.max.bytes": str(1 << 18),
    "spark.hadoop.parquet.bloom.filter.candidates.number": "10",
    **{f"spark.hadoop.parquet.bloom.filter.enabled#{column}": "true" for column in LOOKED_UP},
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "1",  # version 2 can show files of failed attempts
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.cleaner.referenceTracking.cleanCheckpoints": "true",
}

# With so little data, Java's second compiler and Spark's own never pay for themselves, nor does planning a query anew after each
# of its shuffles: half of all jobs were for that. No byte of a result depends on it.
SHORT_LIVED = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.autoBroadcastJoinThreshold": "-1",  # a job for each table that is sent
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=240m",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
SHORT_BYTES = 128 << 20  # of inputs as stored, up to which a session is short-lived

LOOPBACK = {
    "spark.ui.enabled": "false",  # a cluster's stays as the cluster has it
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.authenticate": "true",
    "spark.driver.memory": "2g",
}


def check_version(version: str) -> None:
    """Raises EnvironmentProblem where a cluster's Spark lacks what winnow asks of it: repartitionById came with 4.1."""
    numbers = [int(one) for one in version.split(".")[:2] if one.isdecimal()]
    if numbers < OLDEST_SPARK:
        oldest = ".".join(map(str, OLDEST_SPARK))
        raise EnvironmentProblem(
            f"the cluster has Spark {version}, and winnow needs {oldest} or newer; docs/cluster.md says which have it"
        )


def is_local(master: str) -> bool:
    return master.startswith("local")


def with_retries(master: str) -> str:
    """`local[2]` as `local[2,4]`: Spark's local mode gives up at the first failed task unless told otherwise."""
    if master == "local":
        return "local[1,4]"
    if master.startswith("local[") and "," not in master:
        return master.removesuffix("]") + ",4]"
    return master


def local_cores(master: str) -> int:
    count = master.removeprefix("local").strip("[]").split(",")[0]
    return (os.cpu_count() or 1) if count in ("*", "") else int(count)


@contextmanager
def session(
    master: str | None = None,
    settings: dict[str, str] | None = None,
    *,
    preload: Iterable[str] = (),
    input_bytes: int | None = None,
) -> Iterator[SparkSession]:
    """A Spark session that ends with the block, unless this process had one before.

    On this machine, workers are forked from one that has loaded the groups of kernels in `preload`, and with few `input_bytes`
    nothing is optimised that would have to run for minutes to pay. `settings` are Spark's, and go before ours.

    Raises EnvironmentProblem when Java is missing or too old, or the temporary folder cannot be written.
    """
    submitted = master is None and "PYSPARK_GATEWAY_PORT" in os.environ  # spark-submit started us: its master stands
    chosen = with_retries(master or LOCAL_MASTER)
    os.environ["JAVA_HOME"] = str(find_java())
    if python := (settings or {}).get(EXECUTOR_PYTHON):
        os.environ["PYSPARK_PYTHON"] = python  # all that PySpark looks at
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ["PYARROW_IGNORE_TIMEZONE"] = "1"
    configuration = dict(SETTINGS)
    if is_local(chosen) and not submitted:
        os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
        configuration |= LOOPBACK
        configuration["spark.sql.shuffle.partitions"] = str(4 * local_cores(chosen))
        configuration["spark.local.dir"] = _writable_folder()
        configuration |= _one_daemon(preload)
        if input_bytes is not None and input_bytes <= SHORT_BYTES:
            configuration |= SHORT_LIVED | {"spark.sql.shuffle.partitions": str(local_cores(chosen))}
    if LOG.isEnabledFor(logging.DEBUG):
        configuration["spark.log.level"] = "INFO"
    builder = SparkSession.builder if submitted else SparkSession.builder.master(chosen)
    for name, value in (configuration | (settings or {})).items():
        builder = builder.config(name, value)
    started_before = SparkSession.getActiveSession() is not None
    try:
        with _java_log():
            spark = builder.getOrCreate()
        if LOG.isEnabledFor(logging.DEBUG):
            _let_through(spark)
            LOG.debug("Spark %s at %s, with %s", spark.version, chosen, configuration)
        listen_again()
    except (PySparkRuntimeError, Py4JError, OSError) as error:
        raise EnvironmentProblem(
            f"Spark did not start with --master {chosen}: {str(error).splitlines()[0]}. Check its address, free ports of "
            "127.0.0.1 and that the temporary folder can be written; `winnow … --master 'local[1]'` is the smallest thing to try"
        ) from error
    try:
        check_version(spark.version)
        _look_up_once(spark)
        yield spark
    finally:
        if not started_before:
            spark.stop()


def _look_up_once(spark: SparkSession) -> None:
    """For each column that PySpark makes it asks Java for these by name, and Java looks for each in every jar, each time."""
    names = spark.sparkContext._jvm
    for name in ("functions", "PythonUtils", "org.apache.spark.sql.functions", "org.apache.spark.sql.classic.SparkSession"):
        setattr(names, name, getattr(names, name))


def _one_daemon(preload: Iterable[str]) -> dict[str, str]:
    """Spark starts a Python daemon for each environment that it asks for; with the last setting there is one for all work."""
    return {
        "spark.python.daemon.module": "jobs.spark.daemon",
        "spark.executorEnv.WINNOW_PRELOAD": ",".join(preload),
        "spark.executorEnv.SPARK_SIMPLIFIED_TRACEBACK": "1",
    }


def _let_through(spark: SparkSession) -> None:
    """PySpark takes Spark for its shell, which passes on warnings alone whatever spark.log.level says."""
    with suppress(Py4JError):
        context = spark.sparkContext._jvm.org.apache.logging.log4j.LogManager.getContext(False)
        appenders = context.getConfiguration().getRootLogger().getAppenders()
        for name in list(appenders.keySet()):
            if (shell := appenders.get(name).getFilter()) is not None:
                appenders.get(name).removeFilter(shell)


@contextmanager
def _java_log() -> Iterator[None]:
    """Lets the Java process that starts inside the block write to a file in place of the user's terminal.

    What goes wrong in it reaches Python as an exception; the file is unlinked, so it lives as long as the process does. With our
    own log heard at debug level, it has a name and stays.
    """
    terminal, heard = os.dup(2), LOG.isEnabledFor(logging.DEBUG)
    with tempfile.NamedTemporaryFile(prefix="winnow-spark-", suffix=".log", delete=not heard) as log:
        if heard:
            LOG.debug("Spark's own log: %s", log.name)
        os.dup2(log.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)


def _writable_folder() -> str:
    """Spark's scratch folder: SPARK_LOCAL_DIRS, else the system's temporary folder."""
    folder = os.environ.get("SPARK_LOCAL_DIRS", "").split(",")[0]
    try:
        folder = folder or tempfile.gettempdir()
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise EnvironmentProblem(
            f"temporary folder {folder or '(none found)'} cannot be written ({error.strerror or error}); "
            "set TMPDIR or SPARK_LOCAL_DIRS to a folder with free space"
        ) from error
