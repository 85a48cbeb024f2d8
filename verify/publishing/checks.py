"""What the build refuses: pages that claim what was not seen, or say it in one language only."""

import re
from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import zip_longest
from pathlib import Path

from verify import ROOT
from verify.judging import claim, evidence, form, masks, receipt, sentences, trust
from verify.lab import engines
from verify.lab.machine import Capture
from verify.publishing import (
    claim_page,
    confirm,
    diagrams,
    matrix,
    memo,
    outcomes,
    pages,
    settings,
    statements,
    typed,
    variants,
    written,
)
from verify.publishing.shown import recorded
from verify.trials import bench, measure, mutants

HEADING = re.compile(r"^#{1,6} .*$", re.MULTILINE)


def forget() -> None:
    """Has pages and evidence be read again when they are next asked for."""
    derived = (variants.variants, claim_page.leaning, matrix.columns)
    for known in (sentences.all_sentences, recorded, output, *statements.CACHES, *derived):
        known.cache_clear()


def problems(root: Path = ROOT) -> list[str]:
    """What is wrong with claims, evidence and pages: where, what, and what to do; empty if nothing is."""
    forget()  # `mkdocs serve` asks again whenever something has changed
    if unreadable := [*written.unreadable(root), *engines.problems()]:  # on which all else leans
        return unreadable
    return [
        *form.modules(),
        *(problem for each in claim.declared().values() for problem in form.problems(each)),
        *_twice(),
        *_claims(root),
        *written.problems(_seen(), root),
        *settings.strays(root),
        *_untrusted(root),
        *_strays(),
        *trust.strays(
            (evidence.path(each.claim, each.engine), each) for name in claim.declared() for each in recorded(name)
        ),
        *mutants.stale(),
        *mutants.unscored(),
        *masks.problems(capture for name in claim.declared() for capture in _captured(name)),
        *_captures(root),
        *_unfollowed(root),
        *diagrams.problems(root),
        *_parity(root),
        *_anonymous(root),
        *outcomes.problems(root),
        *typed.problems(root),
        *_measured(),
    ]


def unproved() -> list[str]:
    """Why the site may not be built, though nothing is wrong with claims, evidence and pages: no replay found that all hold."""
    return list(receipt.problems(each for name in claim.declared() for each in recorded(name)))


def unread(root: Path = ROOT) -> list[str]:
    """What a person has to read, since it is new, or was changed, or rests on what was: asked where nothing else is wrong."""
    return list(confirm.problems(root))


@cache
def output() -> dict[str, str]:
    """Lines that some command printed, as `plain` has them, and the claim that saw them.

    They are long enough not to be words by chance, and not words that were typed, as for `grep -o`.
    """
    return {
        written.plain(line): name
        for name in claim.declared()
        for capture in _captured(name)
        for line in (capture.stdout + capture.stderr).splitlines()
        if len(line.strip()) > 20 and line not in capture.command
    }


def _seen() -> str:
    """All that was typed and printed, now and in the memo, and what engines.toml has."""
    captured = {text for name in claim.declared() for c in _captured(name) for text in (c.command, c.stdout, c.stderr)}
    kept = [file.read_text(encoding="utf-8") for file in (*sorted(memo.FOLDER.glob("*.txt")), engines.FILE)]
    return "\n".join(map(written.plain, [*captured, *kept]))


def _twice() -> Iterator[str]:
    """Functions of one name, of which Python keeps the last."""
    files: dict[str, list[str]] = {}
    for file in sorted((ROOT / "verify" / "claims").glob("*.py")):
        for name in re.findall(r"^def claim_(\w+)\(", file.read_text(encoding="utf-8"), re.MULTILINE):
            files.setdefault(name, []).append(str(file.relative_to(ROOT)))
    for name, found in files.items():
        if len(found) > 1:
            yield f"{', '.join(found)}\n  claim {name!r} is written {len(found)} times. Give each a name of its own."


def _claims(root: Path) -> Iterator[str]:
    known = claim.declared()
    places: dict[str, dict[str, list[sentences.Sentence]]] = {}
    for sentence in sentences.sentences(root=root):
        if sentence.claim not in known:
            yield f"{sentence}\n  there is no claim {sentence.claim!r}. Write claim_{sentence.claim} in verify/claims/, or mend the name."
            continue
        if not sentence.text:
            yield f"{sentence}\n  claim {sentence.claim!r} has no words here. Write its sentence."
        try:
            written.said(sentence.text, sentence.language)
        except (TypeError, ValueError) as error:
            yield f"{sentence}\n  {error}. Say it otherwise, or of another claim."
        places.setdefault(sentence.claim, {}).setdefault(sentence.language, []).append(sentence)
    for name, declared in known.items():
        found = places.get(name, {})
        for language in sentences.LANGUAGES:
            there = found.get(language, [])
            if len(there) > 1:
                yield f"{there[1]}\n  claim {name!r} stands twice in {language}, first at {there[0].where}. Keep one."
            if not there:
                others = [str(each) for several in found.values() for each in several] or [declared.file]
                yield f"{others[0]}\n  claim {name!r} has no sentence in {language}. Add one to the same page in docs/{language}/."


def _untrusted(root: Path) -> Iterator[str]:
    bare = [engine for engine in engines.load().values() if not any((evidence.FOLDER / engine.name).glob("*.json"))]
    for engine in bare:
        yield f"verify/evidence/{engine.name}\n  has no evidence at all. ./nox -s record -- --engine {engine.name}, or take the engine out."
    for name, declared in claim.declared().items():
        worlds = [str(world) for world in declared.worlds]
        for engine in (each for each in declared.engines if each not in bare):
            try:
                seen = list(trust.load(name, engine).worlds)
                if seen != worlds:
                    what = f"has the worlds {seen}, its claim has {worlds}"
                    raise evidence.EvidenceError(evidence.path(name, engine.name), what, name)
            except evidence.EvidenceError as error:
                yield "\n  ".join([str(error), *map(str, sentences.sentences(name, root))])


def _captured(name: str) -> Iterator[Capture]:
    """What was seen of a claim, on all engines and in both worlds."""
    for seen in recorded(name):
        for run in seen.worlds.values():
            yield from run


def _strays() -> Iterator[str]:
    """What stands among the evidence and is none: it would be published with it."""
    known, named = claim.declared(), engines.load() | engines.watched()
    for folder in sorted(evidence.FOLDER.iterdir()):
        if folder.name not in named:
            yield f"{folder.relative_to(ROOT)}\n  is of no engine in {engines.FILE.name}. Declare the engine, or remove it."
            continue
        for file in sorted(folder.iterdir()):
            of = known.get(file.name.partition(".")[0])
            if not of or not claim.speaks_of(of.function, named[folder.name]):
                yield f"{file.relative_to(ROOT)}\n  is of no claim on this engine. Write the claim, or remove it."
            elif not evidence.belongs(file):
                yield f"{file.relative_to(ROOT)}\n  is not what the evidence beside it refers to. Remove it."


def _captures(root: Path) -> Iterator[str]:
    known, parts = claim.declared(), memo.parts()
    for use in pages.uses(root):
        part = parts.get(use.name) if use.macro == "compare" else None
        name = part.claim if part else use.name
        if use.macro == "compare" and not part:
            yield f"{use.where}: {use}\n  docs/memo/parts.toml has no [{use.name}]; it has {', '.join(parts)}."
        elif name in known:
            yield from (f"{use.where}: {use}\n  {problem}" for problem in _unseen(name, use))
            if part:
                yield from (f"{use.where}: {use}\n  {problem}" for problem in _unexplained(use, part))
        elif use.macro not in ("claim", *pages.OF_NO_CLAIM):  # of claims it was said already
            yield f"{use.where}: {use}\n  there is no claim {name!r}. Write claim_{name} in verify/claims/, or mend the name."


def _unseen(name: str, use: pages.Use) -> Iterator[str]:
    runs = [list(seen.worlds.values())[use.macro == "counterfactual"] for seen in recorded(name)]
    if runs and not any(use.only in capture.command for run in runs for capture in run):
        yield f"claim {name!r} has no command that contains {use.only!r}."


def _unexplained(use: pages.Use, part: memo.Part) -> Iterator[str]:
    for pattern, why in part.why:
        if any(re.search(pattern, line) for line in ("", "x", "0", " - : x 0")):
            yield f"docs/memo/parts.toml: [{part.name}]: {pattern!r} fits any line, so that #{why} explains whatever changed. Name what it explains."
    newest = [engine.name for engine in claim.declared()[part.claim].engines if engine.kind == "docker"][-1]
    try:
        rows = part.rows(evidence.kept(part.claim, newest).holds)
    except memo.MemoError as error:
        yield str(error)
    except evidence.EvidenceError:
        pass  # of which it was said already
    else:
        for why in sorted({row.why for row in rows if row.why} - {anchor for _, anchor in _headings(use.page)}):
            yield f"lines are explained by the heading #{why}, which this page does not have."


def _unfollowed(root: Path) -> Iterator[str]:
    """Claims that do not show what was seen of them, and what is shown of claims that stand elsewhere."""
    compared = {name: part.claim for name, part in memo.parts().items()}
    for page in pages.every(root):
        uses = pages.uses_on(page, root)
        laid_beside = {compared.get(use.name) for use in uses if use.macro == "compare"}
        lines = [line for line, _ in _headings(sentences.source(page))]
        for section in ([use for use in uses if bisect(lines, use.line) == n] for n in range(len(lines) + 1)):
            claims = {use.name: use for use in section if use.macro == "claim"}
            shown = Counter((use.macro, use.name) for use in section)
            for name, use in ((name, use) for name, use in claims.items() if name in claim.declared()):
                if not shown["capture", name] and name not in laid_beside:
                    yield f'{use.where}: {use}\n  nothing shows what was seen of it. Below it: <{{ capture("{name}") }}>'
                if shown["counterfactual", name] != 1:
                    count = shown["counterfactual", name]
                    yield f'{use.where}: {use}\n  its opposite world is shown {count} times. Below it, once: <{{ counterfactual("{name}") }}>'
            for use in section:
                if use.macro in ("capture", "counterfactual", "screenshot"):
                    if use.name not in claims:
                        yield f"{use.where}: {use}\n  its sentence is not under this heading. Put it below its own claim."
                    elif use.line < claims[use.name].line:
                        yield f"{use.where}: {use}\n  stands above its sentence, and below another's. Put it below its own claim."


def _parity(root: Path) -> Iterator[str]:
    first, *others = sentences.LANGUAGES
    own = {
        language: {page.relative_to(root / "docs" / language) for page in sentences.all_pages(language, root)}
        for language in sentences.LANGUAGES
    }
    for language in others:
        for page in sorted(own[first] ^ own[language]):
            there, here = (first, language) if page in own[first] else (language, first)
            yield f"docs/{there}/{page}\n  has no counterpart docs/{here}/{page}. Write it."
        for page in sorted(own[first] & own[language]):
            outlines = [_outline(root / "docs" / each / page, root) for each in (language, first)]
            ends = [(f"docs/{each}/{page}", "nothing more") for each in (language, first)]
            for ours, theirs in zip_longest(*outlines):
                (where, what), (there, other) = ours or ends[0], theirs or ends[1]
                if what != other:
                    yield (
                        f"{where}: {what}\n  {there} has {other} in this place. Give both the same headings with the same "
                        "{ #id }, claims, captures and citations, in the same order."
                    )
                    break


def _outline(page: Path, root: Path) -> list[tuple[str, str]]:
    """What a page has in every language: where, and what."""
    text = sentences.source(page)
    found = [(line, f"heading #{anchor}") for line, anchor in _headings(text)]
    found += [(sentences.line_of(text, box.start()), "a citation") for box in pages.CITATION.finditer(text)]
    found += [(use.line, str(use)) for use in pages.uses_on(page, root)]
    return [(f"{page.relative_to(root)}:{line}", what) for line, what in sorted(found)]


def _headings(text: str) -> list[tuple[int, str]]:
    """The line of each heading, and its id; empty where it has none."""
    bare = pages.FENCE.sub(lambda fence: "\n" * fence[0].count("\n"), text)
    return [
        (sentences.line_of(bare, heading.start()), found["id"] if (found := pages.ANCHOR.search(heading[0])) else "")
        for heading in HEADING.finditer(bare)
    ]


def _anonymous(root: Path) -> Iterator[str]:
    for page in pages.every(root):
        known: dict[str, int] = {}
        for line, anchor in _headings(sentences.source(page)):
            if anchor and known.setdefault(anchor, line) != line:
                yield f"{page.relative_to(root)}:{line}: the id {anchor!r} again\n  {page.relative_to(root)}:{known[anchor]} has it. Give each its own."
            if not anchor:
                yield f"{page.relative_to(root)}:{line}: a heading without an id\n  Give it {{ #id }}, the same in every language."


def _measured() -> Iterator[str]:
    for which, job in ((measure, "measure"), (bench, "bench")):
        where = which.RESULTS.relative_to(ROOT)
        try:
            kept = which.load()
            which.figures(kept)
            day = kept["ran"]["date"]
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            yield f"{where}\n  is not what ./nox -s {job} wrote ({error!r}). Restore it with git, or measure again."
        else:
            if not written.is_past(day):
                yield f"{where}\n  was measured on {day}, which is not between {written.FIRST_DAY} and today. Measure again."
