"""More of what Docker Compose makes of the host network: links, scale, builds, and services that join others."""

import re

from verify.claims.helpers.steps import compose, write
from verify.judging.claim import counterfactual, on

FILE = "docker-compose.yml"
SERVICE = """services:
  web:
    image: busybox
    command: {}
    network_mode: {}
"""


@on("docker 20.10.24")
@counterfactual("network", holds="host", fails="bridge")
def claim_compose_refuses_links_beside_host_mode(host, engine, network):
    db = "    links: [db]\n  db:\n    image: busybox\n    command: sleep infinity\n    network_mode: bridge\n"
    write(host, FILE, SERVICE.format("sleep infinity", network) + db)
    refused = host.run(f"{compose(engine)} up -d")
    undefined = "host type networking can't be used with links. This would result in undefined behavior"
    assert refused.exit_code == 1
    assert f"conflicting options: {undefined}\n" in refused.stderr


@on("docker 20.10.24")
@counterfactual("key", holds="net", fails="network_mode")
def claim_compose_knows_no_net_key(host, engine, key):
    write(host, FILE, SERVICE.format("sleep infinity", "host").replace("network_mode", key))
    refused = host.run(f"{compose(engine)} config -q")
    assert refused.exit_code == engine.says({"docker": 1, "docker 23": 15, "docker 28": 1})
    assert re.search(r"\bnet\b", refused.stderr)


@on("docker 20.10.24")
@counterfactual("network", holds="host", fails="bridge")
def claim_compose_service_of_a_host_mode_service_is_on_the_host(host, engine, network):
    side = "  side:\n    image: busybox\n    command: sleep infinity\n    network_mode: service:web\n"
    write(host, FILE, SERVICE.format("sleep infinity", network) + side)
    host.run(f"{compose(engine)} up -d 2>/dev/null")
    inside = host.run(f"{compose(engine)} exec -T side readlink /proc/self/ns/net")
    outside = host.run("readlink /proc/self/ns/net")
    assert inside.stdout == outside.stdout


@on("docker 20.10.24")
@counterfactual("scale", holds=2, fails=1)
def claim_compose_scales_to_one_server_a_port(host, engine, scale):
    write(host, FILE, SERVICE.format("httpd -f -p 8080", "host"))
    host.run(f"{compose(engine)} up -d --scale web={scale} 2>/dev/null")
    host.until(f"[ {scale} = 1 ] || docker ps -aq -f status=exited | grep -q .")
    codes = host.run("docker ps -aq | xargs docker inspect -f '{{.State.ExitCode}}' | sort")
    logs = host.run("docker ps -aq | xargs -n1 docker logs 2>&1")
    assert codes.stdout == "0\n1\n"
    assert logs.stdout == "httpd: bind: Address already in use\n"


@on("docker 20.10.24")
@counterfactual("network", holds="host", fails="bridge")
def claim_compose_port_finds_none(host, engine, network):
    write(host, FILE, SERVICE.format("sleep infinity", network) + "    ports: ['8080:80']\n")
    host.run(f"{compose(engine)} up -d 2>/dev/null")
    port = host.run(f"{compose(engine)} port web 80")
    assert port.stdout in ("", "\n")


@on("docker 26")
@counterfactual("network", holds="host", fails="bridge")
def claim_compose_refuses_net_sysctls_in_host_mode(host, engine, network):
    write(host, FILE, SERVICE.format("sleep infinity", network) + "    sysctls: [net.core.somaxconn=1024]\n")
    refused = host.run(f"{compose(engine)} up -d")
    assert refused.exit_code == 1
    assert 'sysctl "net.core.somaxconn" not allowed in host network namespace' in refused.stderr.splitlines()[-1]


@on("docker 20.10.24")
@counterfactual("then", holds="up -d -t 0", fails="restart -t 0")
def claim_compose_changes_the_network_with_up(host, engine, then):
    write(host, FILE, SERVICE.format("sleep infinity", "bridge"))
    host.run(f"{compose(engine)} up -d -t 0 2>/dev/null")
    write(host, FILE, SERVICE.format("sleep infinity", "host"))
    host.run(f"{compose(engine)} {then} 2>/dev/null")
    mode = host.run("docker ps -q | xargs docker inspect -f '{{.HostConfig.NetworkMode}}'")
    assert mode.stdout == "host\n"


@on("docker 26")
@counterfactual("build", holds="docker compose build -q", fails="docker build -q --network host -t look .")
def claim_compose_does_not_build_on_the_host_network(host, build):
    write(host, "Dockerfile", "FROM busybox\nRUN ls /sys/class/net >/seen\n")
    write(host, FILE, "services:\n  web:\n    build: .\n    image: look\n    network_mode: host\n")
    host.run(build)
    inside = host.run("docker run --rm look cat /seen")
    assert inside.stdout.split() == ["eth0", "lo"]
