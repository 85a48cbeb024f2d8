"""What ran when something was seen: versions that can change it, and nothing of the machine beyond them."""

import json
import re
from typing import Any

from verify.lab.topology import Lab

TOOLS = "aardvark-dns conmon crun docker-buildx docker-compose iproute2 iptables net-tools netavark nftables tcpdump"


def provenance(lab: Lab) -> dict[str, Any]:
    """Versions of the engine and of all that takes part, as the lab's machines tell them."""
    version = json.loads(lab.host.shell("docker version --format '{{json .}}'"))
    # Podman has no server: the client is the engine.
    components = {each["Name"].lower(): each["Version"] for each in (version.get("Server") or {}).get("Components", [])}
    tools = lab.host.shell(
        f"dpkg-query -W -f '${{db:Status-Status}} ${{Package}} ${{Version}}\\n' {TOOLS} 2>/dev/null | sed -n 's/^installed //p';"
        " . /etc/os-release; echo os $PRETTY_NAME"
    )
    browser = lab.machines["client"].shell("/usr/bin/chromium-headless-shell --version 2>/dev/null || true")
    kernel = re.match(r"\d+\.\d+", lab.host.shell("uname -r"))
    return {
        "engine": components.get("engine", version["Client"]["Version"]),
        "client": version["Client"]["Version"],
        **{name: components[name] for name in ("containerd", "runc") if name in components},
        **_binaries(lab, version),
        "kernel": kernel.group() if kernel else "unknown",
        "cgroup": "2" if lab.host.succeeds("test -e /sys/fs/cgroup/cgroup.controllers") else "1",
        "tools": dict(line.split(" ", 1) for line in tools.splitlines()),
        "browser": browser.strip(),
        "images": {
            name: {"which": which, "id": lab.host.shell(f"docker image inspect -f '{{{{.Id}}}}' {name}:latest").strip()}
            for name, which in lab.served.items()
        },
    }


def _binaries(lab: Lab, version: dict[str, Any]) -> dict[str, Any]:
    """Of an engine that is not a package's: where its binaries came from, and what they say of their source."""
    if not (lab.engine.binaries or lab.engine.archive):
        return {}
    daemon = lab.host.shell("sha256sum $(command -v dockerd)").split()[0]
    source = {"client": version["Client"]["GitCommit"], "daemon": version["Server"]["GitCommit"]}
    # A path would tell of the machine on which this ran.
    return {"binaries": {"from": lab.engine.archive or "given", "source": source, "dockerd": daemon}}
