#!/usr/bin/env bash
# Makes the sample captures: a small office in network namespaces, real programs in it, tcpdump on its bridge.
#
#   sudo tools/make-samples/make.sh FOLDER     writes quiet.pcap.gz office.pcapng.gz labels.csv versions.txt there
#
# Takes about 20 minutes of real time, since a beacon's ten seconds are ten seconds. PACE=0.1 rehearses it in about 4
# (pauses are a tenth; what comes out is for looking at only). Everything lives in namespaces named tapspot-* and in one
# temporary folder; both are removed at the end, however it ends. No packet leaves the machine.
set -euo pipefail
cd "$(dirname "$0")"
HERE=$PWD
OUT=${1:?usage: make.sh FOLDER}
PACE=${PACE:-1}
BEATS=68
LEAKS=140

[ "$(id -u)" = 0 ] || { echo "make.sh builds network namespaces: run it as root" >&2; exit 77; }
missing=""
for program in ip tc tcpdump ethtool unbound nginx sshd ssh scp sshpass hydra nmap iodine iodined chronyd curl dig ping nc openssl python3 editcap capinfos; do
  command -v "$program" >/dev/null || missing="$missing $program"
done
if [ -n "$missing" ]; then
  echo "missing:$missing
apt-get install iproute2 tcpdump ethtool unbound nginx-light openssh-server openssh-client sshpass hydra nmap iodine chrony curl dnsutils iputils-ping netcat-openbsd openssl python3 wireshark-common" >&2
  exit 69
fi
mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)
WORK=$(mktemp -d /tmp/tapspot-samples.XXXXXX)
chmod 755 "$WORK"
. ./net.sh
. ./hostile.sh
trap 'trap - EXIT; net_down; rm -rf "$WORK"' EXIT
trap 'exit 130' INT TERM

net_down
net_up
python3 world.py "$WORK"

# A certificate authority of our own, and one certificate for each site.
(
  cd "$WORK/tls"
  exec 2>/dev/null
  openssl ecparam -genkey -name prime256v1 -noout -out ca.key
  openssl req -x509 -new -key ca.key -subj "/CN=Sample CA" -days 30 -out ca.pem
  openssl ecparam -genkey -name prime256v1 -noout -out key.pem
  while read -r name; do
    openssl req -new -key key.pem -subj "/CN=$name" |
      openssl x509 -req -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile <(echo "subjectAltName=DNS:$name") -out "$name.pem"
  done <names
)

# Two accounts that exist only inside the namespaces' own view of /etc.
ssh-keygen -q -t ed25519 -N '' -f "$WORK/etc/host_ed25519"
ssh-keygen -q -t ed25519 -N '' -f "$WORK/home/.ssh/id"
cp "$WORK/home/.ssh/id.pub" "$WORK/home/.ssh/authorized_keys"
{ cat /etc/passwd; echo "tide:x:60001:60001::$WORK/home:/bin/sh"; echo "hbackup:x:60002:60002::$WORK/home:/bin/sh"; } >"$WORK/etc/passwd"
{ cat /etc/shadow; echo "tide:*:19000::::::"; echo "hbackup:$(openssl passwd -6 Harbour-Backup-77):19000::::::"; } >"$WORK/etc/shadow"
chmod 600 "$WORK/etc/shadow"
chown -R 60001:60001 "$WORK/home"
chmod 1777 "$WORK/run"

serve() { # serve HOST COMMAND...: in the background, with the folder's passwd and no traces in /var/log
  local host=$1
  shift
  # shellcheck disable=SC2016
  inside "$host" sh -c '
    mount --bind "$0/etc/passwd" /etc/passwd && mount --bind "$0/etc/shadow" /etc/shadow
    mount -t tmpfs none /var/log && mkdir -p /run/sshd && exec "$@"' "$WORK" "$@" >>"$WORK/log/$host.log" 2>&1 &
}

serve net unbound -d -c "$WORK/etc/authority.conf"
serve srv unbound -d -c "$WORK/etc/resolver.conf"
serve net nginx -c "$WORK/etc/nginx-net.conf" -g 'daemon off;'
serve srv nginx -c "$WORK/etc/nginx-srv.conf" -g 'daemon off;'
serve srv /usr/sbin/sshd -D -e -f "$WORK/etc/sshd.conf" -o ListenAddress=10.30.0.10
serve srv /usr/bin/python3 -W ignore -m smtpd -n -c DebuggingServer 10.30.0.12:25
serve srv nc -lk 10.30.0.10 445
serve net chronyd -x -d -u root -f "$WORK/etc/chrony-net.conf"
serve net iodined -f -P sesame -l 203.0.113.66 10.99.0.1/24 t.fastrelay.example
for i in 21 22 24 26 28; do
  serve "c$i" /usr/sbin/sshd -D -e -f "$WORK/etc/sshd.conf"
  serve "c$i" nc -lk 445
done
sleep 3
# What the tunnel's far end serves; the address exists only once iodined runs.
serve net sh -c "cd '$WORK/etc' && exec /usr/bin/python3 '$HERE/putserver.py' 10.99.0.1 8080"
for i in $CLIENTS; do serve "c$i" chronyd -x -d -u root -f "$WORK/etc/chrony-$i.conf"; done

record() { # record NAME: starts tcpdump on the bridge (not by `inside`, which would leave us the number of a shell)
  ip netns exec tapspot-gw tcpdump -i br0 -s 1600 -B 16384 -Z root -w "$WORK/$1.pcap" 2>"$WORK/log/tcpdump-$1.log" &
  RECORDER=$!
  sleep 2
}
stop_recording() {
  sleep 2
  kill -TERM "$RECORDER"
  wait "$RECORDER" || true
  cat "$WORK/log/tcpdump-$1.log"
  grep -q '^0 packets dropped by kernel' "$WORK/log/tcpdump-$1.log" || { echo "tcpdump dropped packets: make the captures again" >&2; exit 1; }
}

browse_until() {
  for i in $CLIENTS; do inside "c$i" python3 "$HERE/client.py" "$WORK" "$i" "$1" & done
}

echo "file,start,end,kind,src,dst,port,proto,domain,note" >"$WORK/labels.csv"

record quiet
(browse_until "$(awk -v p="$PACE" -v t="$(date +%s)" 'BEGIN { print t + 300 * p }')"; wait)
stop_recording quiet

record office
OFFICE_SECONDS=$(awk -v p="$PACE" 'BEGIN { print 720 * p }')
browse_until "$(awk -v s="$OFFICE_SECONDS" -v t="$(date +%s)" 'BEGIN { print t + s }')"
(hostile)
stop_recording office

python3 cut.py "$WORK/quiet.pcap" "$WORK/quiet-cut.pcap"
python3 cut.py "$WORK/office.pcap" "$WORK/office-cut.pcap"
editcap -F pcapng "$WORK/office-cut.pcap" "$WORK/office-cut.pcapng"
gzip -9n <"$WORK/quiet-cut.pcap" >"$OUT/quiet.pcap.gz"
gzip -9n <"$WORK/office-cut.pcapng" >"$OUT/office.pcapng.gz"
{ head -1 "$WORK/labels.csv"; tail -n +2 "$WORK/labels.csv" | sort -t, -k2; } >"$OUT/labels.csv"
{
  grep PRETTY_NAME /etc/os-release | cut -d'"' -f2
  uname -sr | cut -d. -f1-2
  dpkg-query -W -f '${Package} ${Version}\n' iproute2 tcpdump unbound nginx openssh-server hydra nmap iodine chrony curl bind9-dnsutils \
    iputils-ping netcat-openbsd openssl wireshark-common 2>/dev/null
} >"$OUT/versions.txt"
[ -z "${KEEP_LOGS:-}" ] || cp -r "$WORK/log" "$OUT/log"
ls -l "$OUT"
