# Sourced by make.sh: the network, all of it in namespaces named tapspot-*.
#
#   tapspot-c21 .. c30   workstations 10.20.0.21-30 (and 2001:db8:20::21-30)   \
#   tapspot-gw           bridge br0 10.20.0.1 = the tap; router               /
#   tapspot-srv          one host with the servers' addresses in 10.30.0.0/24
#   tapspot-net          the outside: 192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 2001:db8:100::/64

CLIENTS=$(seq 21 30)

inside() { # inside HOST COMMAND...
  local host=$1
  shift
  ip netns exec "tapspot-$host" "$@"
}

# Segmentation and checksum offload would put frames of 64 kB with unfinished checksums into the capture.
plain() { inside "$1" ethtool -K "$2" tx off rx off tso off gso off gro off >/dev/null 2>&1 || true; }

wire() { # wire HOST1 IF1 HOST2 IF2
  ip link add "$2" netns "tapspot-$1" type veth peer name "$4" netns "tapspot-$3"
  inside "$1" ip link set "$2" up
  inside "$3" ip link set "$4" up
  plain "$1" "$2"
  plain "$3" "$4"
}

net_up() {
  local host i address
  for host in gw srv net $(printf 'c%s ' $CLIENTS); do
    ip netns add "tapspot-$host"
    inside "$host" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
    inside "$host" ip link set lo up
  done
  inside gw sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
  # Answer every scan probe for a dead address, as many routers do.
  inside gw sysctl -qw net.ipv4.icmp_ratelimit=0
  inside gw ip link add br0 type bridge
  inside gw ip addr add 10.20.0.1/24 dev br0
  inside gw ip addr add 2001:db8:20::1/64 dev br0 nodad
  inside gw ip link set br0 up
  for i in $CLIENTS; do
    wire gw "l$i" "c$i" eth0
    inside gw ip link set "l$i" master br0
    inside "c$i" ip addr add "10.20.0.$i/24" dev eth0
    inside "c$i" ip addr add "2001:db8:20::$i/64" dev eth0 nodad
    inside "c$i" ip route add default via 10.20.0.1
    inside "c$i" ip route add default via 2001:db8:20::1
    mkdir -p "/etc/netns/tapspot-c$i"
    echo "nameserver 10.30.0.5" >"/etc/netns/tapspot-c$i/resolv.conf"
  done
  wire gw srv0 srv eth0
  inside gw ip addr add 10.30.0.1/24 dev srv0
  for i in 5 10 11 12; do inside srv ip addr add "10.30.0.$i/24" dev eth0; done
  inside srv ip route add default via 10.30.0.1
  wire gw net0 net eth0
  inside gw ip addr add 10.255.0.1/30 dev net0
  inside gw ip addr add 2001:db8:ff::1/64 dev net0 nodad
  inside net ip addr add 10.255.0.2/30 dev eth0
  inside net ip addr add 2001:db8:ff::2/64 dev eth0 nodad
  for address in 192.0.2.53 192.0.2.123 203.0.113.66 203.0.113.70 203.0.113.80 203.0.113.90 $(printf '198.51.100.%s ' $(seq 10 24)); do
    inside net ip addr add "$address/32" dev lo
  done
  for i in $(seq 10 24); do inside net ip addr add "2001:db8:100::$i/128" dev lo; done
  for address in 192.0.2.0/24 198.51.100.0/24 203.0.113.0/24; do inside gw ip route add "$address" via 10.255.0.2; done
  inside gw ip route add 2001:db8:100::/64 via 2001:db8:ff::2
  inside net ip route add 10.0.0.0/8 via 10.255.0.1
  inside net ip route add 2001:db8:20::/64 via 2001:db8:ff::1
  # The outside is some way off. Where the kernel has no netem it is near, which changes times only.
  inside net tc qdisc add dev eth0 root netem delay 14ms 3ms 2>/dev/null || echo "no netem: the outside is near" >&2
}

net_down() {
  local ns pids
  for ns in $(ip netns list | awk '$1 ~ /^tapspot-(gw|srv|net|c[0-9]+)$/ {print $1}'); do
    pids=$(ip netns pids "$ns")
    # shellcheck disable=SC2086
    [ -z "$pids" ] || kill -9 $pids 2>/dev/null || true
    ip netns del "$ns"
    rm -rf "/etc/netns/${ns:?}"
  done
}
