"""Jsonnet in Go: the program of `jsonnet`, run by another implementation."""

from __future__ import annotations

from tests.bench.peers.jsonnet import MAIN, jsonnet_files
from tests.bench.peers.peer import Peer, Program

# The program in C++ has the same name, and no such word in what it says of itself.
_SOURCE = Program("jsonnet", "go-jsonnet", ("--version",), text="Go implementation")

GO_JSONNET = Peer("Jsonnet, Go", _SOURCE, jsonnet_files, (MAIN,))
