"""What ran when something was seen: versions that can change it, and nothing of the machine beyond them."""

import json
import re
from typing import Any

from verify.lab.topology import Lab


def provenance(lab: Lab) -> dict[str, Any]:
    """Versions of the engine and of all that takes part, as the lab's machines tell them."""
    version = json.loads(lab.host.shell("docker version --format '{{json .}}'"))
    components = {each["Name"].lower(): each["Version"] for each in version["Server"]["Components"]}
    tools = lab.host.shell(
        "dpkg-query -W -f '${Package} ${Version}\\n' tcpdump net-tools iproute2 iptables | sort; . /etc/os-release; echo os $PRETTY_NAME"
    )
    browser = lab.machines["client"].shell("/usr/bin/chromium-headless-shell --version 2>/dev/null || true")
    image = lab.host.shell("docker image inspect -f '{{.Id}}' httpd:latest").strip()
    kernel = re.match(r"\d+\.\d+", lab.host.shell("uname -r"))
    return {
        "engine": components["engine"],
        "client": version["Client"]["Version"],
        "containerd": components["containerd"],
        "runc": components["runc"],
        "kernel": kernel.group() if kernel else "unknown",
        "cgroup": lab.host.shell("docker info --format '{{.CgroupVersion}}'").strip(),
        "tools": dict(line.split(" ", 1) for line in tools.splitlines()),
        "browser": browser.strip(),
        "httpd": {"which": lab.httpd, "image": image},
    }
