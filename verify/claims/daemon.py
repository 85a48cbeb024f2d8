"""The Docker daemon's settings and restarts, and what becomes of the host network."""

from verify.claims.helpers.parsers import refusal
from verify.claims.helpers.steps import restart, serve, set_up
from verify.judging.claim import counterfactual, on
from verify.lab.state import DOCKER_ANSWERS

HOST_NETWORK = "docker run --rm --network host busybox ls /sys/class/net"


@on("docker")
@counterfactual("bridge", holds="none", fails="docker0")
def claim_host_network_needs_no_bridge(host, bridge):
    set_up(host, f'{{"bridge": "{bridge}"}}')
    networks = host.run("docker network ls --format '{{.Name}}'")
    default = host.run("docker run --rm busybox ls /sys/class/net")
    on_the_host = host.run(HOST_NETWORK)
    assert networks.stdout.split() == ["host", "none"]
    assert default.stdout.split() == ["lo"]
    assert on_the_host.stdout.split() == ["eth0", "lo"]


@on("docker")
@counterfactual("settings", holds='{"userns-remap": "default"}', fails="{}")
def claim_user_namespaces_rule_out_the_host_network(host, engine, settings):
    set_up(host, settings)
    refused = host.run(HOST_NETWORK)
    message = "cannot share the host's network namespace when user namespaces are enabled"
    hint = engine.says(
        {"docker": ".\nSee 'docker run --help'.\n", "docker 28": "\n\nRun 'docker run --help' for more information\n"}
    )
    assert refused.exit_code == 125
    assert refused.stderr == f"docker: Error response from daemon: {message}{hint}"


@on("docker")
@counterfactual(
    "options",
    holds="--userns host --network host",
    fails="--network host",
    refused="cannot share the host's network namespace when user namespaces are enabled",
)
def claim_userns_host_lets_a_container_onto_the_host_network(host, options):
    host.run("docker save busybox | gzip >busybox.tar.gz")
    set_up(host, '{"userns-remap": "default"}')
    host.run("docker load -qi busybox.tar.gz")
    seen = host.run(f"docker run --rm {options} busybox ls /sys/class/net")
    assert seen.stdout.split() == ["docker0", "eth0", "lo"]


@on("docker")
@counterfactual("network", holds="host", fails="bridge")
def claim_host_network_keeps_its_id_over_a_restart(host, network):
    inspect = f"docker network inspect -f '{{{{.Id}}}}' {network}"
    before = host.run(inspect)
    restart(host)
    after = host.run(inspect)
    assert before.stdout == after.stdout


@on("docker")
@counterfactual("file", holds="local-kv.db", fails="other.db")
def claim_host_network_that_was_lost_is_made_anew(host, file):
    inspect = "docker network inspect -f '{{.Name}} {{.Id}}' host"
    before = host.run(inspect)
    host.run(f"service docker stop && rm -f /var/lib/docker/network/files/{file} && service docker start")
    host.until(DOCKER_ANSWERS)
    after = host.run(inspect)
    assert after.exit_code == 0
    assert after.stdout != before.stdout


@on("docker")
@counterfactual("policy", holds="always", fails="no")
def claim_restart_policy_outlives_a_killed_daemon(host, policy):
    serve(host, f"--net host --restart {policy}")
    host.run("pkill -KILL -x dockerd")
    host.until("! pgrep -x dockerd")
    host.run("service docker start")
    host.until(DOCKER_ANSWERS)
    state = host.run("docker inspect -f '{{.State.Status}} {{.HostConfig.NetworkMode}}' httpd")
    assert state.stdout == "running host\n"


@on("docker")
@counterfactual("settings", holds='{"live-restore": true}', fails="{}")
def claim_live_restore_serves_while_the_daemon_is_down(host, client, settings):
    set_up(host, settings)
    serve(host, "--net host")
    host.run("service docker stop")
    page = client.run("curl -s http://10.3.0.183/")
    assert "<h1>It works!</h1>" in page.stdout


@on("docker")
@counterfactual(
    "option", holds="--privileged", fails="--cap-add NET_ADMIN", refused="cannot share the host's network namespace"
)
def claim_user_namespaces_rule_out_privileged_first(host, option):
    set_up(host, '{"userns-remap": "default"}')
    refused = host.run(f"docker run --rm {option} --network host busybox true")
    message = "privileged mode is incompatible with user namespaces.  You must run the container in the host namespace"
    assert refused.exit_code == 125
    assert refusal(refused) == f"docker: Error response from daemon: {message} when running privileged mode"
