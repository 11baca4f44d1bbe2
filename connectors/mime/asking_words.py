"""Words of request. What is polite and asks nothing ("please find attached", 今後ともよろしくお願いします) is none."""

from __future__ import annotations

import re

from connectors.mime.lexicon import words_of

# Phrases in lower case without punctuation, between bars; one that ends in "…" may go on within a word.
_PHRASES = """
could you | could we | could someone | could somebody | could anyone | could anybody | can you | can we | can someone |
can somebody | can anyone | can anybody | would you | would someone | would anyone | will you | will someone |
will anyone | please | let me know | let us know | need you to | need your | i'd need | i'd appreciate |
appreciate it if | appreciate if | appreciate your | grateful if | wondering if | wondering whether | wonder if you |
i'd like to know | i would like to know | we would like to know | i'd love to know | if you could |
if you would be so kind | would be great if you |
thanks in advance | thank you in advance | would be appreciated | be much appreciated | would be welcome |
would be great to get | would be good to get | would be great to have | let me have your | give me your |
give us your | your reply | waiting for your | await your | hearing from you |
could i ask you | may i ask you | i need to know | kindly send | kindly confirm | kindly let | remind me |
bitte | könntest du | könnten sie | könntet ihr | kannst du | können sie | könnt ihr | können wir | könnten wir |
würdest du | würden sie | würdet ihr | ich bräuchte | bräuchte ich | wir bräuchten | bräuchten wir | bescheid geben |
gib mir | geben sie mir | gib uns | geben sie uns | sag mir | sag bescheid | sagen sie mir | lass mich wissen |
lass uns wissen | lassen sie mich | lassen sie uns wissen | schick mir | schicken sie mir | schicken sie uns |
sende mir | senden sie mir | senden sie uns | melde dich | melden sie sich | wärst du so | wären sie so |
wäre es möglich | wäre dankbar | wären dankbar | wäre nett wenn | wäre schön wenn | wäre toll wenn | wäre lieb wenn |
ich würde gerne wissen | ich würde gern wissen | mich würde interessieren | dank im voraus | danke im voraus |
auf ihre antwort | auf deine antwort | auf ihre rückmeldung | auf deine rückmeldung | um rückmeldung | um antwort |
pourriez vous | pouvez vous | pourriez-vous | pouvez-vous | pourrais-tu | peux-tu | pourrait-on | pourrais tu |
peux tu | tu peux me | tu peux m'… | tu peux nous | tu pourrais | vous pouvez me | vous pourriez | serait-il possible |
veuillez | prière de | svp | stp | s'il te plaît | s'il te plait | s'il vous plaît | s'il vous plait | dis-moi |
dites-moi | envoie-moi | envoyez-moi | envoie-nous | envoyez-nous | tiens-moi au | tenez-moi au | tenez-nous au |
j'aimerais savoir | je voudrais savoir | j'aimerais que | je voudrais que | j'aurais besoin | j'ai besoin de ton |
j'ai besoin de ta | j'ai besoin de votre | j'ai besoin que | aurais-tu | auriez-vous | merci d'avance | rappelle-moi |
rappelez-moi | je te prie de | je vous prie de | je te demande de | je vous demande de | confirme-moi |
confirmez-moi | en attente de ta | en attente de ton | en attente de votre |
por favor | por gentileza | gracias de antemano | podrías | podría | podríamos | podrían | puedes | puede usted |
agradecería que | agradeceríamos que | te agradecería | le agradecería | les agradecería | os agradecería |
necesito que | necesitaría | necesitamos que | necesitaríamos | me gustaría saber | me gustaría que | quisiera saber |
querría saber | quería saber | quisiera que | envíame | envíeme | envíanos | mándame | mándeme | dime | dígame |
díganme | avísame | avíseme | confírmame | confírmeme | llámame | llámeme | pásame | te pido que | le pido que |
te ruego | le ruego | les ruego | ruego me | rogaría | cuando puedas | quedo a la espera | espero tu respuesta |
espero su respuesta | házmelo saber | hazme saber | háganme saber |
poderia | poderias | podias | podia enviar… | podia mandar… | podes | consegues | pode enviar… | pode mandar… |
pode dizer… | pode confirmar | agradeço que | agradecia que | agradecemos que | agradecíamos que | agradeceria que |
agradeço o envio | agradeço a sua resposta | agradeço resposta | gostaria de saber | gostava de saber | queria saber |
gostava que | gostaria que | preciso que | precisava que | precisava de | precisamos que | precisávamos de |
preciso da tua | preciso do teu | preciso da sua | preciso do seu | diz-me | diga-me | digam-me | avisa-me | avise-me |
envia-me | envie-me | enviem-me | manda-me | mande-me | liga-me | ligue-me | confirma-me | confirme-me | solicito |
solicitamos | solicita-se | peço que | peço-te que | peço-lhe que | peço-vos que | peço-te o | pedia-te | pedia-lhe |
pedia que | pedimos que | se puderes | quando puderes | quando puder | fico a aguardar | ficamos a aguardar |
aguardo resposta | aguardo a tua | aguardo a sua | aguardo o teu | aguardo notícias | me avisa | me avise | me diga |
me manda | me mande | você pode | vocês podem | você poderia | será possível |
per favore | per cortesia | per piacere | potrebbe dirmi | potrebbe mandarmi | potrebbe inviarmi | potrebbe farmi |
potresti | può dirmi | può mandarmi | può inviarmi | può farmi | puoi | ti chiedo di | le chiedo di | vi chiedo di |
ti chiedo se | le chiedo se | avrei bisogno | avremmo bisogno | ho bisogno che |
ho bisogno del tuo | ho bisogno della tua |
ho bisogno del suo | mi fai sapere | mi faccia sapere | fammi sapere | fatemi sapere | dimmi | mi dica | mandami |
mi mandi | inviami | mi invii | vorrei sapere | volevo sapere | volevo chiederti | vorrei chiederti |
vorrei chiederle | volevo chiederle | gradirei | ti prego di | la prego di | ti sarei grat… | le sarei grat… |
appena puoi | quando puoi | grazie in anticipo | resto in attesa | attendo un tuo | attendo un suo | attendo tue |
zou je | zou jij | zou u | kun je | kun jij | kan je | kan u | kunt u | wil je even | wilt u | alstublieft |
alsjeblieft | a u b | aub | graag je | graag uw | laat me weten | laat het me weten | laat even weten | laat u mij |
kan du | kan ni | skulle du kunna | vänligen | snälla | meddela mig | hör av dig | återkom gärna |
vennligst | venligst | vær så snill | vær venlig | gi meg beskjed | giv mig besked | gi beskjed | giv besked |
send meg | send mig | si ifra | sig til | vil du være | tacksam för svar |
ole hyvä ja | olkaa hyvä ja | voitko | voisitko | voisitteko | voitteko | pystytkö | pystyisitkö | kerro minulle |
kerrothan | ilmoita minulle | ilmoitathan | lähetä minulle | lähetäthän | laita viestiä |
proszę o | bardzo proszę | prosimy o | czy możesz | czy mógłbyś | czy mogłabyś | czy może pan | czy może pani |
daj znać | prosiłbym | prosiłabym | będę wdzięczn… | prosím | dejte vědět | dej vědět | daj vedieť | kérem | kérlek |
lütfen | rica etsem | te rog | vă rog | παρακαλώ | будь ласка |
пожалуйста | прошу | просьба | дайте знать | дай знать | сообщите | пришлите | напиши мне | напишите мне |
жду ответа | жду вашего | жду твоего | могли бы вы | мог бы ты | не могли бы
"""


_PART = re.compile(r"[^ '-]+")


def _by_word() -> dict[str, tuple[str, ...]]:
    """Each phrase between blanks, by its longest word, the last of these: the rarest, mostly."""
    found: dict[str, list[str]] = {}
    for phrase in " ".join(_PHRASES.split()).split(" | "):
        whole = f" {phrase[:-1]}" if phrase.endswith("…") else f" {phrase} "
        key = max((word for word in reversed(_PART.findall(phrase)) if not word.endswith("…")), key=len)
        found.setdefault(key, []).append(whole)
    return dict.fromkeys(PATTERNS, ()) | {word: tuple(phrases) for word, phrases in found.items()}


# After these words an infinitive asks and a noun thanks: "merci de confirmer", "merci de votre aide".
PATTERNS = {
    "merci": re.compile(
        r" merci d(?:e |')(?!votre |notre |ton |ta |tes |vos )(?:ne pas |bien |nous |me |m'|te |vous |les? |la )*"
        r"\w+(?:er|ir|re) "
    ),
    "need": re.compile(
        r" (?:i|we)(?: will| do)? need (?:\S+ ){1,10}?by (?:the end|end|eod|cob|noon|tomorrow|tonight|today|next|"
        r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|\d) "
    ),
    "send": re.compile(
        r"(?<! to)(?<! will)(?<!'ll)(?<! would)(?<!they)(?<! not)(?<!n't)(?<! did)(?<! does) send (?:me|us) "
    ),
}

_PLEASE = r" please (?:find|see|note|accept|be advised|feel free|ignore|do not reply|don't hesitate|do not hesitate) "
# "Let me know if you have questions", in either order, ends many a mail that asks nothing.
_OFFER = re.compile(
    r" (?:please )?let (?:me|us) know (?:if|should|in case) (?:you|there|anything)(?: \S+){0,5}?"
    r" (?:questions?|concerns?|need|problems?|anything|else|help|assistance) "
    r"| (?:if|should|in case) (?:you|there)(?: \S+){0,4}? (?:questions?|concerns?|problems?|anything)(?: \S+){0,4}?"
    r" let (?:me|us) know "
)
# What looks like a request and is none, by the word by which it is found.
FORMULAS = {
    "know": _OFFER,
    "please": re.compile(f"{_PLEASE}|{_OFFER.pattern}"),
    "bitte": re.compile(
        r" (?:bitte (?:schön|sehr|gern\w*|beachte\w*|entschuldig\w*|finden|nicht antworten)|wie bitte) "
    ),
    "veuillez": re.compile(r" veuillez (?:agréer|recevoir|croire|trouver|accepter|noter|excuser|m'excuser|ne pas) "),
    "prie": re.compile(r" je (?:te|vous) prie (?:de|d') ?(?:agréer|croire|recevoir|m'excuser|excuser|trouver) "),
    "favor": re.compile(r" por favor (?:no responda|não responda|no respondas) "),
    "prosím": re.compile(r" (?:není zač )?prosím $"),
    "παρακαλώ": re.compile(r"^ παρακαλώ $"),
    "пожалуйста": re.compile(r"^ пожалуйста $"),
}

REQUESTS = _by_word()
# What a pattern or a formula holds in ASCII text where no phrase does.
_BESIDE_PHRASES = {
    "need": (" i need ", " we need ", " will need ", " do need "),
    "send": (" send me ", " send us "),
    "merci": (" merci de ", " merci d "),
    "prie": (" prie d ",),
}


def _rows() -> dict[bytes, list[tuple[list[bytes], int]]]:
    """Of each word by which phrases are found: the words of a phrase, and how many stand before that word."""
    found: dict[bytes, list[tuple[list[bytes], int]]] = {}
    for word, phrases in REQUESTS.items():
        key = word.encode()
        for phrase in (*phrases, *_BESIDE_PHRASES.get(word, ())):
            row = words_of(phrase) if phrase.endswith(" ") else words_of(phrase)[:-1]
            found.setdefault(key, []).append((row, row.index(key)))
    return found


ROWS = _rows()
