"""Whose time namespace a container on the host network is in."""

from verify.judging.claim import counterfactual, on


@on("docker 20.10-28", "podman")
@counterfactual("process", holds="readlink", fails="unshare --time --fork readlink")
def claim_time_namespace_is_the_hosts(host, process):
    outside = host.run(f"{process} /proc/self/ns/time")
    inside = host.run("docker run --rm --network host busybox:latest readlink /proc/self/ns/time")
    assert inside.stdout == outside.stdout


@on("docker 29")
@counterfactual("process", holds="readlink", fails="nsenter -T -t $(docker inspect -f '{{.State.Pid}}' idle) readlink")
def claim_time_namespace_is_the_containers_own(host, process):
    host.run("docker run -d --name idle --network host busybox:latest sleep infinity")
    outside = host.run(f"{process} /proc/self/ns/time")
    inside = host.run("docker exec idle readlink /proc/self/ns/time")
    assert inside.stdout.startswith("time:[")
    assert inside.stdout != outside.stdout
