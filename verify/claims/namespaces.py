"""Which namespaces a container on the host network shares with the host, and what follows for its interfaces."""

from verify.judging.claim import counterfactual


@counterfactual("network", holds="host", fails="bridge")
def claim_network_namespace_is_the_hosts(host, network):
    outside = host.run("readlink /proc/self/ns/net")
    inside = host.run(f"docker run --rm --network {network} httpd:latest readlink /proc/self/ns/net")
    assert inside.stdout == outside.stdout


@counterfactual("container", holds="--network host", fails="--network host --pid host --uts host --ipc host")
def claim_other_namespaces_are_the_containers_own(host, container):
    outside = host.run("readlink /proc/self/ns/{mnt,pid,uts,ipc}").stdout.split()
    inside = host.run(f"docker run --rm {container} httpd:latest readlink /proc/self/ns/{{mnt,pid,uts,ipc}}")
    assert [line.partition(":")[0] for line in inside.stdout.split()] == ["mnt", "pid", "uts", "ipc"]
    assert not set(outside) & set(inside.stdout.split())


@counterfactual("process", holds="readlink", fails="unshare --user readlink")
def claim_user_namespace_is_the_hosts(host, process):
    outside = host.run(f"{process} /proc/self/ns/user")
    for network in ("host", "bridge"):
        inside = host.run(f"docker run --rm --network {network} httpd:latest readlink /proc/self/ns/user")
        assert inside.stdout == outside.stdout


@counterfactual("network", holds="host", fails="bridge")
def claim_new_interfaces_appear_in_a_running_container(host, network):
    host.run(f"docker run -d --name watcher --network {network} busybox:latest sleep infinity")
    before = host.run("docker exec watcher ls /sys/class/net").stdout.split()
    host.run("ip link add br-lan type bridge")
    after = host.run("docker exec watcher ls /sys/class/net").stdout.split()
    host.run("ip link delete br-lan")
    assert set(after) - set(before) == {"br-lan"}


@counterfactual("network", holds="host", fails="bridge")
def claim_no_interface_is_made_for_a_container(host, network):
    before = host.run("ls /sys/class/net")
    host.run(f"docker run -d --name idle --network {network} busybox:latest sleep infinity")
    after = host.run("ls /sys/class/net")
    assert after.stdout == before.stdout


@counterfactual("network", holds="host", fails="bridge")
def claim_inspect_shows_no_address(host, engine, network):
    host.run(f"docker run -d --name idle --network {network} busybox:latest sleep infinity")
    each = "{{range $name, $seen := .NetworkSettings.Networks}}{{$name}}: {{$seen.IPAddress}}{{end}}"
    address = host.run(f"docker inspect -f '{each}' idle")
    assert address.stdout == engine.says(
        {"docker": "host: \n", "docker 29": "host: invalid IP\n", "podman": "\n", "podman 5": "host: \n"}
    )


@counterfactual("network", holds="host", fails="bridge")
def claim_joining_a_host_mode_container_joins_the_host(host, network):
    host.run(f"docker run -d --name first --network {network} busybox:latest sleep infinity")
    outside = host.run("readlink /proc/self/ns/net")
    inside = host.run("docker run --rm --network container:first httpd:latest readlink /proc/self/ns/net")
    assert inside.stdout == outside.stdout
