"""Cells of tables that say what came of a command: they say what the evidence of each engine says, and what they declare came."""

import pytest

from verify.judging import sentences
from verify.lab.machine import Capture
from verify.publishing import outcomes, typed
from verify.publishing.came import came
from verify.publishing.outcomes import outcome
from verify.publishing.words import WORDS

WORD = {key: key.rpartition("_")[2] for key in WORDS["en"]["outcome"]}
WORD |= {f"refused_by_{who}": f"{who} {{status}}" for who in ("client", "daemon", "builder", "compose", "kernel")}
WORD |= {"refused_by_unnamed": "refused {status}", "unreached_because": "unreached {status}"}
WORD |= {"works_silently": "works", "ignored_silently": "ignored", "always": "{said}", "then": ", "}
WORD |= {"since": ">{first} {said}", "until": "<{last} {said}", "between": "{first}-{last} {said}"}
WORD |= {"alone": "={first} {said}", "run_since": "{said} ?{first}"}
TABLE = """
| You write | Docker | Why |
|---|---|---|
| one | <{{ outcome("host_twice_is_refused", "docker run", effect="refused") }}> | |
| two | {docker} | {why} |
"""


@pytest.mark.parametrize(
    ("name", "only", "declared", "said"),
    [
        ("host_twice_is_refused", "docker run", {"effect": "refused"}, "client 125"),
        ("host_twice_is_refused", "docker run", {"effect": "refused", "of": "podman"}, "refused 125"),
        ("host_in_capitals_is_unknown", "docker run", {"effect": "refused"}, "daemon 125"),
        ("net_sysctl_is_refused", "docker run", {"effect": "refused"}, "runtime"),
        ("name_host_is_taken", "network create", {"effect": "refused"}, "daemon 1"),
        (
            "links_are_refused_both_ways",
            "--network host --link",
            {"effect": "refused"},
            ">28 daemon 125, <27 client 125",
        ),
        ("mac_address_is_never_given", "docker run", {"effect": "ignored or refused"}, ">25 ignored, <24 daemon 125"),
        ("published_port_is_discarded_with_a_warning", "docker run", {"effect": "ignored"}, "warned"),
        ("loopback_name_server_is_warned_of", "--dns", {}, "<28 warned"),
        ("loopback_name_server_is_taken_silently", "--dns", {}, "works ?29"),
        ("proc_sys_net_is_read_only", "docker run", {"effect": "refused"}, "kernel Read-only file system"),
        ("hosts_loopback_is_open", "docker run", {"effect": "reached"}, "reached"),
        (
            "hosts_loopback_is_open",
            "docker run",
            {"effect": "unreached", "world": "bridge"},
            "unreached Connection refused",
        ),
        ("input_filters_the_host_network", "curl", {"effect": "unreached"}, "unreached curl: 7"),
        (
            "multicast_leaves_the_host",
            "tcpdump",
            {"effect": "unreached", "world": "bridge"},
            "unreached 0 packets captured",
        ),
        ("run_on_the_host_network_has_to_be_allowed", "build -q .", {"effect": "refused"}, "builder 1 ?23"),
        ("stack_ignores_network_mode", "stack deploy", {"effect": "ignored"}, "warned"),
        (
            "swarm_service_that_publishes_is_not_on_the_host_network",
            "CurrentState",
            {"effect": "refused or ignored"},
            ">28 task, 25-27 ignored, <24 task",
        ),
        (
            "compose_knows_no_net_key",
            "config",
            {"effect": "refused", "of": "compose"},
            ">Compose 2.40 compose 1, =Compose 2.26 compose 15, <Compose 1.29 refused 1",
        ),
    ],
)
def test_a_cell_says_what_was_seen(name, only, declared, said):
    assert outcome(WORD, name, only, **declared) == said


@pytest.mark.parametrize(
    ("name", "only", "declared", "why"),
    [
        (
            "links_are_refused_both_ways",
            "--link",
            {"effect": "refused"},
            "came to refused_by_client .* and refused_by_daemon",
        ),
        ("host_twice_is_refused", "docker stop", {}, "are none"),
        ("domainname_is_the_containers_alone", "docker run", {"of": "podman"}, "says nothing of Podman"),
        ("host_twice_is_refused", "docker run", {"effect": "flies"}, "no word for the effect 'flies'"),
        ("host_twice_is_refused", "docker run", {"world": "none"}, "has the worlds .*, and no 'none'"),
        (
            "hostname_names_the_container_alone",
            "--hostname",
            {"effect": "refused"},
            r"on Docker 20\.10\.5: 'refused' is declared, and what came is 'works_silently'",
        ),
        (
            "host_twice_is_refused",
            "docker run",
            {},
            r"'works' is declared, and what came is 'refused_by_client \(125\)'",
        ),
        ("host_twice_is_refused", "docker run", {"effect": "refused or works"}, "'works' is declared .* on no Docker"),
        ("hosts_loopback_is_open", "docker run", {"effect": "unreached"}, "and what came is 'reached'"),
        ("mac_address_is_never_given", "docker run", {"effect": "ignored"}, r"on Docker 20\.10\.5: 'ignored' is"),
        ("host_mode_container_starts_on_no_other_network", "docker start", {}, "a pipe hides the exit status"),
        (
            "host_twice_is_refused",
            "docker run",
            {"effect": "reached"},
            "neither reached nor unreached, but exit status 125",
        ),
    ],
)
def test_a_cell_that_cannot_be_said_is_refused(name, only, declared, why):
    with pytest.raises(ValueError, match=why):
        outcome(WORD, name, only, **declared)


@pytest.mark.parametrize(
    ("command", "code", "out", "err", "declared", "word", "status"),
    [
        ("docker run web", 0, "", "WARNING: no", "works", "works_warned", ""),
        ("docker compose up -d", 0, "", " Container root-web-1  Started\n", "works", "works_silently", ""),
        ("docker compose up -d", 0, "", " web Ports are discarded\n", "ignored", "ignored_warned", ""),
        ("docker logs web", 0, "", "listening on eth0", "works", "works_silently", ""),
        ("docker logs web", 0, "", "httpd: bind: Permission denied", "works", "refused_by_kernel", "Permission denied"),
        ("docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' a", 0, "exited 1\n", "", "works", "refused_by_unnamed", "1"),
        ("docker service ps web", 0, "Running\nFailed\n", "", "works", "refused_by_task", ""),
        ("curl -s http://10.3.0.183/", 0, "", "", "reached", "unreached", ""),
        ("curl -s http://10.3.0.183/", 28, "", "", "reached", "unreached_because", "curl: 28"),
        ("curl -s http://10.3.0.183/", 0, "hello\n", "", "unreached", "reached", ""),
        ("curl -sw '%{http_code}' http://10.3.0.183/", 0, "503\n", "", "reached", "unreached_because", "503"),
    ],
)  # fmt: skip
def test_a_command_tells_what_came_of_it(command, code, out, err, declared, word, status):
    said = came(Capture("host", command, code, out, err), "docker", (declared,))
    assert (said.word, said.status) == (word, status)


def test_a_declaration_that_evidence_contradicts_is_told_by_its_line(pages):
    cell = '<{ outcome("host_twice_is_refused", "docker run", effect="works") }>'
    told = list(outcomes.problems(pages(cell)))
    assert len(told) == 2
    assert told[0].startswith(
        f"docs/ja/page.md:5: {cell[3:-3]}\n  claim 'host_twice_is_refused' on Docker 20.10.5: 'works'"
    )


@pytest.mark.parametrize(
    ("docker", "why", "said"),
    [
        ("refused while it runs", "", "refused"),
        ("[reached](#claim-docker0_stays_silent)", "", "reached"),
        ("–", "[無視される](#claim-docker0_stays_silent)", "無視"),
        ("[the address](#claim-docker0_stays_silent)", "it was refused, says a book", ""),
        ("`refused`", "", ""),
    ],
)
def test_an_outcome_in_a_cell_is_not_typed(docker, why, said, pages):
    told = list(typed.problems(pages(docker, why)))
    assert [each.partition("'")[2].partition("'")[0] for each in told] == [said, said] * bool(said)


@pytest.fixture
def pages(tmp_path):
    """Writes a page in both languages with these cells."""

    def write(docker, why=""):
        for language in sentences.LANGUAGES:
            file = tmp_path / "docs" / language / "page.md"
            file.parent.mkdir(parents=True)
            file.write_text(TABLE.format(docker=docker, why=why), encoding="utf-8")
        return tmp_path

    return write


@pytest.mark.parametrize("language", sentences.LANGUAGES)
def test_every_cell_can_be_said_in_every_language(language):
    found = [use for page in sentences.all_pages(language) for use in outcomes.uses(page)]
    assert len(found) > 100
    for _, _, given in found:
        effect = " or ".join(given.pop("declared"))
        assert outcome(WORDS[language]["outcome"], effect=effect, **given)
