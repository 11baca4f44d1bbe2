"""Cyrus, the strictest of the DAV servers. Debian's package excludes other mail servers: it is used unpacked.

`.ci/cyrus` unpacks it to `UNPACKED`, on Debian 12 only; elsewhere its tests are skipped, also by CI.
"""

from __future__ import annotations

import imaplib
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.peers.daemon import folder, free_port, give, running, user
from tests.peers.dav import DavServer

UNPACKED = Path("/opt/amity-peers/cyrus")

_IMAPD = """\
configdirectory: {home}/conf
partition-default: {home}/spool
defaultpartition: default
admins: admin
servername: localhost
unixhierarchysep: yes
virtdomains: off
cyrus_user: {user}
cyrus_group: {group}
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {home}/sasldb2
sasl_mech_list: PLAIN
allowplaintext: yes
httpmodules: caldav carddav
delete_mode: immediate
idlesocket: {home}/run/idle
notifysocket: {home}/run/notify
lmtpsocket: {home}/run/lmtp
proc_path: {home}/run/proc
mboxname_lockpath: {home}/run/lock
"""
_MASTER = """\
START {{ recover cmd="{bin}/ctl_cyrusdb -C {home}/imapd.conf -r" }}
SERVICES {{
  imap cmd="{bin}/imapd -C {home}/imapd.conf" listen="127.0.0.1:{imap}" prefork=0
  http cmd="{bin}/httpd -C {home}/imapd.conf" listen="127.0.0.1:{http}" prefork=0
}}
EVENTS {{ }}
"""


def is_here() -> bool:
    return (UNPACKED / "usr/lib/cyrus/bin/master").exists() and shutil.which("saslpasswd2") is not None


@contextmanager
def cyrus() -> Iterator[DavServer]:
    """A new server whose user alice has an inbox: without one, her calendars cannot be made."""
    with folder("cyrus") as home:
        programs, mail, web = UNPACKED / "usr/lib/cyrus/bin", free_port(), free_port()
        group = subprocess.run(["id", "-gn", user()], check=True, capture_output=True, text=True).stdout.strip()
        (home / "imapd.conf").write_text(_IMAPD.format(home=home, user=user(), group=group))
        (home / "cyrus.conf").write_text(_MASTER.format(home=home, bin=programs, imap=mail, http=web))
        for name in ("conf", "spool", "run"):
            (home / name).mkdir()
            give(home / name)
        for name in ("alice", "admin"):
            subprocess.run(
                ["saslpasswd2", "-p", "-c", "-f", home / "sasldb2", "-u", "localhost", name],
                input=b"secret\n", check=True, capture_output=True,
            )  # fmt: skip
        give(home / "sasldb2")
        libraries = next((UNPACKED / "usr/lib").glob("*-linux-gnu"))
        command = [
            str(programs / "master"), "-D", "-C", str(home / "imapd.conf"), "-M", str(home / "cyrus.conf"),
            "-p", str(home / "run/master.pid"),
        ]  # fmt: skip
        log = home / "server.log"
        with ExitStack() as stack:
            try:
                environment = {"LD_LIBRARY_PATH": str(libraries), "CYRUS_USER": user()}
                stack.enter_context(running(command, web, log, environment))
            except RuntimeError as error:  # unpacked from another system's package, it is a peer that may be missing
                pytest.skip(f"Cyrus did not start here: {error}")
            _inbox(mail)
            server = DavServer(
                "cyrus", f"http://127.0.0.1:{web}", "alice", "secret",
                "/dav/calendars/user/alice/", "/dav/addressbooks/user/alice/", log,
            )  # fmt: skip
            try:
                yield server
            finally:
                server.close()


def _inbox(port: int) -> None:
    with imaplib.IMAP4("127.0.0.1", port) as admin:
        admin.login("admin", "secret")
        admin.create("user/alice")
