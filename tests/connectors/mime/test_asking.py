"""Questions and requests, in the languages that people write in; politeness that asks nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mime.asking import _WORDS, _in_a_row, _phrases, asks
from connectors.mime.asking_words import FORMULAS, PATTERNS, REQUESTS
from connectors.mime.hearing import hear
from connectors.mime.message import translate


@pytest.mark.parametrize(
    "text",
    [
        "When is it?", "何時ですか？", "متى؟", "Πότε είναι;", "Could you send it.", "Please send it.", "Let me know.",
        "Könnten Sie das prüfen.", "Bitte senden.", "Pourriez-vous venir.", "Por favor.", "See http://x.org/?q=1 Really?",  # noqa: E501  one mail, one line
    ],
)  # fmt: skip
def test_questions_and_requests_ask(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "Thanks!",
        "See https://x.org/?q=1 there",
        "Please find it attached.",
        "We could do it.",
        "a;b",
        "What a day; fine.",
    ],
)
def test_statements_do_not_ask(text: str) -> None:
    assert not asks(text)


def test_code_of_a_patch_does_not_ask() -> None:
    assert not asks("Fix.\n\ndiff --git a/x b/x\n@@ -1 +1 @@\n+a = b ? c : d\n")


@pytest.mark.parametrize(
    "text",
    [
        "Would be great to get your comments by Monday.",
        "Let me have your comments, I finish it on Thursday.",
        "Graag een reactie a.u.b.",
        "I need the signed copy back by Friday.",
        "Send me the deck when you have a minute.",
        "Your thoughts would be welcome.",
        "Bitte um kurze Rückmeldung bis morgen.",
        "Veuillez me confirmer la date.",
        "Confírmame si vienes el jueves.",
        "Avísame cuando llegues.",
        "Confirma-me por favor a hora.",
        "Fammi sapere se va bene giovedì.",
        "Laat me weten of het lukt.",
        "Hör av dig när du vet.",
        "Ilmoita minulle kun tiedät.",
        "Daj znać, czy pasuje.",
        "Пришлите, пожалуйста, договор.",
        "ご検討のほど、よろしくお願いいたします。",
        "请尽快回复。",
        "첨부 파일 확인 부탁드립니다.",
        "Agradeço que me envies a versão final das medições até quinta.",
        "Gostaria de saber se o projecto de estabilidade já está pronto.",
        "Por favor confirma se podemos avançar com a encomenda das caixilharias.",
        "Preciso que assines o termo de responsabilidade antes de segunda.",
        "Bitte senden Sie mir das Leistungsverzeichnis bis Mittwoch zu.",
        "Ich bräuchte noch die Unterlagen für den Bauantrag.",
        "Gib mir bitte Bescheid, ob der Termin bleibt.",
        "図面をお送りいただけますでしょうか。",
        "来週の打ち合わせの日程をご連絡ください。",
        "見積書のご確認をお願いいたします。",
        "金曜日までにご返信いただけると助かります。",
        "ご都合のよい日時を教えてください。",
        "Merci de me transmettre le devis signé.",
        "Je voudrais savoir si le permis a été déposé.",
        "J'aurais besoin de ton avis sur le choix de la pierre.",
        "Te agradecería que me enviaras el presupuesto firmado.",
        "Necesito que revises la memoria de calidades.",
        "Por favor, envíame la última versión del plano de cubierta.",
        "Me gustaría saber si ya tenemos la licencia.",
        "Ti chiedo di inviarmi il computo metrico appena possibile.",
        "Avrei bisogno della relazione tecnica.",
        "Per favore confermami la data del sopralluogo.",
        "I'd need your sign-off on the facade samples before Monday.",
        "Let me know whether Tuesday works for the site visit.",
        "I was wondering if you had time to look at the staircase details.",
        "Please have a look at the attached budget.",
    ],
)
def test_requests_without_a_question_mark_ask(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "Thanks for the kind words, see you soon.",
        "We could meet at the station as usual.",
        "I'll let you know tomorrow.",
        "Looking forward to seeing you on Friday.",
        "Please find the minutes attached.",
        "If you have any questions, please let me know.",
        "Feel free to pass it on.",
        "Ich freue mich auf das Treffen am Freitag.",
        "Vielen Dank für deine Antwort, das hilft sehr.",
        "Bitte sehr, gern geschehen.",
        "Merci de votre réponse rapide.",
        "Merci pour tout et à bientôt.",
        "Je vous prie d'agréer, Madame, mes salutations distinguées.",
        "Veuillez trouver ci-joint le devis.",
        "Muchas gracias por tu respuesta.",
        "Cualquier duda, me dices.",
        "Quedo a tu disposición para cualquier duda.",
        "Fico à disposição para qualquer esclarecimento.",
        "Obrigada pela tua resposta.",
        "Resto a disposizione per qualsiasi chiarimento.",
        "Grazie per la tua risposta.",
        "Met vriendelijke groet en tot ziens.",
        "今後ともよろしくお願い申し上げます。",
        "ご査収ください。よろしくお願いいたします。",
        "ご不明な点がございましたらご連絡ください。",
        "请查收附件。",
        "잘 부탁드립니다.",
        "건강하시기 바랍니다.",
        "Segue em anexo a planta do piso 1 com as correcções que falámos na obra.",
        "A obra correu bem hoje, a laje ficou betonada e o encarregado ficou contente com o resultado.",
        "Só para informar que o processo deu entrada na câmara ontem de manhã.",
        "Estive com o empreiteiro e ele aceitou o novo calendário sem reservas.",
        "Perfeito, obrigado!",
        "Ok, combinado.",
        "Anbei das Protokoll der Baubesprechung von gestern, alle Punkte sind erledigt.",
        "Die Fliesen sind heute geliefert worden und sehen sehr gut aus.",
        "Zur Information: die Genehmigung ist gestern eingegangen.",
        "Super, danke!",
        "Alles klar.",
        "昨日の打ち合わせの議事録を添付いたします。",
        "工事は予定通り進んでおります。ご報告まで。",
        "本日、確認申請が受理されました。",
        "了解です。",
        "ありがとうございました！",
        "Ci-joint le compte rendu de la réunion de chantier d'hier, rien de bloquant.",
        "La livraison des menuiseries est arrivée ce matin en bon état.",
        "Pour ta gouverne, la mairie a validé le dossier hier.",
        "Parfait, merci !",
        "Très bien.",
        "Te adjunto el acta de la reunión de obra de ayer, todo en orden.",
        "Han llegado las ventanas esta mañana y están perfectas.",
        "Para tu información, el ayuntamiento ya ha registrado el expediente.",
        "Perfecto, gracias.",
        "Vale.",
        "In allegato il verbale della riunione di cantiere di ieri, tutto a posto.",
        "Stamattina sono arrivati gli infissi e sono perfetti.",
        "Perfetto, grazie!",
        "Va bene.",
        "Attached are yesterday's site minutes, nothing that blocks us.",
        "The windows came in this morning and they look great.",
        "For your records, the permit was filed yesterday.",
        "Great, thanks!",
        "Sounds good.",
    ],
)
def test_what_only_tells_or_is_polite_does_not(text: str) -> None:
    assert not asks(text)


def test_a_notice_at_the_end_asks_nothing_and_weighs_nothing() -> None:
    """Companies put it below every mail; in German it begins with "please"."""
    raw = (
        "From: bo@y.org\nTo: me@x.org\nDate: Mon, 1 Jan 2018 10:00:00 +0000\nSubject: Plan\n"
        "Content-Type: text/plain; charset=utf-8\n\nDie Fliesen sind da.\n\n"
        "Bitte denken Sie an die Umwelt, bevor Sie diese E-Mail ausdrucken.\n"
        "Sind Sie nicht der richtige Adressat? Dann informieren Sie bitte den Absender.\n"
    )
    payload = translate(raw.encode(), source="files:t", where="t").payload
    assert payload is not None
    assert (payload.words, payload.asks) == (4, False)


@pytest.mark.parametrize(
    ("header", "asking"),
    [
        ("Subject: Lunch on Friday?\n", True),
        ("Subject: =?utf-8?B?5p2l6YCx44Gu5Lya6K2w44Gv77yf?=\n", True),
        ("Subject: Re: Lunch on Friday?\n", False),
        ("Subject: Lunch on Friday?\nIn-Reply-To: <a@x>\n", False),
        ("Subject: Lunch on Friday\n", False),
    ],
)
def test_a_question_may_stand_in_the_subject(header: str, asking: bool) -> None:  # noqa: FBT001  a parameter
    raw = f"From: bo@y.org\nTo: me@x.org\nDate: Mon, 1 Jan 2018 10:00:00 +0000\n{header}\nThe usual place.\n"
    payload = translate(raw.encode(), source="files:t", where="t").payload
    assert payload is not None
    assert payload.asks == asking


BITS = sorted(
    {phrase for phrases in REQUESTS.values() for phrase in phrases if phrase.isascii()}
    | {f" {word} " for word in (*FORMULAS, *PATTERNS) if word.isascii()}
    | {
        "I",
        " will",
        "need ",
        "it by noon",
        " merci d'",
        "envoyer",
        "je te ",
        " prie d'",
        "send",
        " me",
        "could",
        "find ",
    }
    | {"you ", "please", "  ", "\n", ", ", "-", "'", "let us", "know if ", "there are questions"}
)


@given(st.lists(st.sampled_from(BITS), max_size=8))
def test_what_asks_has_the_words_of_a_phrase_in_a_row(bits: list[str]) -> None:
    text = "".join(bits)
    words, telling = hear(text)
    told = _WORDS & telling
    assert _in_a_row(words, told) or not _phrases(text, told)


@pytest.mark.parametrize(
    "text",
    [
        "I need it",
        "we need it",
        "I will need it",
        "we do need it",
        "send me",
        "send us",
        "merci de",
        "merci d'",
        "prie d'",
    ],
)
def test_what_patterns_and_formulas_find_has_its_words_in_a_row(text: str) -> None:
    words, telling = hear(text)
    assert _in_a_row(words, _WORDS & telling)


@pytest.mark.parametrize(("before", "asking"), [("Done. ", True), ("Index: a\n", False), ("x\n@@ -1\n", False)])
def test_no_word_of_a_patch_asks_however_far_the_mark_of_a_patch(before: str, asking: bool) -> None:  # noqa: FBT001  a parameter
    assert asks(f"{before}Please send it.\n{'word ' * 1_000}\ndiff --git a b\n") == asking
