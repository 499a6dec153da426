#!/usr/bin/env python3
"""Serves the working folder by HTTP and takes PUTs, which it throws away: putserver.py ADDRESS PORT"""

import http.server
import sys


class Handler(http.server.SimpleHTTPRequestHandler):
    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.end_headers()


http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
