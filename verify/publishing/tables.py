"""Tables on pages that are made from the evidence, the engines, the masks and what was measured."""

from collections.abc import Callable
from statistics import median
from typing import Any

from markupsafe import Markup

from verify.judging.evidence import Evidence
from verify.judging.masks import MASKS
from verify.lab.engines import Engine, load
from verify.publishing import statements
from verify.publishing.render import code, render, spelt
from verify.publishing.shown import recorded, shown
from verify.publishing.words import WORDS
from verify.trials import bench, functions, measure
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


def over_router(language: str) -> Markup:
    """What networks cost beside the host network, asked from another machine."""
    return _costs("router", language)


def to_loopback(language: str) -> Markup:
    """What networks cost beside the host network, asked from the host itself."""
    return _costs("loopback", language)


def _costs(way: str, language: str) -> Markup:
    words, results = WORDS[language]["measured"], measure.load()
    said, pairs = measure.figures(results), results["pairs"]
    networks = [name for name in words["networks"] if name in pairs[f"request_{way}"]]
    rows = [
        (label, *(_cost(said, f"{what}_{way}_{name}", words) for name in networks))
        for what, label in words["rows"].items()
        if f"{what}_{way}" in pairs
    ]
    return render("table", head=(words["cost"], *(words["networks"][name] for name in networks)), rows=rows)


def _cost(said: dict[str, str], figure: str, words: dict[str, Any]) -> str:
    """A ratio and its spread; of what was lost, which has no ratio, the host network's share as well."""
    if f"{figure}_host" in said:
        return str(words["lost"].format(said[figure], said[f"{figure}_host"]))
    return f"{said[figure]} ({said[f'{figure}_spread']})"


def starts(language: str) -> Markup:
    """How much longer than on the host network a container's start takes on the bridge, by published ports."""
    words, results = WORDS[language]["measured"], measure.load()
    said = measure.figures(results)
    rows = [(words["networks"][count], _cost(said, f"start_{count}", words)) for count in results["pairs"]["start"]]
    return render("table", head=words["starts"], rows=rows)


def looked(language: str) -> Markup:
    """What NAT was seen to do with connections on each network."""
    words, seen = WORDS[language]["measured"], measure.load()["looked"]
    rows = [
        (words["ways"][way], words["networks"][name], tracked, translated)
        for way, of in seen.items()
        for name, (tracked, translated) in of.items()
    ]
    return render("table", head=words["looked"], rows=rows)


def shares(language: str) -> Markup:
    """How many statements there are on the pages, by what they rest on."""
    words, counted = WORDS[language]["statements"], statements.shares()
    total = sum(counted.values()) - counted["nothing"]
    share = {basis: f"{count / total:.0%}" for basis, count in counted.items()} | {"nothing": "–"}
    rows = [(label, counted[basis], share[basis]) for basis, label in words.items()]
    return render("table", head=WORDS[language]["table"]["statements"], rows=rows)


TABLES: tuple[Callable[[str], Markup], ...] = (
    *(assertions, engines, looked, masks, mutants, over_router),
    *(pieces, provenance, replays, shares, starts, to_loopback),
)


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
