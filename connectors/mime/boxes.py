"""Where a message lay and whether it was read: folder names, Gmail labels, and the flags of mbox files."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import msgspec

from connectors.mime.charsets import header_text
from connectors.mime.headers import Head

_NAMES: Final = {
    "sent": (
        "sent sent_mail sent_items sent_messages sent_objects outbox gesendet gesendete_objekte "
        "gesendete_elemente gesendete_nachrichten envoyes envoyés messages_envoyés éléments_envoyés enviados "
        "elementos_enviados itens_enviados mensagens_enviadas correo_enviado inviata posta_inviata "
        "posta_inviati inviati verzonden verzonden_items verzonden_berichten skickat skickade skickade_objekt "
        "sendt sendte_elementer lähetetyt lähetetyt_viestit wysłane elementy_wysłane odeslané odeslaná_pošta "
        "elküldött отправленные gönderilmiş_öğeler gönderilenler σταλμένα "
        "已发送 已发送邮件 寄件備份 送信済み 送信済みメール "
        "送信済みアイテム 보낸편지함 보낸_편지함 נשלח"
    ),
    "trash": (
        "trash deleted deleted_items deleted_messages bin papierkorb gelöscht gelöschte_objekte "
        "gelöschte_elemente corbeille éléments_supprimés papelera elementos_eliminados lixeira lixo "
        "itens_excluídos itens_eliminados cestino posta_eliminata prullenbak verwijderde_items papperskorg "
        "papperskorgen borttagna_objekt papirkurv slettet_post slettede_elementer roskakori poistetut kosz "
        "elementy_usunięte koš odstraněná_pošta lomtár корзина удаленные çöp_kutusu silinmiş_öğeler 已删除 已删除邮件 "
        "垃圾桶 ゴミ箱 ごみ箱 削除済みアイテム 휴지통 지운편지함 אשפה"
    ),
    "spam": (
        "spam junk junk_e-mail junk_email junk_mail bulk_mail unerwünscht junk-e-mail courrier_indésirable "
        "indésirables pourriel correo_no_deseado no_deseado lixo_eletrônico lixo_electrónico "
        "posta_indesiderata ongewenst ongewenste_e-mail ongewenste_email skräppost skräp søppelpost uønsket "
        "uønsket_e-post uønsket_mail roskaposti spamy nevyžádaná_pošta levélszemét спам нежелательная_почта "
        "gereksiz istenmeyen 垃圾邮件 垃圾郵件 迷惑メール 스팸 스팸함 ספאם"
    ),
    "draft": (
        "draft drafts entwurf entwürfe brouillon brouillons borrador borradores rascunho rascunhos bozza "
        "bozze concept concepten utkast kladder luonnokset szkice robocze wersje_robocze koncepty piszkozatok "
        "черновики taslaklar 草稿 草稿箱 下書き 임시보관함 טיוטות"
    ),
    "inbox": (
        "inbox posteingang boîte_de_réception réception recibidos bandeja_de_entrada caixa_de_entrada "
        "posta_in_arrivo in_arrivo postvak_in inkorg innboks indbakke saapuneet odebrane skrzynka_odbiorcza "
        "doručená_pošta beérkezett входящие gelen_kutusu 收件箱 收件匣 受信トレイ 받은편지함"
    ),
    "chat": (
        "chat chats chatten conversaciones chatt czat чаты チャット 聊天 채팅"
    ),
    "unread": (
        "unread ungelesen non_lus non_lu no_leído no_leídos não_lida não_lidas não_lidos da_leggere non_letto "
        "non_letti ongelezen oläst olästa ulest ulæst ulæste lukematon lukemattomat nieprzeczytane nepřečtené "
        "olvasatlan непрочитанные okunmamış 未读 未讀 未読 읽지_않음 읽지않음"  # noqa: RUF001  names in many scripts
    ),
    "read": (
        "opened geöffnet ouvert ouverts abierto abiertos aberto abertas aperto aperti geopend öppnat öppnade "
        "åpnet åbnet avattu otwarte otevřeno megnyitva открытые açıldı 已打开 已開啟 開封済み 열림"  # noqa: RUF001  names in many scripts
    ),
}  # fmt: skip
_BOX_OF = {name: box for box, names in _NAMES.items() for name in names.split()}
# An Exchange export keeps these beside the mail folders; what lies in them was never mailed.
_NOT_MAIL = frozenset({"calendar", "contacts", "tasks", "notes", "journal"})
_SYSTEM = frozenset({"unread", "read", "inbox", "sent", "trash", "spam", "draft", "chat"})
_PUNCTUATION = re.compile(r"[\s_]+")
_EDGES = " _.[]\"'"
_EXTENSION = re.compile(r"\.(?:mbox|mbx|mbs|eml|txt)$", re.IGNORECASE)
_MARKS = frozenset({b"x-gmail-labels", b"x-mozilla-status", b"status", b"x-status"})
MOST_LABELS = 50
LONGEST_LABEL = 100
_MOZILLA_READ, _MOZILLA_EXPUNGED = 0x1, 0x8  # nsMsgMessageFlags


class Standing(msgspec.Struct, frozen=True):
    """What the source says about its copy: the box, the reader's mark (None: it carries none), the owner's labels."""

    box: str
    seen: bool | None
    labels: tuple[str, ...]


@lru_cache(maxsize=1024)
def box_of(folder: str) -> str:
    """sent, trash, spam, draft, inbox, chat or not_mail for a folder or label in many languages; "" for any other.

    Of a path the innermost known name decides: `Archive/Sent.2020`, `[Gmail]/Trash`, `.Sent`, `deleted_items.mbox`.
    """
    name = _EXTENSION.sub("", folder.strip())
    if _plain(name) in _NOT_MAIL:
        return "not_mail"
    for piece in (name, *reversed(re.split(r"[/\\.]", name))):
        box = _BOX_OF.get(_plain(piece), "")
        if box and box not in {"unread", "read"}:
            return box
    return ""


def _plain(name: str) -> str:
    return _PUNCTUATION.sub("_", name.strip().casefold()).strip(_EDGES)


def standing(head: Head, folder: str, seen: bool | None, extra_box: str) -> Standing:  # noqa: FBT001  three states
    """The standing of one copy: flags of the source first, then labels, then mbox flags, then the folder's name."""
    if _MARKS.isdisjoint(head.fields):
        return Standing(extra_box or box_of(folder), seen, ())
    labels, box, marked = _labels(head)
    mozilla = _mozilla(head)
    if marked is None:
        marked = bool(mozilla & _MOZILLA_READ) if mozilla is not None else _status(head)
    box = extra_box or box or _flagged(head, mozilla or 0) or box_of(folder)
    return Standing(box, marked if seen is None else seen, labels)


def _labels(head: Head) -> tuple[tuple[str, ...], str, bool | None]:
    value = head.fields.get(b"x-gmail-labels")
    if value is None:
        return (), "", None
    names = [name.strip(' "')[:LONGEST_LABEL] for name in header_text(value).split(",")]
    kinds = {_BOX_OF.get(_plain(name), "") for name in names}
    box = next((box for box in ("trash", "spam", "draft", "chat", "sent", "inbox") if box in kinds), "")
    own = sorted({name for name in names if name and _BOX_OF.get(_plain(name), "") not in _SYSTEM})
    return tuple(own[:MOST_LABELS]), box, "unread" not in kinds


def _status(head: Head) -> bool | None:
    status = head.fields.get(b"status")
    return None if status is None else b"R" in status


def _mozilla(head: Head) -> int | None:
    value = head.fields.get(b"x-mozilla-status")
    if value is None:
        return None
    try:
        return int(value[:8], 16)
    except ValueError:
        return None


def _flagged(head: Head, mozilla: int) -> str:
    flags = head.first(b"x-status")[:20]
    if b"D" in flags or mozilla & _MOZILLA_EXPUNGED:
        return "trash"
    return "draft" if b"T" in flags else ""
