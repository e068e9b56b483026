"""The commit of the specs that the branches of environments are made from."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from generator.repo.commit_message import SOURCE
from generator.repo.git import objects as gitobjects
from generator.repo.git.objects import CommitDetails
from generator.repo.hydrator_metadata import DryCommit

if TYPE_CHECKING:
    from generator.core.programs.git import Git


class SpecsCommit(Struct, frozen=True, dict=True):
    """The commit of the specs that branches are made from. What they take from it is read once, on first use."""

    git: Git
    id: str

    @cached_property
    def details(self) -> CommitDetails:
        """The author and the message of the commits of branches: those of this commit, with its id as a trailer."""
        trailer = ("--if-exists", "replace", "--trailer", f"{SOURCE}: {self.id}")
        full = self.git.run("interpret-trailers", *trailer, stdin=_encode(self._own.message)).text
        return CommitDetails(self._own.author, full)

    @cached_property
    def facts(self) -> DryCommit:
        """What `hydrator.metadata` says about the commit."""
        author, message = self._own.author, self._own.message
        subject, _, body = message.strip().partition("\n\n")
        name = f"{author['GIT_AUTHOR_NAME']} <{author['GIT_AUTHOR_EMAIL']}>"
        trailers = self.git.run("interpret-trailers", "--parse", stdin=_encode(message)).text.split("\n")
        return DryCommit(self.id, name, self._own.date, subject.replace("\n", " "), body, tuple(trailers))

    @cached_property
    def signs(self) -> bool:
        """Whether this clone signs its commits."""
        return gitobjects.signs_commits(self.git)

    @cached_property
    def _own(self) -> CommitDetails:
        return gitobjects.details(self.git, self.id)


def _encode(message: str) -> bytes:
    return message.encode("utf-8", "surrogateescape")
