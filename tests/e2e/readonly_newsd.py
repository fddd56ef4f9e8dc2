#!/usr/bin/env python3
"""A news server that lets everybody read its nothing, and nobody post (RFC 3977: 201, 440).

Prints its port, serves until it is killed."""
import socketserver


class Reader(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b'\r\n')

    def handle(self):
        self.say('201 reading only')
        for raw in self.rfile:
            words = raw.decode('latin-1').split()
            verb = words[0].upper() if words else ''
            if verb == 'QUIT':
                self.say('205 bye')
                return
            self.say({
                'CAPABILITIES': '101 here they are\r\nVERSION 2\r\nREADER\r\n.',
                'MODE': '201 posting prohibited',
                'DATE': '111 20260101000000',
                'GROUP': '211 0 0 0 alt.binaries.test',
                'POST': '440 posting not permitted',
                'STAT': '430 no such article',
                'BODY': '430 no such article',
                'HEAD': '430 no such article',
                'ARTICLE': '430 no such article',
            }.get(verb, '500 what?'))


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


with Server(('127.0.0.1', 0), Reader) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
