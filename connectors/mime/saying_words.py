"""What an answer says, as people write it, by language: patterns over lower-case text with plain apostrophes.

Where a word alone may mean anything ("unfortunately the meeting ran late") what it goes with must stand in the same
sentence: better silent than wrong. A language that is not here says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from connectors.mime.lexicon import Lexicon, Pattern


class Patterns(NamedTuple):
    """Of one language, as sources; "" for nothing. `sadly` refuses only with one of `never` behind it.

    `plain`: what refuses in a text of any length. `no` and `plain` may be followed by what takes it back: `but`.
    `holds`: of the patterns that a text is most often searched for, what stands in all that they find, between bars.
    """

    no: str
    yes: str
    later: str
    thanks: str
    plain: str = ""
    sadly: str = ""
    never: str = ""
    but: str = ""
    holds: Mapping[str, str] = MappingProxyType({})


def _no(one: Patterns) -> Pattern:
    but = rf"(?! (?:\w+ )?(?:{one.but})\b)" if one.but else ""
    sadly = rf"|\b(?:{one.sadly})\b[^.!?\n]{{0,100}}?\b(?:{one.never})\b{but}" if one.sadly else ""
    return Pattern(f"{one.no} {one.sadly}", rf"\b(?:{one.no})\b{but}{sadly}", one.holds.get("no", ""))


def _simple(source: str, holds: str = "") -> Pattern:
    return Pattern(source, rf"\b(?:{source})\b", holds)


_SOURCES = {
    "en": Patterns(
        no=(
            r"(?=can)(?<!\bhe )(?<!she )(?<!they )(?<!\bit )(?<!you )(?<!who )(?:cannot|can ?not|can't|cant)|"
            r"won't be able|(?:not|un) ?able to|no,? thanks|no,? thank you|not this time"
            r"|don't think i can|won't (?:manage|make it|work out)|(?:have|need|going) to (?:decline|pass|"
            r"refuse|say no)"
            r"|turn (?:it|this|that|you) down|must (?:decline|pass|refuse)|i'?ll (?:pass|have to pass|"
            r"say no)|rather not"
            r"|i(?:'d| would) prefer not|not interested|won't be possible|(?:isn't|not) possible(?! to)|count me out"
            r"|not going to (?:work|happen)"
        ),
        but=(
            r"wait|thank|find|open|believe|remember|recall|say|tell|imagine|access|read|stress|help but|yet|see why|"
            r"locate|figure"
        ),
        yes=(
            r"happy to|glad to|will do|no problem|no worries|sounds good|count me in|love to|consider it done"
            r"|works for me|that works|i'll take care of|take care of it"
        ),
        later=(
            r""
            r"(?:get|come|circle|be) back to you|get back (?:next|on|by|later|tomorrow|soon)|"
            r"let me (?:check|think|look|sleep on)"
            r"|(?:reply|respond|answer|look at (?:it|this)) (?:next week|tomorrow|later|soon)"
            r"|need (?:some|more|a bit of) time to (?:think|decide|check)"
        ),
        thanks=r"thanks|thank you|thx|much appreciated",
        plain=(
            r"(?:have|need|going) to (?:decline|pass on (?:this|it|that)|turn (?:it|this|that|you) down)|"
            r"must (?:decline|refuse)"
            r"|won't be able to (?:join|attend|come|help|take|make|accept|do|contribute|participate|commit|speak|be)"
            r"|(?:cannot|can't|can not|unable to|not able to) (?:join|attend|come|help(?! but)|take (?:this|"
            r"it|that|on)|accept|"
            r"commit|participate|contribute)"
        ),
        sadly=r"unfortunately|regretfully|sadly|i'm afraid|i am afraid",
        never=(r"not|\w+n't|cannot|can't|cant|unable|no|busy|booked|full|away|decline|pass|refuse|clash\w*|conflict"),
        holds={
            "no": (
                "cannot|can not|can't|cant|able to|no thank|no, thank|not this time|think i can|won't |to decline|"
                "to pass|to refuse|say no| down|must decline|must pass|must refuse|ll pass|rather not|prefer not|"
                "not interested|possible|me out|not going to|unfortunately|regretfully|sadly|afraid"
            ),
            "yes": (
                "happy to|glad to|will do|no problem|no worries|sounds good|me in|love to|consider it|works|"
                "take care of"
            ),
            "later": "back to you|get back |let me | next week| tomorrow| later| soon| time to ",
            "plain": (
                "to decline|to pass on |to turn |must decline|must refuse|won't be able to |unable to |"
                "not able to |cannot |can't |can not "
            ),
        },
    ),
    "de": Patterns(
        no=(
            r"leider nein|kann (?:ich )?(?:\w+ ){0,3}nicht|geht (?:\w+ )?nicht|schaffe (?:\w+ ){0,4}nicht|"
            r"sage (?:\w+ ){0,2}ab"
            r"|(?:muss|müssen|möchte) (?:\w+ ){0,4}(?:absagen|ablehnen|passen)|nicht (?:möglich|schaffen|"
            r"übernehmen|dabei sein|"
            r"zusagen|teilnehmen)|keine (?:zeit|kapazität\w*)|bin (?:da |leider )?verhindert"
        ),
        but=r"öffnen|finden|sehen|sagen|warten|noch|fertig",
        yes=(
            r"mache ich|mach ich|geht klar|(?:das |es )?klappt(?! (?:\w+ )?nicht)|kein problem|abgemacht|"
            r"einverstanden"
            r"|in ordnung|erledige ich|sehr gerne|bin dabei|ich kümmere mich"
        ),
        later=(
            r"melde mich|"
            r"komme (?:darauf|auf (?:dich|sie|euch)) zurück|darauf zurück|gebe? (?:dir|ihnen|"
            r"euch) (?:\w+ ){0,4}"
            r"(?:bescheid|rückmeldung)|antworte (?:dir |ihnen |euch )?(?:nächste|morgen|später)"
            r"|muss (?:ich )?(?:das )?(?:erst|noch) (?:\w+ )?(?:überlegen|prüfen|klären)"
        ),
        thanks=r"danke|dankeschön|dank",
        plain=(
            r"(?:muss|müssen|möchte) (?:\w+ ){0,6}(?:absagen|ablehnen)|nicht (?:übernehmen|zusagen|"
            r"teilnehmen|dabei sein) "
            r"(?:kann|können)|kann (?:\w+ ){0,6}nicht (?:übernehmen|zusagen|teilnehmen|dabei sein|annehmen)"
        ),
        sadly=r"leider|bedauerlicherweise",
        never=r"nicht|kein\w*|nein|absagen|verhindert|ausgebucht|unmöglich",
    ),
    "fr": Patterns(
        no=(
            r"(?:ne (?:peux|peut|pouvons|pourrai|pourrons|sera|serai)|n'(?:ai|avons|aurai|aurons|"
            r"est)) (?:\w+ )?pas (?:\w+ )?"
            r"(?:le temps|possible|disponible|venir|participer|accepter|cette fois|pour moi|cela|ça|"
            r"le faire|être|assister)"
            r"|je ne (?:peux|pourrai) pas|pas (?:possible|disponible) (?:pour moi|cette)"
            r"|(?:dois|préfère|obligée?s?(?: de)?|contrainte?(?: de)?) (?:\w+ )?(?:refuser|décliner|renoncer|annuler)"
            r"|non merci|sans moi"
        ),
        but=r"attendre|trouver|ouvrir|encore",
        yes=(
            r"(?<!pas )avec plaisir|c'est d'accord|compte sur moi|comptez sur moi|c'est noté|"
            r"je m'en (?:occupe|charge)"
            r"|pas de (?:problème|souci)|bien volontiers"
        ),
        later=(
            r"reviens vers (?:toi|vous)|(?:te|"
            r"vous) tiens au courant|(?:te|vous) (?:réponds|redis|"
            r"recontacte|rappelle) (?:demain|"
            r"plus tard|bientôt|la semaine|dès|lundi|mardi|mercredi|jeudi|vendredi)|je (?:regarde|vérifie) et je"
        ),
        thanks=r"merci|remercie",
        plain=(
            r"(?:dois|suis obligée?(?: de)?|préfère) (?:\w+ )?(?:refuser|décliner|renoncer)"
            r"|ne (?:pourrai|peux) (?:\w+ )?pas (?:accepter|participer|venir|assister|être présente?)"
        ),
        sadly=r"malheureusement|hélas",
        never=r"ne|n'\w+|pas|non|impossible|refuser|décliner|plein\w*|complet",
        holds={"no": "pas | pas|refuser|décliner|renoncer|annuler|non merci|sans moi|malheureusement|hélas"},
    ),
    "es": Patterns(
        no=(
            r"lo siento,? (?:pero )?(?:no|esta vez)|(?:me|nos) (?:resulta|es) imposible|no (?:puedo|podemos|"
            r"podré|podremos"
            r"|me es posible|nos es posible|voy a poder|vamos a poder|va a poder ser|va a ser posible|"
            r"será posible|es posible"
            r"|tengo (?:tiempo|hueco|disponibilidad))|(?:decir|digo) que no|tengo que (?:declinar|rechazar|renunciar)"
        ),
        but=r"esperar|abrir|encontrar|todavía|aún",
        yes=r"cuenta conmigo|cuente conmigo|me encargo|con (?:mucho )?gusto|sin problemas?|lo hago (?:hoy|yo|mañana)",
        later=(
            r"te (?:respondo|contesto|digo (?:algo|cosas)|llamo|"
            r"escribo) (?:luego|mañana|pronto|la semana|"
            r"el lunes|más tarde)"
            r"|te digo algo|déjame (?:ver|mirar|pensar)\w*|lo (?:miro|pienso|consulto) y"
        ),
        thanks=r"gracias|agradecido|agradecida",
        plain=(
            r"tengo que (?:declinar|rechazar|renunciar)|no (?:voy a poder|podré|puedo) (?:aceptar|asistir|"
            r"participar|ir|"
            r"ayudarte|acudir)"
        ),
        sadly=r"desafortunadamente|lamentablemente|por desgracia|me temo que",
        never=r"no|nunca|imposible|llen[oa]|complet[oa]|rechazar|declinar",
    ),
    "pt": Patterns(
        no=(
            r"não (?:posso|podemos|consigo|conseguimos|poderei|vou (?:poder|conseguir)|me é possível|"
            r"nos é possível|é possível"
            r"|será possível|vai (?:dar|ser possível)|tenho (?:tempo|disponibilidade)|dá)"
            r"|(?:tenho|tenho mesmo|terei|vou ter|temos) (?:de|que) (?:recusar|declinar|dizer que não|"
            r"desmarcar|cancelar)"
        ),
        but=r"esperar|abrir|encontrar|deixar|ainda",
        yes=(
            r"conta comigo|conte comigo|contar comigo|sem problemas?|com (?:todo o |muito )?gosto|"
            r"trato disso|claro que sim"
        ),
        later=(
            r"(?:respondo-te|respondo-lhe|digo-te|"
            r"digo-lhe|dou-te|dou-lhe|envio-te|"
            r"ligo-te) (?:uma )?(?:resposta|algo|alguma coisa"
            r"|qualquer coisa|amanhã|depois|logo|para a semana|na próxima|em breve)|depois (?:te )?digo"
            r"|deixa-me (?:ver|pensar|confirmar)|logo (?:te )?digo|te respondo|te aviso"
        ),
        thanks=r"obrigado|obrigada|obrigados|obrigadas|obrigadíssimo|obrigadíssima|agradecido|agradecida|agradeço",
        plain=(
            r"(?:tenho|terei|vou ter) (?:mesmo )?(?:de|que) (?:recusar|declinar)|não (?:vou poder|poderei|"
            r"posso|vou conseguir) "
            r"(?:aceitar|participar|comparecer|ir|ajudar|estar presente)"
        ),
        sadly=r"infelizmente|lamento|sinto muito",
        never=r"não|nao|impossível|recusar|declinar|chei[oa]|lotad[oa]",
    ),
    "it": Patterns(
        no=(
            r"non (?:posso|possiamo|potrò|potremo|riesco|riusciamo|mi è possibile|ci è possibile|"
            r"è possibile|sarà possibile"
            r"|ho tempo|ce la faccio)|(?:devo|dobbiamo|dovrò) (?:rifiutare|declinare|rinunciare|dire di no)"
        ),
        but=r"aspettare|aprire|trovare|ancora",
        yes=r"ci penso io|nessun problema|con piacere|me ne occupo|contaci",
        later=(
            r"(?:ti|le|vi) faccio sapere|ci penso (?:e|su|un)|"
            r"e ti rispondo|(?:ti|le|vi) (?:rispondo|"
            r"aggiorno|dico|ricontatto) "
            r"(?:domani|presto|appena|dopo|più tardi|la prossima|la settimana|lunedì)"
        ),
        thanks=r"grazie|ringrazio|ringraziamo|ringraziarti",
        plain=(
            r"(?:devo|dobbiamo) (?:\w+ )?(?:rifiutare|declinare|rinunciare)|non (?:posso|potrò|riesco a|"
            r"riuscirò a) (?:accettare|"
            r"partecipare|venire|essere presente|aiutarti)"
        ),
        sadly=r"purtroppo|mi dispiace|mi spiace",
        never=r"non|no|impossibile|rifiutare|rinunciare|declinare|pien[oa]",
    ),
    "nl": Patterns(
        no=(r"(?:lukt|kan|past) (?:\w+ ){0,3}niet|moet (?:\w+ ){0,3}(?:afzeggen|weigeren|bedanken)|geen tijd"),
        yes=r"komt in orde|dat doe ik|doe ik graag|geen probleem",
        later=(
            r"kom (?:ik )?(?:\w+ )?(?:later )?op terug|op terug|laat (?:ik )?(?:het )?(?:je|"
            r"u) (?:nog )?weten"
        ),
        thanks=r"bedankt|dank je|dank u|dankjewel",
        plain=r"moet ik (?:\w+ ){0,4}(?:afzeggen|weigeren)",
        sadly=r"helaas",
        never=r"niet|geen|nee",
    ),
    "sv": Patterns(
        no=r"(?:kan|hinner|kommer) (?:jag |tyvärr )*inte|(?:tackar|tacka) nej|måste avböja",
        yes=r"inga problem|det går bra|fixar det",
        later=r"återkommer",
        thanks=r"tack",
        plain=r"måste (?:jag )?tacka nej",
        sadly=r"tyvärr",
        never=r"inte|ingen|nej",
    ),
    "no": Patterns(
        no=(
            r"(?:kan|rekker|når|får) (?:jeg |vi |desværre |dessverre )*ikke|takke[rn]? nei|sige[r]? nej|"
            r"takker nej|melde avbud"
        ),
        yes=r"ikke noe problem|det går bra|intet problem|fikser det",
        later=r"kommer tilbake til|vender tilbage",
        thanks=r"takk|mange tak|tusind tak",
        plain=r"må (?:jeg )?(?:\w+ )?(?:takke nei|sige nej|takke nej|melde avbud)",
        sadly=r"dessverre|desværre|beklager",
        never=r"ikke|nei|nej|ingen",
    ),
    "fi": Patterns(
        no=(
            r"kieltäytyä|kieltäytymään|kieltäytyisin|kieltäydyn|en (?:\w+ )?(?:pääse|ehdi|voi|pysty|ehtisi)|"
            r"ei (?:onnistu|sovi|käy)"
        ),
        yes=r"onnistuu|mielelläni|hoidan",
        later=r"palaan (?:asiaan|tähän)|ilmoitan (?:myöhemmin|ensi)",
        thanks=r"kiitos|kiitoksia|kiitti",
        plain=r"joudun (?:\w+ ){0,3}kieltäytymään",
        sadly=r"valitettavasti",
        never=r"en|ei|emme",
    ),
    "pl": Patterns(
        no=r"nie (?:mogę|możemy|dam rady|będę mógł|będę mogła|uda mi się)|muszę odmówić",
        yes=r"nie ma problemu|w porządku",
        later=r"odezwę się|dam (?:ci )?znać|wrócę do",
        thanks=r"dziękuję|dzięki",
        plain=r"muszę odmówić",
        sadly=r"niestety",
        never=r"nie",
    ),
    "cs": Patterns(
        no=r"nemohu|nemůžu|nestíhám|nestihnu|musím odmítnout",
        yes=r"není problém",
        later=r"ozvu se|dám vědět",
        thanks=r"děkuji|díky|ďakujem",
        sadly=r"bohužel|bohužiaľ",
        never=r"ne\w+",
    ),
    "hu": Patterns(
        no=r"nem (?:tudok|tudom vállalni|fér bele)",
        yes=r"nem gond",
        later=r"visszatérek rá|majd jelentkezem",
        thanks=r"köszönöm|köszönjük|köszi",
        sadly=r"sajnos",
        never=r"nem",
    ),
    "ru": Patterns(
        no=r"не (?:могу|можем|смогу|сможем|получится|успеваю|успею)|вынужден[аы]? отказаться",
        but=r"найти|открыть|дождаться",
        yes=r"с удовольствием|без проблем|сделаю",  # noqa: RUF001  many scripts
        later=r"отвечу (?:позже|завтра|на)|дам знать|вернусь к",
        thanks=r"спасибо|благодарю|благодарим|дякую",
        plain=r"вынужден[аы]? отказаться",
        sadly=r"к сожалению|на жаль",
        never=r"не|нет",
    ),
    "tr": Patterns(
        no=r"katılamayacağım|gelemeyeceğim|yapamam|gelemem",  # noqa: RUF001  many scripts
        yes=r"sorun değil|seve seve",
        later=r"size döneceğim|haber veririm",
        thanks=r"teşekkür|teşekkürler",
    ),
    "ro": Patterns(no=r"nu pot", yes=r"cu plăcere", later=r"revin cu", thanks=r"mulțumesc|mersi"),
    "el": Patterns(no=r"δεν (?:μπορώ|γίνεται)", yes=r"ευχαρίστως", later=r"θα σας ενημερώσω", thanks=r"ευχαριστώ"),
}

NO_FIRST = re.compile(
    r"^\W*(?:no|nope|nein|non|nee|nej|nei|ei|não|nao|nie|nem|нет|ні|hayır|όχι)"  # noqa: RUF001  many scripts
    r"(?=\s*(?:$|[,.!;:\u2013\u2014\n-])| (?:thanks|thank|sorry|i |we |not|gracias|lo siento|obrigad|merci|"
    r"danke|désolé|"
    r"ich|je |mi dispiace|grazie|leider|this time))"
)
YES_FIRST = re.compile(
    r"^\W*(?:yes|yep|yeah|yup|sure|ok|okay|of course|absolutely|certainly|gladly|done|agreed|deal|on it|"
    r"i'm in|ja|jawohl|"
    r"gern|gerne|klar|natürlich|selbstverständlich|passt|oui|bien sûr|bien entendu|entendu|d'accord|"
    r"volontiers|sí|si,|"
    r"claro|vale|por supuesto|de acuerdo|encantad[oa]|hecho|will do|sim|com certeza|combinado|certo|"
    r"perfeito|pode ser|está bem|"
    r"sì|va bene|d'accordo|volentieri|certamente|senz'altro|kyllä|joo|totta kai|sopii|ilman muuta|selvä|"
    r"graag|natuurlijk|prima|"
    r"akkoord|absolut|gärna|gjerne|självklart|selvfølgelig|okej|tak,|oczywiście|jasne|chętnie|zgoda|ano|jasně|určitě|"
    r"samozřejmě|да|конечно|хорошо|договорились|igen|persze|rendben|természetesen|evet|tabii|tamam|elbette|"
    r"desigur|sigur|"
    r"ναι|βεβαίως|φυσικά)(?!\w)(?! nicht| pas| no\b| non\b| não\b)"  # noqa: RUF001  many scripts
)


# "Not now, let us come back to it in March" refuses nothing and promises no answer: it says neither.
_NOT_NOW = (
    (
        r"(?:not|but not) (?:right )?now|come back to (?:it|this) (?:in|after|next)|pick (?:this|"
        r"it) up (?:again )?(?:in|next|after)"
    ),
    r"(?:lass|lasst|lassen sie) uns (?:\w+ ){0,4}(?:darauf|dazu) zurückkommen|jetzt nicht|nicht jetzt|später gern",
    r"pas maintenant|pas pour l'instant|reparlons|on en reparle",
    r"ahora no|hablemos (?:en|el|la)|lo hablamos (?:en|el|la)",
    r"agora não|voltamos a falar|voltemos a falar",
    r"non adesso|non ora|ne riparliamo|riparliamone",
    r"nu niet",
    r"ei nyt|palataan asiaan",
)
NOT_NOW = Lexicon([_simple(one) for one in _NOT_NOW])
NO = Lexicon([_no(one) for one in _SOURCES.values()])
PLAIN_NO = Lexicon([_simple(one.plain, one.holds.get("plain", "")) for one in _SOURCES.values() if one.plain])
YES = Lexicon([_simple(one.yes, one.holds.get("yes", "")) for one in _SOURCES.values()])
LATER = Lexicon([_simple(one.later, one.holds.get("later", "")) for one in _SOURCES.values()])
THANKS = Lexicon([_simple(one.thanks) for one in _SOURCES.values()])
ALL_WORDS = NOT_NOW.words | NO.words | YES.words | LATER.words | THANKS.words
