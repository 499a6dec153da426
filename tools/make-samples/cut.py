#!/usr/bin/env python3
"""Makes a capture small enough to keep: DNS whole, of everything else the beginning.

    cut.py IN.pcap OUT.pcap

DNS and multicast DNS stay whole. Of a TCP connection each direction keeps its first 400 payload bytes (enough for the banner, the
ClientHello or the request line), later packets their headers; other packets keep 200 bytes. Lengths on the wire and times stay as captured,
as with a snap length. Reads what `tcpdump -w` writes on Ethernet (microseconds, little endian).
"""

import struct
import sys

KEEP_TCP, KEEP_OTHER = 400, 200


def kept(frame: bytes, seen: dict) -> int:
    ethertype = struct.unpack_from("!H", frame, 12)[0]
    if ethertype == 0x0800:
        ihl, proto = (frame[14] & 15) * 4, frame[23]
        src, dst, at = frame[26:30], frame[30:34], 14 + ihl
        end = 14 + struct.unpack_from("!H", frame, 16)[0]
        if struct.unpack_from("!H", frame, 20)[0] & 0x1FFF:
            return len(frame)
    elif ethertype == 0x86DD:
        proto, src, dst, at = frame[20], frame[22:38], frame[38:54], 54
        end = 54 + struct.unpack_from("!H", frame, 18)[0]
    else:
        return KEEP_OTHER
    if proto not in (6, 17):
        return KEEP_OTHER
    ports = struct.unpack_from("!HH", frame, at)
    if 53 in ports or 5353 in ports:
        return len(frame)
    if proto == 17:
        return KEEP_OTHER
    start = at + (frame[at + 12] >> 4) * 4
    key = (src, dst, ports)
    if frame[at + 13] & 2:
        seen.pop(key, None)
    before = seen.get(key, 0)
    payload = max(0, end - start)
    seen[key] = before + payload
    return start + max(0, min(payload, KEEP_TCP - before))


def main() -> None:
    seen: dict = {}
    with open(sys.argv[1], "rb") as source, open(sys.argv[2], "wb") as out:
        header = source.read(24)
        magic, _, _, _, _, _, link = struct.unpack("<IHHiIII", header)
        if magic != 0xA1B2C3D4 or link != 1:
            sys.exit(f"{sys.argv[1]} is not a little-endian microsecond Ethernet pcap")
        out.write(header)
        while len(record := source.read(16)) == 16:
            sec, usec, cap, wire = struct.unpack("<IIII", record)
            frame = source.read(cap)
            keep = min(cap, kept(frame, seen))
            out.write(struct.pack("<IIII", sec, usec, keep, wire))
            out.write(frame[:keep])


main()
