"""Reads arguments with a server's own parser, and writes them as JSON: arguments.py infinity|sglang ARGUMENT...

The parser is in a package that imports the whole server. What is not installed, torch for example, is replaced by
modules in which every name is one class that does nothing: the parser does not use them.
"""

import argparse
import importlib
import importlib.util
import json
import sys
from abc import ABCMeta
from collections.abc import Iterator, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import FunctionType, ModuleType
from typing import Any

SERVERS = {"infinity_emb", "sglang"}
# What torch has only if it was built for such a device.
OTHER_DEVICES = {"hpu", "musa", "npu"}
# Packages that a server must not find: for another device, or because it uses them while it is imported.
OTHER_PACKAGES = {
    "infinity": {"rich", "uvloop"},
    "sglang": {"habana_frameworks", "torch_musa", "torch_npu", "torchada"},
}


class Nothing(ABCMeta):
    """The type of the class below: its attributes, items and results are the class itself."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything

    def __call__(cls, *given: Any, **named: Any) -> Any:
        if cls is not Anything:
            return super().__call__(*given, **named)
        decorated = len(given) == 1 and not named and isinstance(given[0], FunctionType | type)
        return given[0] if decorated else Anything

    def __getitem__(cls, _: object) -> Any:
        return Anything

    def __or__(cls, _: object) -> Any:
        return Anything

    __ror__ = __or__

    def __iter__(cls) -> Iterator[Any]:
        return iter(())

    def __bool__(cls) -> bool:
        return False

    def __int__(cls) -> int:
        return 0

    def __lt__(cls, _: object) -> bool:
        return False

    __le__ = __gt__ = __ge__ = __lt__


class Anything(metaclass=Nothing):
    """Stands for every name of a module that is not installed."""


class Absent(ModuleType):
    """A module that is not installed."""

    __version__ = "0.0.0"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__ = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in OTHER_DEVICES:
            raise AttributeError(name)
        return Anything


class Finder(MetaPathFinder, Loader):
    """Finds every module that no other finder has found, except the servers' and Python's own ones."""

    def __init__(self, others: set[str]) -> None:
        self.unavailable = {*SERVERS, *sys.stdlib_module_names, *others}

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> ModuleSpec | None:  # noqa: ARG002
        parent, _, _ = name.rpartition(".")
        absent = name not in self.unavailable if not parent else isinstance(sys.modules[parent], Absent)
        return ModuleSpec(name, self, is_package=True) if absent else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return Absent(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leave the module as it is."""


def sglang(arguments: list[str]) -> dict[str, Any]:
    """Read the arguments of sglang.launch_server."""
    spec = importlib.util.find_spec("sglang")
    assert spec is not None
    sys.modules["sglang"] = bare = ModuleType("sglang")  # without its own code, which imports the engine
    bare.__path__ = list(spec.submodule_search_locations or ())
    parser = argparse.ArgumentParser(prog="sglang.launch_server")
    importlib.import_module("sglang.srt.server_args").ServerArgs.add_cli_args(parser)
    return vars(parser.parse_args(arguments))


def infinity(arguments: list[str]) -> dict[str, Any]:
    """Read the arguments of infinity_emb v2."""
    command = importlib.import_module("typer.main").get_command(importlib.import_module("infinity_emb.cli").tp)
    found: dict[str, Any] = command.commands["v2"].make_context("infinity_emb v2", arguments).params
    return found


sys.meta_path.append(Finder(OTHER_PACKAGES[sys.argv[1]]))
read = {"infinity": infinity, "sglang": sglang}[sys.argv[1]]
sys.stdout.write(json.dumps(read(sys.argv[2:]), default=str))
