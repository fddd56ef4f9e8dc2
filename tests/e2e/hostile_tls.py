"""Certificates that are right and wrong, and roads to a server that are not what they should be. Import it."""
import os
import socket
import ssl
import subprocess
import threading

LOCK = threading.Lock()


def openssl(*args):
    subprocess.run(("openssl", *args), check=True, capture_output=True)


def make_certificate(work, name, *days, host="127.0.0.1", signed=True):
    """NAME.pem and NAME.key in WORK; signed by ca.pem, or by itself."""
    base = os.path.join(work, name)
    subject = ("-subj", "/CN=" + name, "-addext", f"subjectAltName=IP:{host}")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", base + ".key")
    if not signed:
        openssl("req", "-x509", *key, *subject, "-out", base + ".pem", *days)
        return
    openssl("req", *key, *subject, "-out", base + ".csr")
    openssl("x509", "-req", "-in", base + ".csr", "-CA", os.path.join(work, "ca.pem"), "-CAkey",
            os.path.join(work, "ca.key"), "-CAcreateserial", "-copy_extensions", "copy", "-out", base + ".pem", *days)


def make_all(work):
    make_certificate(work, "ca", signed=False)
    make_certificate(work, "good")
    make_certificate(work, "other name", host="192.0.2.1")
    make_certificate(work, "unknown", signed=False)
    make_certificate(work, "expired", "-days", "-1")


def certificates(work, kind):
    """The options of a server with this kind of certificate; none where a road in front does the TLS."""
    with LOCK:
        if not os.path.exists(os.path.join(work, "expired.pem")):
            make_all(work)
    if kind in ("1.1", "plain"):
        return ()
    base = os.path.join(work, kind)
    return ("--tls-cert", base + ".pem", "--tls-key", base + ".key")


class Road:
    """Between a client that wants TLS and a plain server: TLS that is too old, or none."""

    def __init__(self, work, kind, server_port):
        self.server_port, self.context = server_port, None
        if kind == "1.1":
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.minimum_version = ssl.TLSVersion.TLSv1
            self.context.maximum_version = ssl.TLSVersion.TLSv1_1
            self.context.set_ciphers("DEFAULT:@SECLEVEL=0")
            self.context.load_cert_chain(os.path.join(work, "good.pem"), os.path.join(work, "good.key"))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            if self.context is not None:
                client = self.context.wrap_socket(client, server_side=True)
            server = socket.create_connection(("127.0.0.1", self.server_port))
        except OSError:
            client.close()
            return
        threading.Thread(target=self.carry, args=(client, server), daemon=True).start()
        self.carry(server, client)

    @staticmethod
    def carry(source, target):
        try:
            while data := source.recv(1 << 16):
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
