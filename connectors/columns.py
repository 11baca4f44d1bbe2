"""What the columns of an exported address book mean, in the languages its headers come in. Data, and the look-up.

Google and the newer Outlook write English headers whatever the language of the person; Outlook for the desktop and
Thunderbird translate them. A mail column is known by a word in its header; what is no address in it is passed over,
so that `E-mail 2 Type` and `E-mail Display Name` do no harm. All words are as `folded` gives them.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum


class Role(Enum):
    """What a column holds."""

    GIVEN = "given"
    MIDDLE = "middle"
    FAMILY = "family"
    FULL = "full"
    FILE_AS = "file as"
    NICK = "nick"
    MAIL = "mail"
    ORGANIZATION = "organization"
    LABELS = "labels"
    UID = "uid"


NAMES = frozenset({Role.GIVEN, Role.MIDDLE, Role.FAMILY, Role.FULL, Role.FILE_AS, Role.NICK})

# en de fr es it pt nl pl sv da nb fi cs sk hu tr ru uk el ro ja zh ko
_WORDS = {
    Role.GIVEN: "given name|first name|firstname|forename|vorname|prénom|nombre|nome|primeiro nome|voornaam|imię|"
    "förnamn|fornavn|etunimi|jméno|křestní jméno|meno|krstné meno|utónév|keresztnév|имя|ім я|όνομα|prenume|"
    "名|名前|이름|ad|adı",  # noqa: RUF001  Turkish has this letter
    Role.MIDDLE: "additional name|middle name|middle|middlename|weitere vornamen|zweiter vorname|deuxième prénom|"
    "autre prénom|segundo nombre|secondo nome|segundo nome|nome do meio|middelste naam|tweede voornaam|drugie imię|"
    "mellannamn|andra namn|mellemnavn|mellomnavn|toinen nimi|prostřední jméno|další jméno|második utónév|ikinci ad|"
    "отчество|по батькові|ミドル ネーム|ミドルネーム|中间名|中間名|중간 이름",
    Role.FAMILY: "family name|last name|lastname|surname|nachname|familienname|nom|nom de famille|apellidos|apellido|"
    "cognome|sobrenome|último nome|apelido|achternaam|nazwisko|efternamn|efternavn|etternavn|sukunimi|příjmení|"
    "priezvisko|vezetéknév|családnév|фамилия|прізвище|επώνυμο|nume de familie|姓|姓氏|苗字|성|"
    "soyad|soyadı",  # noqa: RUF001  Turkish
    Role.FULL: "name|full name|fullname|display name|displayname|formatted name|contact name|vollständiger name|"
    "angezeigter name|anzeigename|nom complet|nom à afficher|nom affiché|nombre completo|nombre para mostrar|"
    "nombre mostrado|nome completo|nome visualizzato|mostra nome|nome de exibição|nome a mostrar|volledige naam|"
    "weergavenaam|schermnaam|imię i nazwisko|nazwa wyświetlana|visningsnamn|vist navn|visningsnavn|koko nimi|"
    "näyttönimi|näytettävä nimi|zobrazované jméno|celé jméno|teljes név|megjelenítendő név|görünen ad|tam ad|"
    "полное имя|отображаемое имя|表示名|氏名|フルネーム|显示名称|顯示名稱|姓名|표시 이름",
    Role.FILE_AS: "file as|speichern unter|enregistrer sous|archivar como|archivia come|arquivar como|opslaan als",
    Role.NICK: "nickname|nick name|nick|short name|maiden name|spitzname|surnom|pseudonyme|apodo|sobrenombre|alias|"
    "soprannome|apelido nick|bijnaam|pseudonim|smeknamn|kaldenavn|kallenavn|lempinimi|kutsumanimi|přezdívka|"
    "prezývka|becenév|takma ad|псевдоним|никнейм|ニックネーム|昵称|暱稱|별명",
    Role.ORGANIZATION: "organization|organisation|organization name|organization 1 name|company|company name|firma|"
    "unternehmen|société|entreprise|empresa|compañía|organización|società|azienda|organizzazione|organização|"
    "companhia|bedrijf|organisatie|organizacja|przedsiębiorstwo|företag|virksomhed|bedrift|yritys|organisaatio|"
    "společnost|organizace|spoločnosť|cég|szervezet|şirket|kuruluş|компания|организация|компанія|організація|"
    "εταιρεία|会社|会社名|組織|組織名|公司|单位|單位|회사|조직",
    Role.LABELS: "group membership|labels|label|categories|category|tags|groups|group|kategorien|kategorie|gruppen|"
    "catégories|libellés|étiquettes|groupes|categorías|etiquetas|grupos|categorie|etichette|gruppi|categorias|"
    "marcadores|categorieën|groepen|etykiety|kategorier|etiketter|luokat|tunnisteet|štítky|kategórie|kategóriák|"
    "címkék|kategoriler|etiketler|категории|ярлыки|категорії|κατηγορίες|categorii|分類|分類項目|ラベル|类别|類別|标签|"
    "標籤|범주|라벨",
    Role.UID: "uid|unique id",
}
_ROLES = {word: role for role, words in _WORDS.items() for word in words.split("|")}
_MAIL = re.compile(
    r"\be ?mails?\b|\bemail|\bmails?\b|\be ?post|epost|\be posta|mailová|courriel|messagerie|correo|posta elettronica|"
    r"sähköposti|почт|пошт|ηλεκτρονικ|メール|邮件|郵件|메일",
)
_ORGANIZATION = re.compile(r"organization \d+ name")
_SEPARATORS = re.compile(r"[\W_]+")


def folded(header: str) -> str:
    """A header in the form in which it is looked up: lower case, composed letters, single blanks for the rest."""
    return _SEPARATORS.sub(" ", unicodedata.normalize("NFKC", header).casefold()).strip()


def roles(header: list[str]) -> dict[int, Role]:
    """The columns that mean something, by their number."""
    names = [folded(name) for name in header]
    found = {at: role for at, name in enumerate(names) if (role := _role(name)) is not None}
    if "sobrenome" in names:  # in Brazil `apelido` is the nickname, in Portugal the family name
        found.update({at: Role.NICK for at, name in enumerate(names) if name == "apelido"})
    if Role.GIVEN in found.values() and Role.FAMILY not in found.values():  # German `Name, Vorname`
        found.update({at: Role.FAMILY for at, name in enumerate(names) if name == "name"})
    return found


def _role(name: str) -> Role | None:
    if name in _ROLES:
        return _ROLES[name]
    if _ORGANIZATION.fullmatch(name):
        return Role.ORGANIZATION
    return Role.MAIL if _MAIL.search(name) else None


def holds_contacts(found: dict[int, Role]) -> bool:
    """Whether a table with these columns is an address book, whatever its rows: names, with or without addresses."""
    kinds = set(found.values())
    return bool(kinds & NAMES) if Role.MAIL in kinds else {Role.GIVEN, Role.FAMILY} <= kinds
