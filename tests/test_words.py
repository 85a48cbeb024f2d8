"""What macros say: the same words in each language, and none that is never said."""

from itertools import permutations
from string import Formatter
from types import SimpleNamespace

import pytest

from verify.judging import claim
from verify.judging.fixtures import MACHINES
from verify.judging.sentences import all_pages
from verify.publishing import claim_page, diagrams, hook, macros, matrix, pages, plots, tables
from verify.publishing.came import EFFECTS
from verify.publishing.dressed import dressed
from verify.publishing.sequence import sequence
from verify.publishing.shown import Place, shown
from verify.publishing.words import WORDS

FILE = "verify/publishing/words/{}.toml"
LANGUAGE = "ja"
LOOKED_UP = {
    "machine": {*MACHINES, "second"},
    "marks": {"same", "volatile", "changed", "gone", "new"},
    "outcome": {
        *(
            f"refused_by_{who}"
            for who in ("client", "daemon", "runtime", "compose", "builder", "task", "kernel", "unnamed")
        ),
        *(f"{effect}_{how}" for effect in EFFECTS for how in ("silently", "warned")),
        *("reached", "unreached", "unreached_because"),
        *("always", "since", "run_since", "until", "between", "alone", "then"),
    },
    "served": {"official", "stand-in"},
    "sequence": {"told", "more"},
}
"""Tables from which data choose a word, and all that data can choose: today's evidence does not choose each of them."""

PAGE = "loopback_name_server_is_warned_of"
"""A claim of which engines show two wordings, and which does not speak of all."""


def texts(words, *path) -> dict[str, str]:
    """Each text with its path in the file."""
    if isinstance(words, str):
        return {".".join(map(str, path)): words}
    items = words.items() if isinstance(words, dict) else enumerate(words)
    return {place: text for key, each in items for place, text in texts(each, *path, key).items()}


def marked(words, *path):
    """The same words, each text behind its path, by which it is known wherever it is said."""
    match words:
        case dict():
            return {key: marked(each, *path, key) for key, each in words.items()}
        case list():
            return [marked(each, *path, index) for index, each in enumerate(words)]
    return f"⟦{'.'.join(map(str, path))}⟧{words}"


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def said() -> str:
    """All that macros and plots bring onto the pages of a language."""
    place = Place(LANGUAGE, "", SimpleNamespace(get_file_from_path=lambda page: SimpleNamespace(url=page)))
    source = "".join(page.read_text(encoding="utf-8") for page in all_pages(LANGUAGE))
    uses = [use for use in pages.uses() if use.file.parts[1] == LANGUAGE]
    seen = [hook.PUT["proof" if use.macro == "claim" else use.macro](use.name, use.only, place) for use in uses]
    seen += [table(LANGUAGE) for table in tables.TABLES if f"<{{ {table.__name__}() }}>" in source]
    seen += [image for name, image in plots.drawn().items() if name in source]
    page = SimpleNamespace(page=SimpleNamespace(file=SimpleNamespace(src_uri="index.md")))
    seen += [macros.served_image(LANGUAGE), macros.composes(LANGUAGE), macros.newest(LANGUAGE, "docker")]
    seen += [claim_page.markdown(PAGE, LANGUAGE), *(put(PAGE, "", place) for put in claim_page.PUT.values())]
    seen += [sequence(capture, LANGUAGE) for capture in shown("handshake_is_seen_on_eth0").holds]
    seen += [matrix.choice(place), *matrix.drawn().values(), *diagrams.drawn().values()]
    seen += [dressed("<pre><span></span><code></code></pre>", LANGUAGE)]
    seen += [claim_page.resting(name, "", place) for name in claim.declared()]
    return "\n".join([*seen, macros.see(page, WORDS[LANGUAGE], uses[0].name)])


@pytest.mark.parametrize(("language", "other"), list(permutations(WORDS, 2)))
def test_language_has_the_words_of_the_other(language, other):
    ours, theirs = texts(WORDS[language]), texts(WORDS[other])
    missing = [path for path in theirs if path not in ours]
    assert not missing, f"{FILE.format(language)} lacks {missing} of {other}.toml. Write them, or take them out there."
    unlike = [path for path in theirs if placeholders(ours[path]) != placeholders(theirs[path])]
    assert not unlike, f"{FILE.format(language)}: {unlike} have other {{…}} than in {other}.toml. Give both the same."


def test_each_word_is_said(monkeypatch):
    monkeypatch.setitem(WORDS, LANGUAGE, marked(WORDS[LANGUAGE]))
    whole = said()
    unsaid = [path for path in texts(WORDS[LANGUAGE]) if f"⟦{path}⟧" not in whole]
    unsaid = [path for path in unsaid if path.partition(".")[0] not in LOOKED_UP]
    assert not unsaid, f"{FILE.format(LANGUAGE)} has {unsaid}, which nothing says. Take them out, in every language."


def test_words_that_data_choose_are_those_that_they_can_choose():
    assert {table: set(WORDS[LANGUAGE][table]) for table in LOOKED_UP} == LOOKED_UP
