from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mime.counting import count_words
from connectors.mime.lexicon import Pattern
from connectors.mime.saying import SHORT_WORDS, says
from connectors.mime.saying_words import LATER, NO, PLAIN_NO, YES


def said(text: str) -> str:
    return says(text, count_words(text))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Yes, happy to.", "yes"),
        ("Sure thing", "yes"),
        ("No problem, on Tuesday then", "yes"),
        ("Gerne, bis morgen", "yes"),
        ("Sorry, I can't this month.", "no"),
        ("Sorry, I can\u2019t this month.", "no"),
        ("No, sorry.", "no"),
        ("Thanks, but no thanks", "no"),
        ("I am afraid that I have to decline.", "no"),
        ("Unfortunately we are booked that week.", "no"),
        ("Leider nein", "no"),
        ("Malheureusement je ne peux pas venir", "no"),
        ("Sorry, I have to say no this time.", "no"),
        ("Hi Ana,\n\nNo, sorry.\n\nBest,\nBo", "no"),
        ("Hallo Herr Dr. Meier,\nja, gerne.", "yes"),
        ("Dear all: yes, on Tuesday.", "yes"),
        ("Moi Anna! T\u00e4ll\u00e4 kertaa joudun kielt\u00e4ytym\u00e4\u00e4n.", "no"),
        ("Je dois refuser cette fois.", "no"),
        ("Tengo que decir que no.", "no"),
        ("Ich muss f\u00fcr morgen absagen.", "no"),
        ("Hi, can't come, sorry", "no"),
        ("Hi yes and no", ""),
        ("Thanks!", "thanks"),
        ("Thank you so much for all of this", "thanks"),
        ("Danke sch\u00f6n", "thanks"),
        ("Let me check and get back to you next week.", "later"),
        ("Ich melde mich n\u00e4chste Woche", "later"),
        ("He cannot come, but Eva will.", ""),
        ("It is not possible to see the lake from there.", ""),
        ("I have not seen the final numbers yet.", ""),
        ("Der Kunde hat Ja gesagt.", ""),
        ("Not now, but let us come back to it in March.", ""),
        ("Im Moment geht es nicht, lass uns im M\u00e4rz darauf zur\u00fcckkommen.", ""),
        ("Pas maintenant, reparlons-en en mars.", ""),
        ("Ahora no, hablemos en marzo.", ""),
        ("Ei nyt, palataan asiaan maaliskuussa.", ""),
        ("Agora n\u00e3o, falamos em Mar\u00e7o.", ""),
        ("Yes in principle, but unfortunately not this year", ""),
        ("Can't wait to see you", ""),
        ("No need to worry", ""),
        ("Here is the file.", ""),
        ("", ""),
    ],
)
def test_what_a_short_answer_says(text: str, word: str) -> None:
    assert said(text) == word


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Hi Tom, unfortunately the train was late, so here is the file only now.", ""),
        ("Sorry, I can't find the attachment you mention.", ""),
        ("I'm afraid the second page is missing in what I sent, here it is again.", ""),
        ("Afraid I'm travelling that week, so I'll have to pass.", "no"),
        ("Thanks for thinking of me, but I'm going to decline.", "no"),
        ("Sounds great, see you Tuesday at ten.", ""),
        ("That works, see you then.", "yes"),
        ("I would love to, count me in!", "yes"),
        ("No, we do not have it in blue.", "no"),
        ("The board said no to the proposal yesterday.", ""),
        ("It's done and on the server.", ""),
        ("Yes please, two copies.", "yes"),
        ("Ich kann die Datei leider nicht öffnen.", ""),
        ("Leider war der Server gestern langsam, deshalb kommt das Protokoll erst jetzt.", ""),
        ("Da bin ich leider im Urlaub und kann nicht kommen.", "no"),
        ("Das klappt, bis Donnerstag!", "yes"),
        ("Nein, diesmal nicht.", "no"),
        ("Das geht leider nicht, wir sind ausgebucht.", "no"),
        ("Gerne, ich bringe die Unterlagen mit.", "yes"),
        ("Die Unterlagen liegen bei der Gemeinde.", ""),
        ("Ich gebe dir bis Montag Bescheid.", "later"),
        ("Bonjour Paul, malheureusement je serai en déplacement ce jour-là et ne pourrai pas venir.", "no"),
        ("Malheureusement le fichier était abîmé, le voici à nouveau.", ""),
        ("C'est d'accord pour mardi.", "yes"),
        ("Je ne suis pas d'accord avec ce point, voir mes remarques.", ""),
        ("Non merci, pas pour le moment.", "no"),
        ("Le dossier est parti à la mairie ce matin.", ""),
        ("Je te tiens au courant.", "later"),
        ("Lo siento mucho, pero me resulta imposible asistir.", "no"),
        ("Sí, perfecto, nos vemos el lunes.", "yes"),
        ("No te preocupes, llegó todo bien.", ""),
        ("El presupuesto está firmado y enviado.", ""),
        ("Con mucho gusto, allí estaré.", "yes"),
        ("Non ti preoccupare, è arrivato tutto.", ""),
        ("Non vedo l'ora!", ""),
        ("Mi spiace ma quella settimana sono fuori e non potrò esserci.", "no"),
        ("Certo, nessun problema, ci vediamo lì.", "yes"),
        ("La relazione è già stata consegnata.", ""),
        ("Não te preocupes, já chegou tudo.", ""),
        ("Lamento o atraso, segue o ficheiro.", ""),
        ("Infelizmente não vou conseguir estar presente.", "no"),
        ("Sim, pode contar comigo na quinta.", "yes"),
        ("O processo já está na câmara.", ""),
        ("Fico-te a dever uma resposta, digo-te qualquer coisa amanhã.", "later"),
        ("Helaas kan ik er dan niet bij zijn.", "no"),
        ("Prima, dat doe ik.", "yes"),
        ("Tyvärr kan jag inte komma.", "no"),
        ("Tack så mycket!", "thanks"),
        ("Valitettavasti en pääse.", "no"),
        ("Kiitos paljon!", "thanks"),
        ("Niestety nie dam rady.", "no"),
        ("Dziękuję bardzo.", "thanks"),
        ("К сожалению, не смогу прийти.", "no"),
        ("Да, конечно, пришлю завтра.", "yes"),
        ("Спасибо большое!", "thanks"),
        ("大変申し訳ありませんが、その日は先約があり参加できません。", "no"),
        ("承知しました。よろしくお願いいたします。", "yes"),
        ("ご連絡ありがとうございます。", "thanks"),
        ("資料を添付いたします。よろしくお願いいたします。", ""),
        ("社内で検討し、来週ご連絡いたします。", "later"),
        ("好的，没问题。", "yes"),
        ("不好意思，那天我没空。", "no"),
        ("谢谢您的帮助！", "thanks"),
        ("文件已经发到您的邮箱。", ""),
        ("알겠습니다. 내일 보내드리겠습니다.", "yes"),
        ("죄송하지만 이번에는 참석이 어렵습니다.", "no"),
        ("감사합니다!", "thanks"),
        ("Sim, claro, trato disso amanhã.", "yes"),
        ("Com certeza, conta comigo.", "yes"),
        ("Combinado, envio-te tudo até sexta.", "yes"),
        ("Claro que sim, sem problema.", "yes"),
        ("Lamento, mas desta vez não posso aceitar.", "no"),
        ("Infelizmente não consigo, a agenda está cheia até Setembro.", "no"),
        ("Não me é possível participar, peço desculpa.", "no"),
        ("Desta vez tenho de recusar, espero que compreendas.", "no"),
        ("Respondo-te para a semana, quando voltar da obra.", "later"),
        ("Deixa-me ver com calma e depois digo-te alguma coisa.", "later"),
        ("Obrigada!", "thanks"),
        ("Muito obrigado, abraço.", "thanks"),
        ("Obrigadíssima pela ajuda toda.", "thanks"),
        ("Ja, gerne, ich schicke sie dir morgen.", "yes"),
        ("Klar, mache ich.", "yes"),
        ("Selbstverständlich, das erledige ich bis Donnerstag.", "yes"),
        ("Passt, ich kümmere mich darum.", "yes"),
        ("Leider schaffe ich das diesmal nicht.", "no"),
        ("Das ist mir zeitlich leider nicht möglich.", "no"),
        ("Ich muss dir diesmal absagen, tut mir leid.", "no"),
        ("Nein, das kann ich im Moment nicht übernehmen.", "no"),
        ("Ich melde mich nächste Woche dazu.", "later"),
        ("Das schaue ich mir an und komme darauf zurück.", "later"),
        ("Danke!", "thanks"),
        ("Vielen Dank für die schnelle Hilfe.", "thanks"),
        ("Herzlichen Dank!", "thanks"),
        ("はい、承知いたしました。明日お送りします。", "yes"),
        ("もちろんです。喜んでお引き受けします。", "yes"),
        ("了解しました。", "yes"),
        ("申し訳ございませんが、今回は見送らせていただきます。", "no"),
        ("あいにくその日は都合がつきません。", "no"),
        ("残念ながら今回はお受けできません。", "no"),
        ("確認して、来週改めてご連絡いたします。", "later"),
        ("後ほど回答いたします。", "later"),
        ("ありがとうございます。", "thanks"),
        ("どうもありがとうございました。", "thanks"),
        ("Oui, bien sûr, je t'envoie ça demain.", "yes"),
        ("D'accord, je m'en occupe.", "yes"),
        ("Avec plaisir, compte sur moi.", "yes"),
        ("Entendu, c'est noté.", "yes"),
        ("Désolée, je ne pourrai pas cette fois-ci.", "no"),
        ("Malheureusement ce n'est pas possible pour moi.", "no"),
        ("Je suis obligée de refuser, mon planning est plein.", "no"),
        ("Non, désolé, je n'ai pas le temps.", "no"),
        ("Je reviens vers toi la semaine prochaine.", "later"),
        ("Je regarde et je te réponds plus tard.", "later"),
        ("Merci beaucoup !", "thanks"),
        ("Un grand merci pour ton aide.", "thanks"),
        ("Sí, claro, te lo mando mañana.", "yes"),
        ("Por supuesto, cuenta conmigo.", "yes"),
        ("De acuerdo, lo hago hoy mismo.", "yes"),
        ("Vale, me encargo yo.", "yes"),
        ("Lo siento, esta vez no puedo.", "no"),
        ("Por desgracia no me es posible aceptar.", "no"),
        ("Me temo que no voy a poder ir.", "no"),
        ("No va a poder ser, tengo la agenda completa.", "no"),
        ("Te contesto la semana que viene.", "later"),
        ("Déjame mirarlo y te digo algo.", "later"),
        ("¡Gracias!", "thanks"),
        ("Muchas gracias por todo.", "thanks"),
        ("Sì, certo, te le mando domani.", "yes"),
        ("Volentieri, ci penso io.", "yes"),
        ("D'accordo, lo faccio entro giovedì.", "yes"),
        ("Va bene, nessun problema.", "yes"),
        ("Mi dispiace, questa volta non riesco.", "no"),
        ("Purtroppo non mi è possibile.", "no"),
        ("Devo rinunciare, sono piena di lavoro.", "no"),
        ("Ti faccio sapere la settimana prossima.", "later"),
        ("Ci penso e ti rispondo.", "later"),
        ("Grazie mille!", "thanks"),
        ("Ti ringrazio tantissimo.", "thanks"),
        ("Sure, I'll get it to you tomorrow.", "yes"),
        ("Of course, consider it done.", "yes"),
        ("Yes, that works for me.", "yes"),
        ("Will do, by Thursday.", "yes"),
        ("I'm sorry but I won't be able to this time.", "no"),
        ("Sadly I have to pass, the calendar is full.", "no"),
        ("I'd rather not take this on right now.", "no"),
        ("That won't be possible this month, sorry.", "no"),
        ("I'll get back to you next week on this.", "later"),
        ("Let me think about it and come back to you.", "later"),
        ("Thanks so much!", "thanks"),
        ("Many thanks for your help.", "thanks"),
    ],
)
def test_answers_in_many_languages_and_what_says_nothing(text: str, word: str) -> None:
    assert said(text) == word


LONG = "We have spoken about it at length here and everybody liked the idea of the exhibition very much indeed. " * 5


@pytest.mark.parametrize(
    "refusal",
    [
        "After much thought I have to decline.",
        "I won't be able to join you in March.",
        "Ich muss euch deshalb leider absagen.",
        "Je ne pourrai malheureusement pas participer.",
        "Por eso tengo que declinar tu invitación.",
        "Por isso tenho de recusar o convite.",
        "Per questo devo rinunciare.",
    ],
)
def test_a_plain_refusal_is_heard_in_a_long_text(refusal: str) -> None:
    assert said(f"Dear Ana,\n\n{LONG}{refusal} I wish you a good start.") == "no"
    assert said(f"{LONG}I cannot tell you how glad we are. Unfortunately the hall is not heated.") == ""
    assert said(f"Yes, gladly. {LONG}{refusal}") == ""


def test_a_long_text_says_more_than_one_word() -> None:
    assert said("No. " + "word " * SHORT_WORDS) == ""


@given(st.text(max_size=300), st.integers(0, 100))
def test_any_text_is_read(text: str, words: int) -> None:
    assert says(text, words) in {"", "yes", "no", "later", "thanks"}


HOLDING = [one for lexicon in (NO, YES, LATER, PLAIN_NO) for one in lexicon.patterns if one.holds]


@pytest.mark.parametrize("pattern", HOLDING)
@settings(max_examples=100)
@given(st.data())
def test_whatever_a_pattern_finds_holds_what_is_looked_for_first(pattern: Pattern, data: st.DataObject) -> None:
    found = data.draw(st.from_regex(pattern.compiled))
    assert any(map(found.__contains__, pattern.holds))
    assert pattern.is_in(found)
