"""Public knowledge about names: letters, titles, short forms. Every set is common usage; none comes from a data set."""

# ruff: noqa: RUF001  the tables hold the very letters that look alike

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """Give the words of a text that has one set, written over many lines."""
    return frozenset(text.split())


# Letters that Unicode does not decompose, as passports (ICAO 9303) or common usage write them.
LETTERS = {
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss", "ı": "i", "ħ": "h", "ŋ": "ng",
}  # fmt: skip
UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"}
CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "є": "ye", "ё": "e", "ж": "zh", "з": "z",
    "и": "i", "і": "i", "ї": "yi", "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r",
    "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "",
    "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "ђ": "d", "џ": "dz",
}  # fmt: skip
GREEK = {
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k", "λ": "l",
    "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "y", "φ": "f",
    "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip

# Dropped only where two words remain, because some are family names too.
TITLES = word_set("""
dr prof professor mr mrs ms miss mx herr frau hr fr ing dipl mag sir dame rev phd md mba msc bsc esq cpa llm mph
monsieur madame mme mlle dott sig
""")
GENERATIONS = word_set("jr sr junior senior ii iii iv")

# Words of accounts, roles, groups and services; none that is also a family or given name (Dev, Root, Press).
GENERIC_WORDS = word_set("""
account accounting accounts actions admin administration administrator alert alerts all announce announcements anonymous
association at automatic automation billing board bot calendar careers ci club committee company conference contact corp
corporation customer customers daemon debian department dependabot dept desk developers development digest
distribution dl
email employees event events everyone family fedora for foundation from gitlab github gmbh google group help helpdesk
hostmaster inc info information institute invoice invoices jobs list lists llc localhost ltd mail mailer mailing
marketing
media meeting meetings myself news newsletter nobody noreply notification notifications notify of office our outlook
pipeline postmaster project recipient recipients recruiting reply resource robot room sales school security server
service services society staff support system team test tester the undisclosed ubuntu university unknown update updates
user users
webmaster workflow www you your
""")

# Short forms in common English, German, Spanish and Russian usage. The first of a line stands for its others.
_LINES = """
abigail abby abbie gail
albert al bert bertie
alexander alex alec xander sasha aleksandr alexandr
alexandra alex sasha sandra sandy
alejandro alex
alfred al fred alf
allison ali allie alison
amanda mandy
andrew andy drew
anthony tony
antonio tony
arthur art
barbara barb barbie babs
benjamin ben benny benji
bernard bernie
bradley brad
calvin cal
cameron cam
catherine kathy cathy kate katie katy cat katherine kathryn catharine
charles charlie chuck chas
charlotte lottie charlie
christina chris chrissy tina christine kristina kristine kris
christopher chris kit topher
christian chris
clifford cliff
cynthia cindy
daniel dan danny
david dave davy
deborah deb debbie debra
dennis denny
dmitry dima dmitri dmitriy
donald don donnie donny
dorothy dot dottie
douglas doug
edward ed eddie ned ted
edwin ed eddie
eleanor ellie nell nora
elizabeth liz lizzy lizzie beth betty betsy eliza libby
emily em emmy
eugene gene
evgeny zhenya evgeniy yevgeny
florian flo
francis frank fran
frances fran frankie
francisco paco pancho fran
franklin frank
frederick fred freddie frederic
gabriel gabe
gabriella gabby
geoffrey geoff jeff
gerald gerry jerry
gerard gerry
gregory greg
harold harry hal
henry harry hank hal
herbert herb
isaac ike
isabella bella izzy isabel
jacob jake jakob
jacqueline jackie
james jim jimmy jamie
janet jan
jason jay
jeffrey jeff geoff jeffery
jennifer jen jenny jenn
jeremy jerry
jessica jess jessie
joanna jo joan
johannes hans jo johann
john johnny jack
jonathan jon jonny
jose pepe
joseph joe joey
joshua josh
judith judy
kenneth ken kenny
kimberly kim
konstantin kostya
lawrence larry laurence
leonard len lenny leo
louis lou louie lewis
lucille lucy
manuel manny
margaret maggie meg peggy margie marge
martin marty
matthew matt mat
maurice mo
maximilian max
maxwell max
megan meg
melissa mel missy
melvin mel
michael mike mick mickey
mikhail misha
mitchell mitch
mohammed mohamed muhammad mohammad mohd
nancy nan
natalia nat natasha natalya
natalie nat
nathan nate
nathaniel nate nathan nat
nicholas nick nicky nicolas
nikolai kolya nikolay
olivia liv livvy
oliver ollie
pamela pam
patricia pat patty tricia trish
patrick pat paddy
peter pete
philip phil phillip
rachel rach
raymond ray
rebecca becky becca
reginald reggie
richard rich rick ricky dick richie
robert rob robbie bob bobby bert
roger rodge
ronald ron ronnie
rosemary rose rosie
russell russ
salvatore sal
samantha sam sammy
samuel sam sammy
sandra sandy
sergey sergei seryozha
sophia sophie sofia
stanley stan
stephanie steph
stephen steve steven stevie
stuart stu stewart
susan sue susie suzy suzanne
sylvester sly
tatiana tanya tania
teresa terry tess theresa
terence terry terrence
theodore ted teddy theo
thomas tom tommy
timothy tim timmy
tobias toby tobi
valentina valya
valerie val
victor vic viktor
victoria vicky vicki tori
vincent vince vinny
virginia ginny
vladimir volodya vova vlad
walter walt wally
wesley wes
wilhelm willi
william will bill billy willy liam
yury yuri
zachary zach zack zac
"""


SHORT_FORMS = {line.split()[0]: tuple(line.split()) for line in _LINES.strip().splitlines()}


def _heads() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for head, forms in SHORT_FORMS.items():
        for form in forms:
            found.setdefault(form, set()).add(head)
    return {form: frozenset(heads) for form, heads in found.items()}


NICKNAMES = _heads()  # two given names can be one where they share a line
