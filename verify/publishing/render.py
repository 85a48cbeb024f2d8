"""The templates with which captures and tables come onto pages. What is put into one is text, unless a template made it."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

FOLDER = Path(__file__).with_name("templates")
CODE = re.compile(r"(?<!`)(?P<tick>`+)(?!`)(?P<code>(?:(?!\n\s*\n).)+?)(?<!`)(?P=tick)(?!`)", re.DOTALL)
"""Code within a line of Markdown, between one backquote or several."""


class _Joined(FileSystemLoader):
    """Joins the lines of a template, so that its own layout is never seen within a `<pre>`."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Any]:
        text, file, fresh = super().get_source(environment, template)
        return "".join(map(str.strip, text.splitlines())), file, fresh


ENVIRONMENT = Environment(loader=_Joined(FOLDER), autoescape=True, undefined=StrictUndefined)


def render(template: str, **values: Any) -> Markup:
    """What `templates/TEMPLATE.html` comes to with these values."""
    return Markup(ENVIRONMENT.get_template(f"{template}.html").render(values))


def spelt(text: str) -> Markup:
    """A text, what stands in it between backquotes as code."""
    return Markup(CODE.sub(lambda found: code(Markup(found["code"].strip())), escape(text)))


def code(text: str) -> Markup:
    """A text as code."""
    return Markup("<code>{}</code>").format(text)


def so(words: Mapping[str, Any], worlds: Iterable[str], which: int) -> Markup:
    """What is done in a claim's first world, or in its second; where that is nothing, what the other has that is left out."""
    this, other = list(worlds)[:: -1 if which else 1]
    return escape(words["with" if this else "without"]).format(world=code(this or other))
