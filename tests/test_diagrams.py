"""The diagrams: what they show is what the lab is made of and what claims saw, and of another capture none is drawn."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from verify.lab import wires
from verify.publishing import diagrams, ways
from verify.publishing.shown import shown
from verify.publishing.words import WORDS

SVG = "{http://www.w3.org/2000/svg}"


def texts(name: str, language: str = "en") -> list[str]:
    """What stands in a diagram."""
    return [text.text for text in image(name, language).iter(f"{SVG}text")]


def image(name: str, language: str = "en"):
    return ElementTree.fromstring(diagrams.drawn()[f"{name}{'' if language == 'en' else f'.{language}'}.svg"])


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("name", ["lab", "ways", "namespaces"])
def test_diagram_is_told_to_those_who_do_not_see_it(name, language):
    drawn = image(name, language)
    assert drawn.find(f"{SVG}title").text == WORDS[language][name]["title"]
    told = drawn.find(f"{SVG}desc").text
    codes = [text.text for text in drawn.iter(f"{SVG}text") if text.get("class", "").split()[:1] == ["code"]]
    kept = [each for each in codes if not each.startswith("-")]
    assert kept
    assert [each for each in kept if each not in told] == []


@pytest.mark.parametrize("language", WORDS)
def test_lab_is_drawn_as_it_is_wired(language, monkeypatch):
    seen = shown(diagrams.BROWSED).provenance
    moved = replace(wires.HOST, address="192.0.2.7", gateway="192.0.2.1", mtu=1280, hostname="elsewhere")
    monkeypatch.setattr(wires, "HOST", moved)
    drawn = texts("lab", language)
    assert {"eth0 192.0.2.7/24", "lan 192.0.2.1/24", "elsewhere"} <= set(drawn)
    for cable in (wires.CLIENT, wires.SECOND):
        assert {f"eth0 {cable.address}/24", f"{cable.port} {cable.gateway}/24"} <= set(drawn)
    assert [text for text in drawn if "MTU" in text and not text.endswith((" 1434", " 1280", " 9001"))] == []
    assert {wires.MIRROR, seen["browser"], f"Docker {seen['engine']}"} <= set(drawn)


def test_wires_are_laid_as_they_are_drawn():
    script = wires.laid(wires.HOST, wires.CLIENT)
    for cable in (wires.HOST, wires.CLIENT):
        assert f"addr add {cable.address}/24 broadcast + dev eth0" in script
        assert f"addr add {cable.gateway}/24 dev {cable.port}" in script
        assert script.count(f" mtu {cable.mtu} ") == 2


def test_ways_are_drawn_from_what_was_seen():
    found = {name: [(stop.at, stop.kind, known["to"]) for stop, known in ways.followed(name)] for name in ways.WAYS}
    assert found["host"] == [
        ("eth0", "seen", "10.3.0.183"),
        ("nat", "absent", "10.3.0.183"),
        ("docker0", "absent", "10.3.0.183"),
        ("process", "told", "10.3.0.183"),
    ]
    assert [to for _, _, to in found["bridge"]] == ["10.3.0.183", *["172.17.0.2"] * 4]
    assert {kind for stops in found.values() for _, kind, _ in stops} == set(WORDS["en"]["ways"]["legend"])
    named = [title.text for group in image("ways").iter(f"{SVG}g") for title in group.iter(f"{SVG}title")]
    assert named == [stop.claim for way in ways.WAYS.values() for stop in way.stops]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"world": 1}, r"host: docker0\n  claim 'docker0_stays_silent' .* Expected a 'docker run' with --net"),
        ({"command": "tcpdump -i eth1"}, r"(?s)Expected the output of 'tcpdump -i eth1' .*no such command"),
        ({"shows": "^{to} was here$"}, r"to have \^10\\.3\\.0\\.183 was here\$\. Seen:"),
        ({"claim": "nobody"}, r"there is no claim 'nobody' with evidence\. What no claim saw cannot be drawn\."),
    ],
)
def test_stop_that_no_capture_shows_is_not_drawn(changed, said, monkeypatch):
    way = ways.WAYS["host"]
    stops = tuple(replace(stop, **changed) if stop.at == "docker0" else stop for stop in way.stops)
    monkeypatch.setitem(ways.WAYS, "host", replace(way, stops=stops))
    with pytest.raises(ways.UnseenError, match=said):
        diagrams.drawn()
    assert len(list(diagrams.problems())) == 1


def test_namespaces_are_those_that_claims_compared():
    every = {kind: same for name in diagrams.NAMESPACES for kind, same in diagrams.shared(name).items()}
    assert {kind for kind, same in every.items() if same} == {"net", "user"}
    assert set(every) == {"net", "user", "mnt", "pid", "uts", "ipc"} == set(WORDS["en"]["namespaces"]["about"])
    drawn = texts("namespaces")
    assert [text for text in drawn if text.startswith("--")] == ["--pid host", "--uts host", "--ipc host"]
    assert drawn.count("its own") == 4


def test_claim_that_compares_no_namespaces_is_said(monkeypatch):
    monkeypatch.setattr(diagrams, "NAMESPACES", ("docker0_stays_silent",))
    (said,) = diagrams.problems()
    assert ": namespaces.svg: claim 'docker0_stays_silent' compares no namespace of a host-mode container with " in said
    assert "docs/en/understand.md:" in said
