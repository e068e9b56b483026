"""The data of the page as compact JSON: each text is written once, and a number stands for it everywhere else.

So is each setting, as many services have the same ones; the file of a setting is empty if it is that of the service.

`site.js` beside this module reads it; the rows below have the order that it expects.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from generator.core.printable import printable
from generator.report.site.examples import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.report.site.model import (
        DeployedService,
        FleetSite,
        HostRow,
        ModelSheet,
        PoolRow,
        ServiceSheet,
        SettingRow,
    )


def encode(site: FleetSite) -> str:
    """Return the data as JSON without `<`, `>` and `&`, so that no text of it ends the element that holds it."""
    texts = _Texts()
    settings = _SettingRows(texts)
    data = {
        "environments": [texts.row((one.name, one.cluster, one.stage)) for one in site.environments],
        "links": {one.name: [list(link) for link in one.links] for one in site.environments},
        "services": [_service(one, texts, settings) for one in site.services],
        "models": [_model(one, texts) for one in site.models],
        "hosts": [_host(one, texts) for one in site.hosts],
        "pools": [_pool(one, texts) for one in site.pools],
        "settings": settings.all,
        "examples": EXAMPLES,
        "texts": list(map(printable, texts)),
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


class _Texts(dict[str, int]):
    """The number of each text, which is its place among all: a text gets one when it is first looked up."""

    def __missing__(self, text: str) -> int:
        self[text] = number = len(self)
        return number

    def row(self, values: Iterable[str]) -> list[int]:
        return list(map(self.__getitem__, values))


class _SettingRows(dict[tuple[Any, ...], int]):
    """The number of each setting as the page has it, in the same way."""

    def __init__(self, texts: _Texts) -> None:
        self.all: list[list[Any]] = []
        self._texts = texts

    def __missing__(self, row: tuple[Any, ...]) -> int:
        *shared, environments = row
        self[row] = number = len(self)
        self.all.append([*self._texts.row(shared), self._texts.row(environments)])
        return number

    def row(self, rows: Iterable[SettingRow], own: str) -> list[int]:
        return [self[key, value, layer, "" if file == own else file, names] for key, value, layer, file, names in rows]


def _service(one: ServiceSheet, texts: _Texts, settings: _SettingRows) -> list[Any]:
    about = (one.project, one.app, one.name, one.model, one.version, one.type, one.description, one.api or "", one.file)
    return [
        texts.row(about),
        texts.row(one.owners),
        texts.row(one.served),
        texts[one.spec],
        [_deployed(entry, texts) for entry in one.deployed],
        settings.row(one.settings, one.file),
        [texts.row((row.time, row.author, row.what, row.commit)) for row in one.history],
    ]


def _deployed(one: DeployedService, texts: _Texts) -> list[Any]:
    place = (one.environment, one.namespace, one.state, one.reason, one.host)
    rest = (one.card, one.replicas, one.released, one.application, one.dashboard, *one.calls)
    return [texts.row((*place, *rest)), [texts.row(address) for address in one.addresses]]


def _model(one: ModelSheet, texts: _Texts) -> list[Any]:
    versions = [
        [texts[version.name], [texts.row(fact) for fact in version.facts.items()], texts.row(version.used)]
        for version in one.versions
    ]
    return [texts.row((one.project, one.name, one.description)), versions]


def _host(one: HostRow, texts: _Texts) -> list[Any]:
    services = [texts.row(service) for service in one.services]
    return [texts.row((one.environment, one.host)), texts.row(one.gateways), services]


def _pool(one: PoolRow, texts: _Texts) -> list[int]:
    return texts.row((one.cluster, one.pool, one.nodes, one.each))
