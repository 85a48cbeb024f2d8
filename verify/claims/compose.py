"""What Docker Compose makes of the host network."""

from verify.claims.helpers.steps import compose, write
from verify.judging.claim import counterfactual, on

FILE = "docker-compose.yml"
WEB = """services:
  web:
    image: busybox
    command: httpd -f -p 8080
"""


@on("docker 20.10.24")
@counterfactual("option", holds="network_mode: host", fails="networks: [default]")
def claim_compose_makes_no_network_for_host_mode(host, engine, option):
    write(host, FILE, f"{WEB}    {option}\n")
    host.run(f"{compose(engine)} up -d")
    mode = host.run(f"{compose(engine)} ps -q | xargs docker inspect -f '{{{{.HostConfig.NetworkMode}}}}'")
    networks = host.run("docker network ls --format '{{.Name}}'")
    assert networks.stdout.split() == ["bridge", "host", "none"]
    assert mode.stdout == "host\n"


@on("docker 20.10.24")
@counterfactual("mode", holds="host", fails="bridge")
def claim_compose_does_not_publish_in_host_mode(host, engine, mode):
    write(host, FILE, f"{WEB}    network_mode: {mode}\n    ports: ['80:8080']\n")
    started = host.run(f"{compose(engine)} up -d")
    running = host.run("docker ps --format '{{.Names}}' | wc -l")
    listening = host.run("ss -Hltn 'sport = :80' | wc -l")
    said = engine.says(
        {
            "docker": 'ERROR: for web  "host" network_mode is incompatible with port_bindings',
            "docker 23": " web Published ports are discarded when using host network mode ",
        }
    )
    assert said in started.stderr.splitlines()
    assert (running.stdout, listening.stdout) == engine.says({"docker": ("0\n", "0\n"), "docker 23": ("1\n", "0\n")})
    assert started.exit_code == engine.says({"docker": 1, "docker 23": 0})


@on("docker 20.10.24")
@counterfactual("option", holds="network_mode: host", fails="hostname: web")
def claim_compose_refuses_networks_beside_host_mode(host, engine, option):
    write(host, FILE, f"{WEB}    {option}\n    networks: [sample]\nnetworks:\n  sample:\n")
    refused = host.run(f"{compose(engine)} config -q")
    assert refused.exit_code == engine.says({"docker": 1, "docker 23": 15, "docker 28": 1})
    assert refused.stderr == engine.says(
        {
            "docker": "'network_mode' and 'networks' cannot be combined\n",
            "docker 23": "service web declares mutually exclusive `network_mode` and `networks`: "
            "invalid compose project\n",
        }
    )


@on("docker 20.10.24")
@counterfactual("driver", holds="host", fails="bridge")
def claim_compose_cannot_make_a_host_network(host, engine, driver):
    write(host, FILE, f"{WEB}    networks: [sample]\nnetworks:\n  sample:\n    driver: {driver}\n")
    refused = host.run(f"{compose(engine)} up -d")
    message = 'only one instance of "host" network is allowed'
    prefix = engine.says(
        {"docker": "", "docker 23": "failed to create network root_sample: Error response from daemon: "}
    )
    assert refused.exit_code == 1
    assert refused.stderr.splitlines()[-1] == prefix + message


@on("docker 20.10.24")
@counterfactual("name", holds="host", fails="sample")
def claim_compose_cannot_join_host_as_an_external_network(host, engine, name):
    host.run("docker network create sample")
    write(host, FILE, f"{WEB}    networks: [outer]\nnetworks:\n  outer:\n    external: true\n    name: {name}\n")
    refused = host.run(f"{compose(engine)} up -d")
    message = engine.says(
        {
            "docker": "network-scoped alias is supported only for containers in user defined networks",
            "docker 29": "network-scoped aliases are only supported for user-defined networks",
        }
    )
    before = engine.says(
        {
            "docker": "ERROR: for web  ",
            "docker 23": "Error response from daemon: ",
            "docker 25": "Error response from daemon: invalid endpoint settings:\n",
            "docker 28": "Error response from daemon: invalid config for network host: invalid endpoint settings:\n",
        }
    )
    assert refused.exit_code == 1
    assert f"\n{before}{message}\n" in refused.stderr
