"""The base class of all spec models, and what their fields declare."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, TypeVar, dataclass_transform, get_args, get_origin

from msgspec import NODEFAULT, Struct, StructMeta, field
from msgspec.structs import fields

from generator.core.yaml import EMPTY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from msgspec.structs import FieldInfo

S = TypeVar("S", bound="Spec")

_DECLARED: Final = "_declared"
_OPTIONS: Final = {"frozen": True, "kw_only": True}


class _Declared(Struct, frozen=True):
    """What a field declares beside its type and its default."""

    default: Any
    examples: Sequence[Any]
    min_length: int


def Field(  # noqa: N802  # it stands where pydantic's function of this name does
    *,
    default: Any = NODEFAULT,
    default_factory: Callable[[], Any] | None = None,
    examples: Sequence[Any] = (),
    min_length: int = 0,
) -> Any:
    """Declare a field of a spec. Without a default the key is required. `examples` are values as a spec has them."""
    made = field(default=default) if default_factory is None else field(default_factory=default_factory)
    return _Declared(made, examples, min_length)


class _SpecMeta(StructMeta):
    """Makes each spec a frozen Struct with keyword arguments, and keeps what its fields declare."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> _SpecMeta:
        declared = {key: value for key, value in namespace.items() if isinstance(value, _Declared)}
        own = namespace | {key: value.default for key, value in declared.items()}
        return super().__new__(cls, name, bases, own | {_DECLARED: declared}, **(options | _OPTIONS))


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(Field,))
class Spec(Struct, frozen=True, kw_only=True, metaclass=_SpecMeta):
    """A mapping in a spec file. Unknown keys are errors, and a key without a value counts as not written.

    An empty value sets nothing, while a written `null` removes what an earlier layer set: `written` tells the two
    apart. It contains the keys that the file has; a spec that is made without a file has none.
    """

    LEADING: ClassVar[tuple[str, ...]] = ()
    """The keys that come before those of the base class where servegen writes the spec."""

    written: frozenset[str] = frozenset()

    def check_keys(self) -> None:
        """Raise InvalidValueError if keys do not fit together, with the key as its place."""

    def __repr__(self) -> str:
        """Return the same text in each process: that of a set is not, and keys of the cache are made of it."""
        values = (f"{key}={getattr(self, key)!r}" for key in self.__struct_fields__[1:])
        return f"{type(self).__name__}({', '.join(values)})"

    def __reduce__(self) -> tuple[Callable[..., Spec], tuple[type[Spec], dict[str, Any]]]:
        """Keep only what differs from the defaults: most of the keys of a spec are not written."""
        names, defaults = self.__struct_fields__, self.__struct_defaults__
        missing = [NODEFAULT] * (len(names) - len(defaults))
        pairs = zip(names, (*missing, *defaults), strict=True)
        values = {key: value for key, default in pairs if (value := getattr(self, key)) is not default}
        return restore, (type(self), values)


def restore(model: type[S], values: dict[str, Any]) -> S:
    """Return a spec from these values, and the defaults of the other fields."""
    return model(**values)


def values_of(spec: Spec) -> dict[str, Any]:
    """Return the value of each key."""
    return {key: getattr(spec, key) for key in fields_of(type(spec))}


class SpecField(Struct, frozen=True):
    """One key of a spec.

    `annotation` is the type without the metadata of the key as a whole, which `metadata` contains. `default` is
    NODEFAULT if the key is required, or if `factory` makes its default.
    """

    annotation: Any
    metadata: tuple[Any, ...]
    default: Any
    factory: Callable[[], Any] | None
    examples: tuple[Any, ...]
    min_length: int

    @property
    def is_required(self) -> bool:
        """Whether a file must have the key."""
        return self.default is NODEFAULT and self.factory is None


@cache
def fields_of(model: type[Spec]) -> Mapping[str, SpecField]:
    """Return the fields of a model by key, in the order in which servegen writes the keys."""
    declared = {key: one for kind in reversed(model.__mro__) for key, one in vars(kind).get(_DECLARED, {}).items()}
    found = {one.name: _field(one, declared.get(one.name)) for one in fields(model)[1:]}
    return {key: found[key] for key in dict.fromkeys((*model.LEADING, *found))}


def _field(one: FieldInfo, declared: _Declared | None) -> SpecField:
    is_annotated = get_origin(one.type) is Annotated
    annotation, *metadata = get_args(one.type) if is_annotated else (one.type,)
    factory = None if one.default_factory is NODEFAULT else one.default_factory
    examples, shortest = (tuple(declared.examples), declared.min_length) if declared is not None else ((), 0)
    return SpecField(annotation, tuple(metadata), one.default, factory, examples, shortest)


def stanzas(value: Any) -> Any:
    """Return a mapping of names to stanzas in which a stanza without a value is an empty mapping."""
    if not isinstance(value, dict):
        return {} if value is EMPTY else value
    return {name: ({} if stanza is EMPTY else stanza) for name, stanza in value.items()}


def find_nested_model(annotation: Any) -> type[Spec] | None:
    """Return the model of the mapping, or of the named mappings, that a field contains, or None."""
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = find_nested_model(inner)
        if found is not None:
            return found
    return None
