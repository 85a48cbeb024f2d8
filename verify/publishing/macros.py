"""Claims and captures on pages, as macros (mkdocs-macros loads this file).

A macro leaves a placeholder; `hook.py` puts the escaped capture in its place once Markdown and Jinja have had their say.
So nothing in a capture can be markup, whatever it holds.
"""

import functools
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # mkdocs loads this by its path, from wherever it was started

from mkdocs.exceptions import PluginError

from verify.judging.claim import declared
from verify.publishing.pages import MACROS
from verify.publishing.render import render
from verify.publishing.shown import changed, last, shown
from verify.publishing.tables import ON_EVERY_ENGINE, TABLES
from verify.publishing.words import WORDS
from verify.trials import bench, measure

HOOK = "verify/publishing/hook.py"


def define_env(env: Any) -> None:
    """Macros of the pages (mkdocs-macros calls this)."""
    if HOOK not in env.conf["hooks"]:
        raise PluginError(f"mkdocs.yml lacks the hook {HOOK}, without which macros show nothing and nothing is checked")
    language = env.conf["extra"]["language"]
    for macro in (claim, source, since, before, until, measured, benched):
        env.macro(macro)
    for put in MACROS:
        env.macro(functools.partial(placeholder, put), put)
    for table in TABLES:
        env.macro(functools.partial(table, language), table.__name__)
    env.macro(functools.partial(served_image, language), "served_image")


def claim(name: str, caller: Callable[[], str]) -> str:
    """A sentence, with what its claim came to on each engine."""
    opening = f'<div class="claim" id="claim-{name}" data-claim="{name}" markdown>'
    return f"{opening}\n\n{caller().strip()}\n\n{placeholder('proof', name)}\n</div>"


def placeholder(put: str, of: str, only: str = "") -> str:
    """The place of what is seen only once the page is HTML."""
    return render("placeholder", put=put, of=of, only=only)


def source(name: str) -> str:
    """A claim's function, as it stands in its module."""
    return f"```python\n{inspect.getsource(declared()[name].function)}```"


def since(name: str, only: str = "") -> str:
    """The Docker generation since which a claim's evidence shows what it shows today."""
    return changed(name, only)[0]


def before(name: str, only: str = "") -> str:
    """The last Docker generation on which a claim's evidence shows something else."""
    return changed(name, only)[1]


def until(name: str) -> str:
    """The last Docker generation of which a claim speaks."""
    return last(name)


def measured(name: str) -> str:
    """A figure of `./nox -s measure`, by its name in `measure.figures`."""
    return measure.figures(measure.load())[name]


def benched(name: str) -> str:
    """A figure of `./nox -s bench`, by its name in `bench.figures`."""
    return bench.figures(bench.load())[name]


def served_image(language: str) -> str:
    """Which image httpd:latest was."""
    which = shown(ON_EVERY_ENGINE).provenance["images"]["httpd"]["which"]
    return str(WORDS[language]["served"][which])
