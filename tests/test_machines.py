"""What is published for programs: it is what its formats ask for, and says what pages say."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
from lxml import etree

from verify.judging import claim, evidence, sentences
from verify.publishing import machines, published
from verify.publishing.shown import shown
from verify.publishing.tree import read

ATOM = {"atom": "http://www.w3.org/2005/Atom", "html": "http://www.w3.org/1999/xhtml"}
SCHEMA = json.loads(machines.SCHEMA.read_text(encoding="utf-8"))
HOMES = {language: published.folder(language) for language in sentences.LANGUAGES}


def document(built, name):
    return json.loads((built / "claims" / f"{name}.json").read_text(encoding="utf-8"))


def test_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_each_claim_is_a_document_of_the_schema(built):
    validator = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    for name in claim.declared():
        assert list(validator.iter_errors(document(built, name))) == []
    listed = json.loads((built / "claims" / "index.json").read_text(encoding="utf-8"))["claims"]
    assert [each["claim"] for each in listed] == list(claim.declared())


@pytest.mark.parametrize("language", HOMES.values())
def test_questions_and_their_answers_are_told_apart(built, language):
    page = (built / language / "troubleshooting/index.html").read_text(encoding="utf-8")
    about = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1])
    assert about["@type"] == ["TechArticle", "FAQPage"]
    asked = [(each["name"], each["acceptedAnswer"]["text"]) for each in about["mainEntity"]]
    assert [f"{name}¶" for name, _ in asked] == [heading.content for heading in read(page).all("h2")]
    assert all(len(answer) > 20 and "†" not in answer for _, answer in asked)


def test_document_without_a_verdict_or_with_more_than_there_is_fits_no_schema(built):
    whole = document(built, "docker0_stays_silent")
    for wrong in (
        whole | {"more": 1},
        {key: whole[key] for key in whole if key != "worlds"},
        whole | {"engines": [whole["engines"][0] | {"verdict": "broken"}]},
    ):
        assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(wrong)


def test_what_a_document_names_is_there(built):
    for name in claim.declared():
        said = document(built, name)
        for place in (*said["pages"].values(), *said["stands"].values()):
            assert (built / place.partition("#")[0] / "index.html").is_file()
        for engine in said["engines"]:
            kept = evidence.load(name, engine["engine"])
            assert json.loads((built / engine["evidence"]).read_text(encoding="utf-8"))["digest"] == engine["sha256"]
            assert (kept.digest, kept.provenance["engine"]) == (engine["sha256"], engine["version"])


@pytest.mark.parametrize("language", HOMES)
def test_feed_has_each_piece_of_evidence_on_its_day(built, language):
    feed = etree.parse(built / HOMES[language] / "feed.xml").getroot()
    entries = feed.findall("atom:entry", ATOM)
    days = [entry.findtext("atom:updated", namespaces=ATOM)[:10] for entry in entries]
    assert days == sorted(set(days), reverse=True)
    told = {}
    for day, entry in zip(days, entries, strict=True):
        for link in entry.findall(".//html:a", ATOM):
            told.setdefault(day, set()).add(link.get("href").split("/")[1])
            assert (built / HOMES[language] / link.get("href") / "index.html").is_file()
    seen = {}
    for name, declared in claim.declared().items():
        for engine in declared.engines:
            day = evidence.load(name, engine.name).provenance["claim"]["date"]
            seen.setdefault(day, set()).add(name)
    assert told == seen
    ids = [each.text for each in feed.iter(f"{{{ATOM['atom']}}}id")]
    assert len(ids) == len(set(ids)) == len(entries) + 1


@pytest.mark.parametrize("language", HOMES)
def test_list_for_language_models_leads_to_the_text_of_every_page(built, language):
    home = built / HOMES[language]
    links = re.findall(r"^- \[[^\]]*\]\((.*)\)$", (home / "llms.txt").read_text(encoding="utf-8"), re.MULTILINE)
    texts = {link for link in links if link.endswith(".md")}
    assert all((home / link).is_file() for link in links)
    written = {published.path(page, language).with_suffix(".md") for page in sentences.all_pages(language)}
    assert set(map(Path, texts)) == written


@pytest.mark.parametrize("language", HOMES)
def test_text_of_a_page_says_each_sentence_and_all_that_came(built, language):
    for sentence in (each for each in sentences.sentences() if each.language == language):
        file = built / HOMES[language] / "claims" / sentence.claim / "index.md"
        told = file.read_text(encoding="utf-8")
        assert published.plain(published.text(sentence)) in published.plain(told.replace("`", "").replace("**", ""))
        assert "data-put" not in told
        for command in (capture.command for capture in shown(sentence.claim).holds):
            assert f"# {command}\n" in told
