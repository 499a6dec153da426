#!/usr/bin/env bash
# Installs the Debian packages that `make demo` or `make test` needs, where they are missing.
#
#   tools/setup.sh demo|test
set -euo pipefail

demo="g++ make python3 libpcap-dev"
# Programs that tests compare with or drive: nothing of ours is tested against ourselves where somebody else's will do.
test="$demo tshark tcpdump tcpreplay curl xz-utils iproute2 ethtool dnsutils mosquitto protobuf-compiler chromium
  python3-sklearn python3-dnspython python3-seccomp systemd util-linux openssl"

case ${1-} in
  demo) wanted=$demo ;;
  test) wanted=$test ;;
  *) echo "usage: tools/setup.sh demo|test" >&2 && exit 64 ;;
esac

if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null; then
  echo "Tapspot needs Node.js 20.19 or newer with npm; here is $(node --version 2>/dev/null || echo none). See https://nodejs.org/en/download." >&2
  exit 69
fi
if ! command -v dpkg-query >/dev/null; then
  echo "This is no Debian. Make sure that these are here, by whatever name: $(echo $wanted)" >&2
  exit 0
fi

missing=""
for package in $wanted; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
  as_root=()
elif sudo -n true 2>/dev/null; then
  as_root=(sudo)
else
  echo "Some Debian packages are missing. Type this, then make again:
  sudo apt-get install --no-install-recommends$missing" >&2
  exit 77
fi
echo "installing Debian packages:$missing" >&2
# `env`, because sudo drops the variable; tshark would ask who may capture.
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@" >/dev/null; }
apt update
# shellcheck disable=SC2086
apt install -y --no-install-recommends $missing
