#!/usr/bin/env python3
"""Writes the configuration of every host in the sample network into one folder.

    world.py FOLDER

One table of sites below; from it come the zone file of the authority, the virtual hosts and pages of nginx, and the
list of places the clients go (sites.json). All names are under .example (RFC 2606), all outside addresses are for
documentation (RFC 5737, RFC 3849), so nothing here is anybody's. Page sizes come from a seeded generator.
"""

import json
import os
import random
import sys

RESOLVER, FILES, INTRANET, MAIL = "10.30.0.5", "10.30.0.10", "10.30.0.11", "10.30.0.12"
AUTHORITY, TUNNEL = "192.0.2.53", "203.0.113.66"

# name, IPv4, IPv6 or None, TLS, how often people go there
SITES = [
    ("www.tidenews.example", "198.51.100.10", "2001:db8:100::10", True, 9),
    ("static.tidenews.example", "198.51.100.11", "2001:db8:100::11", True, 0),
    ("www.harbourbank.example", "198.51.100.12", None, True, 2),
    ("search.lumen.example", "198.51.100.13", "2001:db8:100::13", True, 10),
    ("mail.lumen.example", "198.51.100.14", "2001:db8:100::14", True, 4),
    ("video.brightreel.example", "198.51.100.15", None, True, 2),
    ("d3k1f9x0q2.edgecache.example", "198.51.100.16", "2001:db8:100::16", True, 0),
    ("d7m2c8r4t1.edgecache.example", "198.51.100.16", "2001:db8:100::16", True, 0),
    ("packages.debmirror.example", "198.51.100.17", "2001:db8:100::17", False, 1),
    ("weather.coastwatch.example", "198.51.100.18", None, False, 3),
    ("wiki.openatlas.example", "198.51.100.19", "2001:db8:100::19", True, 5),
    ("api.cloudmeter.example", "198.51.100.20", None, True, 3),
    ("shop.saltandrope.example", "198.51.100.21", None, True, 2),
    ("travel.ferrylines.example", "198.51.100.22", "2001:db8:100::22", True, 2),
    ("forum.knotwork.example", "198.51.100.23", None, False, 2),
    ("docs.papertrail.example", "198.51.100.24", None, True, 3),
    ("intranet.harbour.example", INTRANET, None, False, 6),
]
# Hosts of the hostile part: served by the same programs, visited only by those who are labelled.
HOSTILE = [
    ("updates.statuscheck.example", "203.0.113.80", False),
    ("drop.filebasin.example", "203.0.113.90", True),
]
ASSETS_FROM = {
    "www.tidenews.example": ["static.tidenews.example", "d3k1f9x0q2.edgecache.example"],
    "shop.saltandrope.example": ["d7m2c8r4t1.edgecache.example"],
}


def zone() -> str:
    lines = [
        "$TTL 300",
        ". IN SOA ns.registry.example. hostmaster.registry.example. 1 7200 3600 86400 60",
        ". IN NS ns.registry.example.",
        f"ns.registry.example. A {AUTHORITY}",
        f"files.harbour.example. A {FILES}",
        f"mail.harbour.example. A {MAIL}",
        "harbour.example. MX 10 mail.harbour.example.",
        'harbour.example. TXT "v=spf1 mx -all"',
        "_imaps._tcp.harbour.example. SRV 0 1 993 mail.harbour.example.",
        "time.clocks.example. A 192.0.2.123",
        # The label of what leaks is left of this; the answer is a constant.
        "*.px.pixelmetrics.example. 5 A 203.0.113.70",
        f"ns.fastrelay.example. A {TUNNEL}",
    ]
    for name, v4, v6, _, _ in SITES:
        lines.append(f"{name}. {60 if 'edgecache' in name else 300} A {v4}")
        if v6:
            lines.append(f"{name}. AAAA {v6}")
        owner = name.split(".", 1)[1]
        lines.append(f"{owner}. MX 10 mail.{owner}.") if name.startswith("www.") else None
        lines.append(f'{owner}. TXT "v=spf1 ip4:{v4} -all"') if name.startswith("www.") else None
    for name, v4, _ in HOSTILE:
        lines.append(f"{name}. A {v4}")
    return "\n".join(lines) + "\n"


def nginx(work: str) -> str:
    servers = []
    for name, v4, v6, tls, *_ in SITES + [(n, a, None, t, 0) for n, a, t in HOSTILE]:
        listen = [f"listen {v4}:{443 if tls else 80}{' ssl' if tls else ''};"]
        if v6:
            listen.append(f"listen [{v6}]:{443 if tls else 80}{' ssl' if tls else ''};")
        crypto = f"ssl_certificate {work}/tls/{name}.pem; ssl_certificate_key {work}/tls/key.pem;" if tls else ""
        servers.append(
            f"server {{ {' '.join(listen)} server_name {name}; {crypto} root {work}/www/{name};\n"
            f"  client_max_body_size 100m; dav_methods PUT; create_full_put_path on;\n"
            f"  location = /check {{ return 200 'idle'; default_type text/plain; }} }}"
        )

    def conf(who: str, keep: list[str]) -> str:
        body = "\n".join(keep)
        return (
            f"user root; worker_processes 1; pid {work}/run/nginx-{who}.pid; error_log {work}/log/nginx-{who}.log;\n"
            "events { worker_connections 512; }\n"
            f"http {{ access_log off; types {{ text/html html; }} default_type application/octet-stream;\n"
            f"client_body_temp_path {work}/run/body-{who}; proxy_temp_path {work}/run/proxy-{who};\n"
            f"fastcgi_temp_path {work}/run/fcgi-{who}; uwsgi_temp_path {work}/run/uwsgi-{who};\n"
            f"scgi_temp_path {work}/run/scgi-{who};\n{body}\n}}\n"
        )

    inside = [s for s in servers if INTRANET in s]
    outside = [s for s in servers if INTRANET not in s]
    return conf("srv", inside), conf("net", outside)


def main() -> None:
    work = os.path.abspath(sys.argv[1])
    rng = random.Random(2024)
    for folder in ("www", "tls", "run", "log", "home/.ssh", "etc"):
        os.makedirs(f"{work}/{folder}", exist_ok=True)

    def write(path: str, text: str) -> None:
        with open(f"{work}/{path}", "w", encoding="ascii") as f:
            f.write(text)

    pages = []
    for name, _, _, tls, weight in SITES:
        os.makedirs(f"{work}/www/{name}", exist_ok=True)
        for i in range(8):
            size = min(60_000, int(rng.lognormvariate(8.6, 0.9)))
            with open(f"{work}/www/{name}/p{i}.html", "wb") as f:
                f.write(rng.randbytes(size))
        pages.append({"host": name, "scheme": "https" if tls else "http", "weight": weight,
                      "assets": ASSETS_FROM.get(name, [])})
    with open(f"{work}/www/packages.debmirror.example/update.deb", "wb") as f:
        f.write(rng.randbytes(1_500_000))
    for name, _, _ in HOSTILE:
        os.makedirs(f"{work}/www/{name}", exist_ok=True)
    write("sites.json", json.dumps(pages))
    write("tls/names", "\n".join(n for n, _, _, tls, *_ in SITES if tls) + "\n" +
          "\n".join(n for n, _, tls in HOSTILE if tls) + "\n")

    write("etc/root.zone", zone())
    quiet = f'do-daemonize: no\n username: ""\n chroot: ""\n directory: "{work}/run"\n use-syslog: no\n verbosity: 0\n'
    write("etc/authority.conf", f"""server:
 interface: {AUTHORITY}
 access-control: 0.0.0.0/0 allow
 module-config: "iterator"
 pidfile: "{work}/run/authority.pid"
 {quiet}
auth-zone:
 name: "."
 zonefile: "{work}/etc/root.zone"
 for-upstream: yes
 for-downstream: yes
 fallback-enabled: no
remote-control:
 control-enable: no
""")
    reverse = "\n".join(f' local-data-ptr: "10.20.0.{i} ws{i}.harbour.example"' for i in range(21, 31))
    write("etc/resolver.conf", f"""server:
 interface: {RESOLVER}
 access-control: 10.0.0.0/8 allow
 module-config: "iterator"
 do-ip6: no
 local-zone: "10.in-addr.arpa." transparent
{reverse}
 local-data-ptr: "{FILES} files.harbour.example"
 pidfile: "{work}/run/resolver.pid"
 {quiet}
forward-zone:
 name: "."
 forward-addr: {AUTHORITY}
forward-zone:
 name: "t.fastrelay.example."
 forward-addr: {TUNNEL}
remote-control:
 control-enable: no
""")
    srv, net = nginx(work)
    write("etc/nginx-srv.conf", srv)
    write("etc/nginx-net.conf", net)
    write("etc/sshd.conf", f"""HostKey {work}/etc/host_ed25519
PidFile none
UsePAM no
PasswordAuthentication yes
KbdInteractiveAuthentication no
AuthorizedKeysFile {work}/home/.ssh/authorized_keys
StrictModes no
MaxAuthTries 3
UseDNS no
PrintMotd no
PrintLastLog no
Subsystem sftp internal-sftp
""")
    common = f"cmdport 0\nbindcmdaddress /\npidfile {work}/run/chrony-"
    write("etc/chrony-net.conf", f"local stratum 2\nallow all\n{common}net.pid\n")
    for i in range(21, 31):
        write(f"etc/chrony-{i}.conf", f"server time.clocks.example iburst minpoll 5 maxpoll 6\n{common}{i}.pid\n")
    # What the attacker tries; the last is right.
    words = ["password", "letmein", "welcome", "qwerty", "harbour", "backup", "admin", "summer", "winter", "changeme"]
    tries = [f"{w}{s}" for w in words for s in ("", "1", "12", "123", "2023", "2024", "!", "1!", "01", "007")]
    rng.shuffle(tries)
    write("etc/report.ods", rng.randbytes(40_000).hex())
    write("etc/passwords", "\n".join(tries + ["Harbour-Backup-77"]) + "\n")


main()
