"""A real Dovecot for tests: one unprivileged server on loopback, with Maildirs, plain, STARTTLS and TLS ports.

Any user may sign in with the password `secret`; each has an empty mailbox of their own. Every change that any client
makes stands in `log` (plugin `mail_log`), which is how a test proves that a client made none.
"""

from __future__ import annotations

import grp
import os
import pwd
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import NamedTuple

from tests.peers import daemon

PASSWORD = "secret"  # noqa: S105  of a server that lives as long as a test
_USERS = count(1)
_CHANGE = re.compile(r"imap\(.*: (?:delete|undelete|expunge|save|copy|flag_change|Mailbox \w+): ")
_CONFIG = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
auth_username_chars =
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_uid = {user}
mail_gid = {group}
mail_home = {folder}/home/%u
mail_location = maildir:~/Maildir
mail_fsync = never
mail_plugins = notify mail_log
plugin {{
  mail_log_events = delete undelete expunge save copy mailbox_create mailbox_delete mailbox_rename flag_change
  mail_log_fields = uid box msgid flags
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    special_use = \\Sent
  }}
  mailbox Trash {{
    special_use = \\Trash
  }}
  mailbox Drafts {{
    special_use = \\Drafts
  }}
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home/%u
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls_port}
    ssl = yes
  }}
}}
protocol imap {{
  mail_max_userip_connections = 100
}}
"""
_OAUTH2 = """\
introspection_url = http://127.0.0.1:{port}/
introspection_mode = auth
username_attribute = user
active_attribute = active
active_value = yes
"""


class Dovecot(NamedTuple):
    """A running server. `certificate`: the file that a client must trust; `token_port`: where it asks about tokens."""

    folder: Path
    port: int
    tls_port: int
    token_port: int
    certificate: Path

    def new_user(self) -> str:
        return f"user{os.getpid()}-{next(_USERS)}"

    def log(self) -> str:
        """Everything that any client has changed so far, one line each; another process writes it, a little later."""
        path, size = self.folder / "dovecot.log", -1
        while size != path.stat().st_size:
            size = path.stat().st_size
            time.sleep(0.2)
        lines = path.read_text(errors="replace").splitlines()
        return "\n".join(line for line in lines if _CHANGE.search(line))


def is_here() -> bool:
    return shutil.which("dovecot", path=_path()) is not None


def _path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


@contextmanager
def running() -> Iterator[Dovecot]:
    """Start a server, stop it and remove its files at the end."""
    with daemon.folder("dovecot") as folder:
        port, tls_port, token_port = daemon.free_port(), daemon.free_port(), daemon.free_port()
        _certificate(folder)
        (folder / "oauth2.conf").write_text(_OAUTH2.format(port=token_port))
        settings = {"folder": folder, "user": daemon.user(), "group": _group(), "port": port, "tls_port": tls_port}
        (folder / "dovecot.conf").write_text(_CONFIG.format(**settings))
        for name in ("run", "state", "home"):
            (folder / name).mkdir()
        for path in folder.iterdir():
            daemon.give(path)
        program = shutil.which("dovecot", path=_path()) or "dovecot"
        command = [program, "-F", "-c", str(folder / "dovecot.conf")]
        with daemon.running(command, port, folder / "output.log", {"PATH": _path()}):
            yield Dovecot(folder, port, tls_port, token_port, folder / "cert.pem")


def _group() -> str:
    """The group of the user that servers run as."""
    return grp.getgrgid(pwd.getpwnam(daemon.user()).pw_gid).gr_name


def _certificate(folder: Path) -> None:
    """A certificate for localhost that vouches for itself."""
    from cryptography import x509  # noqa: PLC0415  only the tests of TLS need it
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    day = timedelta(days=1)
    builder = builder.serial_number(1).not_valid_before(now - day).not_valid_after(now + day)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate = builder.sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(private)
