"""The cables between the lab's machines: veth pairs laid straight between network namespaces, and their addresses."""

HOST_NAME, HOST_ADDRESS = "ip-10-3-0-183", "10.3.0.183"
SECOND_NAME, SECOND_ADDRESS = "ip-10-3-1-184", "10.3.1.184"
CLIENT_ADDRESS = "203.0.113.150"

ON = """
set -eu
on() { nsenter -t $1 -n ip -batch -; }
"""
WIRES = f"""{ON}
ip link add eth0 address 06:b5:10:1f:21:cd mtu 9001 netns $host type veth peer name lan mtu 9001 netns $router
ip link add eth0 mtu 1434 netns $client type veth peer name wan mtu 1434 netns $router
on $router <<end
addr add 10.3.0.1/24 dev lan
addr add 203.0.113.1/24 dev wan
link set lan up
link set wan up
end
on $host <<end
addr add {HOST_ADDRESS}/24 broadcast 10.3.0.255 dev eth0
link set eth0 up
route add default via 10.3.0.1
end
on $client <<end
addr add {CLIENT_ADDRESS}/24 dev eth0
link set eth0 up
route add default via 203.0.113.1
end
"""
SECOND_WIRE = f"""{ON}
ip link add eth0 mtu 9001 netns $second type veth peer name lan2 mtu 9001 netns $router
on $router <<end
addr add 10.3.1.1/24 dev lan2
link set lan2 up
end
on $second <<end
addr add {SECOND_ADDRESS}/24 broadcast 10.3.1.255 dev eth0
link set eth0 up
route add default via 10.3.1.1
end
"""
