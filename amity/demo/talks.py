"""What people ask of one another in the invented life, with its end: answered, declined, still open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from amity.demo.cast import CAST, ME, Mail, at

FIRST = 100_000  # the numbers of these mails begin behind all others


def talks() -> Iterator[Mail]:
    """Threads as (when, from, to, subject, the place of the mail that it answers, text, copy to)."""
    said: tuple[tuple[datetime, str, str, str, int, str, str], ...] = (
        (at(15, 1, 9), "bo", "me", "Inês, meet Mika", 0, "You two should talk about the round.", "ines"),
        (at(15, 1, 15), "ines", "me", "Re: Inês, meet Mika", 1, "Glad to. When would you have half an hour?", "bo"),
        (at(15, 2, 10), "me", "ines", "Re: Inês, meet Mika", 2, "Thursday at ten would be fine for me.", ""),
        (at(0, 1, 11), "me", "ines", "Term sheet", 0, "Could you send me your comments on the draft?", ""),
        (at(0, 2, 12), "tomas", "me", "A talk in October", 0,
         "We met at the fair. Could you speak at our meetup on 14 October?", ""),
        (at(2, 0, 10), "greta", "me", "Careers day", 0, "Would you come to our careers day on 2 October?", ""),
        (at(2, 0, 18), "me", "greta", "Re: Careers day", 6, "Sorry, I can't make it this autumn.", ""),
        (at(6, 2, 9), "me", "yusuf", "Customs forms", 0, "Could you explain the customs forms for the pilot?", ""),
        (at(6, 2, 14), "yusuf", "me", "Re: Customs forms", 8, "Yes, happy to. The customs code is on page two.", ""),
        (at(6, 2, 15), "me", "yusuf", "Re: Customs forms", 9, "Thank you!", ""),
        (at(5, 3, 9), "yusuf", "me", "Customs broker", 0, "Here is the customs broker that we use ourselves.", ""),
        (at(4, 0, 9), "me", "omar", "Bread for the opening", 0, "Could you bake for sixty people on the ninth?", ""),
        (at(4, 1, 7), "omar", "me", "Re: Bread for the opening", 12, "Sorry, I have to say no: we are full.", ""),
    )  # fmt: skip
    people = {**CAST, "me": ME}
    for place, (when, sender, to, subject, answers, says, copy) in enumerate(said, 1):
        copies = (people[copy],) if copy else ()
        answered = FIRST + answers if answers else 0
        yield Mail(when, people[sender], (people[to],), subject, 0, FIRST + place, answered, says=says, copies=copies)
