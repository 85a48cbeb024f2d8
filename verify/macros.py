"""Claims and captures on pages. mkdocs loads this twice: as macros for the pages' text, and as a hook of the build.

A macro leaves a placeholder; the hook puts the escaped capture in its place once Markdown and Jinja have had their say.
So nothing in a capture can be markup, whatever it holds.
"""

import functools
import html
import inspect
import json
import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # mkdocs loads this file by its path, from wherever it was started

from markdown.extensions.toc import slugify, unique  # noqa: E402
from mkdocs.config.defaults import MkDocsConfig  # noqa: E402
from mkdocs.exceptions import PluginError  # noqa: E402
from mkdocs.structure.files import File, Files  # noqa: E402

from verify import (  # noqa: E402
    bench,
    checks,
    evidence,
    masks,
    measure,
    memo,
    messages,
    mutants,
    pages,
    rendered,
    screen,
)
from verify.claim import declared  # noqa: E402
from verify.lab import engines  # noqa: E402
from verify.lab.machine import Capture  # noqa: E402
from verify.words import WORDS  # noqa: E402

HOOK = "verify/macros.py"
ASSETS = ROOT / "docs" / "assets"
# Attributes in the order of the alphabet, in which Markdown writes them where it has read the element.
PLACEHOLDER = re.compile(r'<div data-of="([^"]*)" data-only="([^"]*)" data-put="(\w+)"></div>')


def define_env(env: Any) -> None:
    """Macros of the pages (mkdocs-macros calls this)."""
    if HOOK not in env.conf["hooks"]:
        raise PluginError(f"mkdocs.yml lacks the hook {HOOK}, without which macros show nothing and nothing is checked")
    words = WORDS[env.conf["extra"]["language"]]

    @env.macro
    def claim(name: str, caller: Callable[[], str]) -> str:
        """A sentence, with what its claim came to on each engine."""
        opening = f'<div class="claim" id="claim-{name}" data-claim="{name}" markdown>'
        return f"{opening}\n\n{caller().strip()}\n\n{_placeholder('proof')(name)}\n</div>"

    @env.macro
    def source(name: str) -> str:
        """A claim's function, as it stands in its module."""
        return f"```python\n{inspect.getsource(declared()[name].function)}```"

    for put in ("capture", "counterfactual", "screenshot", "compare", "messages"):
        env.macro(_placeholder(put), put)

    @env.macro
    def measured(name: str) -> str:
        """A figure of `./nox -s measure`, by its name in `measure.figures`."""
        return measure.figures(measure.load())[name]

    _define_tables(env, words)
    _define_bench(env, words)


def _define_tables(env: Any, words: dict[str, Any]) -> None:
    @env.macro
    def served_image() -> str:
        """Which image httpd:latest was."""
        which = shown("browser_gets_the_page_with_no_port_published").provenance["images"]["httpd"]["which"]
        return str(words["served"][which])

    def engines_table() -> str:
        """The engines, as the evidence says what answered."""
        seen = {each.engine: each for each in recorded("browser_gets_the_page_with_no_port_published")}
        rows = (
            (
                engine.title,
                *(f"<code>{html.escape(text)}</code>" for text in _what_answered(seen[engine.name])),
                f"Debian {engine.suite}",
            )
            for engine in engines.load().values()
        )
        return _table(words["engines"], rows)

    env.macro(engines_table, "engines")

    def masks_table() -> str:
        """What may differ between two runs."""
        rows = (
            (
                f"<code>{html.escape(mask.command)}</code>",
                ", ".join(re.findall(r"\(\?P<(\w+)>", mask.field)),
                html.escape(mask.why_ja if env.conf["extra"]["language"] == "ja" else mask.why),
            )
            for mask in masks.MASKS
        )
        return _table(words["masks"], rows)

    @env.macro
    def provenance() -> str:
        """What ran when the evidence was recorded."""
        ran = shown("browser_gets_the_page_with_no_port_published").provenance
        flat = ran | ran["tools"]
        named = [(label, flat[key]) for key, label in words["provenance"].items()]
        tools = [(key, flat[key]) for key in ("containerd", "runc", *ran["tools"]) if key != "os"]
        return _table(("", ""), ((html.escape(a), f"<code>{html.escape(b)}</code>") for a, b in named + tools))

    env.macro(masks_table, "masks")

    def mutants_table() -> str:
        """How many changes of what was seen were noticed, and by what."""
        scores = json.loads(mutants.SCORES.read_text(encoding="utf-8"))
        rows = (
            [
                engines.load()[engine].title,
                *(str(score[key]) for key in words["mutants"]),
            ]
            for engine, score in scores.items()
        )
        return _table(("", *words["mutants"].values()), rows)

    env.macro(mutants_table, "mutants")


def _define_bench(env: Any, words: dict[str, Any]) -> None:
    @env.macro
    def benched(name: str) -> str:
        """A figure of `./nox -s bench`, by its name in `bench.figures`."""
        return bench.figures(bench.load())[name]

    @env.macro
    def pieces() -> str:
        """How long the pieces of a live run take."""
        said = bench.figures(bench.load())
        rows = ((label, said[name], said[f"{name}_spread"]) for name, label in words["bench"]["pieces"].items())
        return _table(words["bench"]["table"], rows)

    @env.macro
    def replays() -> str:
        """How long replays of so many claims take."""
        counted = bench.replays(bench.load())
        rows = ((str(n), f"{median(s):.2f}", f"{median(s) / n * 1000:.1f}") for n, s in counted.items())
        return _table(words["bench"]["counts"], rows)


def _placeholder(put: str) -> Callable[..., str]:
    return lambda of, only="": f'<div data-of="{of}" data-only="{html.escape(only)}" data-put="{put}"></div>'


def on_config(config: MkDocsConfig) -> None:
    """Refuses a configuration that would let pass what is to fail; the address below the Japanese home is the English one's."""
    if lenient := list(_lenient(config)):
        raise PluginError("mkdocs is set to let errors pass:\n" + "\n".join(lenient))
    if config.site_url:
        config.site_url += config.extra["languages"][config.extra["language"]]["folder"]


def _lenient(config: MkDocsConfig) -> Iterator[str]:
    for what, rules in (("nav", config.validation.nav), ("links", config.validation.links)):
        for rule, level in rules.items():
            if level < logging.WARNING:
                yield f"  validation: {what}: {rule} must be warn"
    for option, value in (("on_undefined", "strict"), ("on_error_fail", True)):
        if config.plugins["macros"].config[option] != value:
            yield f"  plugins: macros: {option} must be {str(value).lower()}"
    if Path(config.docs_dir).name != config.extra["language"]:
        yield f"  docs_dir must be docs/{config.extra['language']}"
    if not logging.getLogger("mkdocs").isEnabledFor(logging.WARNING):
        yield "  -q hides warnings even from --strict"


def on_pre_build(config: MkDocsConfig) -> None:
    """Refuses pages that say what was not seen."""
    if problems := checks.problems():
        raise PluginError("pages and evidence do not agree:\n\n" + "\n\n".join(problems))


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds what both languages share, and the evidence, to the site."""
    shared = [(f"assets/{path.relative_to(ASSETS)}", path) for path in sorted(ASSETS.rglob("*")) if path.is_file()]
    kept = [(f"evidence/{path.relative_to(evidence.FOLDER)}", path) for path in sorted(evidence.FOLDER.glob("*/*"))]
    for uri, path in shared + kept:
        files.append(File.generated(config, uri, abs_src_path=str(path)))
    return files


def on_page_content(content: str, page: Any, config: MkDocsConfig, files: Files) -> str:
    """Puts what was captured where the macros left their placeholders."""
    source = Path(page.file.abs_src_path)
    if problems := list(rendered.problems(content, source, checks.output())):
        raise PluginError("a page does not show what it should:\n\n" + "\n\n".join(problems))
    words = WORDS[config.extra["language"]]
    root = _up(page)
    put: dict[str, Callable[..., str]] = {
        "proof": _proof,
        "capture": _captures,
        "counterfactual": _counterfactual,
        "screenshot": _screenshot,
        "compare": _compare,
        "messages": functools.partial(_messages, language=config.extra["language"], files=files),
    }

    def filled(place: re.Match[str]) -> str:
        macro, of, only = place[3], place[1], html.unescape(place[2])
        shown = put[macro](of, only, words, root)
        if macro in ("capture", "counterfactual", "screenshot") and "<figure" not in shown:
            raise PluginError(f"{source.relative_to(ROOT)}: {pages.written(macro, of, only)} has nothing to show")
        return shown

    return PLACEHOLDER.sub(filled, content)


def _up(page: Any) -> str:
    """The way from a page to the site's root."""
    url: str = page.url
    return "../" * url.count("/")


def recorded(name: str) -> list[evidence.Evidence]:
    """The evidence of a claim on every engine on which it was recorded, in the order of engines.toml."""
    return [evidence.load(name, engine) for engine in engines.load() if evidence.path(name, engine).exists()]


def shown(name: str) -> evidence.Evidence:
    """The evidence that pages show: that of the newest Docker, or of the newest Podman if no Docker is spoken of."""
    seen = recorded(name)
    return next((each for each in reversed(seen) if _kind(each) == "docker"), seen[-1])


def _proof(name: str, only: str, words: dict[str, Any], root: str) -> str:
    """The verdict, the engines on which it was reached, each with its evidence, and the last day."""
    seen = recorded(name)
    date = max(each.provenance["claim"]["date"] for each in seen)
    return (
        f'<p class="claim__proof"><span class="verdict verdict--holds">{words["holds"]}</span> '
        f'<span class="claim__engines">{_engines(seen, root)}</span> '
        f'<span class="claim__date">{words["on"].format(date=date)}</span></p>'
    )


def _engines(seen: Sequence[evidence.Evidence], root: str) -> str:
    """Engines, each with a link to its evidence."""
    return " · ".join(
        f'<a href="{root}evidence/{each.engine}/{each.claim}.json">{title}</a>'
        for each, title in zip(seen, _titles(seen), strict=True)
    )


def _titles(seen: Sequence[evidence.Evidence]) -> list[str]:
    """The engines' versions, each kind named once."""
    kinds = [_kind(each) for each in seen]
    return [_version(each) if kinds[index] in kinds[:index] else _title(each) for index, each in enumerate(seen)]


def _kind(seen: evidence.Evidence) -> str:
    return engines.load()[seen.engine].kind


def _title(seen: evidence.Evidence) -> str:
    return f"{_kind(seen).capitalize()} {_version(seen)}"


def _version(seen: evidence.Evidence) -> str:
    """The engine's version, without what its packager added."""
    return html.escape(str(seen.provenance["engine"]).partition("+")[0])


def _captures(name: str, only: str, words: dict[str, Any], root: str) -> str:
    seen = shown(name)
    figures = _figures(seen, next(iter(seen.worlds)), only, words, root)
    return figures + "".join(_other(group, text, words) for text, group in _otherwise(name, seen, only).items())


def _otherwise(name: str, seen: evidence.Evidence, only: str) -> dict[str, list[evidence.Evidence]]:
    """What other engines showed instead, masked fields aside, and which of them; empty if all showed the same."""
    groups: dict[str, list[evidence.Evidence]] = {}
    for other in recorded(name):
        runs = ([capture for capture in each.holds if only in capture.command] for each in (seen, other))
        if difference := masks.differences(*runs):
            groups.setdefault(difference, []).append(other)
    return groups


def _other(group: list[evidence.Evidence], difference: str, words: dict[str, Any]) -> str:
    lines = "".join(f"{html.escape(line)}\n" for line in difference.splitlines()[2:])
    summary = words["other"].format(engine=words["and"].join(_titles(group)))
    return f'<details class="other"><summary>{summary}</summary><pre class="difference">{lines}</pre></details>'


def _counterfactual(name: str, only: str, words: dict[str, Any], root: str) -> str:
    seen = shown(name)
    world = list(seen.worlds)[1]
    summary = words["counterfactual"].format(world=f"<code>{html.escape(world)}</code>")
    figures = _figures(seen, world, only, words, root)
    return f'<details class="counterfactual"><summary>{summary}</summary>{figures}</details>'


def _what_answered(seen: evidence.Evidence) -> tuple[str, str, str]:
    """The exact versions of an engine, of what runs its containers, and of tcpdump beside it."""
    ran = seen.provenance
    runtime = f"runc {ran['runc']}" if "runc" in ran else f"crun {ran['tools']['crun']}"
    return str(ran["engine"]), runtime, str(ran["tools"]["tcpdump"])


def _figures(seen: evidence.Evidence, world: str, only: str, words: dict[str, Any], root: str) -> str:
    captures = seen.worlds[world]
    return "".join(
        _figure(seen, world, index, capture, words, root)
        for index, capture in enumerate(captures)
        if only in capture.command
    )


def _figure(seen: evidence.Evidence, world: str, index: int, capture: Capture, words: dict[str, Any], root: str) -> str:
    command = html.escape(capture.command)
    code = (
        f' <span class="capture__exit">{words["exit"].format(code=capture.exit_code)}</span>'
        if capture.exit_code
        else ""
    )
    output = "".join(
        f'<span class="terminal__{stream}">{html.escape(text)}</span>' for stream, text in screen.streams(capture)
    )
    return (
        f'<figure class="capture" data-claim="{seen.claim}" data-engine="{seen.engine}" '
        f'data-world="{html.escape(world)}" data-index="{index}">'
        f'<figcaption><span class="capture__where">{words[capture.on]}</span> '
        f'<span class="capture__engine">{_title(seen)}</span>{code}'
        f'<button type="button" class="capture__copy" data-clipboard-text="{command}" title="{words["copy"]}" '
        f'aria-label="{words["copy"]}"></button></figcaption>'
        f'<pre class="terminal" tabindex="0"><code><span class="terminal__prompt"># </span>'
        f'<span class="terminal__command">{command}</span>\n{output}</code></pre>'
        f"{_packets(seen, capture, words, root)}</figure>"
    )


def _packets(seen: evidence.Evidence, capture: Capture, words: dict[str, Any], root: str) -> str:
    links = [
        f'<a href="{root}{url}">{words["files"].format(size=masks.rounded(len(capture.files[name])))}</a>'
        for name, url in _urls(seen, capture)
        if name.endswith(".pcap")
    ]
    return f'<p class="capture__files">{" ".join(links)}</p>' if links else ""


def _screenshot(name: str, only: str, words: dict[str, Any], root: str) -> str:
    seen = shown(name)
    urls = [url for capture in seen.holds for file, url in _urls(seen, capture) if file.endswith(".png")]
    return "".join(
        f'<figure class="screenshot"><img src="{root}{url}" alt="{words["screenshot"]}">'
        f"<figcaption>{words['screenshot']} ({_title(seen)})</figcaption></figure>"
        for url in urls
    )


def _urls(seen: evidence.Evidence, capture: Capture) -> list[tuple[str, str]]:
    return [
        (name, f"evidence/{seen.engine}/{evidence.attachment(seen.claim, name, content)}")
        for name, content in capture.files.items()
    ]


def _compare(name: str, only: str, words: dict[str, Any], root: str) -> str:
    part = memo.parts()[name]
    seen = shown(part.claim)
    numbers: dict[str, int] = {}
    rows = "".join(_row(row, part.command, numbers, words) for row in part.rows(seen.holds))
    head = "".join(f"<th>{word}</th>" for word in words["compare"])
    return f'<div class="compare"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _row(row: memo.Row, command: str, numbers: dict[str, int], words: dict[str, Any]) -> str:
    sign, meaning = words["marks"][row.mark]
    mark = f'<span class="mark">{sign}<span class="visually-hidden"> {meaning}</span></span>'
    if row.why:
        mark += f' <a href="#{row.why}">{numbers.setdefault(row.why, len(numbers) + 1)}</a>'
    volatile = row.mark == "volatile"
    cells = (f"<pre>{_marked(command, line, volatile)}</pre>" if line else "" for line in (row.then, row.now))
    return f'<tr class="compare__{row.mark}"><td>{mark}</td>' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _marked(command: str, line: str, volatile: bool) -> str:
    shown, end = "", 0
    for field in masks.fields(command, line) if volatile else ():
        shown += f"{html.escape(line[end : field.start])}<mark>{html.escape(field.value)}</mark>"
        end = field.end
    return shown + html.escape(line[end:])


def _messages(which: str, only: str, words: dict[str, Any], root: str, *, language: str, files: Files) -> str:
    """All messages of a kind, `warnings` or `errors`, each below a heading of its own, by which the search finds it."""
    ids: set[str] = set()
    parts = []
    for message in messages.messages(warnings=which == "warnings"):
        meaning = messages.title(next(iter(message.wordings)))
        anchor = unique(slugify(f"{which.removesuffix('s')} {meaning}"[:80], "-"), ids)
        permalink = f'<a class="headerlink" href="#{anchor}" title="{words["permalink"]}">&para;</a>'
        wordings = "".join(
            f"<figcaption>{_engines(list(reversed(wording.seen.values())), root)}</figcaption>"
            f"<pre>{html.escape(wording.text)}</pre>"
            for wording in message.wordings.values()
        )
        met = "".join(_met(*each, language, files, root) for each in message.met)
        parts.append(
            f'<h3 id="{anchor}">{html.escape(message.title)}{permalink}</h3>'
            f'<figure class="message">{wordings}</figure><ul>{met}</ul>'
        )
    return "".join(parts)


def _met(claim: str, command: str, language: str, files: Files, root: str) -> str:
    """A command that met a message, and the place that explains it."""
    page, heading = messages.explained(claim, language)
    file = files.get_file_from_path(page.as_posix())
    if file is None:
        raise PluginError(f"the page {page} of claim {claim!r} is not built")
    title = re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(heading))
    return f'<li><code>{html.escape(command)}</code> → <a href="{root}{file.url}#claim-{claim}">{title}</a></li>'


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table as one line of HTML, which Markdown leaves alone."""
    header = "".join(f"<th>{cell}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table>"
