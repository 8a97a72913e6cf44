"""Finding a Java that Spark can use: JAVA_HOME, then PATH, then where Linux distributions put it.

`python -m jobs.spark.java --install` (what `make demo` calls) installs the distribution's headless one where there is none and
the user may: as root, or through sudo when it asks for no password.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from pipeline.errors import EnvironmentProblem

DISTRIBUTION_HOMES = Path("/usr/lib/jvm")
MINIMUM = 17  # PySpark 4.3 runs on Java 17 and 21
PACKAGES = ("openjdk-17-jre-headless", "openjdk-21-jre-headless", "default-jre-headless")  # Debian 12 has 17, Debian 13 has 21
HOW_TO_INSTALL = (
    "install one with `apt-get install openjdk-17-jre-headless` (or your system's package of Java 17 or 21) or set JAVA_HOME"
)


@lru_cache(maxsize=1)
def find_java(minimum: int = MINIMUM) -> Path:
    """The home of the first Java that is new enough. Raises EnvironmentProblem when there is none."""
    too_old = []
    for home in _candidates():
        version = java_version(home)
        if version is not None and version >= minimum:
            return home
        if version is not None:
            too_old.append(f"{home} has Java {version}")
    if too_old:
        raise EnvironmentProblem(f"Java is too old: {'; '.join(too_old)}; Spark needs {minimum} or newer: {HOW_TO_INSTALL}")
    raise EnvironmentProblem(f"no Java found; Spark needs {minimum} or newer: {HOW_TO_INSTALL}")


def java_version(home: Path) -> int | None:
    """17 for `openjdk version "17.0.15"`, 8 for `"1.8.0_432"`; null when it does not run."""
    try:
        answer = subprocess.run([home / "bin" / "java", "-version"], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    except OSError:
        return None
    if answer.returncode and " memory" in answer.stderr + answer.stdout:
        raise EnvironmentProblem(f"memory does not suffice to start {home / 'bin' / 'java'}: make room, or raise ulimit -v")
    quoted = answer.stderr.split('"')
    if answer.returncode or len(quoted) < 3:
        return None
    numbers = [part for part in quoted[1].replace("-", ".").replace("_", ".").split(".") if part.isdigit()]
    if not numbers:
        return None
    return int(numbers[1]) if numbers[0] == "1" and len(numbers) > 1 else int(numbers[0])


def _candidates() -> Iterator[Path]:
    if named := os.environ.get("JAVA_HOME"):
        yield Path(named)
    if found := shutil.which("java"):
        yield Path(found).resolve().parent.parent
    yield from sorted(DISTRIBUTION_HOMES.glob("*"), reverse=True)


def found_or_installed() -> Path:
    try:
        return find_java()
    except EnvironmentProblem:
        return install_java()


def install_java() -> Path:
    """Installs the first package that apt-get knows and gives the home of the Java found then."""
    apt = [*_with_rights(), "apt-get", "--yes", "--quiet"]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    _run([*apt, "update"], environment)  # it may fail for one source of many: what matters is whether a package installs
    for package in PACKAGES:
        if _run([*apt, "install", "--no-install-recommends", package], environment) == 0:
            break
    find_java.cache_clear()
    return find_java()


def _with_rights() -> list[str]:
    """What to put before a command that only root may run. Raises EnvironmentProblem when this user may not."""
    if shutil.which("apt-get"):
        if os.geteuid() == 0:
            return []
        if shutil.which("sudo") and _run(["sudo", "--non-interactive", "true"], dict(os.environ)) == 0:
            return ["sudo", "--non-interactive"]
    raise EnvironmentProblem(f"no Java {MINIMUM} or newer found, and this user may not install one: {HOW_TO_INSTALL}")


def _run(command: list[str], environment: dict[str, str]) -> int:
    """Exit status; what the command says goes to standard error, since standard output is for the answer."""
    return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False).returncode  # noqa: S603


def main(arguments: list[str]) -> int:
    """Prints the home of Java, for JAVA_HOME."""
    try:
        home = found_or_installed() if arguments == ["--install"] else find_java()
    except EnvironmentProblem as problem:
        sys.stderr.write(f"winnow: {problem}\n")
        return problem.exit_status
    sys.stdout.write(f"{home}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
