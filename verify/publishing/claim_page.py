"""The page that each claim has: where it holds, what was run, what came on each engine and in the opposite world, and who rests on it."""

import inspect
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import Any

from markupsafe import Markup

from verify import ROOT
from verify.judging import claim, sentences
from verify.lab import engines
from verify.publishing import pages, statements
from verify.publishing.captures import figures
from verify.publishing.render import render, so, spelt
from verify.publishing.sequence import sequence
from verify.publishing.shown import Place, day, last_day, recorded, shown, title, titles
from verify.publishing.variants import Variant, variants
from verify.publishing.words import WORDS
from verify.publishing.written import said
from verify.trials import functions

FOLDER = "claims"
SECTIONS = ("where", "steps", "came", "opposite", "function", "ran", "resting")
"""The headings, each with what stands below it."""


def markdown(name: str, language: str) -> str:
    """The page of a claim, as if somebody had written it."""
    words = WORDS[language]["page"]
    declared = claim.declared()[name]
    below = {
        "steps": f"{words['before_steps']}\n\n```sh\n{steps(name)}\n```",
        "function": f"```python\n{inspect.getsource(declared.function)}```\n\n{words['again']}\n\n"
        f"```sh\n./nox -s verify -- -k claim_{name} --engine {shown(name).engine}\n```",
    }
    parts = [f"---\nsearch:\n  exclude: true\n---\n\n# {sentence(name, language)} {{ #claim }}", _put("lead", name)]
    for section in SECTIONS:
        parts += [f"## {words[section]} {{ #{section} }}", below.get(section) or _put(section, name)]
    return "\n\n".join(parts) + "\n"


def sentence(name: str, language: str) -> str:
    """A claim's sentence in one line of Markdown, without links."""
    return " ".join(said(pages.LINK.sub(r"\1", sentences.sentence(name, language).text), language).split())


def steps(name: str) -> str:
    """The commands of the world in which the sentence holds, as a script to be read or copied."""
    run = shown(name).holds
    return "\n".join(
        f"# {machine}\n" + "\n".join(capture.command for capture in captures)
        for machine, captures in groupby(run, key=lambda capture: capture.on)
    )


def lead(name: str, only: str, place: Place) -> Markup:
    """Where the claim stands in the reference, on how many engines it holds, and its documents."""
    of, words = sentences.sentence(name, place.language), place.words
    heading, url, seen = spelt(pages.heading(of)), f"{place.url(of.page)}#claim-{name}", recorded(name)
    values = {"heading": heading, "url": url, "date": last_day(seen), "seen": len(seen), "root": place.root}
    return render("lead", words=words, **values)


def where(name: str, only: str, place: Place) -> Markup:
    """Each engine: whether it shows what pages show, other words, or is none of which the claim speaks."""
    return render("where", words=place.words, rows=list(_rows(name)), root=place.root)


def states(name: str) -> dict[str, str]:
    """By engine, whether it showed what pages show (`same`), something else (`other`), or was not spoken of (`none`)."""
    first, *others = variants(name)
    known = {each.engine: "same" for each in first.seen} | {e.engine: "other" for other in others for e in other.seen}
    return {engine: known.get(engine, "none") for engine in engines.load()}


def came(name: str, only: str, place: Place) -> Markup:
    """What came on each engine, alike ones once."""
    return _world(name, 0, place)


def opposite(name: str, only: str, place: Place) -> Markup:
    """What came in the opposite world."""
    return _world(name, 1, place)


def ran(name: str, only: str, place: Place) -> Markup:
    """What ran where pages' captures come from, and every engine's evidence to download."""
    seen, labels = shown(name), place.words["provenance"]
    flat = seen.provenance | seen.provenance["tools"]
    rows = [(labels.get(key, key), flat[key]) for key in (*labels, "containerd", "runc", "crun") if key in flat]
    rows += [(key, value) for key, value in seen.provenance["tools"].items() if key not in labels]
    downloads = [
        {"engine": each.engine, "title": label, "url": f"evidence/{each.engine}/{name}.json"}
        for each, label in zip(recorded(name), titles(recorded(name)), strict=True)
    ]
    values = {"rows": rows, "engines": downloads, "root": place.root, "digest": seen.digest, "engine": title(seen)}
    values |= {"file": claim.declared()[name].file, "strength": functions.kept()["strength"].get(name)}
    cited = place.words["page"]["citation"].format(name=name, date=last_day(recorded(name)), digest=seen.digest[:16])
    return render("ran", words=place.words, name=name, cited=cited, **values)


def resting(name: str, only: str, place: Place) -> Markup:
    """The headings under which something rests on the claim."""
    folder = ROOT / "docs" / place.language
    found = [
        {"url": f"{place.url(page)}#{anchor}", "heading": spelt(pages.headings(folder / page)[anchor])}
        for page, _, anchor in (each.partition("#") for each in leaning().get(name, ()))
        if anchor
    ]
    return render("resting", words=place.words, root=place.root, found=found)


@cache
def leaning() -> dict[str, tuple[str, ...]]:
    """By claim, the places where statements rest on it."""
    found: dict[str, dict[str, None]] = {}
    for place, several in statements.statements().items():
        for name in (name for statement in several for name in statement.rests):
            found.setdefault(name, {})[place] = None
    return {name: tuple(places) for name, places in found.items()}


def _world(name: str, world: int, place: Place) -> Markup:
    """One world of a claim, for each group of engines that showed the same."""
    groups = [
        {
            "names": variant.names,
            "engines": list(zip((each.engine for each in variant.seen), titles(variant.seen), strict=True)),
            "figures": list(_drawn(variant, place)),
        }
        for variant in variants(name, world)
    ]
    which = ("came", "opposite")[world]
    values = {"so": so(place.words, shown(name).worlds, world), "groups": groups, "shown": title(shown(name))}
    return render("world", words=place.words, which=which, **values)


def _drawn(variant: Variant, place: Place) -> Iterator[Markup]:
    """The captures, each with its packets as a diagram if it has some."""
    for each, figure in zip(variant.captures, figures(variant, place), strict=True):
        yield figure
        yield sequence(each.capture, place.language)


def _rows(name: str) -> Iterator[dict[str, Any]]:
    seen = {each.engine: each for each in recorded(name)}
    for engine, state in states(name).items():
        each = seen.get(engine)
        date = day(each) if each else ""
        yield {
            "engine": engine,
            "title": title(each) if each else engines.load()[engine].title,
            "state": state,
            "date": date,
        }


def _put(what: str, name: str) -> str:
    return str(render("placeholder", put=what, of=name, only=""))


PUT = {each.__name__: each for each in (lead, where, came, opposite, ran, resting)}
"""What stands on the page of a claim, by the name of its place."""
