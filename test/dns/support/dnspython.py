"""DNS messages as dnspython reads and writes them, one request and one JSON answer a line.

T <type> <text>   a response that carries one record of this type: its hex
M <hex>           the message: [[name, type, class, ttl, data] per record], or null where dnspython refuses it
"""

import json
import sys

import dns.message
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset


def bare(text):
    """Names relative to the root have no final dot, and the root itself is '@'."""
    return " ".join("." if token == "@" else token for token in text.split(" "))


def shown(rdata):
    options = {"origin": dns.name.root, "relativize": True}
    try:
        return bare(rdata.to_text(chunksize=0, **options))
    except TypeError:  # some types choose the size of their chunks themselves
        return bare(rdata.to_text(**options))


def written(kind, text):
    rrset = dns.rrset.from_text("owner.example.", 300, "IN", kind, text)
    message = dns.message.make_response(dns.message.make_query("owner.example.", kind))
    message.answer.append(rrset)
    return message.to_wire(max_size=65535).hex()


def read(wire):
    message = dns.message.from_wire(wire, one_rr_per_rrset=True, ignore_trailing=False)
    records = []
    for section in (message.answer, message.authority, message.additional):
        for rrset in section:
            for rdata in rrset:
                records.append([
                    rrset.name.to_text(omit_final_dot=True) if rrset.name != dns.name.root else ".",
                    dns.rdatatype.to_text(rrset.rdtype),
                    dns.rdataclass.to_text(rrset.rdclass),
                    rrset.ttl,
                    shown(rdata),
                ])
    return records


for line in sys.stdin:
    kind, _, rest = line.rstrip("\n").partition(" ")
    try:
        answer = written(*rest.split(" ", 1)) if kind == "T" else read(bytes.fromhex(rest))
    except Exception as e:  # whatever dnspython finds wrong, it may say
        answer = None if kind == "M" else {"error": f"{type(e).__name__}: {e}"}
    print(json.dumps(answer))
