"""Tables on pages that are made from the evidence, the engines, the masks and what was measured."""

from collections.abc import Callable
from statistics import median

from markupsafe import Markup

from verify.judging.evidence import Evidence
from verify.judging.masks import MASKS
from verify.lab.engines import Engine, load
from verify.publishing import statements
from verify.publishing.render import code, render, spelt
from verify.publishing.shown import recorded, shown
from verify.publishing.words import WORDS
from verify.trials import bench, functions
from verify.trials.mutants import scores

ON_EVERY_ENGINE = "browser_gets_the_page_with_no_port_published"


def engines(language: str) -> Markup:
    """The engines, as the evidence says what answered."""
    seen = {each.engine: each for each in recorded(ON_EVERY_ENGINE)}
    rows = [
        (each.title, *map(code, _what_answered(seen[each.name])), _origin(each, seen[each.name], language))
        for each in load().values()
    ]
    return render("table", head=WORDS[language]["table"]["engines"], rows=rows)


def masks(language: str) -> Markup:
    """What may differ between two runs."""
    rows = [(code(each.command), ", ".join(each.kinds), each.why[language]) for each in MASKS]
    return render("table", head=WORDS[language]["table"]["masks"], rows=rows)


def provenance(language: str) -> Markup:
    """What ran when the evidence was recorded."""
    ran = shown(ON_EVERY_ENGINE).provenance
    flat = ran | ran["tools"]
    named = [(label, code(flat[key])) for key, label in WORDS[language]["provenance"].items()]
    tools = [(key, code(flat[key])) for key in ("containerd", "runc", *ran["tools"]) if key != "os"]
    return render("table", head=("", ""), rows=named + tools)


def mutants(language: str) -> Markup:
    """How many changes of what was seen were noticed, and by what."""
    words = WORDS[language]["mutants"]
    rows = [(load()[engine].title, *(score[key] for key in words)) for engine, score in scores().items()]
    return render("table", head=("", *words.values()), rows=rows)


def assertions(language: str) -> Markup:
    """How many changes of what claims assert and run were noticed, and by what."""
    words, kept = WORDS[language]["functions"], functions.kept()["mutants"]
    rows = [
        (spelt(words["kind"][kind]), sum(by.values()), *(by[who] for who in words["who"])) for kind, by in kept.items()
    ]
    return render("table", head=("", WORDS[language]["mutants"]["ran"], *words["who"].values()), rows=rows)


def pieces(language: str) -> Markup:
    """How long the pieces of a live run take."""
    words, said = WORDS[language]["bench"], bench.figures(bench.load())
    rows = [(label, said[name], said[f"{name}_spread"]) for name, label in words["pieces"].items()]
    return render("table", head=words["table"], rows=rows)


def replays(language: str) -> Markup:
    """How long replays of so many claims take."""
    counted = bench.replays(bench.load())
    rows = [(n, f"{median(s):.2f}", f"{median(s) / n * 1000:.1f}") for n, s in counted.items()]
    return render("table", head=WORDS[language]["bench"]["counts"], rows=rows)


def shares(language: str) -> Markup:
    """How many statements there are on the pages, by what they rest on."""
    words, counted = WORDS[language]["statements"], statements.shares()
    total = sum(counted.values()) - counted["nothing"]
    share = {basis: f"{count / total:.0%}" for basis, count in counted.items()} | {"nothing": "–"}
    rows = [(label, counted[basis], share[basis]) for basis, label in words.items()]
    return render("table", head=WORDS[language]["table"]["statements"], rows=rows)


TABLES: tuple[Callable[[str], Markup], ...] = (assertions, engines, masks, mutants, pieces, provenance, replays, shares)


def _origin(engine: Engine, seen: Evidence, language: str) -> str:
    """Where an engine came from."""
    words = WORDS[language]["origin"]
    if not (ran := seen.provenance.get("binaries")):
        return str(words["suite"].format(suite=engine.suite))
    source = {name: commit[:7] for name, commit in ran["source"].items()}
    return str(words["binaries"].format(suite=engine.suite, **source))


def _what_answered(seen: Evidence) -> tuple[str, str, str]:
    """The exact versions of an engine, of what runs its containers, and of tcpdump beside it."""
    ran = seen.provenance
    runtime = f"runc {ran['runc']}" if "runc" in ran else f"crun {ran['tools']['crun']}"
    return str(ran["engine"]), runtime, str(ran["tools"]["tcpdump"])
