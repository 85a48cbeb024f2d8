"""The container's copies of the host's name, /etc/hosts and /etc/resolv.conf: what they hold, and how long."""

from verify.claims.helpers.parsers import host_names, name_servers, refusal
from verify.claims.helpers.steps import with_line
from verify.judging.claim import counterfactual, on

IDLE = "busybox:latest sleep infinity"


@counterfactual("network", holds="host", fails="bridge")
def claim_hostname_file_is_the_hosts(host, network):
    inside = host.run(f"docker run --rm --network {network} busybox:latest cat /etc/hostname")
    assert inside.stdout.strip() == "ip-10-3-0-183"


@counterfactual("option", holds="--network host --hostname web", fails="--network host --add-host web:127.0.0.1")
def claim_own_hostname_does_not_resolve(host, option):
    refused = host.run(f"docker run --rm {option} busybox:latest wget -q http://web/")
    assert (refused.exit_code, refused.stderr) == (1, "wget: bad address 'web'\n")


@counterfactual("container", holds="exec web", fails=f"run --rm --network host {IDLE.split()[0]}")
def claim_renamed_host_keeps_its_name_in_old_containers(host, container):
    host.run(f"docker run -d --name web --network host --stop-signal KILL {IDLE}")
    host.run("hostname renamed")
    host.run("docker restart web")
    name = host.run(f"docker {container} hostname")
    host.run("hostname ip-10-3-0-183")
    assert name.stdout == "ip-10-3-0-183\n"


@counterfactual("then", holds="restart", fails="inspect -f '{{.Name}}'")
def claim_line_in_hosts_is_lost_at_restart(host, then):
    host.run(f"docker run -d --name web --network host --stop-signal KILL {IDLE}")
    host.run("docker exec web sh -c 'echo 10.3.0.9 db >>/etc/hosts'")
    host.run(f"docker {then} web")
    inside, outside = host.run("docker exec web cat /etc/hosts"), host.run("cat /etc/hosts")
    assert "db" not in host_names(outside.stdout)
    assert "db" not in host_names(inside.stdout)


@counterfactual("then", holds="restart", fails="inspect -f '{{.Name}}'")
def claim_line_in_resolv_conf_is_lost_at_restart(host, then):
    host.run(f"docker run -d --name web --network host --stop-signal KILL {IDLE}")
    host.run("docker exec web sh -c 'echo nameserver 10.3.0.9 >>/etc/resolv.conf'")
    host.run(f"docker {then} web")
    inside = host.run("docker exec web cat /etc/resolv.conf")
    assert name_servers(inside.stdout) == ["10.3.0.1"]


@counterfactual("option", holds="--name web", fails="--name web -v /etc/resolv.conf:/etc/resolv.conf:ro")
def claim_resolv_conf_is_copied_at_start(host, option):
    host.run(f"docker run -d {option} --network host --stop-signal KILL {IDLE}")
    with with_line(host, "nameserver 10.3.0.9", "/etc/resolv.conf"):
        running = host.run("docker exec web cat /etc/resolv.conf")
        host.run("docker restart web")
        restarted = host.run("docker exec web cat /etc/resolv.conf")
    assert name_servers(running.stdout) == ["10.3.0.1"]
    assert name_servers(restarted.stdout) == ["10.3.0.1", "10.3.0.9"]


@counterfactual("network", holds="host", fails="bridge")
def claim_no_name_server_stands_in_for_a_missing_one(host, network):
    with with_line(host, "search lab.test", "/etc/resolv.conf", into=">"):
        inside = host.run(f"docker run --rm --network {network} busybox:latest cat /etc/resolv.conf")
    assert name_servers(inside.stdout) == []


@on("docker")
@counterfactual("option", holds="--network host", fails="--network host --add-host db:10.3.0.9")
def claim_localhost_is_what_the_hosts_file_says(host, option):
    with with_line(host, "10.3.0.1 router", "/etc/hosts", into=">"):
        refused = host.run(f"docker run --rm {option} busybox:latest wget -q http://localhost/")
    assert refused.stderr == "wget: bad address 'localhost'\n"


@on("docker 20.10-28")
@counterfactual("length", holds=65, fails=64)
def claim_long_hostname_is_refused_by_the_kernel(host, engine, length):
    refused = host.run(f"docker run --rm --network host --hostname $(printf %0{length}d) busybox:latest true")
    assert refused.exit_code in (125, 127)
    assert "invalid argument" in refusal(refused)


@on("docker 29")
@counterfactual("length", holds=65, fails=64)
def claim_long_hostname_is_refused_by_the_daemon(host, length):
    refused = host.run(f"docker run --rm --network host --hostname $(printf %0{length}d) busybox:latest true")
    assert refused.exit_code == 125
    assert "is too long (maximum 64 bytes)" in refused.stderr
