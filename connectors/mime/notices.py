"""What companies put below every mail: whose it is, and not to print it. Nobody asks that."""

from __future__ import annotations

_READ = 3_000  # characters at the end of a text
_LOOKED_AT = 300  # of these, for a hint
_LEAST = 60  # characters: a shorter text has no room for a notice

# Beginnings of such notices, lower case; where one stands, its line and whatever follows are no words of the writer.
_NOTICES = (
    "consider the environment", "think before you print", "think before printing", "if you are not the intended",
    "not the intended recipient", "received this email in error", "received this e-mail in error",
    "received this message in error", "received this communication in error", "confidentiality notice",
    "this email and any", "this e-mail and any", "this message and any", "this communication is intended",
    "this email is confidential", "this e-mail is confidential", "this message is confidential",
    "this message contains confidential", "this email contains confidential", "this e-mail contains confidential",
    "an die umwelt", "der umwelt zuliebe", "umwelt bevor sie", "diese e-mail enthält vertrauliche",
    "diese e-mail kann vertrauliche", "diese nachricht enthält vertrauliche", "diese nachricht ist vertraulich",
    "diese e-mail ist vertraulich", "nicht der richtige adressat", "nicht der vorgesehene empfänger",
    "nicht der beabsichtigte empfänger", "nicht der angegebene empfänger",
    "pensez à l'environnement", "avant d'imprimer", "si vous n'êtes pas le destinataire",
    "si vous n'êtes pas destinataire", "ce message et toutes les pièces", "ce message et ses pièces",
    "ce message est confidentiel", "ce courriel est confidentiel", "reçu ce message par erreur",
    "reçu ce courriel par erreur",
    "antes de imprimir", "medio ambiente", "este mensaje y sus", "este mensaje es confidencial",
    "este mensaje contiene información", "este mensaje se dirige", "este correo electrónico y", "aviso legal:",
    "si no es usted el destinatario", "si usted no es el destinatario", "ha recibido este mensaje por error",
    "ha recibido este correo por error", "ha recibido este mensaje por equivocación",
    "pense no ambiente", "pense no meio ambiente", "esta mensagem é confidencial", "esta mensagem e quaisquer",
    "esta mensagem e seus anexos", "esta mensagem contém informa", "esta mensagem pode conter",
    "este e-mail é confidencial", "este email é confidencial", "recebeu esta mensagem por engano",
    "recebeu este e-mail por engano", "se não for o destinatário", "se não é o destinatário",
    "aviso de confidencialidade",
    "prima di stampare", "pensa all'ambiente", "questo messaggio è confidenziale", "questo messaggio e i suoi",
    "questo messaggio contiene informazioni", "le informazioni contenute in questa", "le informazioni contenute nel",
    "ricevuto questo messaggio per errore", "ricevuto questa e-mail per errore", "ai sensi del d.lgs",
    "denk aan het milieu", "dit bericht is uitsluitend", "dit bericht kan vertrouwelijke",
    "deze e-mail is uitsluitend", "niet de geadresseerde",
    "tänk på miljön", "tenk på miljøet", "tænk på miljøet", "ajattele ympäristöä", "tämä viesti on luottamuksellinen",
    "detta meddelande är konfidentiellt", "denne e-mail er fortrolig", "denne meddelelse er fortrolig",
    "pomyśl o środowisku", "zanim wydrukujesz", "niniejsza wiadomość", "настоящее сообщение является",
    "данное сообщение является конфиденциальн", "это сообщение является конфиденциальн",
    "本メールは機密", "本メールには機密", "本邮件及其附件", "本邮件含有", "此邮件及附件", "本電子郵件",
)  # fmt: skip
# One of these stands in whatever the notices find, the first in those that are ASCII: all that most mails cost.
_HINTS = (
    "confiden", "intended", "in error", "environment", "print", "umwelt", "vertraulich", "imprim", "ambiente",
    "aviso legal",
    "este mensaje", "este correo", "stampare", "messaggio", "informazioni", "d.lgs", "milieu", "geadresseerde",
    "dit bericht", "deze e-mail", "fortrolig", "errore", "destinat", "and any", "adressat", "mensagem", "por engano",
    "wydrukuj",
)  # fmt: skip
_FOREIGN_HINTS = (
    "empfänger", "é confidencial", "environnement", "ce message", "miljö",
    "miljø", "ympäristö", "luottamuksell", "konfident", "środowisk", "niniejsza", "сообщение является",
    "本メール", "邮件", "電子郵件", "reçu ce",
)  # fmt: skip


def without_notice(text: str) -> str:
    """A text without the notice at its end; a text that is nothing else is left as it is."""
    if len(text) < _LEAST:
        return text
    last = text[-_LOOKED_AT:].lower()
    if not any(map(last.__contains__, _HINTS)) and (last.isascii() or not any(map(last.__contains__, _FOREIGN_HINTS))):
        return text
    base = max(0, len(text) - _READ)
    end = text[base:].lower()
    if "\N{RIGHT SINGLE QUOTATION MARK}" in end:
        end = end.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    places = [at for notice in _NOTICES if (at := end.find(notice)) >= 0]
    if not places:
        return text
    kept = text[: base + end.rfind("\n", 0, min(places)) + 1]
    return kept if kept.strip() else text
