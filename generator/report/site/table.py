"""The rows of the table of services as HTML text, which are most of the page: a template takes four times as long.

Every text of others is escaped here: `_text` and `_breakable` are the only ways into a row. Texts such as the names of
environments are in many rows, so what they become is cached.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from markupsafe import Markup, escape

from generator.core.printable import printable_line
from generator.core.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.report.site.model import DeployedService, ServiceSheet

_PIECE: Final = regex(r"(?<=[.-])(?!\Z)")
_KEPT: Final = 20_000
# The attributes and the cells of a service that is not deployed.
_NOWHERE: Final = ' data-environment="" data-card="" data-state=""'
_EMPTY: Final = "<td></td><td></td><td>not deployed</td><td></td><td></td><td></td>"


def table_rows(services: Iterable[ServiceSheet]) -> Markup:
    """Return a row for each service in each environment, and one for a service that is not deployed."""
    return Markup("".join(row for service in services for row in _rows(service)))


def card_name(card: str) -> str:
    """Return the name of the card in a request such as `0.2(T4)`; the request itself if it names none."""
    return card.partition("(")[2].rstrip(")") or card


def state_name(state: str) -> str:
    """Return the first word of a state such as `split 20 %`; a stopped rollout has two."""
    return state if state == "rollout stopped" else state.partition(" ")[0].rstrip(",")


def _rows(service: ServiceSheet) -> Iterator[str]:
    named = f' id="{_text(service.address)}"'
    about = (
        f' data-project="{_text(service.project)}" data-model="{_text(service.model)}"'
        f' data-owner="{_text(service.owner_names)}"'
    )
    cells = (
        f'<th scope="row"><a href="#{_text(service.address)}">{_breakable(service.name)}</a></th>'
        f"<td>{_breakable(service.project)}/{_breakable(service.app)}</td>"
        f"<td>{_text(service.model)} {_text(service.version)}</td>"
    )
    for entry in service.deployed:
        yield f"<tr{named}{about}{_deployed(entry, cells)}</tr>\n"
        named = ""
    if not service.deployed:
        yield f"<tr{named}{about}{_NOWHERE}>{cells}{_EMPTY}</tr>\n"


def _deployed(entry: DeployedService, cells: str) -> str:
    """Return what is different between the environments of a service, with its own cells."""
    environment, state = _text(entry.environment), state_name(entry.state)
    return (
        f' data-environment="{environment}" data-card="{_text(card_name(entry.card))}" data-state="{_text(state)}">'
        f"{cells}"
        f"<td>{environment}</td><td>{_breakable(entry.host)}</td>"
        f'<td><span class="state {_text(state.replace(" ", "-"))}">{_text(entry.state)}</span></td>'
        f"<td>{_text(entry.card)}</td><td>{_text(entry.replicas)}</td><td>{_text(entry.released[:10])}</td>"
    )


@lru_cache(maxsize=_KEPT)
def _text(text: str) -> str:
    """Return a text for an element or an attribute, on one line."""
    return str(escape(printable_line(text)))


@lru_cache(maxsize=_KEPT)
def _breakable(text: str) -> str:
    """Return a text for an element in which a line may end after each dot and hyphen."""
    return _PIECE.sub("<wbr>", _text(text))
