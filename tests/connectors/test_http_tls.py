"""TLS: whom it trusts, and that nothing leads back out of it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors import http_wire
from connectors.credentials.secret import Secret
from connectors.errors import Refused, TryLater
from connectors.http import Http, Limits
from connectors.http_auth import Bearer
from tests.connectors.scripted import answer, scripted


def _certificate(folder: Path, *names: x509.GeneralName) -> Path:
    """A certificate that vouches for itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "amity test")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


@contextmanager
def front(certificate: Path, port: int) -> Iterator[str]:
    """A TLS server before a scripted one; its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                bare, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(bare, server_side=True) as client, socket.create_connection(
                    ("127.0.0.1", port)
                ) as server:  # fmt: skip
                    server.sendall(client.recv(65536))
                    while piece := server.recv(65536):
                        client.sendall(piece)
            except OSError:
                bare.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _moved(url: str) -> bytes:
    return answer(b"", "301 X", f"Location: {url}")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return _certificate(tmp_path, x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("nas.local"))


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system trusts the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@contextmanager
def client(*home: str) -> Iterator[Http]:
    auth = Bearer(Secret("tok")) if home else None
    limits = Limits(connect=20, read=20, total=40)
    http = Http("caldav:work", auth=auth, home=home, private=("127.0.0.1", "nas.local", "other.local"), limits=limits,
                resolver=lambda _host, _port: ["127.0.0.1"])  # fmt: skip
    try:
        yield http
    finally:
        http.close()


@pytest.mark.usefixtures("trusted")
def test_a_certificate_that_the_system_trusts_is_good_for_its_own_names_only(certificate: Path) -> None:
    with scripted(answer(b"x")) as server, front(certificate, server.port) as url:
        with client() as http:
            assert http.ask("GET", url).body == b"x"
            assert http.ask("GET", url.replace("127.0.0.1", "nas.local")).body == b"x"
            with pytest.raises(TryLater, match=r"certificate cannot be trusted.*other\.local"):
                http.ask("GET", url.replace("127.0.0.1", "other.local"))
        assert len(server.asked) == 2


def test_a_certificate_that_nobody_vouches_for_ends_it_before_a_request_is_sent(certificate: Path) -> None:
    with scripted(answer(b"x")) as server, front(certificate, server.port) as url:
        with client(url) as http, pytest.raises(TryLater, match="certificate cannot be trusted"):
            http.ask("GET", url)
        assert server.asked == []


def test_a_machine_without_authorities_has_those_of_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "none").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    assert http_wire._context().cert_store_stats()["x509_ca"] > 50


@pytest.mark.usefixtures("trusted")
def test_a_redirect_out_of_tls_is_not_followed(certificate: Path) -> None:
    with scripted(answer(b"in the clear")) as clear, scripted(_moved(f"{clear.url}/x")) as server:
        with front(certificate, server.port) as url, client(url) as http, pytest.raises(Refused, match="encryption"):
            http.ask("GET", url)
        assert len(server.asked) == 1
        assert clear.asked == []


@pytest.mark.usefixtures("trusted")
def test_a_redirect_into_tls_is_another_origin_unless_it_is_the_default_one(certificate: Path) -> None:
    with (
        scripted(answer(b"x")) as server,
        front(certificate, server.port) as url,
        scripted(_moved(f"{url}/x")) as clear,
        client(clear.url) as http,
    ):
        assert http.ask("GET", clear.url).body == b"x"
        assert not http._is_home(url)
        assert b"uthorization" not in server.asked[0]
    with client("http://nas.local/dav/") as http:
        assert http._is_home("https://nas.local/dav/")
        assert not http._is_home("https://nas.local:8443/dav/")
        assert not http._is_home("https://other.local/dav/")
    with client("https://nas.local/dav/") as http:
        assert not http._is_home("http://nas.local/dav/")
