#!/usr/bin/env python3
"""One ordinary person at one workstation, until a given time.

    client.py FOLDER NUMBER UNTIL

Runs real programs (curl, dig, ping, ssh, scp) with a person's pauses between them. What is done and in which order comes from a
generator seeded with the workstation's number; when it happens comes from the clock.
"""

import json
import random
import subprocess
import sys
import time

work, number, until = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
rng = random.Random(number)
sites = json.load(open(f"{work}/sites.json", encoding="ascii"))
by_name = {s["host"]: s for s in sites}
SSH = ["-i", f"{work}/home/.ssh/id", "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={work}/run/known{number}",
       "-o", "LogLevel=ERROR", "-o", "BatchMode=yes"]


def run(*command: str) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                   timeout=60, check=False)


def page(host: str) -> str:
    return f"{by_name[host]['scheme']}://{host}/p{rng.randrange(8)}.html"


def browse() -> None:
    site = rng.choices(sites, [s["weight"] for s in sites])[0]
    urls = [page(site["host"]) for _ in range(rng.randint(1, 3))] + [page(a) for a in site["assets"]]
    outputs = [x for u in urls for x in ("-o", "/dev/null", u)]
    run("curl", "-s", "--cacert", f"{work}/tls/ca.pem", "--max-time", "20", *outputs)


def mail() -> None:
    if rng.random() < 0.3:
        run("curl", "-s", "--max-time", "10", "--mail-from", f"ws{number}@harbour.example", "--mail-rcpt",
            "all@harbour.example", "--upload-file", f"{work}/etc/passwords", "smtp://mail.harbour.example")
    else:
        run("curl", "-s", "-o", "/dev/null", "--cacert", f"{work}/tls/ca.pem", page("mail.lumen.example"))


def look_up() -> None:
    run("dig", "+time=2", "+tries=2", *rng.choice([
        ["MX", "harbour.example"], ["TXT", "harbour.example"], ["-x", f"10.20.0.{rng.randint(21, 30)}"],
        ["SRV", "_imaps._tcp.harbour.example"], ["A", "wpad.harbour.example"], ["A", "printer.harbour.example"],
        ["HTTPS", "www.tidenews.example"], ["MX", "tidenews.example"], ["AAAA", "api.cloudmeter.example"],
        ["TXT", "harbourbank.example", "+tcp"], ["A", "ww.tidenews.example"],
    ]))


def find_printer() -> None:
    # A one-shot multicast query (RFC 6762 §5.1).
    run("dig", "@224.0.0.251", "-p", "5353", "+time=1", "+tries=1", "_ipp._tcp.local", "PTR")


def copy_file() -> None:
    if rng.random() < 0.5:
        run("scp", *SSH, f"{work}/etc/report.ods", f"tide@files.harbour.example:{work}/run/report{number}")
    else:
        run("ssh", *SSH, "tide@files.harbour.example", "ls -l /usr/bin")


def update() -> None:
    run("curl", "-s", "-o", "/dev/null", "http://packages.debmirror.example/update.deb")


def ping() -> None:
    run("ping", "-c", "3", rng.choice(["10.20.0.1", "10.30.0.10", "intranet.harbour.example"]))


HABITS = [(browse, 60), (mail, 10), (look_up, 12), (find_printer, 2), (copy_file, 5 if number % 3 == 0 else 0),
          (ping, 3), (update, 1 if number % 4 == 0 else 0)]

time.sleep(rng.uniform(0, 10))
while time.time() < until:
    rng.choices([h for h, _ in HABITS], [w for _, w in HABITS])[0]()
    time.sleep(min(60.0, rng.expovariate(1 / 13)))
