#!/usr/bin/python3
"""Look through everything a news server received for what must never leave the machine.

    leak_scan.py --words FILE --plain DIR [--wire DIR] [--group NAME] SPOOL

SPOOL   the folder of a newsd: every file in it, and each article as it was stored
--words one secret a line: names, paths, hosts, users, titles, links
--plain the files that were shared; no piece of them may be found
--wire  what the clients sent, a file a connection (wire_tap.py): commands and articles

Every article must show exactly the headers and the yEnc lines of docs/format.md section 4, decode to
S bytes that look random, and have nothing in common with another one. Exit code 1 and a line a
finding when something is found. Secrets are looked for as they are and in capitals, in UTF-16, in
hexadecimal and in base64. What is shorter than 6 octets would turn up in random octets by chance, so
it is looked for in headers, yEnc lines and commands only, below 5 octets as a word of its own.
Plain files are cut every 16 octets and the first 8 of each cut are looked for at every offset: a
piece of 23 octets cannot be missed, and chance finds one in about 10^5 runs.
"""
import argparse
import base64
import binascii
import collections
import functools
import os
import re
import sys

S = 786432
LINE = 128
FINDINGS_SHOWN = 20
PRODUCT = [b"usenetsync", b"usync1", b"usync"]
PAR2_MAGIC = [b"PAR2\0PKT", b"PAR 2.0\0"]
HEADERS = {"From", "Subject", "Newsgroups", "Message-ID", "Date"}
NEWSD_ADDS = b"Path: news.invalid!not-for-mail\r\n"
REPEATED = {"Newsgroups", "Date"}  # all else is different in each article
VERBS = {b"CAPABILITIES", b"MODE", b"AUTHINFO", b"GROUP", b"POST", b"STAT", b"HEAD", b"BODY",
         b"ARTICLE", b"DATE", b"QUIT"}
SHAPES = {
    "From": re.compile(r"[a-z2-7]{8} <[a-z2-7]{8}@[a-z2-7]{9}\.(com|net|org)>"),
    "Subject": re.compile(r"[a-z2-7]{16}"),
    "Message-ID": re.compile(r"<[a-z2-7]{26}@[a-z]{9}\.(com|net|org)>"),
    "Date": re.compile(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000"),
}
BEGIN = re.compile(rb"=ybegin line=128 size=786432 name=([a-z2-7]{10})")
END = re.compile(rb"=yend size=786432 crc32=([0-9a-f]{8})")
# Words that are in every article, and the groups of a newsd: no secrets, whoever is called so.
FIXED = set(b"from subject newsgroups message-id date path news mode reader line size name com net org "
            b"mon tue wed thu fri sat sun jan feb mar apr may jun jul aug sep oct nov dec".split())
GROUPS = re.compile(rb"alt\.(binaries\.)?test")
# 255 degrees of freedom: mean 255, deviation 22.6. Random bodies stay below 400 in 10^8 of 10^8+1.
CHI_MOST = 440
EDGE = 4096  # octets at both ends of a body whose groups of 8 no other body may have

findings = []


def found(where, what):
    findings.append("%s: %s" % (where, what))


# --- articles ---------------------------------------------------------------------------------

def unescape(text):
    """Decode yEnc text without line ends."""
    plain = bytes((octet - 42) & 255 for octet in range(256))
    escaped = bytes((octet - 106) & 255 for octet in range(256))
    parts = text.split(b"=")
    out = [parts[0].translate(plain)]
    for part in parts[1:]:
        out += [part[:1].translate(escaped), part[1:].translate(plain)]
    return b"".join(out)


class Article:
    """One article in wire form, dots doubled, with or without the lone dot's line."""

    def __init__(self, where, raw):
        self.where = where
        self.raw = raw
        self.head, _, text = raw.partition(b"\r\n\r\n")
        text = text[:-3] if text.endswith(b"\r\n.\r\n") else text
        self.lines = text.replace(b"\r\n..", b"\r\n.").split(b"\r\n")
        if self.lines[-1] == b"":
            self.lines.pop()
        self.fields = []
        for line in self.head.split(b"\r\n"):
            name, colon, value = line.decode("latin-1").partition(": ")
            if not colon:
                found(where, "a header line without a name: %r" % line[:60])
            self.fields.append((name, value))

    @functools.cached_property
    def data(self):
        return unescape(b"".join(self.lines[1:-1]))

    def value(self, name):
        return dict(self.fields).get(name, "")

    def ends(self):
        """The readable octets: head, first and last line."""
        return b"\n".join([self.head] + self.lines[:1] + self.lines[-1:])


def check_head(article, group):
    names = [name for name, _ in article.fields]
    for name in sorted(set(names) - HEADERS):
        found(article.where, "the header %s does not belong there" % name)
    for name in sorted(HEADERS):
        if names.count(name) != 1:
            found(article.where, "%d headers %s" % (names.count(name), name))
    for name, shape in SHAPES.items():
        if not shape.fullmatch(article.value(name)):
            found(article.where, "%s has another shape: %r" % (name, article.value(name)[:80]))
    if article.value("Newsgroups") != group:
        found(article.where, "Newsgroups is %r" % article.value("Newsgroups"))


def check_body(article):
    begin = BEGIN.fullmatch(article.lines[0])
    end = END.fullmatch(article.lines[-1])
    if not begin or not end:
        found(article.where, "the yEnc lines have another shape: %r %r"
              % (article.lines[0][:80], article.lines[-1][:80]))
    elif int(end.group(1), 16) != binascii.crc32(article.data):
        found(article.where, "the yEnc CRC is wrong")
    if len(article.data) != S:
        found(article.where, "%d raw octets, not %d" % (len(article.data), S))
    for line in article.lines[1:-1]:
        if len(line) > LINE + 1:
            found(article.where, "a line of %d octets" % len(line))
            break
    counts = collections.Counter(article.data)
    even = max(len(article.data), 1) / 256
    chi = sum((counts[octet] - even) ** 2 / even for octet in range(256))
    if chi > CHI_MOST:
        found(article.where, "the octets are not evenly spread: chi-square %.0f" % chi)


class Crowd:
    """What the articles must not share. An article that is sent again under its own id, because the
    line broke or (a head) because the place was taken, is the same article here."""

    def __init__(self):
        self.seen = {}

    def once(self, article, what, value):
        first = self.seen.setdefault((what, value), article)
        if first is not article and first.value("Message-ID") != article.value("Message-ID"):
            found(article.where, "%s is also in %s" % (what, first.where))

    def add(self, article):
        self.once(article, "the body", hash(article.data))
        own = [(name, value) for name, value in article.fields if name not in REPEATED]
        words = [word for _, value in own for word in re.findall(r"[A-Za-z0-9]{8,}", value)]
        begin = BEGIN.fullmatch(article.lines[0])
        for name, value in own:
            self.once(article, name, value)
        for word in words + ([begin.group(1).decode()] if begin else []):
            self.once(article, "a word of its head", word)
        for edge in (article.data[:EDGE], article.data[-EDGE:]):
            for at in range(0, len(edge) - 7, 8):
                self.once(article, "8 octets near an end", edge[at:at + 8])


# --- secrets ----------------------------------------------------------------------------------

def groups_of(data, stride=1):
    """The 8-octet groups of data at every `stride`, as integers."""
    return {int.from_bytes(data[at:at + 8], sys.byteorder)
            for at in range(0, len(data) - 7, stride)}


def plain_groups(data):
    """The same with stride 16, quickly."""
    view = memoryview(data)[:len(data) // 16 * 16]
    return set(view.cast("Q")[::2]) if len(view) else set()


def link_octets(link):
    """What the digits of a bech32m string say, without reading it as a link."""
    digits = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    bits = "".join("{:05b}".format(digits.find(c)) for c in link.rpartition(b"1")[2])
    return bytes(int(bits[at:at + 8], 2) for at in range(0, len(bits) - 7, 8))


def forms_of(word):
    forms = {word, word.lower(), word.upper(), binascii.hexlify(word)}
    forms.add(word.decode("utf-8", "surrogateescape").encode("utf-16-le", "surrogatepass"))
    for shift in range(3):  # base64 without the digits that the neighbours change
        coded = base64.b64encode(b"\0" * shift + word)
        forms.add(coded[(0, 2, 3)[shift]:].rstrip(b"=")[:-1])
    if re.fullmatch(rb"usync[a-z]*1[a-z0-9]{20,}", word):
        forms.add(link_octets(word))
    return forms


class Secrets:
    def __init__(self, words, plain_dir):
        self.words = sorted({word for word in words if word.lower() not in FIXED} | set(PRODUCT))
        self.middling = PAR2_MAGIC + sorted(
            form for word in self.words for form in forms_of(word) if 6 <= len(form) < 8)
        self.tokens = [re.compile(rb"(?<![a-z0-9])" + re.escape(word.lower()) + rb"(?![a-z0-9])")
                       for word in self.words if len(word) < 5]
        self.sources = {}  # name -> octets, to say whose group was found
        for word in self.words:
            for form in forms_of(word):
                self.sources["the secret %r" % word[:40], form] = form
        self.groups = set()
        for form in self.sources.values():
            self.groups |= groups_of(form)
        self.read_plain(os.fsencode(plain_dir))

    def read_plain(self, folder):
        for top, _, files in os.walk(folder):
            for name in files:
                path = os.path.join(top, name)
                if os.path.islink(path):
                    continue
                with open(path, "rb") as file:
                    data = file.read()
                self.sources["a piece of the file %r" % name, b""] = data
                self.groups |= plain_groups(data)

    def whose(self, group):
        octets = group.to_bytes(8, sys.byteorder)
        for (label, _), data in self.sources.items():
            if octets in data:
                return label
        return "an unknown piece"

    def look_in_text(self, where, text):
        low = GROUPS.sub(b"", text.lower())
        for word in self.words:
            if len(word) >= 5 and word.lower() in low:
                found(where, "the secret %r" % word[:40])
        for token in self.tokens:
            if token.search(low):
                found(where, "the secret word %r" % token.pattern[15:-13])

    def look_in(self, where, data):
        for form in self.middling:
            if form in data:
                found(where, "the octets %r" % form)
        view = memoryview(data)
        for shift in range(8):
            part = view[shift:shift + (len(data) - shift) // 8 * 8]
            if len(part) and not self.groups.isdisjoint(part.cast("Q")):
                group = next(iter(self.groups.intersection(part.cast("Q"))))
                found(where, self.whose(group))
                return


# --- the spool and the wire -------------------------------------------------------------------

def files_of(folder):
    for top, _, files in sorted(os.walk(folder)):
        for name in sorted(files):
            path = os.path.join(top, name)
            with open(path, "rb") as file:
                yield os.path.relpath(path, folder), file.read()


def stored_articles(spool, secrets):
    """Every article, as it was before newsd put its own line in front; other files are searched."""
    for name, data in files_of(spool):
        if name.startswith("articles" + os.sep):
            if data.startswith(NEWSD_ADDS):
                data = data[len(NEWSD_ADDS):]
            else:
                found(name, "newsd's own Path line is not where it should be")
            yield Article(name, data)
        else:
            secrets.look_in(name, data)
            secrets.look_in_text(name, data)


def check_command(secrets, where, line):
    """Login and password belong into AUTHINFO; otherwise no secret belongs anywhere."""
    if line.split(b" ")[0].upper() not in VERBS:
        found(where, "the command %r does not belong there" % line[:60])
    if not re.match(rb"AUTHINFO (USER|PASS) \S+$", line):
        secrets.look_in_text(where, line)


def sent_articles(wire, secrets):
    """Every article of every connection; the commands between them are searched."""
    for name, data in files_of(wire):
        at = 0
        posting = False
        while at < len(data):
            if posting and re.match(rb"[A-Za-z-]+: ", data[at:at + 40]):
                end = data.find(b"\r\n.\r\n", at)
                end = len(data) if end < 0 else end + 5
                yield Article("%s at %d" % (name, at), data[at:end])
                posting = False
            else:
                end = data.find(b"\r\n", at)
                end = len(data) if end < 0 else end + 2
                line = data[at:end].rstrip(b"\r\n")
                check_command(secrets, name, line)
                posting = line.upper() == b"POST"
            at = end


def scan_articles(articles, secrets, group):
    """Check each of them and all of them together; answer with their wire forms."""
    crowd = Crowd()
    forms = {}
    for article in articles:
        check_head(article, group)
        check_body(article)
        secrets.look_in_text(article.where, article.ends())
        secrets.look_in(article.where, article.raw)
        secrets.look_in(article.where, article.data)
        crowd.add(article)
        forms[hash(article.raw)] = len(article.raw)
    return forms


def scan(options, secrets):
    stored = stored_articles(options.spool, secrets)
    if options.wire is None:
        return scan_articles(stored, secrets, options.group)
    sent = scan_articles(sent_articles(options.wire, secrets), secrets, options.group)
    for article in stored:
        if hash(article.raw) not in sent:
            found(article.where, "stored, but no client sent it like that")
    return sent


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("spool")
    parser.add_argument("--words", required=True)
    parser.add_argument("--plain", required=True)
    parser.add_argument("--wire")
    parser.add_argument("--group", default="alt.binaries.test")
    options = parser.parse_args()
    with open(options.words, "rb") as file:
        words = [word for word in file.read().split(b"\n") if word]
    secrets = Secrets(words, options.plain)
    articles = scan(options, secrets)
    if not articles:
        found(options.spool, "no article at all")
    for line in findings[:FINDINGS_SHOWN]:
        print(line)
    print("%d articles, %d octets, %d secrets, %d pieces of files: %d findings" % (
        len(articles), sum(articles.values()), len(secrets.words), len(secrets.groups),
        len(findings)))
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
