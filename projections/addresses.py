"""What an address says by itself: its canonical form, and whether a role, a list, a room or a robot is behind it."""

from __future__ import annotations

import re
from functools import lru_cache

from projections.name_tables import word_set

LOGIN_DOMAINS = ("users.noreply.github.com", "users.noreply.gitlab.com")  # `123+login@`: a person, not a robot
# Providers of private mailboxes: one domain, unrelated people. Public knowledge, never used to exclude anybody.
FREE_MAIL = word_set("""
gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.fr yahoo.de ymail.com rocketmail.com hotmail.com hotmail.co.uk
hotmail.fr outlook.com live.com msn.com passport.com aol.com aim.com icloud.com me.com mac.com gmx.de gmx.net gmx.at
gmx.com web.de t-online.de freenet.de mail.ru yandex.ru yandex.com ya.ru bk.ru inbox.ru list.ru rambler.ru qq.com
163.com 126.com foxmail.com sina.com naver.com daum.net hanmail.net protonmail.com protonmail.ch proton.me pm.me
tutanota.com tuta.io fastmail.com fastmail.fm hey.com zoho.com mail.com posteo.de posteo.net mailbox.org riseup.net
comcast.net verizon.net att.net sbcglobal.net earthlink.net cox.net bellsouth.net orange.fr free.fr laposte.net
wanadoo.fr libero.it virgilio.it tiscali.it alice.it terra.com.br uol.com.br bol.com.br seznam.cz wp.pl o2.pl onet.pl
interia.pl btinternet.com rediffmail.com users.noreply.github.com users.noreply.gitlab.com
""")
_SECOND_LEVEL = word_set("co com ac org gov edu net or ne go gouv mil")

# Local parts that a function holds and not a human (RFC 2142, and common usage).
ROLES = word_set("""
abuse account accounting accounts admin administration administrator admissions all announce assistant
billing board bookings bounce bounces bugs calendar careers ci commercial committee community compliance
conference contact contacts crew customercare customerservice daemon desk dev devel developer developers
devops dispatch dns docs editor editorial email enquiries enquiry events everyone faculty familia familie
famille family feedback finance frontdesk ftp general git github group groups guest hello help helpdesk hey
hi hola home host hostmaster hr info information inquiries inquiry invitations invoice invoices it jira jobs
legal licensing list lists local mail mailbox mailer mailman management manager marketing me media members
membership messages moderator myself network news newsletter nobody noc none noreply office official
operations ops order orders owner payments payroll people post postmaster press privacy products project
projects public publicity purchasing reception recruiting recruitment registrar registration request
research reservations returns root sales schedule scheduling secretary security server service services shop
smtp spam staff store studio subscriptions support sysadmin system team tech techsupport test tester testing
tickets training travel ubuntu unknown update updates user users uucp vendor volunteer volunteers web
webmaster welcome work www
""")
# Of these, the ones that also stand beside a place or a subject: info.berlin@, support-de@, platform-team@.
_LEADING = word_set("""
admin billing careers contact events family help helpdesk info invoices jobs marketing noreply office recruiting sales
service support team
""")
_TRAILING = word_set("admin family group help helpdesk list office sales service support team")
_HOUSEHOLD = ("family", "familie", "famille", "team", "support")  # and a number
# What one human also calls a mailbox of their own; a role only where no single human name stands beside it.
_PERSONAL = word_set("contact email git github hello hey hi home mail me myself post private public web work")
_ROBOT = re.compile(
    r"(?:^|[._+-])(?:no[._-]?reply|do[._-]?not[._-]?reply|nicht[._-]?antworten|ne[._-]?pas[._-]?repondre)"
    r"|(?:^|[._+-])n[oa]o?[._-]?respond(?:er|a|as)\b|^(?:no[._-]?contest(?:ar|e)|non[._-]?rispondere"
    r"|niet[._-]?(?:be)?antwoorden|svara[._-]?(?:inte|ej)|ikke[._-]?svar|nie[._-]?odpowiadac|neodpovidat)\b|^(?:mailer-daemon|postmaster|maildaemon|bounces?|notifications?|notify|notifier)$"
    r"|^(?:mailer-daemon|bounces?|notifications?|auto[._-]?(?:reply|confirm|mailer)|automated|calendar-notification"
    r"|dependabot|[a-z-]+\[bot\])(?:$|[+=._-])"
)
# What only announces: nobody of that name begins a conversation.
_ANNOUNCER = re.compile(
    r"^(?:e?[._-]?news(?:letters?)?|newsletters?[._-].+|.+[._-]news(?:letters?)?|promo(?:s|tions?)?|offers?|deals"
    r"|specials?|marketing|announcements?(?:[._-].+)?|digest|alerts?|mailings?|bulletin|campaigns?|showtimes"
    r"|ofertas?|novedades|novidades|noticias|nieuwsbrief|nyhetsbrev|uutiskirje|rundbrief|infolettre|promozioni|offerte)$"
)
_LIST_LOCAL = re.compile(r"(?:^|[._-])(?:distribution|mailinglist|listserv|everyone)(?:$|[._-])|^dl[._-]|[._-]dl$")
_LIST_DOMAIN = re.compile(r"(?:^|\.)(?:lists?|groups|googlegroups|yahoogroups|listserv|mailman)\.")
_ROOM_DOMAIN = "resource.calendar.google.com"
_CALENDAR_DOMAINS = ("group.calendar.google.com", "group.v.calendar.google.com", "import.calendar.google.com")
# Top-level domains that cannot be reached: RFC 2606, RFC 6762, and what people type where an address is required.
_NOWHERE = word_set("""
example fake home internal invalid lan local localdomain localhost none (none) nowhere null test unknown
""")
# What people and programs write where they have no address to give.
_BLANK = word_set("""
anon anonymous devnull email invalid na nil no-address no-email no-mail no-one noaddress nobody noemail nomail none
noone null root ubuntu undisclosed unknown unspecified user
""")
_SEPARATORS = re.compile(r"[._\-]+")
_NUMBER = re.compile(r"\d+$")


def split_address(address: str) -> tuple[str, str]:
    """Give (local part, domain); what has no @ is all local part, and what `keyed` made has neither."""
    if address.endswith(">"):
        return "", ""
    local, _, domain = address.rpartition("@")
    return (local, domain) if local else (address.strip("@"), "")


@lru_cache(maxsize=200_000)
def canonical(address: str) -> str:
    """Give the mailbox that an address is delivered to: no tag after +, no dots at Gmail, a login at GitHub."""
    address = address.strip().lower()
    if address.endswith(">"):
        return address
    local, domain = split_address(address)
    if domain in LOGIN_DOMAINS:
        return f"{re.sub(r'^[0-9]+[+-]', '', local)}@{domain}"
    if "+" in local.lstrip("+") and not local.startswith("+"):
        local = local.split("+", 1)[0]
    if domain in ("gmail.com", "googlemail.com"):
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


@lru_cache(maxsize=200_000)
def is_mailbox(address: str) -> bool:
    """Tell whether mail could be delivered there: `?@?` and `root@localhost` are shared by strangers."""
    local, domain = split_address(address)
    top = domain.rpartition(".")[2]
    return bool(local.strip("?._-")) and "." in domain.strip(".") and top not in _NOWHERE


@lru_cache(maxsize=200_000)
def is_blank(address: str) -> bool:
    """Tell whether an address stands for none: `?@?`, `none@none`, `root@localhost`."""
    local, _ = split_address(address)
    return not is_mailbox(address) and (not any(map(str.isalnum, local)) or local.strip("().-_<>") in _BLANK)


def keyed(address: str, name: str) -> str:
    """Give what tells senders apart: the address, or, where it stands for none, `ana ruiz <?@?>`.

    `projections.keyed` takes it apart again.
    """
    return f"{name.lower()} <{address}>" if name and is_blank(address) else address


def kind_of(address: str, *, is_list: bool = False, is_room: bool = False, is_robot: bool = False) -> str:
    """Give person, list, room or robot. What headers and calendars said (the flags) outranks the look."""
    for flag, kind in ((is_room, "room"), (is_list, "list"), (is_robot, "robot")):
        if flag:
            return kind
    local, domain = split_address(address)
    if domain == _ROOM_DOMAIN:
        return "room"
    if _is_of_lists(domain) or _LIST_LOCAL.search(local):
        return "list"
    if local.endswith("[bot]") or (domain not in LOGIN_DOMAINS and _ROBOT.search(local)):
        return "robot"
    return "person"


def is_announcer(address: str) -> bool:
    """Tell whether an address says that it only announces: newsletter@, offers@. Whom one writes to is none."""
    return _ANNOUNCER.search(split_address(address)[0]) is not None


@lru_cache(maxsize=100_000)
def _is_of_lists(domain: str) -> bool:
    return domain in _CALENDAR_DOMAINS or bool(_LIST_DOMAIN.search(domain))


def is_role(address: str) -> bool:
    """Tell whether the local part names a function or a household: several people may sit behind it."""
    local, _ = split_address(canonical(address))
    if local.isalpha() and local not in ROLES and is_mailbox(address):
        return local.endswith(_HOUSEHOLD)
    bare_local = _NUMBER.sub("", local)
    parts = [part for part in _SEPARATORS.split(bare_local) if part]
    if not is_mailbox(address) or ROLES.issuperset(parts) or bare_local.endswith(_HOUSEHOLD):
        return True
    return len(parts) > 1 and (parts[0] in _LEADING or parts[-1] in _TRAILING)


def is_personal_role(address: str) -> bool:
    """Tell whether one human may well own this role: me@, hello@, github@."""
    return split_address(canonical(address))[0] in _PERSONAL


def site(domain: str) -> str:
    """Give the part of a domain that an organisation registers: cs.mit.edu -> mit.edu, a.b.co.uk -> b.co.uk.

    Close to the Public Suffix List without its size; used only beside agreeing names.
    """
    labels = domain.split(".")
    country = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL  # noqa: PLR2004  ISO 3166 codes
    return ".".join(labels[-3:] if country else labels[-2:])


def handle(text: str) -> str:
    """Give letters and digits only: `ana.ruiz`, `ana_ruiz` and `AnaRuiz` are one handle."""
    folded = text.casefold()
    return folded if folded.isalnum() else "".join(filter(str.isalnum, folded))


def numbered(address: str) -> tuple[str, str] | None:
    """Give (domain, local part without its last number) at an organisation's domain, None at a free mail provider.

    At one organisation `wei.zhang` and `wei.zhang2` are two people of one name: the number tells them apart.
    """
    local, domain = split_address(canonical(address))
    return None if domain in FREE_MAIL or not domain else (domain, _NUMBER.sub("", local).rstrip("._-"))
