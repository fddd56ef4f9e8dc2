#!/usr/bin/python3
"""The page where other machines reach it.

    page_tls.py WORK      with cert.pem and key.pem for nas.test.example; USENETSYNC is the program
"""
import os
import socket
import ssl
import subprocess
import sys
import time
import warnings

from daemon_rig import Box, Failure, need
from page_rig import Page, read_head

NAME = "nas.test.example"
PASSWORD = "a password of the page"


def note(text):
    print("--", text, flush=True)


def configure(box, *lines):
    box.stop()
    with open(f"{box.state}/daemon.ini", "w", encoding="ascii") as file:
        file.write("[page]\nport = 0\n" + "".join(f"{line}\n" for line in lines))


def refused(box, words):
    error = box.rows("status", code=None)[-1]["error"]
    need(words in error["text"], f"not \"{words}\" but {error}")
    need(box.pid() is None, "it runs all the same")


def test_refusals(box, work):
    note("no certificate, no names, no password: no daemon")
    pair = (f"certificate = {work}/cert.pem", f"key = {work}/key.pem")
    configure(box, "listen = 0.0.0.0")
    refused(box, "other machines may reach the page")
    configure(box, "listen = 0.0.0.0", *pair)
    refused(box, "other machines may reach the page")
    configure(box, "listen = 0.0.0.0", f"names = {NAME}", *pair)
    refused(box, "only when it has a password")
    configure(box, f"names = {NAME}", f"certificate = {work}/none.pem", pair[1])
    refused(box, "certificate and key cannot be used")
    configure(box, f"names = {NAME}", f"certificate = {work}/key.pem", f"key = {work}/cert.pem")
    refused(box, "certificate and key cannot be used")


def set_password(box, work, password, code=0):
    with open(f"{work}/password", "w", encoding="utf-8") as file:
        file.write(password + "\n")
    return box.cli("ui", "--set-password", "--password-file", f"{work}/password", code=code)


def trusting(work, oldest=ssl.TLSVersion.TLSv1_2, newest=ssl.TLSVersion.TLSv1_3):
    warnings.simplefilter("ignore", DeprecationWarning)  # old versions are asked for on purpose
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(f"{work}/cert.pem")
    context.minimum_version, context.maximum_version = oldest, newest
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def test_tls(box, work):
    note("TLS 1.2 and 1.3, HTTP/1.1 alone, nothing in the clear")
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        page = Page(box, trusting(work, version, version))
        with page.connect() as sock:
            need(sock.selected_alpn_protocol() == "http/1.1", f"it speaks {sock.selected_alpn_protocol()}")
        need(page.get("/healthz").status == 200, f"{version} is refused")
    old = Page(box, trusting(work, ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1))
    try:
        old.get("/healthz")
        raise Failure("TLS 1.1 is good enough")
    except ssl.SSLError:
        pass
    with socket.create_connection(("127.0.0.1", old.port), timeout=20) as sock:
        sock.sendall(f"GET /healthz HTTP/1.1\r\nHost: {old.host}\r\n\r\n".encode())
        need(read_head(sock)[0] == 0, "it answers in the clear")


def test_door(page):
    note("the door, with our names and https")
    need(page.get("/").status == 200 and page.get("/app.js").status == 200, "no page")
    for host in (f"127.0.0.1:{page.port}", f"localhost:{page.port}", NAME, f"{NAME}:1", f"evil.example:{page.port}"):
        need(page.get("/healthz", {"Host": host}).status == 421, f"{host} is taken for ours")
    for origin in (f"http://{page.host}", "https://evil.example", f"https://{NAME}", "null"):
        need(page.post("/api/session", {"password": PASSWORD}, {"Origin": origin}).status == 403, f"{origin} may log in")
    need(page.get("/api/status").status == 401, "no session is needed")


def wait_for_turn(page, password):
    """The answer when a password is tried again."""
    end = time.monotonic() + 60
    while True:
        answer = page.login(password=password)
        if answer.status != 429:
            return answer
        need(time.monotonic() < end, "it is never our turn")
        time.sleep(0.1)


def test_password(page):
    note("the password: wrong ones cost time, the right one opens")
    need(page.get("/api/login").json() == {"password": True}, "there is none")
    answer = wait_for_turn(page, "wrong")
    need(answer.status == 401 and answer.code() == "ERR_WRONG_PASSWORD" and "set-cookie" not in answer.headers, "wrong")
    need(page.login(password=PASSWORD).status == 429, "the next try costs nothing")
    need(page.login(password="x" * 600).status == 400, "one that no password is as long as")
    need(wait_for_turn(page, "").status == 401, "an empty one")
    answer = wait_for_turn(page, PASSWORD)
    need(answer.status == 200, f"the right one: {answer.status} {answer.body}")
    cookie = answer.headers["set-cookie"]
    for words in ("__Host-usenetsync_", "; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/"):
        need(words in cookie, f"the cookie lacks {words}")
    need(page.get("/api/status").status == 200, "the session is no good")
    listener = page.listen()
    need(listener.message()["type"] == "snapshot", "no snapshot")
    listener.close()
    need(page.post("/api/page-password", {"password": "another password"}).status == 403, "a page may set it")


def test_secrets(box, work):
    note("the password is nowhere")
    for folder, _, files in os.walk(box.state):
        for name in files:
            path = os.path.join(folder, name)
            if not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                need(PASSWORD.encode() not in file.read(), f"it is in {path}")
    need(os.stat(f"{box.state}/secrets/page-password").st_mode & 0o777 == 0o600, "others may read what is kept")
    told = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    need(PASSWORD not in told, "it is an argument")
    need("10 to 512" in box.rows("ui", "--set-password", "--password-file", short(work), code=2)[0]["error"]["text"],
         "a short one is taken")


def short(work):
    with open(f"{work}/short", "w", encoding="ascii") as file:
        file.write("short\n")
    return f"{work}/short"


def main(work):
    box = Box(f"{work}/state")
    os.mkdir(box.state, 0o700)
    try:
        test_refusals(box, work)
        configure(box)
        set_password(box, work, PASSWORD)
        configure(box, "listen = 0.0.0.0", f"names = {NAME}", f"certificate = {work}/cert.pem", f"key = {work}/key.pem")
        box.cli("status")
        page = Page(box, trusting(work))
        need(page.url == f"https://{NAME}:{page.port}/", page.url)
        test_tls(box, work)
        test_door(page)
        test_password(page)
        other = Page(box, trusting(work))
        need(other.login().status == 200, "login links do not work any more")
        test_secrets(box, work)
    finally:
        box.stop()


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except Failure as failure:
        sys.exit(f"FAILED: {failure}")
