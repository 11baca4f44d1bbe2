from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.addresses import keyed
from projections.identity_profile import look, meet, meet_name, profiles
from projections.names import keys, read
from projections.people import Card, Evidence, Person, Seen, never, person_key, resolve


def seen(*lines: str) -> list[Seen]:
    """Read `Ana Ruiz <ana@x.org>`, one sighting a line; `3 Ana Ruiz <…>` is seen three times."""
    found = []
    for line in lines:
        name, _, address = line.removesuffix(">").rpartition("<")
        count, _, rest = name.partition(" ")
        n, shown = (int(count), rest.strip()) if count.isdigit() else (1, name.strip())
        found.append(Seen(keyed(address, shown), shown, "mail", n))
    return found


def together(*pairs: tuple[str, str]) -> Callable[[str, str], bool]:
    known = {frozenset(pair) for pair in pairs}
    return lambda a, b: frozenset((a, b)) in known


def sets(people: Sequence[Person]) -> list[tuple[str, ...]]:
    return sorted(person.addresses for person in people)


def are_one(evidence: Evidence, *addresses: str) -> bool:
    return any(set(addresses) <= set(person.addresses) for person in resolve(evidence))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Ana Ruiz <ana@x.org>", "Ana Ruiz <ana.ruiz@gmail.com>"),
        ("Ana Ruiz <ana@x.org>", "Ruiz, Ana <ana.ruiz@gmail.com>"),
        ("Ana Ruiz <ana@x.org>", "ana ruiz (EXT) <ext-ana@corp.com>"),
        ("Ana M. Ruiz <ana@x.org>", "Ana Ruiz <aruiz@corp.com>"),
        ("Jan Müller <jan@x.org>", "Jan Mueller <jm@corp.com>"),
        ("Иван Петров <ivan@x.ru>", "Ivan Petrov <petrov@corp.com>"),
        ("<ana.ruiz+news@gmail.com>", "<anaruiz@googlemail.com>"),
        ("Pat Doe <pat@x.org>", "Patty <pat+shop@x.org>"),
        ("Haozeke <rohit@x.org>", "Rohit G <1+haozeke@users.noreply.github.com>"),
        ("Ana Ruizsoto <ana@x.org>", "<anaruizsoto@gmail.com>"),
        ("White, Stacey W. <w..white@enron.com>", "Stacey White <stacey.white@enron.com>"),
        ("<wqzhang@cs.uni.edu>", "<wqzhang@uni.edu>"),
        ("Bob Hargreave <bobhargreave@gmail.com>", "<bobhargreave@corp.com>"),
        ("Ana Ruiz <ana@x.org>", "Ana Ruiz <?@?>"),
        ("Quokka7 <ana@x.org>", "quokka7 <ruiz.a@gmail.com>"),
        ("Matt <matthew.hargreave@x.org>", "Matthew Hargreave <mh@corp.com>"),
    ],
)
def test_one_person(first: str, second: str) -> None:
    people = resolve(Evidence(seen(first, second)))
    assert len(people) == 1
    assert len(people[0].why) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Ana Ruiz <ana@x.org>", "Ben Ruiz <ben@x.org>"),
        ("Ana <ana@x.org>", "Ana <ana@y.org>"),
        ("Ana Ruiz <info@x.org>", "Ana Ruiz <ana@x.org>"),
        ("Ana Ruiz <family@ruiz.org>", "Ana Ruiz <ana@x.org>"),
        ("Wei Zhang <wei.zhang@corp.com>", "Wei Zhang <wei.zhang2@corp.com>"),
        ("Ana Ruiz via Forum <forum@z.org>", "Ana Ruiz <ana@x.org>"),
        ("Ana Ruiz (Jira) <board@z.org>", "Ana Ruiz <ana@x.org>"),
        ("Ana Ruiz <comments-noreply@docs.google.com>", "Ana Ruiz <ana@x.org>"),
        ("Acme Support <help1@acme.com>", "Acme Support <help2@acme.com>"),
        ("root <root@a.org>", "root <root@b.org>"),
        ("ubuntu <ubuntu@ip-1.internal>", "ubuntu <ubuntu@ip-2.internal>"),
        ("<jsmith@a.com>", "<jsmith@b.com>"),
        ("Jane Smith <jsmith@a.com>", "John Smith <jsmith@b.com>"),
        ("<john@cs.mit.edu>", "<john@math.mit.edu>"),
        ("John Smith Jr. <js@a.com>", "John Smith Sr. <js2@b.com>"),
        ("Satish Mishra <sm@a.com>", "Satish Kumar Mishra <skm@b.com>"),
        ("Bob Smith <bob@a.com>", "Robert Smith <rs@b.com>"),
        ("Jane Smith <jsmith@a.com>", "<jsmith@gmail.com>"),
        ("<j.harris@a.com>", "<jharris@b.com>"),
        ("Linkedin <invites@linkedin.com>", "Linkedin <linkedin@gmail.com>"),
        ("<john@cs.mit.edu>", "<john@mit.edu>"),
    ],
)
def test_two_people(first: str, second: str) -> None:
    assert len(resolve(Evidence(seen(first, second)))) == 2


def test_what_stands_for_no_address_joins_nobody() -> None:
    lines = ("zed <?@?>", "Neil Muller <?@?>", "Ana Ruiz <?@?>", "<?@?>")
    found = resolve(Evidence(seen(*lines, "Ana Ruiz <ana@x.org>", "zed <zed@x.org>")))
    assert sets(found) == [
        ("?@?",), ("ana ruiz <?@?>", "ana@x.org"), ("neil muller <?@?>",), ("zed <?@?>",), ("zed@x.org",),
    ]  # fmt: skip


def test_an_account_at_a_code_host_is_one_human_under_every_name() -> None:
    names = ("Ana Ruiz <1+quokka@users.noreply.github.com>", "Mad Physicist <1+quokka@users.noreply.github.com>")
    found = resolve(Evidence(seen(*names, "Ana M. Ruiz <ana@x.org>")))
    assert len(found) == 1
    at_home = (line.replace("1+quokka@users.noreply.github.com", "quokka@x.org") for line in names)
    assert not are_one(Evidence(seen(*at_home, "Ana M. Ruiz <ana@x.org>")), "quokka@x.org", "ana@x.org")


def test_recipients_of_one_mail_are_not_merged_by_name() -> None:
    pair = seen("Ana Ruiz <ana@x.org>", "Ana Ruiz <ana.ruiz@y.org>")
    assert len(resolve(Evidence(pair))) == 1
    assert len(resolve(Evidence(pair, together=together(("ana@x.org", "ana.ruiz@y.org"))))) == 2


def test_recipients_of_one_mail_are_not_merged_by_handle() -> None:
    pair = seen("<quokka7@gmail.com>", "<quokka7@yahoo.com>")
    assert len(resolve(Evidence(pair))) == 1
    assert len(resolve(Evidence(pair, together=together(("quokka7@gmail.com", "quokka7@yahoo.com"))))) == 2


def test_a_number_at_one_organisation_outranks_an_answer_address() -> None:
    pair = seen("Wei Zhang <wei.zhang@c.com>", "Wei Zhang <wei.zhang2@c.com>")
    assert len(resolve(Evidence(pair, reply_to=[("wei.zhang@c.com", "wei.zhang2@c.com", 3)]))) == 2


def test_a_second_name_now_and_then_is_noise_but_of_one_family_it_is_a_household() -> None:
    noise = seen("9 Ana Ruiz <ar@x.org>", "1 Lev Soto <ar@x.org>", "Ana Ruiz <ana@y.org>")
    household = seen("9 Ana Ruiz <ar@x.org>", "1 Ben Ruiz <ar@x.org>", "Ana Ruiz <ana@y.org>")
    assert len(resolve(Evidence(noise))) == 1
    assert len(resolve(Evidence(household))) == 2


def test_a_name_that_two_people_bear_joins_nobody() -> None:
    lines = seen("Wei Zhang <wei.zhang@c.com>", "Wei Zhang <wei.zhang2@c.com>", "Wei Zhang <wz@gmail.com>")
    assert len(resolve(Evidence(lines))) == 3


def test_a_card_joins_its_addresses_and_says_so() -> None:
    card = Card("Ana Ruiz", (), ("ana@x.org", "mimi77@gmail.com"), position=12)
    (person,) = resolve(Evidence(seen("Mimi <mimi77@gmail.com>"), [card]))
    assert person.addresses == ("ana@x.org", "mimi77@gmail.com")
    assert person.why == ("same card 'Ana Ruiz' (contact, position 12): ana@x.org and mimi77@gmail.com",)


@pytest.mark.parametrize(
    "cards",
    [
        [Card("Ana Ruiz", (), ("ana@x.org", "info@x.org"))],
        [Card("Ruiz home", (), ("ana@x.org", "ben@x.org"), "group")],
        [Card("Ana Ruiz", (), ("ana@x.org", "casa@x.org")), Card("Ben Ruiz", (), ("ben@x.org", "casa@x.org"))],
        [Card("Ana Ruiz", (), ("ana@x.org", "bob@y.org"))],
    ],
)
def test_a_card_does_not_join_roles_groups_shared_mailboxes_and_other_people(cards: list[Card]) -> None:
    people = resolve(Evidence(seen("Ana Ruiz <ana@x.org>", "3 Bob Doe <bob@y.org>"), cards))
    assert all(len(person.addresses) == 1 for person in people)


def test_a_join_by_name_says_so() -> None:
    (person,) = resolve(Evidence(seen("Ana Ruiz <ana@x.org>", "Ruiz, Ana <ana.ruiz@gmail.com>")))
    assert person.why == ("same full name 'Ana Ruiz' at ana.ruiz@gmail.com and ana@x.org",)


def test_two_people_at_one_address_are_one_entry_and_no_bridge() -> None:
    lines = seen(
        "5 Ana Ruiz <ruizes@x.org>", "5 Ben Ruiz <ruizes@x.org>", "Ana Ruiz <ana@y.org>", "Ben Ruiz <ben@z.org>"
    )
    people = resolve(Evidence(lines))
    assert sets(people) == [("ana@y.org",), ("ben@z.org",), ("ruizes@x.org",)]
    assert [p.names for p in people if "ruizes@x.org" in p.addresses] == [("Ana Ruiz", "Ben Ruiz")]


def test_a_weak_link_does_not_glue_two_people() -> None:
    lines = seen("Ana Ruiz <quokka7@gmail.com>", "<quokka7@yahoo.com>", "Ben Soto <quokka7@hotmail.com>")
    assert len(resolve(Evidence(lines))) == 3


def test_an_answer_address_of_the_same_human_is_theirs() -> None:
    lines = seen("Ana Ruiz <ana@x.org>", "<ruiz.ana@home.net>", "Boss <boss@x.org>", "Desk <desk77@x.org>")
    replies = [("ana@x.org", "ruiz.ana@home.net", 3), ("boss@x.org", "desk77@x.org", 3)]
    evidence = Evidence(lines, reply_to=replies)
    assert are_one(evidence, "ana@x.org", "ruiz.ana@home.net")
    assert not are_one(evidence, "boss@x.org", "desk77@x.org")


def test_a_card_in_another_script_than_the_mails_joins_all_the_same() -> None:
    card = Card("佐藤 健一", (), ("k.sato@x.jp", "kenichi.sato@y.org"))
    lines = seen("佐藤 健一 <k.sato@x.jp>", "Kenichi Sato <kenichi.sato@y.org>")
    assert len(resolve(Evidence(lines, [card]))) == 1
    other = Card("Ana Ruiz", (), ("k.sato@x.jp", "kenichi.sato@y.org"))
    assert len(resolve(Evidence(seen("Ana Ruiz <k.sato@x.jp>", "Kenichi Sato <kenichi.sato@y.org>"), [other]))) == 2


def test_a_married_name_on_a_card_takes_both_names() -> None:
    card = Card("Ana Ruiz", ("Ana Lopez",), ("ana@x.org", "alopez@y.org"))
    lines = seen("Ana Ruiz <ana@x.org>", "Ana Lopez <alopez@y.org>", "Ana Lopez <ana@z.org>", "Ana Ruiz <ar@w.org>")
    assert len(resolve(Evidence(lines, [card]))) == 1


def test_lists_rooms_and_robots_are_never_people_and_never_joined() -> None:
    lines = seen(
        "Ana Ruiz <ana@x.org>", "Ana Ruiz <ana-list@x.org>", "Ana Ruiz <room1@x.org>", "Ana Ruiz <ana-bot@x.org>"
    )
    evidence = Evidence(
        lines,
        lists=frozenset({"ana-list@x.org"}),
        rooms=frozenset({"room1@x.org"}),
        robots=frozenset({"ana-bot@x.org"}),
    )
    kinds = {person.addresses: person.kind for person in resolve(evidence)}
    assert kinds == {
        ("ana@x.org",): "person", ("ana-list@x.org",): "list", ("room1@x.org",): "room", ("ana-bot@x.org",): "robot",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["2 Ruiz, Ana <ana@x.org>", "Ana <ana@x.org>"], "Ana Ruiz"),
        (["5 ana@x.org <ana@x.org>", "Ana Ruiz <ana@x.org>"], "Ana Ruiz"),
        (["9 ANA RUIZ <ana@x.org>", "Ana Ruiz <ana@x.org>"], "Ana Ruiz"),
        (["<ana.ruiz@x.org>"], "Ana Ruiz"),
        (["Mimi <ana.ruiz@x.org>"], "Mimi"),
        (["<announce@lists.x.org>"], "announce@lists.x.org"),
    ],
)
def test_the_best_name_is_shown(lines: list[str], name: str) -> None:
    (person,) = resolve(Evidence(seen(*lines)))
    assert person.name == name


def test_the_owner_outranks_every_rule_and_the_last_word_counts() -> None:
    lines = seen("Ana Ruiz <ana@x.org>", "Ana Ruiz <ana@y.org>", "Ben Soto <ben@z.org>")
    merge = (("ana@x.org", "ana@y.org"), ("ben@z.org",), 7)
    assert len(resolve(Evidence(lines, merged=[merge]))) == 1
    split = ("ana@x.org", ("ana@y.org", "ben@z.org"), 8)
    after = resolve(Evidence(lines, merged=[merge], split=[split]))
    assert sets(after) == [("ana@x.org",), ("ana@y.org", "ben@z.org")]
    again = (("ana@x.org",), ("ana@y.org", "ben@z.org"), 9)
    assert len(resolve(Evidence(lines, merged=[merge, again], split=[split]))) == 1


def test_a_split_holds_against_one_mailbox_and_new_addresses() -> None:
    lines = seen("Ana Ruiz <ana@x.org>", "Ana Ruiz <ana+b@x.org>", "Ana Ruiz <ana@y.org>", "Ana Ruiz <ana@z.org>")
    evidence = Evidence(lines, split=[("ana@x.org", ("ana+b@x.org", "ana@y.org"), 4)])
    assert not are_one(evidence, "ana@x.org", "ana+b@x.org")
    assert not are_one(evidence, "ana@x.org", "ana@y.org")
    assert are_one(evidence, "ana+b@x.org", "ana@y.org")


def test_the_key_is_of_the_first_address_alone() -> None:
    (alone,) = resolve(Evidence(seen("Ana Ruiz <ana@x.org>")))
    (both,) = resolve(Evidence(seen("Ana Ruiz <ana@x.org>", "Ana Ruiz <zz@y.org>")))
    assert alone.key == both.key == person_key(["ana@x.org"])
    assert len(alone.key) == 11


ADDRESSES = st.sampled_from(
    [f"{local}@{domain}"
     for local in ("ana", "ana.ruiz", "aruiz", "anaruiz", "ben", "info", "ana+x", "quokka7", "no-reply", "ana2")
     for domain in ("x.org", "cs.x.org", "gmail.com", "users.noreply.github.com", "lists.z.org")]
)  # fmt: skip
NAMES = st.sampled_from(["", "Ana Ruiz", "Ruiz, Ana", "Ana", "Ben Ruiz", "A. Ruiz", "quokka7", "Ana & Ben Ruiz"])
SEEN = st.lists(st.builds(Seen, ADDRESSES, NAMES, st.just("mail"), st.integers(1, 9)), max_size=14)
CARDS = st.lists(
    st.builds(Card, NAMES, st.just(()), st.lists(ADDRESSES, max_size=3).map(tuple), st.sampled_from(["", "group"]),
              st.integers(1, 5)),
    max_size=3,
)  # fmt: skip
GROUP = st.lists(ADDRESSES, min_size=1, max_size=3).map(tuple)
MERGED = st.lists(st.tuples(GROUP, GROUP, st.integers(1, 20)), max_size=3)
SPLIT = st.lists(st.tuples(ADDRESSES, GROUP, st.integers(21, 40)), max_size=3)
EVIDENCE = st.builds(
    Evidence,
    SEEN,
    CARDS,
    st.lists(st.tuples(ADDRESSES, ADDRESSES, st.integers(1, 3)), max_size=3),
    mine=st.frozensets(ADDRESSES, max_size=2),
    merged=MERGED,
    split=SPLIT,
    together=st.just(never),
)


@given(EVIDENCE)
def test_every_address_is_in_exactly_one_person(evidence: Evidence) -> None:
    people = resolve(evidence)
    listed = [address for person in people for address in person.addresses]
    known = {s.address for s in evidence.seen} | {a for card in evidence.cards for a in card.addresses}
    assert sorted(listed) == sorted(known - evidence.mine)
    assert len({person.key for person in people}) == len(people)
    assert all(len(person.why) == len(person.addresses) - 1 for person in people)


@given(EVIDENCE, st.randoms(use_true_random=False))
def test_the_order_of_the_evidence_changes_nothing(evidence: Evidence, chance: random.Random) -> None:
    shuffled = evidence._replace(
        seen=chance.sample(evidence.seen, len(evidence.seen)),
        cards=chance.sample(evidence.cards, len(evidence.cards)),
        reply_to=chance.sample(evidence.reply_to, len(evidence.reply_to)),
        merged=chance.sample(evidence.merged, len(evidence.merged)),
        split=chance.sample(evidence.split, len(evidence.split)),
    )
    assert resolve(shuffled) == resolve(evidence)


@given(EVIDENCE, GROUP, GROUP)
def test_a_merge_joins_whatever_the_rules_say(
    evidence: Evidence, one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    people = resolve(evidence._replace(merged=[*evidence.merged, (one, other, 99)]))
    found = {person.key for person in people for address in person.addresses if address in one + other}
    assert len(found) <= 1


@given(EVIDENCE, ADDRESSES, GROUP)
def test_a_split_holds(evidence: Evidence, address: str, others: tuple[str, ...]) -> None:
    people = resolve(evidence._replace(split=[*evidence.split, (address, others, 99)]))
    whose = {a: person.key for person in people for a in person.addresses}
    for other in set(others) - {address}:
        if address in whose and other in whose:
            assert whose[address] != whose[other]


def test_what_was_met_while_mail_was_read_is_not_worked_out_at_the_end() -> None:
    evidence = Evidence(seen("Jan Müller <jan@x.org>", "<ana.ruiz75@gmail.com>", " Quokka7 <info@x.org>"))
    caches = (look, read, keys)
    for cache in caches:
        cache.cache_clear()
    for address, name, *_ in evidence.seen:
        meet(address)
        meet_name(name)
    known = [cache.cache_info().misses for cache in caches]
    assert all(known)
    profiles(evidence)
    assert [cache.cache_info().misses for cache in caches] == known
