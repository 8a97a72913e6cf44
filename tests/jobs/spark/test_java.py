"""Installing Java where there is none: only with the rights to, and without a question."""

import stat
from pathlib import Path

import pytest

from jobs.spark import java

APT = """#!/bin/sh
echo "apt-get $*" >> {log}
case "$*" in
  *openjdk-17*) exit 100 ;;  # Debian 13 has no such package
  *install*) mkdir -p {home}/bin && cp {java} {home}/bin/java ;;
esac
"""


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No Java anywhere; programs are found in `bin` alone."""
    (tmp_path / "bin").mkdir()
    for tool in ("mkdir", "cp"):
        (tmp_path / "bin" / tool).symlink_to(f"/bin/{tool}")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(java, "DISTRIBUTION_HOMES", tmp_path / "jvm")
    java.find_java.cache_clear()
    return tmp_path


def program(folder: Path, name: str, text: str) -> None:
    file = folder / "bin" / name
    file.write_text(text)
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


def test_the_first_package_that_installs_is_used(bare_machine, monkeypatch, capfd):
    log, home = bare_machine / "log", bare_machine / "jvm" / "java-21"
    program(bare_machine, "java21", "#!/bin/sh\necho 'openjdk version \"21.0.8\"' >&2\n")
    program(bare_machine, "apt-get", APT.format(log=log, home=home, java=bare_machine / "bin" / "java21"))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert java.main(["--install"]) == 0
    assert capfd.readouterr().out == f"{home}\n"
    asked = [line.split()[-1] for line in log.read_text().splitlines()]
    assert asked == ["update", "openjdk-17-jre-headless", "openjdk-21-jre-headless"]


def test_nothing_is_installed_where_java_is_found(bare_machine, monkeypatch, capfd):
    home = bare_machine / "jvm" / "java-17"
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").symlink_to(bare_machine / "bin" / "java")
    program(bare_machine, "java", "#!/bin/sh\necho 'openjdk version \"17.0.15\" 2025-04-15' >&2\n")
    program(bare_machine, "apt-get", f"#!/bin/sh\necho called >> {bare_machine / 'log'}\n")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "")
    assert java.main(["--install"]) == 0
    assert capfd.readouterr().out == f"{home}\n"
    assert not (bare_machine / "log").exists()


@pytest.mark.parametrize("sudo", ["exit 1", None], ids=["sudo asks for a password", "no sudo"])
def test_a_user_without_rights_is_told_the_command(bare_machine, monkeypatch, capfd, sudo):
    log = bare_machine / "log"
    program(bare_machine, "apt-get", f"#!/bin/sh\necho called >> {log}\n")
    if sudo:
        program(bare_machine, "sudo", f"#!/bin/sh\n{sudo}\n")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert java.main(["--install"]) == 2
    said = capfd.readouterr().err
    assert said.startswith("winnow: no Java 17 or newer found, and this user may not install one: install one with `apt-get")
    assert said.count("\n") == 1
    assert not log.exists()


def test_a_machine_where_no_package_installs_says_so(bare_machine, monkeypatch, capfd):
    program(bare_machine, "apt-get", "#!/bin/sh\nexit 100\n")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert java.main(["--install"]) == 2
    assert "winnow: no Java found; Spark needs 17 or newer" in capfd.readouterr().err


def test_without_install_nothing_is_installed(bare_machine, monkeypatch, capfd):
    program(bare_machine, "apt-get", f"#!/bin/sh\necho called >> {bare_machine / 'log'}\n")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert java.main([]) == 2
    assert not (bare_machine / "log").exists()
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_432"', 8),
        ('openjdk version "25-ea" 2025-09-16', 25),
        ("no quotes here", None),
        ('openjdk version "unknown"', None),
    ],
)
def test_versions_are_read_as_java_writes_them(bare_machine, said, version):
    (bare_machine / "home" / "bin").mkdir(parents=True)
    program(bare_machine / "home", "java", f"#!/bin/sh\necho '{said}' >&2\n")
    assert java.java_version(bare_machine / "home") == version
