"""systemd-resolved on the host: which of its two files a container gets the name servers of."""

from collections.abc import Iterator
from contextlib import contextmanager

from verify.claims.helpers.parsers import name_servers
from verify.claims.helpers.steps import restart
from verify.judging.claim import counterfactual


@contextmanager
def resolved(host, engine, folder: str) -> Iterator[None]:
    """Gives the host the two files that systemd-resolved has, the one with the servers in a folder, and takes them away again."""
    host.run(f"mkdir -p {folder} && sed s/10.3.0.1/10.3.0.9/ /etc/resolv.conf >{folder}/resolv.conf")
    host.run("cp /etc/resolv.conf before && sed s/10.3.0.1/127.0.0.53/ before >/etc/resolv.conf")
    if engine.kind == "docker":
        restart(host)  # it looks for them once
    yield
    host.run(f"cp before /etc/resolv.conf && rm -r {folder}")
    if engine.kind == "docker":
        restart(host)


@counterfactual("folder", holds="/run/systemd/resolve", fails="/run/systemd/other")
def claim_stub_resolver_is_kept_in_host_mode_alone(host, engine, folder):
    run = "docker run --rm --network {} busybox:latest cat /etc/resolv.conf"
    with resolved(host, engine, folder):
        inside, bridged = host.run(run.format("host")), host.run(run.format("bridge"))
    assert name_servers(inside.stdout) == ["127.0.0.53"]
    assert name_servers(bridged.stdout) == ["10.3.0.9"]
