"""F03: objects that two spec files would both create."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.core.finding import Finding, subject_of_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.core.yaml import Document
    from generator.fleet.model import Fleet
    from generator.pipeline.app import AppResult
    from generator.pipeline.object_identity import ObjectIdentity


class Collisions:
    """The spec file of each object rendered so far. Each pair of spec files is reported once."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._owners: dict[ObjectIdentity, str] = {}
        self._reported: set[frozenset[str]] = set()

    def add(self, app: AppResult) -> list[Finding]:
        """Add the objects of one more app and return the findings that they cause."""
        out: list[Finding] = []
        for identity, environment, file in app.identities:
            other = self._owners.setdefault(identity, file)
            pair = frozenset((file, other))
            if other != file and pair not in self._reported:
                self._reported.add(pair)
                out.append(self._finding(identity, environment, file, other))
        return out

    def _finding(self, identity: ObjectIdentity, environment: str, file: str, other: str) -> Finding:
        documents = {document.file: document for document in _documents(self._fleet)}
        where = f" in the namespace {identity.namespace}" if identity.namespace else ""
        return Finding(
            "F03",
            f"the {identity.kind} {identity.name}{where} is also rendered from another spec",
            documents[file].position(),
            "rename the file that is new: the objects of a service that runs have its name",
            also=(documents[other].position(),),
            environments=(environment,),
            subject=subject_of_files(file, other),
        )


def _documents(fleet: Fleet) -> Iterator[Document]:
    yield fleet.document
    yield from fleet.project_documents.values()
    yield from (service.document for service in fleet.services)
