"""The templates with which captures and tables come onto pages. What is put into one is text, unless a template made it."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

FOLDER = Path(__file__).with_name("templates")


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
    pieces = enumerate(text.split("`"))
    return Markup().join(code(piece) if number % 2 else Markup.escape(piece) for number, piece in pieces)


def code(text: str) -> Markup:
    """A text as code."""
    return Markup("<code>{}</code>").format(text)
