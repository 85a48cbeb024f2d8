"""Claims and captures on pages, as macros (mkdocs-macros loads this file).

A macro leaves a placeholder; `hook.py` puts the escaped capture in its place once Markdown and Jinja have had their say.
So nothing in a capture can be markup, whatever it holds.
"""

import functools
import inspect
import itertools
import posixpath
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # mkdocs loads this by its path, from wherever it was started

from mkdocs.exceptions import PluginError

from verify.judging import sentences
from verify.judging.claim import declared
from verify.lab import engines
from verify.publishing import outcomes
from verify.publishing.pages import MACROS
from verify.publishing.render import render
from verify.publishing.shown import changed, compose, last, last_day, recorded, shown, titles
from verify.publishing.tables import ON_EVERY_ENGINE, TABLES
from verify.publishing.words import WORDS
from verify.trials import bench, measure

HOOK = "verify/publishing/hook.py"


def define_env(env: Any) -> None:
    """Macros of the pages (mkdocs-macros calls this)."""
    if HOOK not in env.conf["hooks"]:
        raise PluginError(f"mkdocs.yml lacks the hook {HOOK}, without which macros show nothing and nothing is checked")
    for name, macro in named(env.conf["extra"]["language"], env).items():
        env.macro(macro, name)


def named(language: str, env: Any = None) -> dict[str, Callable[..., str]]:
    """The macros that pages may call, by name, as they speak a language."""
    macros = {each.__name__: each for each in (claim, source, since, before, until, measured, benched)}
    shows = {put: functools.partial(placeholder, put) for put in MACROS}
    tables = {table.__name__: functools.partial(table, language) for table in TABLES}
    saying = {say.__name__: functools.partial(say, language) for say in (served_image, composes, newest, ran)}
    saying |= {link.__name__: functools.partial(link, env, WORDS[language]) for link in (see, outcome)}
    return {**macros, **shows, **tables, **saying}


def claim(name: str, caller: Callable[[], str]) -> str:
    """A sentence, with what its claim came to on each engine."""
    opening = f'<div class="claim" id="claim-{name}" data-claim="{name}" markdown>'
    return f"{opening}\n\n{caller().strip()}\n\n{placeholder('proof', name)}\n</div>"


def see(env: Any, words: dict[str, Any], name: str, text: str = "") -> str:
    """A link to a claim, or to a heading such as `howto.md#low-port`, on which the words before it or those in it rest."""
    page, _, anchor = name.partition("#")
    if not anchor:
        page, anchor = sentences.sentences(name)[0].page, f"claim-{name}"
    here = env.page.file.src_uri
    way = "" if page == here else posixpath.relpath(page, posixpath.dirname(here) or ".")
    return f"[{text}]({way}#{anchor})" if text else f'[†]({way}#{anchor}){{ .see title="{words["see"]}" }}'


def outcome(env: Any, words: dict[str, Any], name: str, only: str, **declared: str) -> str:
    """What came of a claim's commands, as a cell of a table, which links to the claim; see `outcomes.outcome`."""
    return see(env, words, name, outcomes.outcome(words["outcome"], name, only, **declared))


def placeholder(put: str, of: str, only: str = "") -> str:
    """The place of what is seen only once the page is HTML."""
    return render("placeholder", put=put, of=of, only=only)


def source(name: str) -> str:
    """A claim's function, as it stands in its module."""
    return f"```python\n{inspect.getsource(declared()[name].function)}```"


def since(name: str, only: str = "", shows: str = "", of: str = "docker") -> str:
    """The generation since which a claim's evidence shows what it shows today; see `shown.changed`."""
    return changed(name, only, shows, of)[0]


def before(name: str, only: str = "", shows: str = "", of: str = "docker") -> str:
    """The last generation on which a claim's evidence does not yet show what it shows today; see `shown.changed`."""
    return changed(name, only, shows, of)[1]


def until(name: str, only: str = "", shows: str = "", of: str = "docker") -> str:
    """The last generation of which a claim speaks, or on which it shows something; see `shown.last`."""
    return last(name, only, shows, of)


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


def composes(language: str) -> str:
    """Which Compose was run with which Docker, the newest first."""
    words, said = WORDS[language]["versions"], []
    for version, several in itertools.groupby(reversed(recorded(outcomes.WITH_COMPOSE)), compose):
        dockers = [engines.load()[each.engine].version for each in several]
        how = words["compose" if len(dockers) > 1 else "compose_alone"]
        said.append(how.format(compose=version, first=dockers[-1], last=dockers[0]))
    return str(WORDS[language]["comma"].join(said))


def ran(language: str, name: str) -> str:
    """The engines on which a claim was run."""
    return str(WORDS[language]["comma"].join(titles(recorded(name))))


def newest(language: str, of: str) -> str:
    """The version of the newest engine of a kind that was run, and the day when something was last seen on it."""
    engine = [each.name for each in engines.load().values() if each.kind == of][-1]
    seen = [each for name in declared() for each in recorded(name) if each.engine == engine]
    version = seen[0].provenance["engine"]
    return str(WORDS[language]["versions"]["seen"].format(version=version, date=last_day(seen)))
