"""Which ports a container on the host network opens, who holds them, and who reaches them."""

from verify.claims.helpers.parsers import refusal, without_ids
from verify.claims.helpers.steps import listen, serve
from verify.judging.claim import counterfactual, on

HOST = "10.3.0.183"
HELLO = "sh -c 'echo hello >index.html; exec httpd -f -p {}'"


@counterfactual("network", holds="host", fails="bridge")
def claim_published_port_is_discarded_with_a_warning(host, engine, network):
    started = host.run(f"docker run -d --network {network} -p 8080:80 httpd:latest")
    listening = host.run("ss -ltn 'sport = :8080'").stdout.splitlines()[1:]
    discarded = "Port mappings have been discarded"
    assert started.stderr == engine.says(
        {
            "docker": "WARNING: Published ports are discarded when using host network mode\n",
            "podman": f"{discarded} as one of the Host, Container, Pod, and None network modes are in use\n",
            "podman 5.8": f'{discarded} because "host" network namespace mode does not support them\n',
        }
    )
    assert (started.exit_code, listening) == (0, [])


@counterfactual("network", holds="host", fails="bridge")
def claim_publish_all_is_ignored_silently(host, network):
    started = host.run(f"docker run -d --name httpd --network {network} -P httpd:latest")
    others = host.run("ss -Hltn 'sport != :80' | grep -vc 127.0.0.1")
    published = host.run("docker port httpd | wc -l")
    assert (started.exit_code, started.stderr) == (0, "")
    assert (others.stdout, published.stdout) == ("0\n", "0\n")


@on("docker")
@counterfactual("network", holds="host", fails="bridge")
def claim_ports_column_is_empty(host, network):
    serve(host, f"--network {network}")
    listed = host.run("docker ps --format 'table {{.Names}}\\t{{.Ports}}'")
    assert listed.stdout.splitlines()[1].split() == ["httpd"]


@on("docker")
@counterfactual("container", holds="--network host", fails="-p 80:80")
def claim_no_docker_proxy_is_started(host, container):
    serve(host, container)
    proxies = host.run("ps -C docker-proxy -o args=")
    assert proxies.stdout == ""


@on("docker")
@counterfactual("container", holds="--network host", fails="-p 80:80")
def claim_no_nat_rule_is_made(host, container):
    before = host.run("iptables -t nat -S")
    serve(host, container)
    after = host.run("iptables -t nat -S")
    assert after.stdout == before.stdout


@counterfactual("network", holds="host", fails="bridge")
def claim_second_server_on_a_port_starts_and_exits(host, network):
    serve(host, f"--network {network}")
    second = host.run(f"docker run -d --name second --network {network} httpd:latest")
    host.until(
        "docker logs second 2>&1 | grep -q resuming || docker inspect -f '{{.State.Status}}' second | grep -q exited"
    )
    state = host.run("docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' second")
    logs = host.run("docker logs second 2>&1 | grep AH00072")
    in_use = "(98)Address already in use: AH00072: make_sock: could not bind to address"
    assert (second.exit_code, state.stdout) == (0, "exited 1\n")
    assert logs.stdout == f"{in_use} [::]:80\n{in_use} 0.0.0.0:80\n"


@counterfactual("port", holds=80, fails=81)
def claim_port_of_a_host_mode_server_cannot_be_published(host, engine, port):
    serve(host, "--network host")
    refused = host.run(f"docker run -d --name web -p {port}:80 httpd:latest")
    failed = "driver failed programming external connectivity on endpoint web (ID)"
    networking = "docker: Error response from daemon: failed to set up container networking"
    proxy = "Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use"
    assert refused.exit_code == engine.says({"docker": 125, "podman": 126})
    assert without_ids(refusal(refused)) == engine.says(
        {
            "docker": f"docker: Error response from daemon: {failed}: {proxy}",
            "docker 27": f"docker: Error response from daemon: {failed}: failed to bind port 0.0.0.0:80/tcp: {proxy}",
            "docker 28": f"{networking}: {failed}: failed to bind host port for 0.0.0.0:80:172.17.0.2:80/tcp: "
            "address already in use",
            "docker 29": f"{networking}: {failed}: failed to bind host port 0.0.0.0:80/tcp: address already in use",
            "podman": "Error: cannot listen on the TCP port: listen tcp4 :80: bind: address already in use",
            "podman 6": "Error: cannot bind tcp port :80: address already in use",
        }
    )


@on("podman 6")
@counterfactual("meanwhile", holds="true", fails="ss -K state time-wait >/dev/null")
def claim_port_that_was_just_served_cannot_be_published(host, meanwhile):
    host.run("docker run -d --network host busybox:latest nc -lp 8080 -e echo hello")
    host.until("ss -Hltn 'sport = :8080' | grep -q .")
    host.run("socat -u TCP4:127.0.0.1:8080 -")  # which waits for the server to close the connection
    host.until("ss -Htn state time-wait 'sport = :8080' | grep -q .")
    host.run(meanwhile)
    refused = host.run("docker run -d --name web -p 8080:80 busybox:latest sleep infinity")
    assert refused.exit_code == 126
    assert refused.stderr == "Error: cannot bind tcp port :8080: address already in use\n"


@counterfactual("address", holds="127.0.0.1", fails="0.0.0.0")
def claim_loopback_listener_is_reached_from_the_host_alone(host, client, address):
    listen(host, "--network host", HELLO.format(f"{address}:8080"))
    here = host.run("curl -s http://127.0.0.1:8080/")
    there = client.run(f"curl -s http://{HOST}:8080/")
    assert here.stdout == "hello\n"
    assert (there.exit_code, there.stdout) == (7, "")


@on("docker")
@counterfactual("network", holds="host", fails="bridge")
def claim_low_port_without_root_is_refused(host, network):
    listen(host, f"--user 1000 --network {network}", "httpd -f -p 80")
    state = host.run("docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' web")
    logs = host.run("docker logs web")
    assert (state.stdout, logs.stderr) == ("exited 1\n", "httpd: bind: Permission denied\n")


@counterfactual("first", holds=80, fails=1024)
def claim_host_setting_opens_low_ports(host, first):
    host.run(f"sysctl -w net.ipv4.ip_unprivileged_port_start={first}")
    listen(host, "--user 1000 --network host", "httpd -f -p 80")
    listening = host.run("ss -ltn 'sport = :80'").stdout.splitlines()[1:]
    host.run("sysctl -w net.ipv4.ip_unprivileged_port_start=1024")
    assert len(listening) == 1


@counterfactual("container", holds="--network host", fails="-p 8080:8080")
def claim_port_is_held_by_the_containers_process(host, container):
    listen(host, container, "sh -c 'httpd -f -p 8080; true'")
    holder = host.run("ss -Hltnp 'sport = :8080'")
    assert 'users:(("httpd",pid=' in holder.stdout
    pid = "$(ss -Hltnp 'sport = :8080' | grep -oP 'pid=\\K\\d+')"
    owner = host.run(
        f"docker ps -q --no-trunc | grep -of - /proc/{pid}/cgroup | head -n 1 | xargs docker inspect -f '{{{{.Name}}}}'"
    )
    assert owner.stdout.strip("/\n") == "web"


@on("docker", "podman 5")
@counterfactual("network", holds="host", fails="bridge")
def claim_bridge_container_reaches_a_host_mode_server(host, network):
    listen(host, f"--network {network}", HELLO.format(8080))
    gateway = "--add-host host.docker.internal:host-gateway"
    page = host.run(f"docker run --rm {gateway} busybox:latest wget -qO- http://host.docker.internal:8080/")
    assert page.stdout == "hello\n"
