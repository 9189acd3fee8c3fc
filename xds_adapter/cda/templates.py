"""The templates of the documents: an environment made for speed, and the rendering.

Jinja's own way through a template asks much that our templates never need: whether a file changed, whether a name
is an attribute before it is a member, how a callable wants to be called. Escaping and strictness stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.runtime import Context, Macro

from xds_adapter.resources import data_folder

_BLANK_LINES = re.compile(r"\n\s*\n")


class _Context(Context):
    """Calls macros directly."""

    def call(self, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        if type(__obj) is Macro:
            # Variables of the caller's block and loop: only functions of Python could ask for them.
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
            return __obj(self.eval_ctx, *args, **kwargs)
        return super().call(__obj, *args, **kwargs)


class _Environment(Environment):
    """Reads the members of a case; templates ask for nothing but members."""

    context_class = _Context

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict:
            try:
                return obj[attribute]
            except KeyError:
                return self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)


def environment(filters: Mapping[str, Callable[..., Any]]) -> Environment:
    """Make the environment of the templates.

    Args:
        filters: What templates may do with a value, by name.
    """
    # select_autoescape would leave *.xml.j2 unescaped.
    made = _Environment(
        loader=FileSystemLoader(data_folder("cda_templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.filters.update(filters)
    return made


def without_blank_lines(text: str) -> str:
    """Take out the lines that hold nothing but blanks; every other line ends with a line feed."""
    return _BLANK_LINES.sub("\n", text.strip()) + "\n"
