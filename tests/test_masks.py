"""Masks: what they hide, and above all what they must not."""

import re

import pytest

from verify.judging import masks
from verify.lab.machine import Capture

ID, OTHER_ID = "a" * 64, "b" * 64
PACKETS = (
    "IP 203.0.113.150.51221 > 10.3.0.183.80: Flags [S], seq 100, win 65518, options [mss 1394,TS val 7 ecr 0], length 0\n"
    "IP 10.3.0.183.80 > 203.0.113.150.51221: Flags [S.], seq 900, ack 101, win 62643, options [mss 8961,TS val 8 ecr 7], length 0\n"
    "IP 203.0.113.150.51221 > 10.3.0.183.80: Flags [.], ack 1, win 512, options [nop,nop,TS val 7 ecr 8], length 0\n"
)
IFCONFIG = (
    "docker0: flags=4099<UP,BROADCAST,MULTICAST>  mtu 1500\n"
    "        inet6 fe80::42:37ff:fe8d:b952  prefixlen 64  scopeid 0x20<link>\n"
    "        ether 02:42:37:8d:b9:52  txqueuelen 0  (Ethernet)\n"
    "        RX packets 1392  bytes 85837 (83.8 KiB)\n"
)
OWN = "IP 10.3.0.183.40000 > 10.3.0.183.80: Flags [S], seq 100, win 65495, length 0\n"
SOCAT = '2026/11/24 22:37:45 socat[1] E connect(, AF=1 "\\0demo", 7): Connection refused\n'
LISTENING = 'LISTEN 0      9                  *:8080            *:*    users:(("httpd",pid=820,fd=3))\n'
OBJECT, OTHER_OBJECT = "k3" * 12 + "x", "q7" * 12 + "z"
SWARM = f"Swarm initialized: current node ({OBJECT}) is now a manager.\n"
JOIN = f"docker swarm join --token SWMTKN-1-{'5' * 50}-{'a' * 25} 10.3.0.183:2377\n"
TASK = (
    '"starting container failed: failed to set up container networking: '
    'cannot connect container to host network - container must be created in host network mode"\n'
)
FALLBACK = (
    "debconf: unable to initialize frontend: Dialog\n"
    "debconf: (Nothing (at all) is installed, and this line was br\noken in two.)\n"
    "debconf: falling back to frontend: Readline\n"
)
SHARED = "container sharing network namespace with another container or host cannot be connected to any other network"


def differ(command: str, before: str, now: str, stream: str = "stdout") -> bool:
    """Whether two outputs of a command differ, masks aside."""
    runs = [
        [Capture("host", command, 0, text if stream == "stdout" else "", text if stream == "stderr" else "")]
        for text in (before, now)
    ]
    return bool(masks.differences(*runs))


@pytest.mark.parametrize(
    ("command", "before", "now"),
    [
        ("docker run -d httpd", ID + "\n", OTHER_ID + "\n"),
        ("tcpdump", PACKETS, PACKETS.replace("51221", "40000")),
        ("tcpdump", PACKETS, PACKETS.replace("100,", "200,").replace("101,", "201,")),
        ("tcpdump", PACKETS, PACKETS.replace("val 7", "val 70").replace("ecr 7", "ecr 70")),
        ("ifconfig", IFCONFIG, IFCONFIG.replace("85837 (83.8", "95837 (93.5")),
        ("ifconfig", IFCONFIG, IFCONFIG.replace("37:8d", "38:8d").replace("37ff", "38ff")),
        ("readlink /proc/self/ns/{pid,user}", "pid:[1]\nuser:[2]\n", "pid:[3]\nuser:[4]\n"),
        ("ls /sys/class/net", "lo\nveth0123abc\n", "lo\nveth4567def\n"),
        ("docker run busybox hostname", ID[:12] + "\n", OTHER_ID[:12] + "\n"),
        ("docker run busybox cat /etc/hosts", f"172.17.0.2\t{ID[:12]}\n", f"172.17.0.2\t{OTHER_ID[:12]}\n"),
        ("ss -Hltnp 'sport = :8080'", LISTENING, LISTENING.replace("pid=820", "pid=9")),
        ("tcpdump", OWN, OWN.replace("40000", "50000")),
        ("socat -u ABSTRACT-CONNECT:demo -", SOCAT, SOCAT.replace("22:37:45", "23:59:59")),
        ("docker network inspect -f '{{.Name}} {{.Id}}' host", f"host {ID}\n", f"host {OTHER_ID}\n"),
        ("docker build -q .", f"sha256:{ID}\n", f"sha256:{OTHER_ID}\n"),
        ("docker swarm init", SWARM, SWARM.replace(OBJECT, OTHER_OBJECT)),
        ("docker swarm init", JOIN, JOIN.replace("555", "123")),
        ("docker service create -d busybox", OBJECT + "\n", OTHER_OBJECT + "\n"),
        ("docker service ps web", TASK, re.sub("cannot connect .*mode", SHARED, TASK)),
        ("docker exec -it httpd bash", f"{FALLBACK}Unpacking\n", f"{FALLBACK}{FALLBACK}Unpacking\n"),
        ("docker exec -it httpd bash", f"{FALLBACK}Unpacking\n", "Unpacking\n"),
        ("docker exec -it httpd bash", "Unpacking\n", "Solving dependencies... Done\nUnpacking\n"),
    ],
)
def test_hides(command, before, now):
    assert before != now
    assert not differ(command, before, now)


@pytest.mark.parametrize(
    ("command", "before", "now"),
    [
        ("docker run -d httpd", ID + "\n", "a" * 63 + "\n"),
        ("docker run -d httpd", ID + "\n", ID + "\n" + ID + "\n"),
        ("docker run -d httpd", ID + "\n", ""),
        ("docker ps", ID + "\n", OTHER_ID + "\n"),
        ("tcpdump", PACKETS, PACKETS.replace("ack 101", "ack 102")),
        ("tcpdump", PACKETS, PACKETS.replace("ecr 8", "ecr 9")),
        ("tcpdump", PACKETS, PACKETS.replace("10.3.0.183", "10.3.0.184")),
        (
            "tcpdump",
            PACKETS,
            PACKETS.replace(
                "203.0.113.150.51221 > 10.3.0.183.80: Flags [.]", "203.0.113.150.51222 > 10.3.0.183.80: Flags [.]"
            ),
        ),
        ("tcpdump", PACKETS, PACKETS.replace("mss 8961", "mss 1460")),
        ("tcpdump", PACKETS, PACKETS.replace("win 62643", "win 62644")),
        ("tcpdump", PACKETS, "".join(PACKETS.splitlines(keepends=True)[:2])),
        ("tcpdump", PACKETS, "".join(reversed(PACKETS.splitlines(keepends=True)))),
        ("ifconfig", IFCONFIG, IFCONFIG.replace("37:8d", "38:8d")),
        ("ifconfig", IFCONFIG, IFCONFIG.replace("83.8 KiB", "83.9 KiB")),
        ("ifconfig", IFCONFIG, IFCONFIG.replace("83.8 KiB", "85.8 KB")),
        ("ifconfig", IFCONFIG, IFCONFIG.replace("4099", "4163")),
        ("ifconfig", IFCONFIG, IFCONFIG.replace("mtu 1500", "mtu 9001")),
        ("readlink /proc/self/ns/{pid,user}", "pid:[1]\nuser:[2]\n", "pid:[1]\nuser:[1]\n"),
        ("ls /sys/class/net", "lo\nveth0123abc\n", "lo\nveth0\n"),
        ("docker run busybox hostname", ID[:12] + "\n", "ip-10-3-0-183\n"),
        ("docker run busybox cat /etc/hosts", f"172.17.0.2\t{ID[:12]}\n", f"172.17.0.3\t{ID[:12]}\n"),
        ("ss -Hltnp 'sport = :8080'", LISTENING, LISTENING.replace("httpd", "nginx")),
        ("ss -Hltnp 'sport = :8080'", LISTENING, LISTENING.replace("8080", "8081")),
        ("tcpdump", OWN, OWN.replace("183.80", "183.81")),
        ("socat -u ABSTRACT-CONNECT:demo -", SOCAT, SOCAT.replace("refused", "timed out")),
        ("socat -u ABSTRACT-CONNECT:demo -", SOCAT, SOCAT.replace("demo", "other")),
        ("docker network inspect -f '{{.Name}} {{.Id}}' host", f"host {ID}\n", f"none {ID}\n"),
        ("docker build -q .", f"sha256:{ID}\n", f"{ID}\n"),
        ("docker swarm init", SWARM, SWARM.replace("manager", "worker")),
        ("docker swarm init", SWARM, SWARM.replace(OBJECT, OBJECT[:-1])),
        ("docker swarm init", JOIN, JOIN.replace("SWMTKN-1", "SWMTKN-2")),
        ("docker swarm init", JOIN, JOIN.replace("183:2377", "184:2377")),
        ("docker service create -d busybox", OBJECT + "\n", OBJECT + "\n" + OBJECT + "\n"),
        ("docker exec -it httpd bash", FALLBACK, FALLBACK.replace(".)\n", ".)\nE: Failed\n")),
        ("docker exec -it httpd bash", FALLBACK, FALLBACK.replace("unable to", "did")),
        ("docker exec httpd bash", FALLBACK, ""),
        ("docker service ps web", TASK, TASK.replace("set up", "tear down")),
        ("docker service ps web", TASK, TASK.replace("created in host", "created in bridge")),
    ],
)
def test_does_not_hide(command, before, now):
    assert before != now
    assert differ(command, before, now)


def test_no_packets_is_not_some_packets():
    assert differ("tcpdump", "0 packets captured\n", "3 packets captured\n", "stderr")


def test_exit_status_and_command_count():
    run = Capture("host", "true", 0, "", "")
    assert masks.differences([run], [Capture("host", "true", 1, "", "")])
    assert masks.differences([run], [Capture("host", "false", 0, "", "")])
    assert masks.differences([run], [Capture("client", "true", 0, "", "")])
    assert masks.differences([run], [run, run])


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0.0 B"), (1024, "1024.0 B"), (1025, "1.0 KiB"), (94433872, "90.0 MiB")]
)
def test_rounded_as_net_tools_does(count, text):
    assert masks.rounded(count) == text


def test_address_from_mac_is_the_memos():
    assert masks.eui64("06:b5:10:1f:21:cd") == "fe80::4b5:10ff:fe1f:21cd"


def test_connection_that_ends_with_its_handshake_is_not_one_that_goes_on():
    more = "IP 203.0.113.150.51221 > 10.3.0.183.80: Flags [P.], seq 1:9, ack 1, win 512, options [nop,nop,TS val 7 ecr 8], length 8\n"
    assert differ("tcpdump", PACKETS, PACKETS + more)
    assert not differ("tcpdump", PACKETS + more, PACKETS + more * 2)


@pytest.mark.parametrize("exit_code", [0, 1])
def test_exit_status_differs_though_nothing_was_printed(exit_code):
    runs = [[Capture("host", "true", status, "", "")] for status in (exit_code, 2)]
    assert masks.differences(*runs)


@pytest.mark.parametrize("kind", sorted(masks.KINDS))
def test_kinds_take_in_no_word_of_a_message(kind):
    said = (
        "permission denied",
        "Error",
        "exited",
        "0.0.0.0:80",
        "running",
        "host",
        "-1",
        "true",
        "network host not found",
    )
    assert not [each for each in said if re.fullmatch(masks.KINDS[kind], each)]
