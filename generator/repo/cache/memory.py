"""The cache of this run, in the user's folder for caches; none if the user does not want one."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING

from generator.pipeline.app_memory import AppMemory
from generator.pipeline.data_memory import DataReader
from generator.pipeline.file_facts import FactMemory
from generator.pipeline.spec_memory import SpecMemory, SpecReader
from generator.repo.cache.choice import is_cache_off
from generator.repo.cache.inputs import read_inputs, read_program
from generator.repo.cache.user_store import result_store

if TYPE_CHECKING:
    from pathlib import Path

    from generator.core.template_loader import TemplateLoader
    from generator.pipeline.app import AppResult


def app_memory(loader: TemplateLoader, judge: Path | None = None) -> AppMemory | None:
    """Return the results of apps of earlier runs with the templates of `loader`; None if no cache can be used.

    With `judge`, the program of another schema engine, those whose objects it has accepted; new ones are kept when
    `keep` is called.
    """
    store = None if is_cache_off() else result_store()
    inputs = read_inputs(loader) if store is not None else None
    if store is None or inputs is None:
        return None
    last = _results_of(store.folder)
    if judge is None:
        return AppMemory(store, last, inputs.digest, inputs.are_current)
    try:
        digest = hashlib.sha256(judge.read_bytes()).hexdigest()
    except OSError:  # a program that may be run and not read
        return None
    return AppMemory(store, last, f"{inputs.digest} {digest}", inputs.are_current, is_deferred=True)


def spec_reader() -> SpecReader:
    """Return a reader of spec files and data files, which parses those that no earlier run has parsed."""
    open_memory = cache(_spec_memory)
    return SpecReader(open_memory, DataReader(open_memory))


def fact_memory(loader: TemplateLoader) -> FactMemory | None:
    """Return what earlier runs with the templates of `loader` know about spec files; None if no cache can be used."""
    store = None if is_cache_off() else result_store()
    inputs = read_inputs(loader) if store is not None else None
    if store is None or inputs is None:
        return None
    return FactMemory(store, inputs.digest, inputs.are_current)


def _spec_memory() -> SpecMemory | None:
    store = None if is_cache_off() else result_store()
    program = read_program() if store is not None else None
    return SpecMemory(store, program.digest, program.are_current) if store is not None and program is not None else None


@cache
def _results_of(folder: Path) -> dict[str, AppResult]:
    """Return the results that this process keeps of its last plan, for pushes, which plan again after a lost race."""
    del folder
    return {}
