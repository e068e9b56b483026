"""A dashboard before it becomes JSON: variables, marks, and rows of panels with lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping


class Line(Struct, frozen=True):
    """One query of a panel, and the name of its lines."""

    legend: str
    query: str


class Panel(Struct, frozen=True):
    """One panel with lines over time. `unit` is the name that Grafana has for it."""

    title: str
    unit: str
    description: str | None
    lines: tuple[Line, ...]


class Mark(Struct, frozen=True):
    """A query whose results are points in time that all panels show."""

    name: str
    query: str
    title: str
    color: str
    value_is_time: bool


class Variable(Struct, frozen=True):
    """What people choose above the panels: `values` by the texts shown, or what a query of Prometheus finds.

    `regex` takes the values out of what the query finds.
    """

    name: str
    label: str
    values: Mapping[str, str] | None = None
    query: str = ""
    regex: str = ""
    several: bool = False


class Board(Struct, frozen=True):
    """One dashboard. `name` is that of its file, `uid` identifies it in Grafana and in links."""

    name: str
    uid: str
    title: str
    description: str
    variables: tuple[Variable, ...]
    marks: tuple[Mark, ...]
    rows: Mapping[str, tuple[Panel, ...]]
