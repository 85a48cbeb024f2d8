"""What options that loosen or tighten a container come to on the host network."""

from verify.claims.helpers.parsers import refusal
from verify.claims.helpers.steps import listen, restart, set_up
from verify.judging.claim import counterfactual, on

ALL = "--network host --cap-add SYS_ADMIN --cap-add NET_ADMIN --security-opt apparmor=unconfined --security-opt seccomp=unconfined"
TIMEOUT = "net.ipv4.tcp_fin_timeout"
# What ping does first, in an image that has no ping.
PING = "perl -MSocket=:all -e 'socket(my $ping, AF_INET, SOCK_DGRAM, IPPROTO_ICMP) or die \"$!\\n\"'"
FLUSH = "--cap-add NET_ADMIN -v /:/host busybox:latest chroot /host iptables -t nat -F"


@counterfactual("option", holds="--security-opt systempaths=unconfined", fails="--cap-add NET_ADMIN")
def claim_unconfined_paths_let_sysctls_of_the_host_be_written(host, option):
    host.run(f"docker run --rm --network host {option} busybox:latest sysctl -w {TIMEOUT}=61")
    outside = host.run(f"sysctl {TIMEOUT}")
    host.run(f"sysctl -qw {TIMEOUT}=60")
    assert outside.stdout == f"{TIMEOUT} = 61\n"


@on("docker 20.10.24", "podman 4-5")
@counterfactual("network", holds="host", fails="bridge")
def claim_unprivileged_ping_is_the_hosts_setting(host, network):
    host.run("sysctl -qw net.ipv4.ping_group_range='1 0'")
    refused = host.run(f"docker run --rm --user 1000 --network {network} httpd:latest {PING}")
    host.run("sysctl -qw net.ipv4.ping_group_range='0 2147483647'")
    assert refused.stderr == "Permission denied\n"


@counterfactual("range", holds="0 2147483647", fails="1 0")
def claim_host_setting_lets_everyone_ping(host, range):
    host.run(f"sysctl -qw net.ipv4.ping_group_range='{range}'")
    allowed = host.run(f"docker run --rm --user 1000 --network host httpd:latest {PING}")
    host.run("sysctl -qw net.ipv4.ping_group_range='0 2147483647'")
    assert (allowed.exit_code, allowed.stderr) == (0, "")


@counterfactual("network", holds="host", fails="bridge")
def claim_listeners_are_seen_without_their_processes(host, network):
    host.run("docker run -d --name web --network host busybox:latest httpd -f -p 8080")
    host.until("ss -Hltn 'sport = :8080' | grep -q .")
    mounts = "-v $(command -v ss):/bin/ss:ro -v /usr/lib:/usr/lib:ro -v /lib:/lib:ro -v /lib64:/lib64:ro"
    seen = host.run(f"docker run --rm --network {network} {mounts} busybox:latest ss -Hltnp 'sport = :8080'")
    assert seen.stdout.split() == ["LISTEN", "0", "9", "*:8080", "*:*"]


@counterfactual("ip", holds=f"docker run --rm {ALL} -v /:/host busybox:latest chroot /host /sbin/ip", fails="ip")
def claim_namespace_made_inside_has_a_name_inside_alone(host, ip):
    host.run(f"{ip} netns add sample")
    refused = host.run("ip netns exec sample true")
    host.run("umount /run/netns/sample /run/netns 2>/dev/null; rm -f /run/netns/sample")
    assert refused.stderr == 'setting the network namespace "sample" failed: Invalid argument\n'


@on("docker")
@counterfactual("options", holds="--uts host --domainname lab.test", fails="--domainname lab.test")
def claim_domainname_is_refused_with_the_hosts_uts(host, engine, options):
    refused = host.run(f"docker run --rm --network host {options} busybox:latest true")
    reason = 'sysctl "kernel.domainname" is not in a separate kernel namespace'
    assert refused.exit_code == 125
    assert refusal(refused).removesuffix(": unknown").endswith(f": {reason}")


@on("docker")
@counterfactual("ipc", holds="host", fails="private")
def claim_ipc_sysctl_is_refused_with_the_hosts_ipc(host, ipc):
    given = f"--network host --ipc {ipc} --sysctl kernel.shmmax=1048576"
    refused = host.run(f"docker run --rm {given} busybox:latest true")
    assert refused.exit_code == 125
    reason = 'sysctl "kernel.shmmax" is not allowed in the hosts ipc namespace'
    assert refusal(refused).removesuffix(": unknown").endswith(f": {reason}")


@on("docker")
@counterfactual("network", holds="host", fails="bridge")
def claim_net_admin_flushes_the_hosts_rules(host, network):
    host.run("iptables -t nat -N SAMPLE")
    flush = "chroot /host iptables -t nat -X SAMPLE"
    host.run(f"docker run --rm --network {network} --cap-add NET_ADMIN -v /:/host busybox:latest {flush}")
    left = host.run("iptables -t nat -S SAMPLE")
    host.run("iptables -t nat -X SAMPLE")
    assert left.exit_code == 1


@counterfactual("option", holds="--network host", fails="--network host --ipc host", refused="kernel.shmmax")
def claim_ipc_sysctl_is_taken_in_host_mode(host, option):
    inside = host.run(
        f"docker run --rm {option} --sysctl kernel.shmmax=1048576 busybox:latest cat /proc/sys/kernel/shmmax"
    )
    outside = host.run("cat /proc/sys/kernel/shmmax")
    assert inside.stdout == "1048576\n"
    assert outside.stdout != "1048576\n"


@on("docker")
@counterfactual("network", holds="host", fails="bridge")
def claim_flushed_nat_table_cuts_bridge_containers_off(host, network):
    get = "docker run --rm busybox:latest wget -q -T 5 --spider http://10.3.0.1/debian/Packages"
    host.run(f"docker run --rm --network {network} {FLUSH}")
    cut_off = host.run(get)
    restart(host)
    again = host.run(get)
    assert cut_off.stderr == "wget: download timed out\n"
    assert (again.exit_code, again.stderr) == (0, "")


@on("docker")
@counterfactual("settings", holds='{"userland-proxy": false}', fails="{}")
def claim_flushed_nat_table_closes_ports_without_a_proxy(host, client, settings):
    get = "curl -s -m 5 http://10.3.0.183:8080/"
    set_up(host, settings)
    listen(host, "-p 8080:80", "sh -c 'echo hello >index.html; exec httpd -f -p 80'")
    before = client.run(get)
    host.run(f"docker run --rm --network host {FLUSH}")
    after = client.run(get)
    assert before.stdout == "hello\n"
    assert after.exit_code in (7, 28)
