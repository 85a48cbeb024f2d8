"""By which names a container on the host network knows itself and others: host name, hosts, resolv.conf."""

import jc

from verify.claims.helpers.parsers import host_names, name_servers
from verify.claims.helpers.steps import serve, with_line
from verify.judging.claim import counterfactual, on


@counterfactual("network", holds="host", fails="bridge")
def claim_host_name_is_the_hosts(host, network):
    outside = host.run("hostname")
    inside = host.run(f"docker run --rm --network {network} busybox:latest hostname")
    assert inside.stdout == outside.stdout


@counterfactual("network", holds="host", fails="bridge")
def claim_hosts_file_is_a_copy(host, engine, network):
    with with_line(host, "10.3.0.1 router", "/etc/hosts"):
        outside = host.run("cat /etc/hosts").stdout
        inside = host.run(f"docker run --rm --name idle --network {network} busybox:latest cat /etc/hosts").stdout
    both = ("host.containers.internal", "host.docker.internal")
    assert host_names(inside) == host_names(outside) | engine.says(
        {
            "docker": {},
            "podman": {"host.containers.internal": "10.3.0.183"},
            "podman 5": dict.fromkeys(both, "10.3.0.183"),
            "podman 6": dict.fromkeys(both, "127.0.0.1"),
        }
    )


@counterfactual("option", holds="--add-host db:10.3.0.9", fails="--hostname db")
def claim_add_host_drops_the_copy(host, engine, option):
    with with_line(host, "10.3.0.1 router", "/etc/hosts"):
        inside = host.run(f"docker run --rm --network host {option} busybox:latest cat /etc/hosts")
    names = host_names(inside.stdout)
    assert names.get("db") == "10.3.0.9"
    assert names.get("router") == engine.says({"docker": None, "podman": "10.3.0.1"})


@counterfactual("option", holds="--name idle", fails="--name idle -v /etc/hosts:/etc/hosts:ro")
def claim_hosts_file_is_copied_at_start(host, option):
    host.run(f"docker run -d {option} --network host busybox:latest sleep infinity")
    with with_line(host, "10.3.0.1 router", "/etc/hosts"):
        running = host.run("docker exec idle cat /etc/hosts")
        host.run("docker restart -t 0 idle")
        restarted = host.run("docker exec idle cat /etc/hosts")
    assert host_names(running.stdout).get("router") is None
    assert host_names(restarted.stdout).get("router") == "10.3.0.1"


@counterfactual("option", holds="--network host", fails="--network host --dns 192.0.2.53")
def claim_resolv_conf_has_the_hosts_name_servers(host, engine, option):
    with with_line(host, "$'# by hand\\nsearch lab.test\\noptions ndots:2'", "/etc/resolv.conf"):
        outside = host.run("cat /etc/resolv.conf").stdout
        inside = host.run(f"docker run --rm {option} busybox:latest cat /etc/resolv.conf").stdout
    assert jc.parse("resolve_conf", inside, quiet=True) == jc.parse("resolve_conf", outside, quiet=True)
    assert ("# by hand" in inside) == engine.says({"docker": True, "docker 26": False, "podman": False})


@counterfactual("network", holds="host", fails="bridge")
def claim_name_server_on_the_hosts_loopback_is_kept(host, network):
    with with_line(host, "nameserver 127.0.0.53", "/etc/resolv.conf"):
        inside = host.run(f"docker run --rm --network {network} busybox:latest cat /etc/resolv.conf")
    assert name_servers(inside.stdout) == ["10.3.0.1", "127.0.0.53"]


@counterfactual("option", holds="--dns 192.0.2.53", fails="--dns-search lab")
def claim_dns_is_obeyed_in_the_container_alone(host, option):
    before = host.run("cat /etc/resolv.conf")
    inside = host.run(f"docker run --rm --network host {option} busybox:latest cat /etc/resolv.conf")
    after = host.run("cat /etc/resolv.conf")
    assert name_servers(inside.stdout) == ["192.0.2.53"]
    assert after.stdout == before.stdout


@on("docker")
@counterfactual("network", holds="host", fails="sample")
def claim_names_of_containers_are_not_resolved(host, network):
    host.run("docker network create sample")
    serve(host, "--network sample")
    page = host.run(f"docker run --rm --network {network} busybox:latest wget -qO- http://httpd/")
    assert (page.exit_code, page.stderr) == (1, "wget: bad address 'httpd'\n")
