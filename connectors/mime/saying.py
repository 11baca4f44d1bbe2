"""What a short answer says, in one word: the text itself is dropped, and a refusal must not be taken for an answer."""

from __future__ import annotations

import re

SHORT_WORDS = 80  # (ours) a longer text says more than one word can
_READ = 200  # characters of it

# In the languages of Europe's mail; what is spelled alike in several stands once.
_LATER = re.compile(
    r"\b(?:(?:get|come|circle|be) back to you|get back (?:next|on|by|later|tomorrow|soon)|let me (?:check|think|look)"
    r"|(?:reply|respond|answer|look at (?:it|this)) (?:next week|tomorrow|later|soon)"
    r"|melde mich|komme (?:darauf|auf (?:dich|sie|euch)) zurück|reviens vers (?:toi|vous)"
    r"|te respondo (?:luego|mañana)|ti faccio sapere|palaan (?:asiaan|tähän)|kom ik op terug)\b"
)
_NO = re.compile(
    r"^\W*(?:no|nope|nein|non|nee|nej|ei)\b(?! (?:problem|worries|doubt|need))"
    r"|\b(?:no,? thank(?:s| you)|not this time"
    r"|(?:cannot|can ?not|can't|cant|won't be able|(?:not|un) ?able to)\b(?! wait| thank)"
    r"|don't think i can|won't (?:manage|make it)|(?:have to|must) (?:decline|pass|refuse|say no)|i'?ll pass|rather not"
    r"|i'?ll say no|i(?:'d| would) prefer not"
    r"|not interested|unfortunately|regretfully|i'm afraid|i am afraid|leider|kann (?:ich )?nicht|geht nicht|absagen"
    r"|malheureusement|ne peux pas|(?:dois|préfère) (?:refuser|décliner)|non merci|lo siento|no puedo"
    r"|(?:decir|digo) que no|desafortunadamente|lamentablemente|purtroppo|non posso|devo (?:rifiutare|declinare)"
    r"|valitettavasti|kieltäyt(?:yä|ymään|yisin)|kieltäydyn|en (?:pääse|ehdi|voi)|helaas|infelizmente|tyvärr)\b"
)
_YES = re.compile(
    r"^\W*(?:yes|yep|yeah|sure|ok|okay|of course|absolutely|certainly|gladly|done|ja|gerne|oui|bien sûr|sí|claro|certo"
    r"|kyllä|sim)\b|\b(?:happy to|glad to|will do|no problem|no worries|sounds good|count me in|love to|on it)\b"
)
# One of these is in whatever the patterns find, but for the first word: ten times as fast as looking for all of them.
_HINTS = (
    " back ", "let me", "next week", "tomorrow", "later", "soon", "melde", "komme", "reviens", "respondo", "faccio",
    "palaan", "op terug", "thank", "not this", "not able", "not int", "rather not", "can't", "cant", "cannot",
    "can not", "think i can", "unable", "be able", "won't", "decline", "pass", "unfortun", "regret", "afraid", "leider",
    "nicht", "malheur", "ne peux", "merci", "lo siento", "no puedo", "desafort", "lament", "purtroppo", "posso",
    "valitett", "kieltä", "en pääse", "en ehdi", "en voi", "say no", "refuse", "prefer", "absagen", "déclin", "que no",
    "devo ", "helaas", "infeliz", "tyv", "happy", "glad", "will do", "no problem", "no worries", "sounds good",
    "count me", "love", "on it", "thx", "apprec", "danke", "gracias", "grazie", "kiitos", "obrigad", "bedankt", "tack",
)  # fmt: skip
_AROUND = ".,;:!-*_\"'()"
# "Hi Ana, yes": the answer begins behind the greeting.
_GREETINGS = frozenset({
    "hi", "hello", "hey", "dear", "hallo", "lieber", "liebe", "guten", "moi", "hei", "hej", "bonjour", "bonsoir",
    "salut", "hola", "buenos", "buenas", "ciao", "buongiorno", "olá", "beste",
})  # fmt: skip
_GREETED = re.compile(r"[\n,!:]|(?<!dr)(?<!prof)(?<!mr)(?<!mrs)(?<!ms)\.")
_LONGEST_GREETING = 50
_FIRST = frozenset({
    "no", "nope", "nein", "non", "nee", "nej", "ei", "yes", "yep", "yeah", "sure", "ok", "okay", "of", "absolutely",
    "certainly", "gladly", "done", "ja", "gerne", "oui", "bien", "sí", "claro", "certo", "kyllä", "sim",
})  # fmt: skip
_THANKS = re.compile(
    r"\b(?:thanks|thank you|thx|much appreciated|danke|merci|gracias|grazie|kiitos|obrigad[oa]|bedankt|tack)\b"
)


def says(text: str, words: int) -> str:
    """`later`, `no`, `yes`, `thanks`; "" for a longer text, and where it says both or nothing of these."""
    if not 0 < words <= SHORT_WORDS:
        return ""
    beginning = text[:_READ].replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").lower()
    answer = _behind_greeting(beginning)
    if not any(hint in beginning for hint in _HINTS) and not _first(beginning) and not _first(answer):
        return ""
    if _LATER.search(beginning):
        return "later"
    refuses, agrees = (bool(one.search(beginning) or one.search(answer)) for one in (_NO, _YES))
    if refuses or agrees:
        return "" if refuses and agrees else "no" if refuses else "yes"
    return "thanks" if _THANKS.search(beginning) else ""


def _behind_greeting(text: str) -> str:
    """What follows a greeting; "" where there is none."""
    if not any(word.strip(_AROUND) in _GREETINGS for word in text.split(None, 1)[:1]):
        return ""
    end = _GREETED.search(text, 0, _LONGEST_GREETING)
    return text[end.end() :] if end else ""


def _first(text: str) -> bool:
    return any(word.strip(_AROUND) in _FIRST for word in text.split(None, 1)[:1])
