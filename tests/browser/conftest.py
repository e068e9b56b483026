"""Fixtures of the tests in a real browser.

Without `make browser`, which builds the site and finds the browser, pytest collects nothing here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import VARIABLE, Chromium, Page
from tests.browser.serving import serve

collect_ignore_glob = [] if VARIABLE in os.environ else ["*"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """One browser for all tests."""
    with Chromium.start(os.environ[VARIABLE]) as browser:
        yield browser


@pytest.fixture
def page(chromium: Chromium) -> Iterator[Page]:
    """A new tab."""
    with chromium.tab() as tab:
        yield tab


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the built documentation."""
    return Path(__file__).parent.parent.parent / ".docs"


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """The address at which the documentation is served on loopback."""
    with serve(site) as where:
        yield where
