"""What flags of `docker run` come to on the host network: obeyed, ignored or refused, by whom, and in which words."""

import re

import jc

from verify.claims.helpers.parsers import name_servers, refusal
from verify.claims.helpers.steps import sample
from verify.judging.claim import counterfactual, on

DAEMON = "docker: Error response from daemon:"
START = f"{DAEMON} failed to set up container networking:"


@counterfactual("network", holds="host", fails="bridge")
def claim_expose_opens_nothing(host, engine, network):
    started = host.run(f"docker run -d --name web --network {network} --expose 9999 busybox:latest sleep infinity")
    ports = host.run("docker inspect -f '{{json .NetworkSettings.Ports}}' web")
    listed = host.run("docker ps --format '{{.Ports}}'")
    assert (started.exit_code, started.stderr, ports.stdout) == (0, "", "{}\n")
    assert listed.stdout == engine.says({"docker": "\n", "podman": "\n", "podman 5": "9999/tcp\n"})


@counterfactual("option", holds="--hostname web", fails="--uts host")
def claim_hostname_names_the_container_alone(host, option):
    inside = host.run(f"docker run --rm --network host {option} busybox:latest hostname")
    outside = host.run("hostname")
    assert (inside.stdout, outside.stdout) == ("web\n", "ip-10-3-0-183\n")


@counterfactual("options", holds="--uts host --hostname web", fails="--hostname web")
def claim_hostname_is_refused_with_the_hosts_uts(host, engine, options):
    refused = host.run(f"docker run --rm --network host {options} busybox:latest hostname")
    unset = "cannot set hostname when running in the host UTS namespace"
    assert refusal(refused) == engine.says(
        {
            "docker": f"{DAEMON} conflicting options: hostname and the UTS mode",
            "podman": f"Error: invalid config provided: {unset}: invalid configuration",
        }
    )


@on("docker")
@counterfactual("option", holds="--domainname lab.test", fails="--hostname web")
def claim_domainname_is_the_containers_alone(host, option):
    inside = host.run(f"docker run --rm --network host {option} busybox:latest cat /proc/sys/kernel/domainname")
    outside = host.run("cat /proc/sys/kernel/domainname")
    assert (inside.stdout, outside.stdout) == ("lab.test\n", "(none)\n")


@counterfactual("options", holds="--dns-search lab.test --dns-option ndots:2", fails="--dns 192.0.2.53")
def claim_dns_search_and_option_are_obeyed(host, options):
    inside = host.run(f"docker run --rm --network host {options} busybox:latest cat /etc/resolv.conf")
    seen = jc.parse("resolve_conf", inside.stdout, quiet=True)
    assert (seen.get("search"), seen.get("options")) == (["lab.test"], ["ndots:2"])


@on("docker 20.10-28")
@counterfactual("server", holds="127.0.0.1", fails="192.0.2.53")
def claim_loopback_name_server_is_warned_of(host, engine, server):
    warned = host.run(f"docker run --rm --network host --dns {server} busybox:latest true")
    assert (warned.exit_code, warned.stderr) == engine.says(
        {
            "docker": (0, "WARNING: Localhost DNS setting (--dns=127.0.0.1) may fail in containers.\n"),
            "docker 28": (0, "WARNING: Localhost DNS (127.0.0.1) may fail in containers.\n"),
        }
    )


@on("docker 29")
@counterfactual("server", holds="127.0.0.1", fails="192.0.2.53")
def claim_loopback_name_server_is_taken_silently(host, server):
    inside = host.run(f"docker run --rm --network host --dns {server} busybox:latest cat /etc/resolv.conf")
    assert (name_servers(inside.stdout), inside.stderr) == (["127.0.0.1"], "")


@counterfactual("network", holds="host", fails="sample")
def claim_addresses_are_refused(host, engine, network):
    sample(host, engine, "--ipv6 --subnet 10.4.0.0/24 --subnet 2001:db8:4::/64")
    addresses = {"--ip": "10.4.0.9", "--ip6": "2001:db8:4::9"}
    by_flag = {
        flag: refusal(host.run(f"docker run --rm --network {network} {flag} {address} busybox:latest true"))
        for flag, address in addresses.items()
    }
    alone = "user specified IP address is supported on user defined networks only"
    subnets = "user specified IP address is supported only when connecting to networks with user configured subnets"
    invalid = f"{DAEMON} invalid config for network host: invalid endpoint settings:\n* "
    hyphened = "user-specified IP address is supported on user-defined networks only\n* no configured subnet contains IP address"
    podmans = {
        flag: f"Error: {flag} can only be set when the network mode is bridge: invalid argument" for flag in by_flag
    }
    assert by_flag == engine.says(
        {
            "docker": dict.fromkeys(by_flag, f"{DAEMON} {alone}"),
            "docker 25": dict.fromkeys(by_flag, f"{invalid}{alone}\n* {subnets}"),
            "docker 29": {flag: f"{invalid}{hyphened} {address}" for flag, address in addresses.items()},
            "podman": podmans,
        }
    )


@on("docker")
@counterfactual("network", holds="host", fails="sample")
def claim_links_are_refused_both_ways(host, engine, network):
    sample(host, engine)
    host.run(f"docker run -d --name web --network {network} busybox:latest sleep infinity")
    away = host.run(f"docker run --rm --network {network} --link web:web busybox:latest true")
    towards = host.run("docker run --rm --link web:web busybox:latest true")
    client = "docker: links are only supported for user-defined networks"
    undefined = "host type networking can't be used with links. This would result in undefined behavior"
    daemon = f"{DAEMON} conflicting options: {undefined}"
    assert (refusal(away), refusal(towards)) == engine.says({"docker": (client, daemon), "docker 28": (daemon, daemon)})


@on("docker")
@counterfactual("network", holds="host", fails="sample")
def claim_link_local_ip_is_ignored_silently(host, engine, network):
    sample(host, engine, "--subnet 172.28.0.0/16")
    own = "sh -c 'ip -4 address show eth0 | grep inet'"
    seen = host.run(f"docker run --rm --network {network} --link-local-ip 169.254.7.9 busybox:latest {own}")
    assert (re.findall(r"inet (\S+)", seen.stdout), seen.stderr) == (["10.3.0.183/24"], "")


@counterfactual("network", holds="host", fails="bridge")
def claim_mac_address_is_never_given(host, engine, network):
    given = f"docker run --rm --network {network} --mac-address 02:00:00:00:00:09"
    seen = host.run(f"{given} busybox:latest cat /sys/class/net/eth0/address")
    assert (seen.stdout, refusal(seen)) == engine.says(
        {
            "docker": ("", f"{DAEMON} conflicting options: mac-address and the network mode"),
            "docker 25": ("06:b5:10:1f:21:cd\n", ""),
            "podman": ("", "Error: --mac-address can only be set when the network mode is bridge: invalid argument"),
        }
    )


@on("podman")
@counterfactual("flag", holds="--link", fails="--hostname")
def claim_podman_has_no_such_flags(host, flag):
    for each in (flag, "--link-local-ip", "--domainname"):
        refused = host.run(f"docker run --rm --network host {each} web busybox:latest true")
        assert refused.stderr == f"Error: unknown flag: {each}\nSee 'podman run --help'\n"


@counterfactual("networks", holds="--network host --network sample", fails="--network sample")
def claim_host_and_a_user_network_are_refused(host, engine, networks):
    sample(host, engine)
    refused = host.run(f"docker run --rm {networks} busybox:latest true")
    assert refusal(refused) == engine.says(
        {
            "docker": "docker: conflicting options: cannot attach both user-defined and non-user-defined network-modes",
            "podman": "Error: cannot set multiple networks without bridge network mode, selected mode host: "
            "invalid argument",
        }
    )


@counterfactual("networks", holds="--network host --network host", fails="--network host")
def claim_host_twice_is_refused(host, engine, networks):
    refused = host.run(f"docker run --rm {networks} busybox:latest true")
    assert refusal(refused) == engine.says(
        {
            "docker": 'docker: network "host" is specified multiple times',
            "podman": "Error: cannot set multiple networks without bridge network mode, selected mode host: "
            "invalid argument",
        }
    )


@counterfactual("networks", holds="--network host --network bridge", fails="--network bridge")
def claim_host_and_bridge_are_refused(host, engine, networks):
    refused = host.run(f"docker run --rm {networks} busybox:latest true")
    shared = (
        "container sharing network namespace with another container or host cannot be connected to any other network"
    )
    taken = r"failed to add interface veth\w+ to sandbox: .* because it conflicts with existing route {.*}"
    wording = engine.says(
        {
            "docker": f"{DAEMON} Container cannot be connected to network endpoints: (host, bridge|bridge, host)",
            "docker 25": f"{DAEMON} ({taken}|{shared})",
            "docker 28": f"{START} ({taken}|{shared})",
            "podman": "Error: cannot set multiple networks without bridge network mode, selected mode host: "
            "invalid argument",
        }
    )
    assert re.fullmatch(wording, refusal(refused))


@on("docker")
@counterfactual("network", holds="$(docker network ls -qf driver=host)", fails="host")
def claim_id_of_the_host_network_is_not_host(host, engine, network):
    seen = host.run(f"docker run --rm --network {network} busybox:latest ls /sys/class/net")
    refused = "cannot connect container to host network - container must be created in host network mode"
    assert (seen.stdout, refusal(seen)) == engine.says(
        {"docker": ("lo\n", ""), "docker 28": ("", f"{START} {refused}")}
    )


@counterfactual("network", holds="HOST", fails="host")
def claim_host_in_capitals_is_unknown(host, engine, network):
    refused = host.run(f"docker run --rm --network {network} busybox:latest true")
    assert refusal(refused) == engine.says(
        {
            "docker": f"{DAEMON} network HOST not found",
            "docker 28": f"{START} network HOST not found",
            "podman": "Error: unable to find network with name or ID HOST: network not found",
        }
    )


@counterfactual("network", holds="host", fails="sample")
def claim_network_alias_is_refused(host, engine, network):
    sample(host, engine)
    refused = host.run(f"docker run --rm --network {network} --network-alias web busybox:latest true")
    assert refusal(refused) == engine.says(
        {
            "docker": "docker: network-scoped aliases are only supported for user-defined networks",
            "podman": "Error: --network-alias can only be set when the network mode is bridge: invalid argument",
        }
    )


@counterfactual("network", holds="host", fails="bridge")
def claim_net_sysctl_is_refused(host, engine, network):
    refused = host.run(
        f"docker run --name web --network {network} --sysctl net.core.somaxconn=1024 busybox:latest true"
    )
    host.until("! docker inspect -f '{{.State.Status}}' web | grep -q stopped")  # which Podman's is until it is exited
    made = host.run("docker ps -a --format '{{.Names}} {{.State}}' | cut -d ' ' -f 1-2")  # Podman 4.3 also says when
    runtime = 'sysctl "net.core.somaxconn" not allowed in host network namespace'
    create, shim = "OCI runtime create failed:", "failed to create shim task:"
    task = "failed to create task for container:"
    reason = "can't be set since Network Namespace set to host"
    assert refusal(refused) == engine.says(
        {
            "docker": f"{DAEMON} {create} {runtime}: unknown",
            "docker 20.10.24": f"{DAEMON} {shim} {create} runc create failed: {runtime}: unknown",
            "docker 24": f"{DAEMON} {task} {shim} {create} runc create failed: {runtime}: unknown",
            "docker 28": f"{DAEMON} {task} {shim} {create} runc create failed: {runtime}",
            "podman": f"Error: sysctl net.core.somaxconn=1024 {reason}: invalid argument",
        }
    )
    assert made.stdout == engine.says({"docker": "web created\n", "podman": ""})


@counterfactual("network", holds="host", fails="bridge")
def claim_net_sysctls_are_the_hosts(host, network):
    host.run("sysctl -w net.core.somaxconn=1024")
    seen = host.run(f"docker run --rm --network {network} busybox:latest cat /proc/sys/net/core/somaxconn")
    host.run("sysctl -w net.core.somaxconn=4096")
    assert seen.stdout == "1024\n"


@on("docker")
@counterfactual("network", holds="container:web", fails="host")
def claim_container_mode_refuses_what_host_mode_takes(host, network):
    host.run("docker run -d --name web --network host busybox:latest sleep infinity")
    conflicts = {
        "-p 8080:80": "port publishing and the container type network mode",
        "--expose 80": "port exposing and the container type network mode",
        "--dns 192.0.2.53": "dns and the network mode",
        "--add-host db:192.0.2.7": "custom host-to-IP mapping and the network mode",
        "--hostname db": "hostname and the network mode",
    }
    for flag, conflict in conflicts.items():
        refused = host.run(f"docker run --rm --network {network} {flag} busybox:latest true")
        taken = host.run(f"docker run --rm --network host {flag} busybox:latest true")
        assert (refusal(refused), taken.exit_code) == (f"{DAEMON} conflicting options: {conflict}", 0)


@counterfactual("options", holds="--uts host --hostname web", fails="--hostname web")
def claim_refusal_has_exit_status_125_and_a_hint(host, engine, options):
    refused = host.run(f"docker run --rm --network host {options} busybox:latest sh -c 'exit 7'")
    at_start = host.run("docker run --rm --network HOST busybox:latest sh -c 'exit 7'")
    assert (refused.exit_code, at_start.exit_code) == (125, 125)
    assert "\n" not in refusal(at_start)
    assert ("docker run --help" in at_start.stderr) == engine.says(
        {"docker": False, "docker 28": True, "podman": False}
    )
    assert refused.stderr.splitlines()[1:] == engine.says(
        {
            "docker": ["See 'docker run --help'."],
            "docker 28": ["", "Run 'docker run --help' for more information"],
            "podman": [],
        }
    )
