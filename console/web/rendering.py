"""Templates: one environment for each language, autoescape always on, and data as JSON.

A page calls the words of its language hundreds of times. So the calls are rewritten when a template is compiled: what depends
on constants alone, `say("中文", "English")` foremost, becomes text of the template, every other one a filter, called directly.
"""

import dataclasses
import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from jinja2 import Environment, PackageLoader, StrictUndefined, nodes
from jinja2.visitor import NodeTransformer

from console.web.words import SHANGHAI, words_for

LANGUAGES = ("zh", "en")
_CONSTANT = ("say", "static")  # the same whenever it is called


@cache
def environment(language: str) -> Environment:
    """The templates in a language; a name that is not there is an error, never an empty place."""
    made = _Templates(
        loader=PackageLoader("console.web", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False)
    words = {"static": static_address, **words_for(language)}
    made.globals.update(words, language=language)
    made.filters.update(words)
    return made


class _Templates(Environment):
    """Jinja's environment, which says the words of its language where it can while it compiles."""

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        _Said(self).visit(template)
        return template


class _Said(NodeTransformer):
    """Calls of words become text or filters."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    def visit_Call(self, call: nodes.Call) -> nodes.Node:
        """The call itself where it is none of a word with plain arguments."""
        self.generic_visit(call)
        name = call.node.name if isinstance(call.node, nodes.Name) else ""
        if (name not in words_for("zh") and name not in _CONSTANT) or call.dyn_args or call.dyn_kwargs or not call.args:
            return call
        if name in _CONSTANT and not call.kwargs and all(isinstance(one, nodes.Const) for one in call.args):
            said = self.environment.filters[name](*(one.as_const() for one in call.args))
            return nodes.Const(said, lineno=call.lineno)
        filtered = nodes.Filter(call.args[0], name, call.args[1:], call.kwargs, None, None, lineno=call.lineno)
        filtered.set_environment(self.environment)
        return filtered


def warm_up() -> None:
    """Compile every template now, so that nobody's first click waits for it."""
    for language in LANGUAGES:
        for name in environment(language).list_templates():
            environment(language).get_template(name)


@cache
def static_address(name: str) -> str:
    """The address of a static file with a part of its hash, so that browsers keep it for good."""
    digest = hashlib.sha256(files("console.web").joinpath("static", name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?{digest}"


def page(template: str, language: str, **values: Any) -> str:
    """A template as HTML; it also finds the words of its language."""
    return environment(language).get_template(template).render(**values)


def as_json(data: Any) -> bytes:
    """Data as JSON: dataclasses as objects, times as ISO 8601 of Shanghai, numbers of exact value as text."""
    return json.dumps(data, ensure_ascii=False, default=_plain, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be shown as JSON")
