"""What the build refuses: pages that claim what was not seen, or say it in one language only."""

import re
from collections.abc import Iterator
from pathlib import Path

from verify import claim, evidence, memo, pages, sentences

TYPED = ("sh", "python", "yaml", "toml", "json", "markdown", "diff")
"""Languages of code that may be typed into a page. Output is none of them: it is embedded."""
FENCE = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,})[ \t]*(?P<language>[^\s`]*)[^\n]*\n(?P<body>.*?)^[ \t]*(?P=fence)", re.M | re.S
)
HEADING = re.compile(r"^#{1,6} .*$", re.MULTILINE)
ANCHOR = re.compile(r"\{[^}]*#(?P<id>[\w-]+)[^}]*\}\s*$")


def problems(root: Path = pages.ROOT) -> list[str]:
    """What is wrong with the pages: where, what, and what to do; empty if nothing is."""
    return [*_claims(root), *sentences.problems(root), *_captures(root), *_parity(root), *_typed(root)]


def _claims(root: Path) -> Iterator[str]:
    known = claim.declared()
    places: dict[str, dict[str, list[pages.Sentence]]] = {}
    for sentence in pages.sentences(root=root):
        if sentence.claim not in known:
            yield f"{sentence}\n  there is no claim {sentence.claim!r}. Write claim_{sentence.claim} in verify/claims/, or mend the name."
            continue
        places.setdefault(sentence.claim, {}).setdefault(sentence.language, []).append(sentence)
    for name, declared in known.items():
        found = places.get(name, {})
        for language in pages.LANGUAGES:
            there = found.get(language, [])
            if len(there) > 1:
                yield f"{there[1]}\n  claim {name!r} stands twice in {language}, first at {there[0]}. Keep one."
            if not there:
                others = [str(each) for sentences in found.values() for each in sentences] or [declared.file]
                yield f"{others[0]}\n  claim {name!r} has no sentence in {language}. Add one to the same page in docs/{language}/."


def _captures(root: Path) -> Iterator[str]:
    known, parts = claim.declared(), memo.parts()
    for use in pages.uses(root):
        part = parts.get(use.name) if use.macro == "compare" else None
        name = part.claim if part else use.name
        if use.macro == "compare" and not part:
            yield f"{use.where}\n  docs/memo/parts.toml has no [{use.name}]; it has {', '.join(parts)}."
        elif name in known:
            yield from (f"{use.where}\n  {problem}" for problem in _unseen(known[name], use))
            if part:
                yield from _unexplained(use, part)
        elif use.macro != "claim":  # of which it was said already
            yield f"{use.where}\n  there is no claim {name!r}. Write claim_{name} in verify/claims/, or mend the name."


def _unseen(of: claim.Claim, use: pages.Use) -> Iterator[str]:
    commands = []
    for engine in of.engines:
        try:
            worlds = list(evidence.load(of.name, engine.name).worlds.values())
        except evidence.EvidenceError as error:
            yield f"claim {of.name!r}: {error}"
        else:
            commands += [capture.command for capture in worlds[use.macro == "counterfactual"]]
    if commands and not any(use.only in command for command in commands):
        yield f"claim {of.name!r} has no command that contains {use.only!r}."


def _unexplained(use: pages.Use, part: memo.Part) -> Iterator[str]:
    newest = [engine.name for engine in claim.declared()[part.claim].engines if engine.kind == "docker"][-1]
    try:
        rows = part.rows(evidence.load(part.claim, newest).holds)
    except memo.MemoError as error:
        yield f"{use.where}\n  {error}"
    except evidence.EvidenceError:
        pass  # of which it was said already
    else:
        for why in sorted({row.why for row in rows if row.why} - set(_anchors(use.page))):
            yield f"{use.where}\n  lines are explained by the heading #{why}, which this page does not have."


def _parity(root: Path) -> Iterator[str]:
    first, *others = pages.LANGUAGES
    texts = {
        language: {
            page.relative_to(root / "docs" / language): pages.source(page) for page in pages.all_pages(language, root)
        }
        for language in pages.LANGUAGES
    }
    for language in others:
        for page in sorted(set(texts[first]) ^ set(texts[language])):
            there, here = (first, language) if page in texts[first] else (language, first)
            yield f"docs/{there}/{page}\n  has no counterpart docs/{here}/{page}. Write it."
        for page in sorted(set(texts[first]) & set(texts[language])):
            ours, theirs = _anchors(texts[first][page]), _anchors(texts[language][page])
            if ours != theirs:
                at = next(i for i in range(max(len(ours), len(theirs))) if ours[i : i + 1] != theirs[i : i + 1])
                yield (
                    f"docs/{language}/{page}\n  heading {at + 1} has the id {theirs[at : at + 1]}, docs/{first}/{page} has "
                    f"{ours[at : at + 1]}. Give both the same headings with the same {{ #id }}, in the same order."
                )


def _anchors(text: str) -> list[str]:
    headings = HEADING.findall(FENCE.sub("", text))
    return [found["id"] if (found := ANCHOR.search(heading)) else f"(none: {heading})" for heading in headings]


def _typed(root: Path) -> Iterator[str]:
    output = _output_lines()
    for page in (page for language in pages.LANGUAGES for page in pages.all_pages(language, root)):
        text = pages.source(page)
        for fence in FENCE.finditer(text):
            where = f"{page.relative_to(root)}:{pages.line_of(text, fence.start())}"
            if fence["language"] not in TYPED:
                yield (
                    f"{where}: a block of {fence['language'] or 'no language'}\n  output is not typed into a page. Embed it: "
                    f'<{{ capture("CLAIM") }}>. What a reader is to type goes into a block of {" or ".join(TYPED)}.'
                )
                continue
            for number, line in enumerate(fence["body"].splitlines(), 1):
                if line.strip() in output:
                    yield f"{where}: line {number} of the block is output of claim {output[line.strip()]!r}\n  Embed it instead."
        for found in re.finditer(r"^(?: {4}|\t)?<pre|^ {4,}[$#] \S", text, re.MULTILINE):
            where = f"{page.relative_to(root)}:{pages.line_of(text, found.start())}"
            if not any(fence.start() <= found.start() < fence.end() for fence in FENCE.finditer(text)):
                yield f'{where}: a console typed by hand\n  Embed what was seen: <{{ capture("CLAIM") }}>.'


def _output_lines() -> dict[str, str]:
    """Lines that some command printed, long enough not to be words by chance, and the claim that saw them."""
    lines: dict[str, str] = {}
    for each in claim.declared().values():
        for engine in each.engines:
            try:
                runs = evidence.load(each.name, engine.name).worlds.values()
            except evidence.EvidenceError:
                continue
            for capture in (capture for run in runs for capture in run):
                lines |= {
                    line.strip(): each.name
                    for line in (capture.stdout + capture.stderr).splitlines()
                    if len(line.strip()) > 20
                }
    return lines
