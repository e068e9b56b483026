"""Helm: one chart with a template for each skeleton, which `helm template` renders in one run, without a cluster."""

from __future__ import annotations

import json

from tests.bench.peers.literals import VALUES, literal
from tests.bench.peers.peer import Peer, Program
from tests.bench.workload import Group

_CHART = "apiVersion: v2\nname: bench\nversion: 1.0.0\n"
_SOURCE = Program("helm", "helm", ("version", "--template", "{{.Version}}"))


def _files(groups: list[Group]) -> dict[str, str]:
    templates = {f"chart/templates/{number}.yaml": _template(number, group) for number, group in enumerate(groups)}
    values = json.dumps({"groups": [group.values for group in groups]})
    return {"chart/Chart.yaml": _CHART, VALUES: values, **templates}


def _template(number: int, group: Group) -> str:
    body = literal(group.skeleton, _slot)
    return f"{{{{- range $v := index $.Values.groups {number} }}}}\n---\n{body}\n{{{{- end }}}}\n"


def _slot(number: int) -> str:
    return f"{{{{ index $v {number} | toJson }}}}"


HELM = Peer("Helm", _SOURCE, _files, ("template", "bench", "chart", "--values", VALUES))
