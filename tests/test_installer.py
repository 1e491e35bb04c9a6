"""The two commands of a fresh machine: what they install, when they do not, and what they refuse."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
DEV = ROOT / "installer" / "dev.py"


@pytest.fixture
def dev(installer: Callable[[str], ModuleType]) -> ModuleType:
    return installer("dev")


@pytest.fixture
def debian(installer: Callable[[str], ModuleType]) -> ModuleType:
    return installer("debian")


@pytest.fixture
def environment(installer: Callable[[str], ModuleType]) -> ModuleType:
    return installer("environment")


def checkout(folder: Path) -> Path:
    folder.mkdir()
    (folder / "requirements.lock").write_text("six==1.17.0\n")
    (folder / "pyproject.toml").write_text("[project]\n")
    return folder


def make_ready(made: object, environment: ModuleType) -> None:
    """Leave on disk what a finished installation leaves: the program and the stamp."""
    assert isinstance(made, environment.Environment)
    program = Path(made.program("watchroom"))
    program.parent.mkdir(parents=True)
    program.touch()
    (made.folder / "watchroom.stamp").write_text(made.fingerprint())


def test_an_environment_that_is_ready_is_left_alone(tmp_path: Path, environment: ModuleType) -> None:
    made = environment.Environment(checkout(tmp_path / "a"))
    assert not made.is_ready()
    make_ready(made, environment)
    assert made.is_ready()
    made.prepare()
    assert not (made.folder / "pyvenv.cfg").exists()


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_lock_or_project_is_installed_again(tmp_path: Path, environment: ModuleType, name: str) -> None:
    made = environment.Environment(checkout(tmp_path / "a"))
    make_ready(made, environment)
    (made.root / name).write_text("changed\n")
    assert not made.is_ready()


def test_a_folder_that_was_moved_is_not_ready(tmp_path: Path, environment: ModuleType) -> None:
    made = environment.Environment(checkout(tmp_path / "a"))
    make_ready(made, environment)
    moved = environment.Environment(made.root.rename(tmp_path / "b"))
    assert not moved.is_ready()


def test_a_lost_program_is_not_ready(tmp_path: Path, environment: ModuleType) -> None:
    made = environment.Environment(checkout(tmp_path / "a"))
    make_ready(made, environment)
    Path(made.program("watchroom")).unlink()
    assert not made.is_ready()


def test_only_packages_that_are_installed_count_as_there(debian: ModuleType) -> None:
    listing = "libegl1 installed\nlibgl1 config-files\nlibdbus-1-3 not-installed\n"
    assert debian.absent(("libegl1", "libgl1", "libdbus-1-3", "python3-venv"), listing) == [
        "libgl1",
        "libdbus-1-3",
        "python3-venv",
    ]


def test_a_package_renamed_for_64_bit_time_is_there(debian: ModuleType) -> None:
    assert debian.absent(("libglib2.0-0",), "libglib2.0-0t64 installed\n") == []


def test_without_rights_the_one_line_to_run_is_shown(
    debian: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(debian.Missing) as refused:
        debian.install(["libegl1", "libgl1"], may_ask=False)
    assert refused.value.line == (
        "sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends libegl1 libgl1'"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
@pytest.mark.parametrize(
    ("variables", "there"),
    [
        ({}, False),
        ({"DISPLAY": "", "WAYLAND_DISPLAY": ""}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
    ],
)
def test_a_display_is_what_x11_or_wayland_name(dev: ModuleType, variables: dict[str, str], there: bool) -> None:
    assert dev.has_display(variables) is there


def ready_checkout(tmp_path: Path, environment: ModuleType, program: str) -> object:
    """A checkout whose `watchroom` is the shell script `program`."""
    made = environment.Environment(checkout(tmp_path / "checkout"))
    make_ready(made, environment)
    script = Path(made.program("watchroom"))
    script.write_text(f"#!/bin/sh\n{program}\n")
    script.chmod(0o755)
    return made


RUN = """
import sys
sys.path[:0] = [{installer!r}]
import debian, dev, environment
debian.BASE = debian.WINDOW = ()
from pathlib import Path
sys.exit(dev.run(environment.Environment(Path({root!r})), sys.argv[1:]))
"""


def run(made: object, variables: dict[str, str], *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """`dev.py run` in a process of its own, because it hands itself over to the program."""
    root = made.root  # type: ignore[attr-defined]  # the installer is no package that a type could come from
    source = RUN.format(installer=str(ROOT / "installer"), root=str(root))
    return subprocess.run(
        [sys.executable, "-c", source, *arguments],
        env={"PATH": "/usr/bin:/bin", **variables},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_without_a_display_run_draws_a_tour(tmp_path: Path, environment: ModuleType) -> None:
    made = ready_checkout(tmp_path, environment, 'echo "$QT_QPA_PLATFORM $*"; exit 3')
    answer = run(made, {}, "--lang", "zh_CN", cwd=tmp_path)
    assert answer.stdout.splitlines() == [
        f"No display: drawing the window and every panel into {tmp_path / 'out'} instead",
        "offscreen --offscreen-tour ./out --lang zh_CN",
    ]
    assert answer.returncode == 3


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_with_a_display_run_opens_the_window(tmp_path: Path, environment: ModuleType) -> None:
    made = ready_checkout(tmp_path, environment, 'echo "$QT_QPA_PLATFORM|$*"')
    assert run(made, {"DISPLAY": ":7"}, "--theme", "dark", cwd=tmp_path).stdout == "|--theme dark\n"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_a_command_of_the_program_needs_no_display(tmp_path: Path, environment: ModuleType) -> None:
    made = ready_checkout(tmp_path, environment, 'echo "$*"')
    assert run(made, {}, "verify", cwd=tmp_path).stdout == "verify\n"


def exits(code: int) -> list[str]:
    return [sys.executable, "-c", f"raise SystemExit({code})"]


def test_check_stops_at_the_first_step_that_fails(
    dev: ModuleType, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    never = tmp_path / "never"
    touch = [sys.executable, "-c", f"open({str(never)!r}, 'w')"]
    assert dev.first_failure({"format": exits(0), "types": exits(4), "tests": touch}) == 4
    shown = capsys.readouterr()
    assert shown.out == "== format\n== types\n"
    assert shown.err == "check failed at: types\n"
    assert not never.exists()


def test_check_is_good_when_every_step_is(dev: ModuleType) -> None:
    assert dev.first_failure({"format": exits(0), "types": exits(0)}) == 0


@pytest.mark.parametrize("arguments", [[], ["fly"]])
def test_a_wrong_verb_is_answered_with_the_right_ones(arguments: list[str]) -> None:
    answer = subprocess.run([sys.executable, DEV, *arguments], capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert answer.stderr.startswith("usage: python3 installer/dev.py VERB")


def test_another_python_is_refused_in_a_sentence(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.version_info", (3, 14, 0))
    assert dev.main(["run"]) == 1
    assert capsys.readouterr().err == (
        "Watchroom needs Python 3.11, 3.12 or 3.13; this is 3.14. Start it with one of those.\n"
    )


def locked() -> list[tuple[Requirement, int]]:
    """Every pinned requirement of the lock with the number of its hashes."""
    text = (ROOT / "requirements.lock").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(Requirement(line.split("--hash")[0]), line.count("--hash=sha256:")) for line in lines]


def test_the_lock_names_one_version_and_hashes_for_each_package() -> None:
    for requirement, hashes in locked():
        assert re.fullmatch(r"==[^*]+", str(requirement.specifier)), requirement
        assert hashes, requirement


def test_the_lock_names_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text
    assert "index-url" not in text


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_lock_holds_what_the_project_asks_for(python: str, machine: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = project["project"]["dependencies"] + project["project"]["optional-dependencies"]["dev"]
    there = {"python_version": python, "platform_machine": machine, "sys_platform": "linux"}
    versions = {
        canonicalize_name(pinned.name): Version(str(pinned.specifier)[2:])
        for pinned, _ in locked()
        if applies(pinned.marker, there)
    }
    for requirement in map(Requirement, asked + project["build-system"]["requires"]):
        if applies(requirement.marker, there):
            assert versions[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def applies(marker: Marker | None, machine: dict[str, str]) -> bool:
    return marker is None or marker.evaluate(machine)


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    asked = project["dependencies"] + project["optional-dependencies"]["dev"]
    missing = [name for name in (Requirement(line).name for line in asked) if f"`{name}`" not in reasons]
    assert missing == []


def test_the_readme_gives_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for verb in ("run", "test"):
        assert f"python3 installer/dev.py {verb}" in readme
