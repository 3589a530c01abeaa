"""A client of voiceapp's control protocol in Python's standard library.

It is made of control/PROTOCOL.md alone, and shows that the document is enough.
Control only: it neither speaks nor hears.

    client = Client("localhost", 7788, "3f5a...")  # the server's fingerprint
    client.call("session.open", protocol=1, name="snake")
    channels = client.call("channel.list")["channels"]
    client.call("channel.join", channel=channels[0]["id"])
    client.call("chat.send", text="good evening")
    for event in client.events():
        print(event["method"], event["params"])
"""

import collections
import hashlib
import json
import socket
import ssl
import sys


class ServerError(Exception):
    """An error that the server answered: branch on code."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.code = error["data"]["code"]
        self.needs = error["data"].get("needs")


class WrongKey(Exception):
    """The server is not the one that was asked for; nothing was sent to it."""


def _element(der, at):
    """Gives the content of the DER element at a place, and where it begins and ends."""
    length, start = der[at + 1], at + 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(der[at + 2 : start], "big")
    return start, start + length


def fingerprint(certificate):
    """SHA-256 of the SubjectPublicKeyInfo of a certificate in DER, in lower-case hex."""
    at, _ = _element(certificate, 0)  # Certificate
    at, _ = _element(certificate, at)  # TBSCertificate
    if certificate[at] == 0xA0:  # the version may be left out
        _, at = _element(certificate, at)
    for _ in range(5):  # serialNumber, signature, issuer, validity, subject
        _, at = _element(certificate, at)
    _, end = _element(certificate, at)
    return hashlib.sha256(certificate[at:end]).hexdigest()


class Client:
    """A connection to a server whose fingerprint is known."""

    def __init__(self, host, port, key, timeout=20):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the key alone counts
        raw = socket.create_connection((host, port), timeout)
        self._conn = context.wrap_socket(raw)
        shown = fingerprint(self._conn.getpeercert(binary_form=True))
        if shown != key:
            self._conn.close()
            raise WrongKey(f"the server's key is {shown}")
        self._lines = self._conn.makefile("rb")
        self._events = collections.deque()
        self._last = 0

    def _read(self):
        line = self._lines.readline()
        return json.loads(line) if line else None

    def call(self, method, **params):
        """Sends a request and returns its result. Events that come before are kept."""
        self._last += 1
        request = {"jsonrpc": "2.0", "id": self._last, "method": method, "params": params}
        text = json.dumps(request, ensure_ascii=False, separators=(",", ":"))
        self._conn.sendall(text.encode() + b"\n")
        while True:
            message = self._read()
            if message is None:
                raise EOFError("the server has ended the connection")
            if "method" in message:
                self._events.append(message)
            elif message["id"] == self._last:
                if "error" in message:
                    raise ServerError(message["error"])
                return message["result"]

    def events(self):
        """Gives what the server says by itself, until the connection ends."""
        while True:
            message = self._events.popleft() if self._events else self._read()
            if message is None:
                return
            if "method" in message:
                yield message

    def close(self):
        self._conn.close()


def main(host, port, key):
    """Logs in as a guest, joins the Lobby, says hello, and tells what happens, a
    line for each event, until the connection ends."""
    client = Client(host, int(port), key)
    me = client.call("session.open", protocol=1, name="snake")
    lobby = next(c for c in client.call("channel.list")["channels"] if c["name"] == "Lobby")
    try:
        client.call("channel.join", channel=-1)
    except ServerError as error:
        print(json.dumps({"refused": error.code}), flush=True)
    client.call("channel.join", channel=lobby["id"])
    sent = client.call("chat.send", text="hello from Python")
    print(json.dumps({"session": me["session"], "sent": sent["id"]}), flush=True)
    for event in client.events():
        print(json.dumps({"event": event["method"], "params": event["params"]}), flush=True)
    client.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
