#!/usr/bin/python3
"""Put one leak into a copy of a newsd's spool, to prove that leak_scan.py finds it.

    leak_plant.py KIND SPOOL SECRET PLAIN_FILE      change one article, or add what KIND says
    leak_plant.py --list                            the kinds, each with words the scan must say
    leak_plant.py --wire LINE SPOOL DIR             DIR/connection: the articles as a client sends
                                                    them, with the command LINE before the last
"""
import binascii
import os
import re
import sys

import leak_scan


def yenc(data):
    """yEnc lines of 128, all critical octets escaped, dots doubled."""
    coded = [b"=" + bytes([(octet + 106) & 255]) if (octet + 42) & 255 in b"\0\n\r="
             else bytes([(octet + 42) & 255]) for octet in data]
    lines = []
    line = b""
    for piece in coded:
        line += piece
        if len(line) >= leak_scan.LINE:
            lines.append(b"." + line if line.startswith(b".") else line)
            line = b""
    return b"\r\n".join(lines + ([line] if line else []))


def with_body(raw, data):
    """The article with another body; sizes stay as announced, the CRC is the new one's."""
    head, _, text = raw.partition(b"\r\n\r\n")
    begin = text.split(b"\r\n", 1)[0]
    crc = b"%08x" % binascii.crc32(data)
    end = b"=yend size=786432 crc32=" + crc
    return head + b"\r\n\r\n" + b"\r\n".join([begin, yenc(data), end, b".\r\n"])


class Spool:
    def __init__(self, folder, secret, plain):
        self.folder = folder
        self.secret = secret
        with open(plain, "rb") as file:
            self.plain = file.read()
        self.paths = sorted(os.path.join(top, name) for top, _, files in
                            os.walk(os.path.join(folder, "articles")) for name in files)
        self.raw, self.other = (open(path, "rb").read() for path in self.paths[:2])
        self.data = leak_scan.Article("", self.raw).data

    def write(self, raw):
        """A new file: the old one may be shared with another spool by a hard link."""
        os.unlink(self.paths[0])
        with open(self.paths[0], "wb") as file:
            file.write(raw)

    def field(self, name, value):
        self.write(re.sub(rb"\r\n%s: [^\r]*" % name, lambda _: b"\r\n%s: %s" % (name, value),
                          self.raw, count=1))

    def replace(self, at, octets):
        self.write(with_body(self.raw, self.data[:at] + octets + self.data[at + len(octets):]))

    def add_header(self, line):
        self.write(self.raw.replace(b"\r\n\r\n", b"\r\n" + line + b"\r\n\r\n", 1))


def value_of(raw, name):
    return leak_scan.Article("", raw).value(name).encode()


def body_of(raw):
    return leak_scan.Article("", raw).data


def biased(data):
    """Every 16th octet has its top bit cleared: nothing to read, but not random."""
    out = bytearray(data)
    for at in range(0, len(out), 16):
        out[at] &= 127
    return bytes(out)


def beside_body(spool):
    with open(os.path.join(spool.folder, "note"), "wb") as file:
        file.write(b"from " + spool.secret)


KINDS = {
    "subject-name": ("the secret", lambda s: s.field(b"Subject", s.secret)),
    "subject-shape": ("Subject has another shape", lambda s: s.field(b"Subject", b"[1/9] files")),
    "from-host": ("the secret", lambda s: s.field(b"From", b"me <me@" + s.secret + b">")),
    "short-word": ("the secret word", lambda s: s.field(b"From", b"me <abc@xyz.example>")),
    "id-shape": ("Message-ID has another shape",
                 lambda s: s.field(b"Message-ID", b"<1234.5678@news.example>")),
    "zone": ("Date has another shape",
             lambda s: s.field(b"Date", value_of(s.raw, "Date").replace(b"+0000", b"+0545"))),
    "agent": ("the header User-Agent", lambda s: s.add_header(b"User-Agent: unknown")),
    "x-header": ("the header X-Trace", lambda s: s.add_header(b"X-Trace: 1")),
    "two-froms": ("2 headers From", lambda s: s.add_header(b"From: " + value_of(s.raw, "From"))),
    "other-group": ("Newsgroups is", lambda s: s.field(b"Newsgroups", b"alt.test")),
    "same-subject": ("Subject is also in",
                     lambda s: s.field(b"Subject", value_of(s.other, "Subject"))),
    "same-body": ("the body is also in", lambda s: s.write(with_body(s.raw, body_of(s.other)))),
    "same-start": ("8 octets near an end", lambda s: s.replace(0, body_of(s.other)[:16])),
    "plain-piece": ("a piece of the file", lambda s: s.replace(100001, s.plain[5000:5023])),
    "name-in-body": ("the secret", lambda s: s.replace(77777, s.secret)),
    "name-in-capitals": ("the secret", lambda s: s.replace(77777, s.secret.upper())),
    "name-in-hex": ("the secret", lambda s: s.replace(5, binascii.hexlify(s.secret))),
    "name-in-base64": ("the secret", lambda s: s.replace(
        5, binascii.b2a_base64(b"ab" + s.secret + b"c", newline=False))),
    "name-in-utf16": ("the secret", lambda s: s.replace(5, s.secret.decode().encode("utf-16-le"))),
    "par2-magic": ("the octets b'PAR2", lambda s: s.replace(400000, b"PAR2\0PKT")),
    "product-in-body": ("the octets b'usync1'", lambda s: s.replace(99, b"usync1")),
    "short-body": ("raw octets, not", lambda s: s.write(with_body(s.raw, s.data[:-16]))),
    "biased-body": ("not evenly spread", lambda s: s.write(with_body(s.raw, biased(s.data)))),
    "broken-crc": ("the yEnc CRC", lambda s: s.write(re.sub(rb"crc32=........", b"crc32=00000000",
                                                             s.raw))),
    "yenc-name": ("the yEnc lines have another shape",
                  lambda s: s.write(s.raw.replace(b" name=", b" name=x.rar", 1))),
    "after-the-end": ("the yEnc lines have another shape",
                      lambda s: s.write(s.raw[:-3] + b"by me\r\n.\r\n")),
    "other-file": ("the secret", beside_body),
}


def write_wire(line, spool, folder):
    articles = [data[len(leak_scan.NEWSD_ADDS):] for name, data in leak_scan.files_of(spool)
                if name.startswith("articles")]
    os.makedirs(folder)
    with open(os.path.join(folder, "connection"), "wb") as file:
        file.write(b"AUTHINFO USER somebody\r\n")
        for article in articles[:-1]:
            file.write(b"POST\r\n" + article)
        file.write(line + b"\r\nPOST\r\n" + articles[-1] + b"QUIT\r\n")


def main():
    if sys.argv[1] == "--list":
        for kind, (words, _) in KINDS.items():
            print("%s\t%s" % (kind, words))
    elif sys.argv[1] == "--wire":
        write_wire(os.fsencode(sys.argv[2]), sys.argv[3], sys.argv[4])
    else:
        KINDS[sys.argv[1]][1](Spool(sys.argv[2], os.fsencode(sys.argv[3]), sys.argv[4]))


if __name__ == "__main__":
    main()
