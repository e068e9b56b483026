"""A program is tried before it is used: one that does other things is refused, and each file is tried once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generator.core.programs import kustomize_probe
from generator.core.programs.control import restrict_path
from generator.core.programs.fitness import UnfitProgramError, require_fit
from generator.schemas import kubeconform as kubeconform_engine
from generator.schemas.catalogue import SchemaCatalog, minors
from tests.core.programs.test_install import program

HINT = "`go install sigs.k8s.io/kustomize/kustomize/v5@v5.8.1` installs it"
# Shell programs, some of which change the output of the real kustomize (`$BUILT`), and what they did.
UNFIT = {
    "prints a version": ("echo v5.8.1", "kustomize printed no objects: found 'v5.8.1', expected an object"),
    "fails": ("echo broken >&2; exit 3", "found an error: broken"),
    "fails without a word": ("exit 3", "found an error: kustomize ended with code 3"),
    "prints nothing": ("exit 0", 'expected "apiVersion: v1" in line 1 of the objects of a known overlay, found ""'),
    "prints no text": ("printf '\\377'", "kustomize printed no objects: 'utf-8' codec can't decode byte 0xff"),
    "prints no YAML": ("echo '{[x'", "kustomize printed no objects: while parsing a flow sequence"),
    "prints an endless object": ("echo '&a [*a]'", "kustomize printed no objects: maximum recursion depth exceeded"),
    "ignores a patch": (
        'sed s/c:2/c:1/ "$BUILT"',
        'expected "- image: c:2" in line 30 of the objects of a known overlay, found "- image: c:1"',
    ),
    "keeps a deleted container": (
        'sed "s/^      volumes:/      - {name: gone}\\n      volumes:/" "$BUILT"',
        'expected "volumes:" in line 32 of the objects of a known overlay, found "- name: gone"',
    ),
    "changes a type": (
        'sed \'s/"1"/1/\' "$BUILT"',
        'expected "- "1"" in line 27 of the objects of a known overlay, found "- 1"',
    ),
    "has another hash": (
        'sed s/-5654t87b9c/-0000000000/ "$BUILT"',
        'expected "name: settings-5654t87b9c" in line 7 of the objects of a known overlay, found "name: settings-0000',
    ),
}


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, kustomize: Path) -> Path:
    """A file with what the real kustomize prints when it is tried."""
    folder = tmp_path_factory.mktemp("built")
    kustomize_probe.probe(program(folder / "kustomize", f'"{kustomize}" "$@" | tee "{folder}/built"'))
    return folder / "built"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the user's cache in which programs are remembered. The schemas stay where other tests look."""
    SchemaCatalog.open(minors()[-1])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "servegen" / "probes"


@pytest.mark.parametrize("name", UNFIT)
def test_a_program_that_builds_otherwise_is_refused(
    name: str, built: Path, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, said = UNFIT[name]
    monkeypatch.setenv("BUILT", str(built))
    found = program(tmp_path / "bin" / "kustomize", text)
    with pytest.raises(UnfitProgramError) as caught:
        require_fit("kustomize", found, kustomize_probe.probe)
    assert str(caught.value).startswith(f"{found} does not work as kustomize: expected ")
    assert said in str(caught.value)
    assert caught.value.hint == HINT
    assert not cache.exists()


def test_the_real_programs_are_fit(kustomize: Path, kubeconform: Path, cache: Path) -> None:
    require_fit("kustomize", kustomize, kustomize_probe.probe)
    require_fit("kubeconform", kubeconform, kubeconform_engine.probe)
    assert sorted(path.name.partition("-")[0] for path in cache.iterdir()) == ["kubeconform", "kustomize"]


def test_a_program_that_cannot_be_started_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kustomize").write_text("no program", encoding="utf-8")
    with pytest.raises(UnfitProgramError, match="cannot be started: Permission denied"):
        require_fit("kustomize", tmp_path / "kustomize", kustomize_probe.probe)


@pytest.fixture
def counted(tmp_path: Path, built: Path) -> Path:
    """A program that passes and writes a line for each of its runs."""
    return program(tmp_path / "bin" / "kustomize", f'echo ran >> "{tmp_path}/runs"\nexec cat "{built}"')


def _runs(counted: Path) -> int:
    require_fit("kustomize", counted, kustomize_probe.probe)
    return len((counted.parent.parent / "runs").read_text(encoding="utf-8").splitlines())


def test_each_file_is_tried_once(counted: Path, tmp_path: Path) -> None:
    assert [_runs(counted), _runs(counted)] == [1, 1]
    os.utime(counted, ns=(1, 1))
    assert [_runs(counted), _runs(counted)] == [2, 2]
    counted.write_text(f"{counted.read_text(encoding='utf-8')}\n", encoding="utf-8")
    os.utime(counted, ns=(1, 1))
    assert _runs(counted) == 3
    same = counted.read_bytes()
    (tmp_path / "other").write_bytes(same)
    (tmp_path / "other").chmod(0o755)
    os.utime(tmp_path / "other", ns=(1, 1))
    (tmp_path / "other").replace(counted)
    assert _runs(counted) == 4


def test_a_link_is_the_program_that_it_leads_to(counted: Path, tmp_path: Path, cache: Path) -> None:
    (tmp_path / "kustomize").symlink_to(counted)
    assert _runs(counted) == 1
    require_fit("kustomize", tmp_path / "kustomize", kustomize_probe.probe)
    assert (_runs(counted), len(list(cache.iterdir()))) == (1, 1)


@pytest.mark.parametrize("content", [b"", b"\xff", b"servegen 0.0.1: 1 2 3\n", b"x" * 100_000])
def test_a_broken_record_counts_as_none(content: bytes, counted: Path, cache: Path) -> None:
    assert _runs(counted) == 1
    (record,) = cache.iterdir()
    whole = record.read_bytes()
    record.write_bytes(content)
    assert _runs(counted) == 2
    assert (list(cache.iterdir()), record.read_bytes()) == ([record], whole)


@pytest.mark.parametrize("obstacle", ["cache", "cache/servegen", "cache/servegen/probes"])
def test_without_a_cache_each_run_tries_the_program(obstacle: str, counted: Path, tmp_path: Path) -> None:
    (tmp_path / obstacle).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / obstacle).write_text("no folder", encoding="utf-8")
    assert [_runs(counted), _runs(counted)] == [1, 2]


def test_a_folder_in_the_place_of_a_record_is_left_alone(counted: Path, cache: Path) -> None:
    assert _runs(counted) == 1
    (record,) = cache.iterdir()
    record.unlink()
    (record / "x").mkdir(parents=True)
    assert [_runs(counted), _runs(counted)] == [2, 3]
    assert list(cache.iterdir()) == [record]


def test_nothing_is_remembered_in_the_repository(
    counted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = tmp_path / "repository"
    (repository / ".git").mkdir(parents=True)
    monkeypatch.setenv("XDG_CACHE_HOME", str(repository / ".cache"))
    monkeypatch.setenv("PATH", os.environ["PATH"])
    monkeypatch.setattr("generator.core.programs.control._state", None)
    restrict_path(repository)
    assert [_runs(counted), _runs(counted)] == [1, 2]
    assert [path.name for path in repository.iterdir()] == [".git"]
