"""Cells of tables that say what came of a command: they say what the evidence of each engine says."""

import re

import pytest

from verify.judging import sentences
from verify.publishing.outcomes import outcome
from verify.publishing.words import WORDS

WORD = {"refused_by_client": "client {status}", "refused_by_daemon": "daemon {status}", "refused_by_runtime": "runtime"}
WORD |= {
    "refused_by_podman": "podman {status}",
    "works_silently": "works",
    "works_warned": "warned",
    "always": "{said}",
}
WORD |= {"since": ">{first} {said}", "until": "<{last} {said}", "between": "{first}-{last} {said}", "then": ", "}
WORD |= {"ignored_silently": "ignored", "ignored_warned": "warned"}
USE = re.compile(r'<\{ outcome\("(\w+)", "([^"]*)"(?:, of="(\w+)")?(?:, effect="(\w+)")?\) \}>')


@pytest.mark.parametrize(
    ("name", "only", "of", "said"),
    [
        ("host_twice_is_refused", "docker run", "docker", "client 125"),
        ("host_twice_is_refused", "docker run", "podman", "podman 125"),
        ("host_in_capitals_is_unknown", "docker run", "docker", "daemon 125"),
        ("net_sysctl_is_refused", "docker run", "docker", "runtime"),
        ("name_host_is_taken", "network create", "docker", "daemon 1"),
        ("links_are_refused_both_ways", "--network host --link", "docker", ">28 daemon 125, <27 client 125"),
        ("published_port_is_discarded_with_a_warning", "docker run", "docker", "warned"),
        ("loopback_name_server_is_warned_of", "--dns", "docker", "<28 warned"),
        ("loopback_name_server_is_taken_silently", "--dns", "docker", ">29 works"),
    ],
)
def test_a_cell_says_what_was_seen(name, only, of, said):
    assert outcome(WORD, name, only, of, "works") == said


@pytest.mark.parametrize(
    ("name", "only", "of", "effect", "why"),
    [
        ("links_are_refused_both_ways", "--link", "docker", "works", "came to client 125 and daemon 125"),
        ("host_twice_is_refused", "docker stop", "docker", "works", "are none"),
        ("domainname_is_the_containers_alone", "docker run", "podman", "works", "says nothing of Podman"),
        ("host_twice_is_refused", "docker run", "docker", "flies", "no word for the effect"),
    ],
)
def test_a_cell_that_cannot_be_said_is_refused(name, only, of, effect, why):
    with pytest.raises(ValueError, match=why):
        outcome(WORD, name, only, of, effect)


@pytest.mark.parametrize("language", sentences.LANGUAGES)
def test_every_cell_can_be_said_in_every_language(language):
    uses = [use for page in sentences.all_pages(language) for use in USE.findall(sentences.source(page))]
    assert len(uses) > 40
    for name, only, of, effect in uses:
        assert outcome(WORDS[language]["outcome"], name, only, of or "docker", effect or "works")
