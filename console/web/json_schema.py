"""Dataclasses as JSON Schema 2020-12: what `console.web.rendering.as_json` makes of them, and nothing else."""

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, Union
from uuid import UUID

Schema = dict[str, Any]

# a type -> what it is as JSON; numbers of exact value are text
_PLAIN: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    UUID: {"type": "string", "format": "uuid"},
    Decimal: {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?(E[+-]?[0-9]+)?$"},
    Any: {},
    object: {},
    dict: {"type": "object"},
    list: {"type": "array"},
    tuple: {"type": "array"},
}


class Schemas:
    """Collects the schemas of dataclasses by name, so that each stands once: `components` of the document."""

    def __init__(self) -> None:
        self.components: dict[str, Schema] = {}
        self._names: dict[type, str] = {}

    def of(self, kind: Any) -> Schema:
        """The schema of a type, a reference for a dataclass. Raises TypeError for a type that JSON cannot show."""
        if kind in _PLAIN:
            return dict(_PLAIN[kind])
        if isinstance(kind, type) and is_dataclass(kind):
            return self._reference(kind)
        if (origin := typing.get_origin(kind)) is not None:
            return self._composed(origin, typing.get_args(kind))
        if isinstance(kind, type) and issubclass(kind, Enum):
            return {"enum": [member.value for member in kind]}
        if isinstance(kind, type) and issubclass(kind, tuple):
            return self._row(kind)
        raise TypeError(f"{kind} has no form in JSON")

    def _composed(self, origin: Any, inner: Sequence[Any]) -> Schema:
        if origin in (Union, types.UnionType):
            return self._union(inner)
        if origin is Literal:
            return {"enum": list(inner)}
        return self._container(origin, inner)

    def _union(self, kinds: Sequence[Any]) -> Schema:
        found = [self.of(kind) for kind in kinds]
        if all(set(schema) == {"type"} for schema in found):
            return {"type": [schema["type"] for schema in found]}
        return {"anyOf": found}

    def _container(self, origin: Any, inner: Sequence[Any]) -> Schema:
        if origin is tuple and len(inner) > 0 and inner[-1] is not Ellipsis:
            items = [self.of(kind) for kind in inner]
            return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self.of(inner[1])}
        if isinstance(origin, type) and issubclass(origin, Sequence | frozenset | set):
            return {"type": "array", "items": self.of(inner[0])}
        raise TypeError(f"{origin} has no form in JSON")

    def _row(self, kind: Any) -> Schema:
        """A NamedTuple is a list of its values."""
        items = [self.of(hint) for hint in _hints(kind).values()]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}

    def _reference(self, kind: Any) -> Schema:
        if kind not in self._names:
            name = kind.__name__.lstrip("_")
            taken = name in self.components
            name = f"{kind.__module__.rpartition('.')[2].title().replace('_', '')}{name}" if taken else name
            self._names[kind] = name
            self.components[name] = {}  # stands here before its fields, which may lead back to it
            self.components[name] = self._object(kind)
        return {"$ref": f"#/components/schemas/{self._names[kind]}"}

    def _object(self, kind: Any) -> Schema:
        hints = _hints(kind)
        found: Schema = {
            "type": "object", "properties": {field.name: self.of(hints[field.name]) for field in fields(kind)},
            "required": [field.name for field in fields(kind)], "additionalProperties": False,
        }
        return found | ({"description": first} if (first := _first_sentence(kind)) else {})


def _hints(kind: Any) -> dict[str, Any]:
    """The annotations as types; TypeError names what was imported for type checkers only."""
    try:
        return typing.get_type_hints(kind)
    except NameError as error:
        raise TypeError(f"{kind.__module__}.{kind.__name__}: {error}; import it for good") from error


def _first_sentence(kind: Any) -> str:
    text = (kind.__doc__ or "").strip()
    return "" if text.startswith(f"{kind.__name__}(") else " ".join(text.split("\n\n")[0].split())


