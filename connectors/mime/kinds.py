"""What a message is, when it is not from one human to others: decided by headers first, then by names."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from connectors.mime.headers import Head, parameters
from connectors.mime.parts import Body

_ROBOT = re.compile(
    r"(?:no|do[._-]?not|donot|never|nicht)[._-]?(?:reply|respond|antworten)|noreply\b|reply-not|"
    r"nao[._-]?respond(?:a|er)|no[._-]?(?:responda|contest(?:ar|e))|ne[._-]?pas[._-]?r[ée]pondre|non[._-]?rispondere|"
    r"niet[._-]?(?:be)?antwoorden|svara[._-]?(?:inte|ej)|ikke[._-]?svar|nie[._-]?odpowiadac|neodpovidat|"
    r"mailer-daemon$|postmaster$|"
    r"(?:auto|automated|automatic)[._-]?(?:mail(?:er)?|reply|confirm|notif\w*)$|notifications?$|bounces?$|bounce[+-]"
)
_DAEMON = re.compile(r"(?:mailer-daemon|postmaster|mail\.?daemon)$")
# What Exchange, Outlook and the big services put before the subject of an automatic answer.
_AWAY = re.compile(
    r"(?:automatic reply|auto(?:matic)?[ -]?reply|autoreply|out of (?:the )?office(?: auto-?reply)?|"
    r"automatische antwort|"
    r"abwesenheitsnotiz|abwesend|r[ée]ponse automatique|absence du bureau|respuesta autom[áa]tica|fuera de la oficina|"
    r"risposta automatica|fuori ufficio|resposta autom[áa]tica|fora do escrit[óo]rio|"
    r"automatisch antwoord|afwezig|autosvar|automatsvar|"
    r"automatiskt svar|automaattinen vastaus|poissa|automatyczna odpowied[źz]|automatick[áa] odpov[ěe][dď]|"
    r"автоматический ответ|автоответ|自動応答|自动答复|自動回覆|자동 회신|otomatik yan\u0131t)\s*(?:[:\uff1a]|$)",
    re.IGNORECASE,
)
_BULK_MARKS: Final = (
    b"feedback-id", b"x-campaign", b"x-campaignid", b"x-campaign-id", b"x-mc-user", b"x-csa-complaints",
    b"list-unsubscribe-post", b"x-report-abuse",
)  # fmt: skip
_DISCUSSION: Final = (b"list-post", b"x-beenthere", b"mailing-list", b"x-mailing-list", b"x-list")
_SHOWN = {name: name.decode().title().replace("Id", "ID") for name in (*_BULK_MARKS, *_DISCUSSION)}
_OF_TALK: Final = (b"list-subscribe", b"list-archive", b"list-owner")
_LIST_ID = re.compile(rb"<?([^<>\s]+)>?\s*$")
_LIST_SENDER = re.compile(rb"owner-|-owner@|-bounces?[@+]|-request@|-admin@")
_ANSWERED: Final = (b"x-autoreply", b"x-autorespond", b"x-autoresponder")
_METHODS = frozenset({"request", "reply", "cancel", "counter", "declinecounter", "refresh", "publish", "add"})


@lru_cache(maxsize=4_096)
def _is_robot(local: str) -> bool:
    return _ROBOT.match(local) is not None


@lru_cache(maxsize=4_096)
def _is_daemon(local: str) -> bool:
    return _DAEMON.match(local) is not None


@lru_cache(maxsize=4_096)
def _is_away(subject: str) -> bool:
    return _AWAY.match(subject) is not None


def classify(head: Head, body: Body, sender: str, subject: str) -> tuple[str, str]:
    """(kind, the header that decided it); ("", "") for a human's mail to humans."""
    local, fields = sender.partition("@")[0], head.fields
    return _machine(fields, body, local, subject) or _many(fields) or _robot(fields, local) or ("", "")


def _machine(fields: dict[bytes, bytes], body: Body, local: str, subject: str) -> tuple[str, str] | None:
    """Bounces, receipts, invitations and out-of-office answers."""
    if body.report in {"delivery-status", "disposition-notification"}:
        return ("bounce" if body.report == "delivery-status" else "automatic"), "Content-Type: multipart/report"
    if fields.get(b"x-failed-recipients"):
        return "bounce", "X-Failed-Recipients"
    if _is_daemon(local):
        return "bounce", "From"
    if body.method in _METHODS or fields.get(b"content-class", b"").lower().endswith(b"calendarmessage"):
        return "invitation", "Content-Type: text/calendar"
    method = parameters(fields.get(b"content-type", b""))[1].get(b"method")
    if method and method.lower().decode("ascii", "replace") in _METHODS:
        return "invitation", "Content-Type: text/calendar"
    return _away(fields, local, subject)


def _away(fields: dict[bytes, bytes], local: str, subject: str) -> tuple[str, str] | None:
    titled = _is_away(subject)
    if fields.get(b"auto-submitted", b"").lower().startswith(b"auto-replied"):
        robot = _is_robot(local) and not titled
        return ("automatic" if robot else "out_of_office"), "Auto-Submitted: auto-replied"
    for name in _ANSWERED:
        value = fields.get(name)
        if value and value.lower() != b"no":
            return "out_of_office", name.decode().title()
    if fields.get(b"precedence", b"").lower() == b"auto_reply":
        return "out_of_office", "Precedence: auto_reply"
    if titled and not any(name in fields for name in _DISCUSSION):
        return "out_of_office", "Return-Path: <>" if fields.get(b"return-path") == b"<>" else "Subject"
    return None


def _many(fields: dict[bytes, bytes]) -> tuple[str, str] | None:
    """Lists of people who talk to each other, and mail that one sends to many."""
    for name in _DISCUSSION:
        value = fields.get(name)
        if value and value.lower() != b"no" and (name != b"list-post" or b"mailto:" in value.lower()):
            return "list", _SHOWN[name]
    precedence = fields.get(b"precedence", b"").lower()
    if precedence == b"list":
        return "list", "Precedence: list"
    marks = [name for name in _BULK_MARKS if name in fields]
    if b"list-id" in fields and not marks and not _is_announcement(fields):
        return "list", "List-Id"
    if b"list-unsubscribe" in fields:
        return "bulk", "List-Unsubscribe"
    if precedence in {b"bulk", b"junk"}:
        # Majordomo and Listar marked discussion lists by no more than this and their own sender.
        listed = _LIST_SENDER.search(fields.get(b"sender", b"").lower()) is not None
        return ("list" if listed else "bulk"), f"Precedence: {precedence.decode()}"
    return ("bulk", _SHOWN[marks[0]]) if marks else None


def _is_announcement(fields: dict[bytes, bytes]) -> bool:
    """Whether a list can only be left: nobody can write to it or look it up, and this mail was not sent to it."""
    if b"list-unsubscribe" not in fields or any(name in fields for name in _OF_TALK):
        return False
    place = _LIST_ID.search(fields[b"list-id"].lower())
    name = place[1].partition(b".")[0] + b"@" if place else b"@"
    return not any(name in fields.get(field, b"").lower() for field in (b"to", b"cc"))


def _robot(fields: dict[bytes, bytes], local: str) -> tuple[str, str] | None:
    submitted = fields.get(b"auto-submitted", b"").lower()
    if submitted and not submitted.startswith(b"no"):
        return "automatic", f"Auto-Submitted: {submitted.partition(b';')[0].decode('ascii', 'replace')[:40]}"
    if b"x-cron-env" in fields:
        return "automatic", "X-Cron-Env"
    if _is_robot(local):
        return "automatic", "From"
    if fields.get(b"return-path") == b"<>":
        return "automatic", "Return-Path: <>"
    return None
