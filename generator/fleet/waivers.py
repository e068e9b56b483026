"""The waivers of a fleet, each with its place and the files that it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from generator.core.yaml.key_path import find_path, is_within
from generator.spec.files import PLATFORM
from generator.spec.values.patterns import matches
from generator.spec.waivers import FolderWaiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from generator.core.finding import Finding, Position
    from generator.core.yaml import Document
    from generator.fleet.model import Fleet
    from generator.spec.waivers import Waiver


class PlacedWaiver(Struct, frozen=True):
    """A waiver, and where it is. `is_stated`: the file has it; a trusted revision can have others in force."""

    waiver: Waiver
    position: Position
    is_stated: bool = True

    @property
    def is_platforms(self) -> bool:
        """Whether the platform file has it."""
        return self.position.file == PLATFORM

    def is_over(self, today: date | None) -> bool:
        """Whether its last day is over; never if the day is not known."""
        return today is not None and self.waiver.until is not None and self.waiver.until < today

    def covers(self, finding: Finding, documents: dict[str, Document]) -> bool:
        """Whether the finding is of its check, in its files and at its key."""
        place = finding.position
        if finding.id != self.waiver.check or not self._has_file(place.file):
            return False
        if self.waiver.at is None:
            return True
        document = documents.get(place.file)
        path = find_path(document.data, self.waiver.at) if document is not None else None
        return document is not None and path is not None and is_within(document, path, place)

    def _has_file(self, file: str) -> bool:
        if not isinstance(self.waiver, FolderWaiver):
            return file == self.position.file
        folder = self.position.file.rpartition("/")[0] + "/"
        if not file.startswith(folder):
            return False
        where = self.waiver.where
        return where is None or any(matches(one, file[len(folder) :]) for one in where)


def place_waivers(fleet: Fleet) -> list[PlacedWaiver]:
    """Return the waivers of all files that are in force: of the services, of the projects, then of the platform."""
    return [*_of_services(fleet), *_of_projects(fleet), *_of_platform(fleet)]


def documents_by_file(fleet: Fleet) -> dict[str, Document]:
    """Return all spec files that were read, by path."""
    services = (entry.document for entry in fleet.services)
    models = (entry.document for entry in fleet.models.values())
    documents = (fleet.document, *fleet.project_documents.values(), *models, *services)
    return {document.file: document for document in documents}


def _of_services(fleet: Fleet) -> Iterator[PlacedWaiver]:
    for service in fleet.services:
        for index, waiver in enumerate(service.spec.waivers):
            yield PlacedWaiver(waiver, service.document.position(("waivers", index)))


def _of_projects(fleet: Fleet) -> Iterator[PlacedWaiver]:
    for name, project in fleet.projects.items():
        for index, waiver in enumerate(project.waivers):
            yield PlacedWaiver(waiver, fleet.project_position(name, "waivers", index))


def _of_platform(fleet: Fleet) -> Iterator[PlacedWaiver]:
    stated = fleet.platform.waivers
    for waiver in fleet.waivers:
        path = ("waivers", stated.index(waiver)) if waiver in stated else ("waivers",)
        yield PlacedWaiver(waiver, fleet.platform_position(*path), waiver in stated)
