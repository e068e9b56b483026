"""A push that lost a race renders on top of the remote's branch only what it has not rendered before."""

from __future__ import annotations

from pathlib import Path

from generator.repo.cache.inputs import read_program
from generator.repo.commit import commit
from tests.support.cache import use_cache
from tests.support.clones import clone, git, remote, service, whole, write


def test_a_lost_race_renders_only_the_apps_of_others(tmp_path: Path) -> None:
    bare = remote(tmp_path)
    here, there = clone(bare, "here"), clone(bare, "there")
    write(there, {"services/p/there/m-20.yaml": service("20")})
    commit(there, push=True)
    write(here, {"services/p/here/m-10.yaml": service("10")})
    with use_cache(tmp_path / "other"):
        read_program()  # once in a process, its digest is kept
    with use_cache(tmp_path / "cache") as results:
        assert commit(here, push=True).pushed
        assert len(list(results.iterdir())) == 3  # of three apps: what the push found again, it did not write
    git(here, "fetch", "-q")
    assert (here / "services/p/there/m-20.yaml").is_file()
    whole(here)
