"""The JSON model of a dashboard of Grafana.

Source: Grafana documentation, Dashboard JSON model; grafana-foundation-sdk v0.0.22, whose strict decoder reads the
result (tests/e2e/test_dashboards.py).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.render.dashboards.model import Board, Line, Mark, Panel, Variable

_SOURCE: Final = {"type": "prometheus", "uid": "$datasource"}
# A dashboard is 24 columns wide.
_WIDTH, _HEIGHT, _COLUMNS = 8, 8, 24
_SCHEMA: Final = 42
# When Grafana asks for the values of a variable: when the dashboard opens, or when the range of time changes.
_ON_LOAD, _ON_TIME = 1, 2
_BY_NAME: Final = 1


def text(board: Board) -> str:
    """Return the file of a dashboard: the same text for the same dashboard."""
    return json.dumps(_dashboard(board), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _dashboard(board: Board) -> dict[str, Any]:
    return {
        "uid": board.uid,
        "title": board.title,
        "description": board.description,
        "tags": ["servegen"],
        "timezone": "browser",
        "editable": False,
        "graphTooltip": 1,
        "schemaVersion": _SCHEMA,
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "1m",
        "templating": {"list": [_DATASOURCE, *map(_variable, board.variables)]},
        "annotations": {"list": [_annotation(mark) for mark in board.marks]},
        "panels": list(_panels(board.rows)),
    }


def _panels(rows: Mapping[str, Iterable[Panel]]) -> Iterator[dict[str, Any]]:
    top = number = 0
    for title, panels in rows.items():
        number += 1
        yield {"type": "row", "id": number, "title": title, "collapsed": False, "panels": [], "gridPos": _place(0, top)}
        top, left = top + 1, 0
        for panel in panels:
            if left == _COLUMNS:
                top, left = top + _HEIGHT, 0
            number += 1
            yield {"id": number, "gridPos": _place(left, top, _WIDTH, _HEIGHT), **_panel(panel)}
            left += _WIDTH
        top += _HEIGHT


def _place(left: int, top: int, width: int = _COLUMNS, height: int = 1) -> dict[str, int]:
    return {"x": left, "y": top, "w": width, "h": height}


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "type": "timeseries",
        "title": panel.title,
        **({"description": panel.description} if panel.description is not None else {}),
        "datasource": _SOURCE,
        "targets": [_target(number, line) for number, line in enumerate(panel.lines)],
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": {
            "legend": {"calcs": ["lastNotNull"], "displayMode": "list", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
    }


def _target(number: int, line: Line) -> dict[str, Any]:
    return {
        "refId": chr(ord("A") + number),
        "datasource": _SOURCE,
        "editorMode": "code",
        "range": True,
        "expr": line.query,
        "legendFormat": line.legend,
    }


_DATASOURCE: Final = {
    "type": "datasource",
    "name": "datasource",
    "label": "Prometheus",
    "query": "prometheus",
    "refresh": _ON_LOAD,
}


def _variable(variable: Variable) -> dict[str, Any]:
    common = {"name": variable.name, "label": variable.label, "multi": variable.several, "includeAll": variable.several}
    if variable.values is not None:
        query = ",".join(f"{shown} : {value}" for shown, value in variable.values.items())
        options = [{"text": shown, "value": value, "selected": False} for shown, value in variable.values.items()]
        return {**common, "type": "custom", "query": query, "options": options, "current": _first(variable)}
    return {
        **common,
        "type": "query",
        "datasource": _SOURCE,
        "definition": variable.query,
        "query": {"query": variable.query, "refId": "values"},
        "regex": variable.regex,
        "refresh": _ON_TIME,
        "sort": _BY_NAME,
    }


def _first(variable: Variable) -> dict[str, Any]:
    """Return the value that is chosen when the dashboard opens."""
    if variable.several:
        return {"text": ["All"], "value": ["$__all"], "selected": True}
    shown, value = next(iter((variable.values or {}).items()))
    return {"text": shown, "value": value, "selected": True}


def _annotation(mark: Mark) -> dict[str, Any]:
    return {
        "name": mark.name,
        "datasource": _SOURCE,
        "enable": True,
        "iconColor": mark.color,
        "expr": mark.query,
        "titleFormat": mark.title,
        "useValueForTime": mark.value_is_time,
    }
