"""What a claim can change in the lab: how it is put back, and what must be the same afterwards.

All of it is done after each world of each claim, so that it starts as few processes as it can.
"""

import re
from collections import Counter

DOCKER_ANSWERS = "curl -sf --unix-socket /run/docker.sock http://docker/_ping >/dev/null"
# By the process that start-stop-daemon began: for a moment after that has returned, it is not called dockerd yet.
DOCKER_ENDED = "{ [ -s /run/docker-ssd.pid ] && ! kill -0 $(cat /run/docker-ssd.pid); }"

# What an engine has, a thing a line, and how what is left of a claim is removed. Neither engine's client is asked for it: to
# start one takes longer than the questions do.
THINGS = {
    "docker": r"""
api='curl -s --unix-socket /run/docker.sock'
things() {
  $api http://docker/{containers/json?all=1,networks,volumes,images/json} |
    grep -oE '"Id":"[0-9a-f]{64}","Names|"Name":"[^"]*","Id"|"Mountpoint":"[^"]*","Name":"[^"]*|"Id":"sha256:[0-9a-f]{64}|"RepoTags":\[[^]]*' |
    sed -E 's/^"Id":"(.{64})".*/container \1/; s/^"Name":"(.*)","Id"/network \1/; s/.*"Name":"/volume /; s/^"Id":"/image /; s/^"RepoTags":./tags /'
}
remove() {
  sed -E 's/container (.*)/containers\/\1?v=1\&force=1/; s/network /networks\//; s/volume /volumes\//; s/image (.*)/images\/\1?force=1/; /^tags/d; s/^/url=http:\/\/docker\//' /run/lab/left |
    $api -X DELETE -K -
}
""",
    "podman": r"""
things() (
  cd /var/lib/containers/storage
  grep -ohsE '\{"id":"[0-9a-f]{64}' {.,/run/containers/storage}/overlay-containers/*containers.json | sed 's/.*"/container /'
  find /etc/containers/networks -name '*.json' -printf 'network %f\n' | sed 's/.json$//'
  find volumes -mindepth 1 -maxdepth 1 -type d -printf 'volume %f\n'
  grep -ohE '\{"id":"[0-9a-f]{64}|"names":\[[^]]*' overlay-images/images.json | sed 's/^{"id":"/image /; s/^"names":./tags /'
)
remove() {
  left() { sed -n "s/^$1 //p" /run/lab/left; }
  left container | xargs -r docker rm -fv --time 0 # it would wait ten seconds for what ignores a SIGTERM
  left network | xargs -r docker network rm
  left volume | xargs -r docker volume rm
  left image | xargs -r docker rmi -f
}
""",
}

TIDY_THINGS = """
things >/run/lab/now
if grep -vxFf /run/lab/things /run/lab/now >/run/lab/left; then remove; things >/run/lab/now; fi
"""

# What a claim can leave behind, and how it is put back.
TIDY = {
    "docker": f"""
runs() {{ [ "$(cat "/proc/$(cat /run/docker.pid)/comm")" = dockerd ]; }}
if [ -e Dockerfile ]; then docker builder prune -af; fi
if [ -e /var/lib/docker/swarm/docker-state.json ]; then
  docker swarm leave --force
  orphans=$(docker network ls -qf scope=swarm) # which only a restart removes
fi
if [ "$orphans" ] || [ -e /etc/docker/daemon.json ] || ! runs; then
  docker ps -aq | xargs -r docker rm -fv # the daemon would wait ten seconds for what ignores a SIGTERM
  service docker stop
  rm -rf /etc/docker/daemon.json /var/lib/docker/*.*/ # with userns-remap, the daemon has a folder of its own
  if id dockremap; then userdel dockremap; fi
  service docker start
  until {DOCKER_ANSWERS}; do sleep 0.02; done
fi
{TIDY_THINGS}
# Down and up again, so that its link-local address comes with the first carrier, as on a fresh engine.
if [ -e /sys/class/net/docker0 ]; then ip link set docker0 down && ip link set docker0 up; fi
""",
    "podman": rf"""
{TIDY_THINGS}
rm -f /run/containers/networks/ipam.db /run/containers/storage/networks/ipam.db /dev/shm/libpod_rootless_lock_*
# Podman 4 sometimes leaves the chain of a published port.
iptables -t nat -S | sed -n 's/^-N NETAVARK-DN-/-X NETAVARK-DN-/p' | xargs -rL1 iptables -t nat
# Podman 6 publishes no port on which a server has closed a connection within the last minute.
ss -K state time-wait
""",
}
TIDY_FILES = "find /root /tmp -mindepth 1 -delete"

# What must be the same after every claim.
STATE = """
cat /run/lab/now
iptables-save
nft list ruleset 2>/dev/null
for each in ip_forward ip_unprivileged_port_start; do echo $each $(</proc/sys/net/ipv4/$each); done
for each in /proc/[0-9]*/comm; do read -r name <$each && echo process $name; done 2>/dev/null
"""
STATE_EVERYWHERE = """
ip -o address
ip route
cat /etc/hostname /etc/hosts /etc/resolv.conf /etc/passwd
( shopt -s dotglob nullglob; for each in /root/* /tmp/* /dev/shm/*; do echo file $each; done )
"""
PASSING = re.compile(r"# (?:Generated|Completed) |\*\w+$|.*\bcounter\b|process (?:bash|cat|ip|iptables-save|nft)$")
"""Lines that say nothing: times, names of tables, which stay once they were used, counters, which only ever grow, and the processes of the look itself."""
VARYING = re.compile(r"^\d+: | linkdown\b|\[\d+:\d+\]")
"""The same of parts of lines: an interface that was made anew has another number."""


def seen(state: str) -> set[str]:
    """What the commands above printed, as lines that must be the same after every claim; of processes, how many."""
    lines = Counter(VARYING.sub("", line) for line in state.splitlines() if not PASSING.match(line))
    return {f"{count} {line}" if line.startswith("process ") else line for line, count in lines.items()}
