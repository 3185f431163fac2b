"""Page templates: Jinja2 with escaping on, names that must exist, and files of the package.

Imported by whoever renders, inside the function that does: checking a policy never pays for it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

_MARKDOWN: Final = re.compile(r"([\\`*_\[\]|~])")


@cache
def environment(package: str) -> Environment:
    """Templates in the folder ``templates`` of `package`.

    Text is escaped in ``.html`` files; a name that is not given is an error, never a blank.
    Markdown templates escape with the filter ``md``.
    """
    made = Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["md"] = escape_markdown
    return made


def escape_markdown(text: object) -> str:
    """`text` with the characters escaped that Markdown would read, on one line.

    Examples:
        >>> escape_markdown("a|b *c*")
        'a\\\\|b \\\\*c\\\\*'
    """
    line = " ".join(str(text).split())
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        line = line.replace(character, entity)
    return _MARKDOWN.sub(r"\\\1", line)
