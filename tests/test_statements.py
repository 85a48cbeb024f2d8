"""What blocks of pages rest on, and what people are asked to read again; pages are small ones, made for each test."""

import json
import shutil

import pytest

from verify import ROOT
from verify.judging import claim, sentences
from verify.publishing import confirm, statements

CLAIM, OTHER = "docker0_stays_silent", "ifconfig_is_the_hosts"
PAGE = """# Page {{ #page }}

{lead}

## Packets {{ #packets }}

<% call claim("docker0_stays_silent") %>
A sentence.
<% endcall %>

| {cell} |
|---|
| [a cell](#packets) |

```sh
docker run
```

<{{ capture("docker0_stays_silent") }}>

<div class="cited" markdown>

What a source says.

</div>
"""


SAID_ELSEWHERE = ("mkdocs.yml", "mkdocs.en.yml", "verify/publishing/words/ja.toml", "verify/publishing/words/en.toml")
"""What is said on no page of its own."""


@pytest.fixture
def pages(tmp_path, monkeypatch):
    """Writes a page in both languages, with these words in its lead and in the head of its table, and its neighbour."""

    def write(lead: str, cell: str = "a question", english: str | None = None, more: str = ""):
        for function in statements.CACHES:
            function.cache_clear()
        for language in sentences.LANGUAGES:
            said = english if english is not None and language == "en" else lead
            file = tmp_path / "docs" / language / "page.md"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(PAGE.format(lead=said, cell=cell) + more, encoding="utf-8")
        return tmp_path

    for said in SAID_ELSEWHERE:
        (tmp_path / said).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / said, tmp_path / said)
    monkeypatch.setattr(sentences, "ROOT", tmp_path)
    sentences.all_sentences.cache_clear()
    yield write
    for function in (*statements.CACHES, sentences.all_sentences):
        function.cache_clear()


def asked(root) -> str:
    """What people are asked to read, claims aside."""
    return "\n\n".join(each for each in confirm.problems(root) if "\n  claim '" not in each)


def rests(root) -> list[tuple[str, tuple[str, ...]]]:
    found = [each for several in statements.statements(root).values() for each in several]
    return [(each.kind, each.rests) for each in found if each.kind != "words"]


@pytest.mark.parametrize(
    ("file", "old", "new", "asks"),
    [
        ("verify/publishing/words/en.toml", "Copy the command", "Copy the output", "words/en.toml:6"),
        ("mkdocs.en.yml", "whose claims were run on real engines", "of what is well known", "mkdocs.en.yml:1"),
        ("mkdocs.yml", "It has moved", "It is on docker0", "mkdocs.en.yml:1"),
    ],
)
def test_what_is_said_on_no_page_of_its_own_is_asked_too(file, old, new, asks, confirmed):
    text = (confirmed / file).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (confirmed / file).write_text(text.replace(old, new), encoding="utf-8")
    for function in statements.CACHES:
        function.cache_clear()
    assert f"{asks}: " in asked(confirmed)


def test_every_block_names_what_it_rests_on(pages):
    root = pages(f'Words. <{{ see("{OTHER}") }}>')
    packets = tuple(sorted((CLAIM, "page.md#packets")))
    assert rests(root) == [
        ("heading", (statements.UNDER,)),
        ("text", (OTHER,)),
        ("heading", packets),
        ("row", ()),
        ("row", packets),
        ("code", packets),
        ("shown", ()),
        ("citation", ()),
    ]


@pytest.mark.parametrize(
    "lead",
    [
        f'<{{ see("{CLAIM}", "words") }}>',
        f"[words](#claim-{CLAIM})",
        f"[words](page.md#claim-{CLAIM})",
        f'since <{{ since("{CLAIM}") }}>',
    ],
)
def test_a_basis_is_named_in_each_of_these_ways(lead, pages):
    assert rests(pages(lead))[1] == ("text", (CLAIM,))


@pytest.mark.parametrize(
    "lead",
    ["words", "[words](other.md#packets)", "[words](https://example.org/#packets)", "[words](#page)", "<!-- words -->"],
)
def test_nothing_else_names_a_basis(lead, pages):
    root = pages(lead)
    assert rests(root)[1] == ("text", ())
    assert "docs/en/page.md:3: " in asked(root)
    assert "names nothing that it rests on" in asked(root)


@pytest.mark.parametrize(
    "line",
    [
        "<p>Words.</p>",
        '<% set x = "words" %>',
        '<{ capture("docker0_stays_silent") }> Words.',
        '<{ fix_url("words") }>',
        "<# words #>",
        "[words]: https://example.org/",
        "<% raw %>words<% endraw %>",
    ],
)
def test_no_line_hides(line, pages):
    root = pages(f'<{{ see("{CLAIM}") }}>', more=f"\n{line}\n")
    assert ("text", ()) in rests(root)
    assert line in asked(root)


def test_without_a_name_what_is_new_is_confirmed_and_what_lacks_a_basis_is_not(pages):
    root = pages(f'<{{ see("{CLAIM}") }}>')
    report = "\n".join(confirm.confirm([], root=root))
    assert f"rests on {CLAIM}" in report
    assert asked(root).count("names nothing that it rests on") == 1
    confirm.confirm(["docs/en/page.md:11"], nothing=True, root=root)
    assert asked(root) == ""


@pytest.fixture
def confirmed(pages):
    root = pages(f'Words. <{{ see("{CLAIM}") }}>')
    confirm.confirm(["page.md", CLAIM], nothing=True, root=root)
    confirm.confirm([], root=root)
    assert not list(confirm.problems(root))
    return root


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        (("Worse.",), "names nothing that it rests on"),
        ((f'Worse. <{{ see("{CLAIM}") }}>',), "is new, or was changed in every language"),
        ((f'Words. <{{ see("{CLAIM}") }}>', "a question", f'Worse. <{{ see("{CLAIM}") }}>'), "was changed in en"),
        ((f'Words. <{{ see("{CLAIM}") }}>', "an answer"), "names nothing that it rests on"),
        ((f'Words. <{{ see("{CLAIM}") }}>', "a question", None, "\nMore.\n"), "names nothing that it rests on"),
        ((f'Words. <{{ see("{CLAIM}") }}>', "a question", ""), "in whose place the other language has"),
        ((f'Words. <{{ see("{CLAIM}") }}>', "a question", f'Words. <{{ see("{OTHER}") }}>'), "Name the same"),
        (('Words. <{ see("nobody") }>',), "there is no claim 'nobody'"),
    ],
)
def test_whatever_changes_is_asked(changed, what, confirmed, pages):
    root = pages(*changed)
    assert what in asked(root)
    before = json.loads((root / confirm.STATEMENTS).read_text())
    confirm.confirm([], root=root)
    assert what in asked(root)
    assert json.loads((root / confirm.STATEMENTS).read_text()) == before


def test_what_is_gone_is_asked_too(pages):
    lead = f'Words. <{{ see("{CLAIM}") }}>'
    confirm.confirm(["page.md"], nothing=True, root=(root := pages(lead, more="\nBy default.\n")))
    confirm.confirm([], root=root)
    root = pages(lead)
    assert "1 of the blocks that were confirmed are gone" in asked(root)
    assert confirm.confirm(["page.md#packets"], root=root)
    assert asked(root) == ""


def test_what_is_shown_is_asked_too(confirmed, pages):
    lead = f'Words. <{{ see("{CLAIM}") }}>'
    root = pages(lead, more=f'\n<{{ counterfactual("{CLAIM}", "docker") }}>\n')
    assert "is new" in asked(root)
    assert "shows what was seen" in "\n".join(confirm.confirm([], root=root))
    assert asked(root) == ""


def test_what_was_changed_is_confirmed_by_its_name(confirmed, pages):
    root = pages(f'Better. <{{ see("{CLAIM}") }}>')
    assert confirm.confirm(["page.md#page"], root=root)
    assert asked(root) == ""


@pytest.mark.parametrize("what", ["function", "docker-28"])
def test_whoever_rests_on_a_claim_that_changed_is_asked(what, confirmed, monkeypatch):
    state = confirm._state(CLAIM)
    monkeypatch.setattr(confirm, "_state", lambda name: {**state, what: "0" * 16})
    (said,) = confirm.problems(confirmed)
    assert "is no longer what it was" in said
    assert "rests on it: docs/en/page.md:3: Words." in said
    assert said.endswith(f"./nox -s confirm -- {CLAIM}")
    assert confirm.confirm([], root=confirmed) == []
    confirm.confirm([CLAIM], root=confirmed)
    assert not list(confirm.problems(confirmed))


def test_an_engine_that_says_what_another_said_asks_nobody(confirmed, monkeypatch):
    state = confirm._state(CLAIM)
    monkeypatch.setattr(confirm, "_state", lambda name: {**state, "docker-99": state["docker-28"]})
    assert not list(confirm.problems(confirmed))
    monkeypatch.setattr(confirm, "_state", lambda name: {**state, "docker-99": "0" * 16})
    (said,) = confirm.problems(confirmed)
    assert "is new on docker-99" in said


def test_unknown_names_are_refused(confirmed):
    with pytest.raises(ValueError, match="nobody"):
        confirm.confirm(["nobody"], root=confirmed)


def test_no_statement_of_the_pages_lacks_a_basis():
    assert not list(statements.problems())
    kept = confirm.Register.load()
    found = statements.statements()
    assert {place: [" ".join(each.entry) for each in several] for place, several in found.items()} == kept.places
    assert set(kept.claims) == set(claim.declared())
    shares = statements.shares()
    assert shares["run"] == len(claim.declared())
    counted = [each for several in found.values() for each in several if each.kind not in ("shown", "words")]
    assert sum(shares.values()) - shares["run"] == len(counted)
