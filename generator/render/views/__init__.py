"""The values for templates: small pure functions from a service in an environment to the values of its objects.

Every public function of a view module is a value that templates may use under the module's name: `{{ pod.env }}` is
`pod.env(context)`. A value is computed when a template uses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

T = TypeVar("T")


def functions(module: ModuleType) -> Mapping[str, Callable[[Any], Any]]:
    """Return the value functions of a view module, by name."""
    return {
        name: value
        for name, value in vars(module).items()
        if callable(value) and not name.startswith("_") and getattr(value, "__module__", "") == module.__name__
    }


class View(Generic[T]):
    """The values of one view module for the context that it is bound to; each is computed once.

    It has no public attribute beside its values: templates can read every one.
    """

    def __init__(self, values: Mapping[str, Callable[[T], Any]], context: T | None = None) -> None:
        self.__dict__["_values"] = values
        self.__dict__["_subject"] = context

    def __getattr__(self, name: str) -> Any:
        try:
            function = self._values[name]
        except KeyError:
            raise AttributeError(name) from None
        value = self.__dict__[name] = function(self._subject)
        return value


def bind(view: View[T], context: T) -> None:
    """Switch a view to another context: keeping one Jinja context is cheaper than creating one for each object.

    With the context that it has, it keeps what it has computed.
    """
    if view.__dict__["_subject"] is not context:
        view.__dict__ = {"_values": view.__dict__["_values"], "_subject": context}
