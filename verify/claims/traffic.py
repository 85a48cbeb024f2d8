"""Which way packets take to a container on the host network."""

import re

from verify.claims.helpers.parsers import OVER, handshake, packets, printed
from verify.claims.helpers.steps import bridge, serve
from verify.judging.claim import counterfactual

CLIENT, HOST = "203.0.113.150", "10.3.0.183"
BROWSE = f"chromium-headless-shell --screenshot=page.png --dump-dom http://{HOST}/"


@counterfactual("network", holds="host", fails="bridge")
def claim_browser_gets_the_page_with_no_port_published(host, client, network):
    serve(host, f"--net {network}")
    page = client.run(BROWSE, files=["page.png"])
    assert "<h1>It works!</h1>" in page.stdout


@counterfactual("network", holds="host", fails="bridge")
def claim_handshake_is_seen_on_eth0(host, client, network):
    serve(host, f"--net {network}")
    kept = host.start("tcpdump -tnl --print -w eth0.pcap -i eth0 tcp port 80", "listening on", files=["eth0.pcap"])
    seen = host.start("tcpdump -tnl -i eth0 tcp  port 80", "listening on")
    client.run(BROWSE)
    kept, seen = kept.wait(OVER).stop(), seen.wait(OVER).stop()
    assert packets(kept.files["eth0.pcap"]) == printed(kept)
    assert sorted(printed(kept)) == sorted(printed(seen))
    assert handshake(printed(seen), CLIENT, HOST)


@counterfactual("container", holds="--net host", fails="-p 80:80")
def claim_docker0_stays_silent(host, client, engine, container):
    name = bridge(host, engine)
    serve(host, container)
    eth0 = host.start("tcpdump -tnl -i eth0 tcp port 80", "listening on")
    docker0 = host.start(f"tcpdump -tnl -i {name} tcp port 80", "listening on")
    client.run(BROWSE)
    if container != "--net host":  # where packets pass, all of them are to be printed
        docker0.wait(OVER)
    eth0, docker0 = eth0.wait(OVER).stop(), docker0.stop()
    assert handshake(printed(eth0), CLIENT, HOST)
    assert printed(docker0) == []
    assert "\n0 packets received by filter\n" in docker0.stderr


@counterfactual("browser", holds="chromium --headless", fails="chromium-headless-shell")
def claim_browser_opens_more_connections_than_pages(host, client, browser):
    serve(host, "--net host")
    dump = host.start("tcpdump -tnl -c 4 -i eth0 'tcp dst port 80 and tcp[tcpflags] == tcp-syn'", "listening on")
    client.run(f"for page in 1 2 3; do {browser} --dump-dom http://{HOST}/; done")  # about one page in sixty takes one
    client.run(f"curl -s --local-port 10000-10999 http://{HOST}/")
    seen = dump.wait("4 packets captured").stop()
    assert len(printed(seen)) == 4
    assert not re.search(r"\.10\d{3} > ", seen.stdout)
