"""What only Podman has beside the host network: Kubernetes files, Quadlet, containers.conf."""

from collections.abc import Iterator
from contextlib import contextmanager

from verify.claims.helpers.steps import write
from verify.judging.claim import counterfactual, on

IDLE = "busybox:latest sleep infinity"
DROP_IN = "/etc/containers/containers.conf.d/host.conf"


@contextmanager
def configured(host, setting: str) -> Iterator[None]:
    """Gives all containers of Podman's this setting, and takes it away again."""
    host.run("mkdir -p /etc/containers/containers.conf.d")
    write(host, DROP_IN, f"[containers]\n{setting}\n")
    try:
        yield
    finally:
        host.run(f"rm {DROP_IN}")


@on("podman")
@counterfactual("netns", holds="host", fails="private")
def claim_podman_default_can_be_the_host_network(host, netns):
    outside = host.run("readlink /proc/self/ns/net")
    with configured(host, f'netns = "{netns}"'):
        inside = host.run("docker run --rm busybox:latest readlink /proc/self/ns/net")
    assert inside.stdout == outside.stdout


@on("podman")
@counterfactual("network", holds="bridge", fails="host")
def claim_podman_flag_comes_before_the_default(host, network):
    outside = host.run("readlink /proc/self/ns/net")
    with configured(host, 'netns = "host"'):
        inside = host.run(f"docker run --rm --network {network} busybox:latest readlink /proc/self/ns/net")
    assert inside.stdout != outside.stdout


@on("podman")
@counterfactual("network", holds="host", fails="podman")
def claim_podman_has_no_network_named_host(host, network):
    exists = host.run(f"docker network exists {network}")
    assert (exists.exit_code, exists.stdout, exists.stderr) == (1, "", "")


@on("podman")
@counterfactual("network", holds="host", fails="bridge")
def claim_podman_writes_host_network_for_kubernetes(host, network):
    host.run(f"docker create --name web --network {network} {IDLE}")
    written = host.run("docker kube generate web | grep hostNetwork")
    assert written.stdout == "  hostNetwork: true\n"


@on("podman 5")
@counterfactual("network", holds="host", fails="bridge")
def claim_quadlet_passes_the_network_and_the_ports_on(host, network):
    write(
        host, "web.container", f"[Container]\nImage=docker.io/library/busybox\nNetwork={network}\nPublishPort=8080:80\n"
    )
    unit = host.run("QUADLET_UNIT_DIRS=$PWD /usr/libexec/podman/quadlet -dryrun 2>/dev/null | grep -o -- '--network.*'")
    assert " --publish 8080:80 " in unit.stdout
    assert unit.stdout.startswith("--network host ")


@on("podman")
@counterfactual("network", holds="host", fails="bridge")
def claim_podman_ps_names_no_network(host, network):
    host.run(f"docker run -d --name web --network {network} {IDLE}")
    listed = host.run("docker ps --format '{{.Names}}:{{.Networks}}'")
    assert listed.stdout == "web:\n"


@on("podman 5")
@counterfactual("address", holds="192.0.2.1", fails="none")
def claim_podman_name_of_the_host_can_be_given_an_address(host, address):
    with configured(host, f'host_containers_internal_ip = "{address}"'):
        names = host.run("docker run --rm --network host busybox:latest grep host.containers.internal /etc/hosts")
    assert names.stdout == "192.0.2.1\thost.containers.internal host.docker.internal\n"


@on("podman")
@counterfactual("network", holds="host", fails="bridge")
def claim_podman_reloads_no_host_network(host, network):
    host.run(f"docker run -d --name web --network {network} {IDLE}")
    refused = host.run("docker network reload web 2>&1 | grep -o 'refusing to reload.*'")
    assert refused.stdout == "refusing to reload: container state improper\n"
