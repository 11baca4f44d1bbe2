"""Names and sentences in several languages: what invented mail is made of."""

from __future__ import annotations

from typing import NamedTuple


class Tongue(NamedTuple):
    """Phrases by what they are for. `wrote` heads a quotation; {name} and {date} stand in it."""

    hello: str
    bye: str
    says: tuple[str, ...]
    questions: tuple[str, ...]
    thanks: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    later: tuple[str, ...]
    redirect: tuple[str, ...]
    wrote: str
    chats: tuple[str, ...]
    away: str


TONGUES = {
    "en": Tongue(
        "Hi {name},", "Best,",
        ("I looked at the numbers again and they hold.", "The draft is in the folder; the second part matters most.",
         "We settled most of it yesterday and the rest can wait.",
         "The customer wants two changes, both of them small.",
         "I moved the date by a day and told the others.", "It was good to see everybody in one room.",
         "The test went well except for the last step.", "I will write the summary and send it round.",
         "From what I saw the plan is sound.", "Nothing new on our side apart from the weather.",
         "The children started school and the house is quiet.", "I finished the book that you lent me."),
        ("What do you think?", "Could you have a look before Thursday?", "When would suit you?",
         "Does that work for you?",
         "How are things with you?"),
        ("Thanks!", "Thank you, got it.", "Great, thanks."),
        ("Yes, happy to do that.", "Yes, count me in.", "Sure, I will take care of it."),
        ("Sorry, I have to say no this time.", "I am afraid I can't make it.",
         "I have to decline, too much on my plate."),
        ("Not now, but let us come back to it in March.", "Can we pick this up next month?"),
        ("I am not the right person; {other} (in copy) can help you with this.",),
        "On {date}, {name} wrote:", ("Lunch", "Catching up", "Weekend", "How are you", "Long time", "Photos",
        "The garden"),
        "I am out of the office with limited access to mail."),
    "de": Tongue(
        "Hallo {name},", "Viele Grüße",
        ("Ich habe die Zahlen noch einmal geprüft, sie stimmen.", "Der Entwurf liegt im Ordner.",
         "Gestern haben wir das meiste geklärt.", "Der Kunde möchte zwei kleine Änderungen.",
         "Ich schreibe die Zusammenfassung und schicke sie herum.", "Es war schön, alle wiederzusehen.",
         "Bei uns gibt es wenig Neues, nur das Wetter ist schlecht."),
        ("Was meinst du?", "Wann passt es dir?", "Wie geht es dir?", "Könntest du es bis Donnerstag ansehen?"),
        ("Danke!", "Danke dir.", "Vielen Dank!"), ("Ja, das mache ich gern.", "Klar, ich bin dabei."),
        ("Leider muss ich absagen.", "Diesmal leider nicht."),
        ("Im Moment geht es nicht, lass uns im März darauf zurückkommen.",),
        ("Dafür bin ich nicht der Richtige; {other} (in Kopie) hilft dir weiter.",),
        "Am {date} schrieb {name}:", ("Mittagessen", "Lange nicht gehört", "Wochenende", "Grüße", "Fotos",
        "Der Garten"),
        "Ich bin derzeit nicht im Büro."),
    "fr": Tongue(
        "Bonjour {name},", "Bien à toi,",
        ("J'ai relu les chiffres et ils tiennent.", "Le brouillon est dans le dossier.",
         "Nous avons réglé l'essentiel hier.", "Le client souhaite deux petites modifications.",
         "J'écrirai le résumé et je l'enverrai à tous.", "C'était bien de revoir tout le monde."),
        ("Qu'en penses-tu ?", "Quand es-tu libre ?", "Comment vas-tu ?", "Peux-tu regarder avant jeudi ?"),
        ("Merci !", "Merci beaucoup.", "Super, merci."), ("Oui, avec plaisir.", "Oui, je m'en occupe."),
        ("Désolé, je dois refuser cette fois.", "Malheureusement je ne peux pas."),
        ("Pas maintenant, reparlons-en en mars.",),
         ("Je ne suis pas la bonne personne ; {other} (en copie) peut t'aider.",),
        "Le {date}, {name} a écrit :", ("Déjeuner", "Des nouvelles", "Week-end", "Photos", "Le jardin"),
        "Je suis absent du bureau."),
    "fi": Tongue(
        "Moi {name},", "Terveisin",
        ("Katsoin luvut uudestaan ja ne pitävät.", "Luonnos on kansiossa.", "Sovimme eilen suurimman osan.",
         "Asiakas haluaa kaksi pientä muutosta.", "Kirjoitan yhteenvedon ja lähetän sen kaikille.",
         "Meillä ei ole muuta uutta kuin sää."),
        ("Mitä mieltä olet?", "Milloin sinulle sopii?", "Mitä kuuluu?", "Ehditkö katsoa ennen torstaita?"),
        ("Kiitos!", "Kiitos paljon!"), ("Kyllä, mielelläni.", "Joo, minä hoidan."),
        ("Valitettavasti en pääse.", "Tällä kertaa joudun kieltäytymään."), ("Ei nyt, palataan asiaan maaliskuussa.",),
        ("En ole oikea henkilö; {other} (kopiossa) auttaa.",),
        "{date} {name} kirjoitti:", ("Lounas", "Kuulumiset", "Viikonloppu", "Kuvat", "Mökki"),
        "Olen poissa toimistolta."),
    "es": Tongue(
        "Hola {name}:", "Un abrazo,",
        ("Revisé los números otra vez y están bien.", "El borrador está en la carpeta.", "Ayer cerramos casi todo.",
         "El cliente quiere dos cambios pequeños.", "Escribiré el resumen y lo enviaré a todos.",
         "Fue bueno ver a todos."),
        ("¿Qué te parece?", "¿Cuándo te viene bien?", "¿Cómo estás?", "¿Puedes mirarlo antes del jueves?"),
        ("¡Gracias!", "Muchas gracias."), ("Sí, con mucho gusto.", "Claro, me encargo."),
        ("Lo siento, esta vez no puedo.", "Tengo que decir que no."), ("Ahora no, hablemos en marzo.",),
        ("No soy la persona indicada; {other} (en copia) te puede ayudar.",),
        "El {date}, {name} escribió:", ("Almuerzo", "Novedades", "Fin de semana", "Fotos", "El jardín"),
        "Estoy fuera de la oficina."),
}  # fmt: skip

FIRST = (  # noqa: SIM905  a page of names is read as one
    "Aino Bastian Chiara Dragan Elodie Farid Greta Henrik Ioana Jonas Katarzyna Leandro Maëlle Nadia "
    "Oskar Paloma Quentin Ragnhild Søren Tova Uwe Valentina Wiebke Xavier Yael Zoltan Anselm Birgit "
    "Cosimo Delphine Eero Fumiko Gonzalo Hedda Ilmari Jelena Kwame Ludmila Matteo Niamh Ottilie Piotr "
    "Rosalind Stellan Tariq Ursula Vikram Winona Ximena Yusuf Zuzana Ambrose Beatriz Casimir Dorothea "
    "Eamon Fenella Guillem Hyacinth Ingrid Joaquín Kerttu Lorcan Mirela Nerys Octavia Percival Rowena "
    "Sébastien Thandiwe Ulrika Viggo Wilhelmina Yolanda Žofia Ásgeir Bruna Clement Dagny Emre"
).split()
LAST = (  # noqa: SIM905  a page of names is read as one
    "Abernathy Brankovic Castellanos Dufresne Eklund Farrokhzad Gunnarsson Hakala Ivanova Jørgensen "
    "Kessler Lindholm Moreau Nakamura Oyelaran Pérez Quispe Rautio Schäfer Tanaka Urquhart Vasquez "
    "Weissmann Xanthis Yilmaz Zielinski Almeida Bergström Cartwright Dragomir Espinoza Fitzgerald "
    "Gallardo Hoffmann Iversen Jankowski Kovács Lefèvre Marchetti Novotny O'Brien Papadopoulos Rasmussen "
    "Sokolov Thorvaldsen Ueda Virtanen Whitaker Yamamoto Zuckerman Aldershaw Bellini Corrigan Dvořák "
    "Ellery Fontaine Gruber Haraldsen Isaksson Juhász Kowalczyk Larsson Mendoza Nylund Ortega Przybylski "
    "Renard Salonen Takala Uusitalo Villanueva Wójcik Zamora Østergaard Ågren Bouchard Cervantes Drummond"
).split()
WORK = (
    "Northwind-plan", "Budget round", "Release notes", "Customer visit", "Contract draft", "Onboarding", "Roadmap",
    "Quarter numbers", "Site visit", "Press kit", "Supplier list", "Migration", "Design review", "Pricing sheet",
)  # fmt: skip
TOPICS = (
    "kubernetes", "patents", "ceramics", "payroll", "beekeeping", "typography", "tariffs", "genomics", "acoustics",
    "viticulture", "cartography", "insolvency", "term sheet", "supply chain", "Zölle", "fonds européens",
)  # fmt: skip
