"""The programs that `make bench` measures beside servegen, one module for each."""

from __future__ import annotations

from tests.bench.peers.go_jsonnet import GO_JSONNET
from tests.bench.peers.helm import HELM
from tests.bench.peers.jsonnet import JSONNET
from tests.bench.peers.kcl import KCL
from tests.bench.peers.ytt import YTT

PEERS = (HELM, KCL, GO_JSONNET, JSONNET, YTT)
