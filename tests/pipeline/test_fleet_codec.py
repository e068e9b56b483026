"""A fleet that an earlier run has kept is the fleet that resolving it again gives."""

from __future__ import annotations

import pickle

import pytest
from msgspec.structs import replace

from generator.pipeline.fleet_codec import decode_fleet, encode_fleet
from generator.pipeline.spec_codec import encode
from generator.repo.repository import Repository
from generator.spec.catalog import Catalog
from tests.conftest import ROOT


def test_a_fleet_comes_back_with_the_catalog_of_the_run() -> None:
    resolved = Repository.open(ROOT).resolved
    catalog = Catalog(resolved.fleet.catalog.loader)
    found = decode_fleet(encode_fleet(resolved), catalog)
    assert found == (replace(resolved.fleet, catalog=catalog), resolved.routing)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(pickle.dumps((Repository, Repository)), id="types of another module"),
        pytest.param(encode([]), id="no fleet"),
    ],
)
def test_what_is_no_fleet_is_not_read(content: bytes) -> None:
    assert decode_fleet(content, Repository.open(ROOT).resolved.fleet.catalog) is None
