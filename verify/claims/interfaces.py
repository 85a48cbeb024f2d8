"""The interfaces that a container on the host network sees, and the name under which it sees itself."""

from verify.claims.helpers.parsers import answer, interfaces
from verify.claims.helpers.steps import serve
from verify.judging.claim import counterfactual

PROMPT = r"root@\S+:\S+# "


@counterfactual("network", holds="host", fails="bridge")
def claim_ifconfig_is_the_hosts(host, engine, network):
    host.run("docker run --rm httpd:latest true")
    host.until("! grep -qs up /sys/class/net/{docker0,podman0}/operstate")
    serve(host, f"--net {network}")
    shell = host.terminal(
        "docker exec -it httpd /bin/bash", ["apt-get update", "apt-get install net-tools", "ifconfig", "exit"], PROMPT
    )
    inside, outside = interfaces(answer(shell, "ifconfig")), interfaces(host.run("ifconfig").stdout)
    assert set(inside) == {"eth0", "lo"} | engine.says({"docker": {"docker0"}, "podman": set()})
    assert inside == outside


@counterfactual("network", holds="bridge", fails="host")
def claim_bridge_container_has_an_eth0_of_its_own(host, engine, network):
    serve(host, f"--net {network}")
    seen = host.run("docker exec httpd ls /sys/class/net")
    addresses = host.run("docker exec httpd hostname -I")
    assert seen.stdout.split() == ["eth0", "lo"]
    assert addresses.stdout.split() == engine.says({"docker": ["172.17.0.2"], "podman": ["10.88.0.2"]})


@counterfactual("network", holds="host", fails="bridge")
def claim_prompt_shows_the_hosts_name(host, network):
    serve(host, f"--net {network}")
    name = host.run("hostname").stdout.strip()
    shell = host.terminal("docker exec -it httpd /bin/bash", ["exit"], PROMPT)
    assert shell.stdout.startswith(f"root@{name}:/usr/local/apache2# exit\n")


@counterfactual("container", holds="--net host", fails="-p 80:80")
def claim_docker0_has_no_carrier_without_bridge_containers(host, engine, container):
    serve(host, container)
    bridge = engine.says({"docker": "docker0", "podman": "podman0"})
    flags = interfaces(host.run(f"ifconfig {bridge}").stdout).get(bridge, {"state": []})["state"]
    assert "RUNNING" not in flags
    assert flags[:1] == engine.says({"docker": ["UP"], "podman": []})


@counterfactual("first", holds="true", fails="apt-get update")
def claim_package_lists_come_first(host, first):
    serve(host, "--net host")
    host.run(f"docker exec httpd {first}")
    refused = host.run("docker exec httpd apt-get install -qqs net-tools")
    assert refused.exit_code == 100
    assert refused.stderr == "E: Unable to locate package net-tools\n"


@counterfactual("comment", holds="// ifconfig", fails="# ifconfig")
def claim_double_slash_is_no_comment(host, comment):
    serve(host, "--net host")
    line = f"apt install net-tools {comment}"
    shell = host.terminal("docker exec -it httpd /bin/bash", [line, "exit"], PROMPT)
    assert answer(shell, line) == "Error: Unsupported file // given on commandline\n"
