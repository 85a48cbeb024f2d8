"""Evidence: kept whole, loaded only as it was written."""

import json

import pytest

from verify.judging import evidence
from verify.judging.evidence import Evidence, EvidenceError
from verify.lab.machine import Capture

SEEN = Evidence(
    "x",
    "engine",
    {"engine": "1"},
    {
        "host": (Capture("host", "echo 'a\tb'", 0, "a\tb\n", "", {"p.pcap": b"\xd4\xc3\xb2\xa1\x00\xff"}),),
        "bridge": (Capture("host", "false", 1, "", "no\n\n"),),
    },
)


def test_what_is_saved_is_loaded(tmp_path):
    evidence.save(SEEN, tmp_path)
    assert evidence.load("x", "engine", tmp_path) == SEEN


def test_saving_the_same_again_changes_no_byte(tmp_path):
    file = evidence.save(SEEN, tmp_path)
    before = file.read_bytes()
    evidence.save(SEEN, tmp_path)
    assert file.read_bytes() == before


@pytest.mark.parametrize("key", ["claim", "engine", "provenance", "worlds"])
def test_changed_by_hand_does_not_load(tmp_path, key):
    file = evidence.save(SEEN, tmp_path)
    document = json.loads(file.read_text())
    document[key] = "other"
    file.write_text(json.dumps(document))
    with pytest.raises(EvidenceError, match="was changed by hand"):
        evidence.load("x", "engine", tmp_path)


def test_changed_attachment_does_not_load(tmp_path):
    evidence.save(SEEN, tmp_path)
    next((tmp_path / "engine").glob("x.p-*.pcap")).write_bytes(b"\x00\xfe")
    with pytest.raises(EvidenceError, match=r"x\.p-.*\.pcap: was changed by hand"):
        evidence.load("x", "engine", tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "{}"])
def test_broken_file_is_named(tmp_path, content):
    file = evidence.save(SEEN, tmp_path)
    file.write_text(content)
    with pytest.raises(EvidenceError, match=r"x\.json: is not evidence"):
        evidence.load("x", "engine", tmp_path)


def test_interrupted_save_leaves_the_old_evidence(tmp_path, monkeypatch):
    evidence.save(SEEN, tmp_path)
    newer = Evidence(
        "x",
        "engine",
        {},
        {"host": (Capture("host", "date", 0, "", "", {"p.pcap": b"\xd4\xc3\xb2\xa1new"}),), "bridge": ()},
    )
    write = evidence._write

    def killed(file, content):
        if file.suffix == ".json":
            raise KeyboardInterrupt
        write(file, content)

    monkeypatch.setattr(evidence, "_write", killed)
    with pytest.raises(KeyboardInterrupt):
        evidence.save(newer, tmp_path)
    assert evidence.load("x", "engine", tmp_path) == SEEN
    monkeypatch.undo()
    evidence.save(newer, tmp_path)
    assert len(list((tmp_path / "engine").iterdir())) == 2
