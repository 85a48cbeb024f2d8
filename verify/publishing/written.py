"""What pages may be written with: a short list, and by which line all else is refused.

It holds no Jinja but calls of this project's macros, each where it acts alone, no letter that cannot be seen, no output and
no mark. What Markdown makes of a page is held to another list, in `rendered.py`.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

from mkdocs.utils.meta import get_data

from verify import ROOT
from verify.judging.sentences import LANGUAGES, line_of, source
from verify.publishing import pages
from verify.publishing.macros import named
from verify.publishing.render import CODE
from verify.publishing.words import WORDS

META = {"search": {"boost"}}
"""What a page's front matter may set: nothing that hides it, or has it made in another way."""
JINJA = re.compile(r"<[%{#].*?(?:[%}#]>|\Z)", re.DOTALL)
SENTENCE = re.compile(r'<% call claim\("(?P<claim>[a-z0-9_]+)"\) %>|<% endcall %>')
FENCE = re.compile(
    r"^(?P<margin> *)(?P<fence>`{3,}|~{3,})(?P<language>[^\n]*)\n(?P<code>.*?)^ *(?P=fence) *$", re.M | re.S
)
LEFT_OUT = re.compile(r"\.{3,}|…")
TYPED = ("sh", "yaml", "toml", "json", "markdown")
"""Languages of code that may be typed into a page: what a reader types, and files that he writes. Output is embedded."""
PROGRAMS = {
    *(
        "./nox",
        "apt-get",
        "curl",
        "docker",
        "gh",
        "git",
        "podman",
        "rm",
        "runuser",
        "sha256sum",
        "ss",
        "sudo",
        "systemctl",
    ),
    *("tcpdump", "ufw"),
}
"""What a line to type begins with."""
FILES = {"json": {"firewall-backend", "registry-mirrors"}, "yaml": {"networks", "services"}}
"""What stands outermost in the files that pages show: settings of the daemon, and a Compose file. Engines print both languages."""


HOSTS = (
    "docs.aws.amazon.com",
    "docs.docker.com",
    "docs.kernel.org",
    "docs.orbstack.dev",
    "git.kernel.org",
    "github.com",
    "man7.org",
    "squidfunk.github.io",
    "www.rfc-editor.org",
    "yangwwei.github.io",
)
"""Whose pages may be linked to: those of projects, standards and manuals, and where the memo was published."""
SOURCED = re.compile(rf"\]\(https://(?:{'|'.join(map(re.escape, HOSTS))})/")
DAY = re.compile(r"\b(?:19|20)\d\d-\d\d-\d\d\b")
YEAR = re.compile(r"\b(?:19|20)\d\d\b")
CHECKED = re.compile(rf"checked on ({DAY.pattern})|({DAY.pattern})\s*に確認")
FIRST_DAY = "2026-11-24"
"""When the project began: nothing was looked up or measured for it before."""


def is_past(day: str) -> bool:
    """Whether a day such as 2026-11-24 lies between the project's first and, wherever on earth one is, today."""
    return FIRST_DAY <= day <= _today()


def _today() -> str:
    return datetime.now(timezone(timedelta(hours=14))).date().isoformat()


def unreadable(root: Path = ROOT) -> Iterator[str]:
    """Pages that are no text, or have letters that a reader cannot see or a search cannot find: where, and what to do."""
    for page in pages.every(root):
        where = page.relative_to(root)
        try:
            text = page.read_bytes().decode()
        except UnicodeDecodeError as error:
            before = error.object[: error.start].count(b"\n")
            yield f"{where}:{before + 1}: the byte 0x{error.object[error.start]:02x}\n  is not UTF-8. Save the page as UTF-8."
            continue
        for number, line in enumerate(text.split("\n"), 1):
            for letter in sorted(set(line)):
                if unicodedata.category(letter)[0] == "C" or unicodedata.category(letter) in ("Zl", "Zp"):
                    name = unicodedata.name(letter, "a control character")
                    yield f"{where}:{number}: U+{ord(letter):04X} ({name})\n  cannot be seen. Take it out."
            if not unicodedata.is_normalized("NFC", line):
                yield f"{where}:{number}: {line.strip()}\n  is not in Unicode's form NFC, so that no search finds it. Normalise it."
        yield from _unclosed(source(page), where)


def _unclosed(text: str, where: Path) -> Iterator[str]:
    """Calls of `claim` that do not end before the next, and ends of none."""
    calls = [*SENTENCE.finditer(text), None]
    for call, following in pairwise(calls):
        opens, end = call and call["claim"], "endcall" in (following[0] if following else "")
        if call and opens and not end:
            yield f"{where}:{line_of(text, call.start())}: {call[0]}\n  does not end. Write <% endcall %> below its sentence."
    for before, call in pairwise([None, *calls]):
        if call and not call["claim"] and not (before and before["claim"]):
            yield f"{where}:{line_of(text, call.start())}: {call[0]}\n  ends no call. Take it out, or write the call."


def problems(seen: str, root: Path = ROOT) -> Iterator[str]:
    """What pages are written with and may not be: where, what, and what to do.

    `seen` is all that was typed and printed, as `plain` has it.
    """
    for page in pages.every(root):
        where, text, whole = page.relative_to(root), source(page), page.read_text(encoding="utf-8")
        found = [
            *_front(text),
            *_jinja(text),
            *_blocks(whole),
            *_codes(whole, seen),
            *_citations(text),
            *_marks(whole, where.parts[1]),
        ]
        yield from (f"{where}:{line}: {what}" for line, what in sorted(found))


def plain(text: str) -> str:
    """A text without what makes no difference to a reader: widths of letters, and how words are set apart."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def said(text: str, language: str) -> str:
    """A text of a page with what its macros say in the place of their calls."""
    macros = named(language)

    def answer(found: re.Match[str]) -> str:
        placed, by_name = pages.given(found["call"])
        return macros[found["macro"]](*placed, **by_name)

    return pages.CALL.sub(answer, text)


def _front(text: str) -> Iterator[tuple[int, str]]:
    body, meta = get_data(text)
    for key, value in meta.items():
        for each in value if isinstance(value, dict) else [""]:
            if each not in META.get(key, ()):
                what = f"{key}: {each}".removesuffix(": ")
                yield 1, f"{what}\n  is not for front matter, which may not hide or change a page. Take it out."
    first = body.lstrip("\n").partition("\n")[0]
    if not first.startswith("# "):
        yield (
            line_of(text, text.find(first)),
            f"{first}\n  stands where a page has its title. Begin with: # Title {{ #id }}",
        )


def _jinja(text: str) -> Iterator[tuple[int, str]]:
    macros, alone = named(LANGUAGES[0]), set(pages.MACROS)
    for found in JINJA.finditer(text):
        line = text[text.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0]
        shows = pages.CALL.fullmatch(found[0])
        if not (SENTENCE.fullmatch(found[0]) or (shows and shows["macro"] in macros)):
            what = (
                'is not for pages, which only call this project\'s macros, as in <{ capture("CLAIM") }>. Take it out.'
            )
        elif line != found[0] and (not shows or shows["macro"] in alone):
            what = "does not stand alone on its line. Give it a line that begins with it and has nothing else."
        else:
            continue
        yield line_of(text, found.start()), f"{found[0].splitlines()[0]}\n  {what}"


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    for block in FENCE.finditer(text):
        line, language = line_of(text, block.start()), block["language"].strip()
        if language not in TYPED or block["fence"][:3] == "~~~":
            yield (
                line,
                (
                    f'{block["fence"]}{language}\n  output is not typed into a page. Embed it: <{{ capture("CLAIM") }}>. '
                    f"What a reader is to type goes into a block of {' or '.join(TYPED)}."
                ),
            )
        elif language == "sh":
            for number, typed in enumerate(block["code"].splitlines(), line + 1):
                if typed.strip() and typed.split()[0] not in PROGRAMS:
                    yield (
                        number,
                        f"{typed.strip()}\n  is no command of {', '.join(sorted(PROGRAMS))}. Output is not typed: embed it.",
                    )
        elif language in FILES and not _is_file(block["code"], language):
            yield (
                line,
                (
                    f"{block['fence']}{language}\n  is no file with {' or '.join(sorted(FILES[language]))} outermost, and "
                    "engines print this language. Embed what one printed."
                ),
            )


def _is_file(text: str, language: str) -> bool:
    """Whether a text is such a file as pages show in its language."""
    if language == "json":
        try:
            read = json.loads(text)
        except ValueError:
            return False
        return isinstance(read, dict) and set(read) <= FILES[language]
    return all(line.partition(":")[0] in FILES[language] for line in text.splitlines() if re.match(r"\S", line))


def _without_blocks(text: str) -> str:
    """A text whose blocks of code are blanked out, line for line."""
    return FENCE.sub(lambda block: re.sub(r"[^\n]", " ", block[0]), text)


def _codes(text: str, seen: str) -> Iterator[tuple[int, str]]:
    """Code of several words, in a line of text, that is no command and stands in nothing that was printed."""
    for found in CODE.finditer(_without_blocks(text)):
        code = plain(found["code"])
        command = (
            code.startswith("-") or code.split()[0] in PROGRAMS or code.partition(":")[0].strip('"') in FILES["json"]
        )
        example = code.startswith(("<{", "<%"))
        if not command and not example and sum(bool(re.search(r"[^\W\d_]{2}", word)) for word in code.split()) > 1:
            for piece in LEFT_OUT.split(code):
                if piece.strip() not in seen:
                    yield (
                        line_of(text, found.start()),
                        (
                            f"{code}\n  was printed by no command of a claim. Quote what one printed ('...' for what is left out), "
                            f"or a command of {', '.join(sorted(PROGRAMS))}."
                        ),
                    )


def _citations(text: str) -> Iterator[tuple[int, str]]:
    for box in pages.CITATION.finditer(_without_blocks(text)):
        source = box[0]
        checked = {day for days in CHECKED.findall(source) for day in days if day}
        wrong = {day for day in checked if not is_past(day)} | {day for day in DAY.findall(source) if day > _today()}
        if not SOURCED.search(source):
            what = f"has no source that is a page of {', '.join(HOSTS)}"
        elif not YEAR.search(source):
            what = "has no date"
        elif wrong:
            what = f"names {', '.join(sorted(wrong))}, which is not between {FIRST_DAY} and today"
        else:
            continue
        yield (
            line_of(text, box.start()),
            (
                f'a citation\n  {what}. Give a link and a date: <p class="cited__source" markdown>[title](https://…), checked on 2026-11-24</p>'
            ),
        )


def _marks(text: str, language: str) -> Iterator[tuple[int, str]]:
    """What looks like the mark of a claim that holds, which only macros give; it may be quoted."""
    words = WORDS[language]
    quoted = rf"(?<=['「]){re.escape(words['holds'])}(?=['」])|<p class=\"cited__source\"[^\n]*"
    bare = re.sub(quoted, lambda found: " " * len(found[0]), text)
    dated = re.escape(words["on"]).replace(re.escape("{date}"), r"\d{4}-\d\d-\d\d")
    for found in re.finditer(rf"{dated}|[^\x00-\u00ff]", bare):
        if len(found[0]) > 1 or unicodedata.category(found[0]) == "So":
            yield (
                line_of(text, found.start()),
                f"{found[0]}\n  looks like the mark of a claim. Say it otherwise, or embed a claim.",
            )
