"""The owner's settings: the environment (`AMITY_…`) before `amity.toml`, checked as a whole.

Every mistake is reported at once with its line and column, and nothing runs on half a configuration.
"""

from __future__ import annotations

import math
import os
import re
import tomllib
import zoneinfo
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)

from amity import grammar
from amity.positions import positions
from events.errors import UsageError
from projections.rules import Budget, Goal, Rules, Tier

PREFIX, NESTED = "AMITY_", "__"  # AMITY_ME__TIMEZONE stands for `timezone` of [me]
RESERVED = {"unassigned", "(broadcast)", "(group)"}  # rows of `time` that are no goals


def _address(text: str) -> str:
    address = text.strip().lower().removeprefix("mailto:")
    if address.count("@") != 1 or address.startswith("@") or address.endswith("@") or " " in address:
        raise ValueError(f'"{text}" is no address: write it like "ana@example.org"')
    return address


def _member(text: str) -> str:
    return text.strip() if text.startswith("label:") else _address(text)


def _zone(text: str) -> str:
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'"{text}" is no time zone: write a name like "Europe/Helsinki"') from None
    return text


def _weight(value: float) -> float:
    if not (math.isfinite(value) and 0 <= value <= 1):
        raise ValueError(f"{value} is no weight: write a number from 0 to 1")
    return value


def _hours(text: str) -> str:
    grammar.hours(text)
    return text


def _length(text: str) -> str:
    grammar.minutes(text)
    return text


def _weekly_moment(text: str) -> str:
    grammar.weekly_moment(text)
    return text


def _span(text: str) -> str:
    if text:
        grammar.clock_span(text)
    return text


def _url(text: str) -> str:
    if text and not re.fullmatch(r"https?://[^\s\x00-\x20]+", text):
        raise ValueError(f'"{text}" is no address: write it like "https://ntfy.sh/topic"')
    return text


def _outside(text: str) -> str:
    if text and not re.fullmatch(r"https://[^\s\x00-\x20/?#]+(/[^\s\x00-\x20?#]+)*/?", text):
        raise ValueError(f'"{text}" is no address that providers send to: write it like "https://push.example.org"')
    return text.rstrip("/")


def _topic(text: str) -> str:
    if text and not re.fullmatch(r"projects/[a-z0-9:.-]+/topics/[A-Za-z][A-Za-z0-9._~+%-]+", text):
        raise ValueError(f'"{text}" is no topic of Pub/Sub: write it like "projects/my-project/topics/amity"')
    return text


def _goal_name(name: str) -> str:
    if name in RESERVED or not name.strip() or "," in name:
        raise ValueError(f'"{name}" cannot be the name of a goal: choose another one')
    return name


def _text_for(read: Any) -> BeforeValidator:
    def convert(value: object) -> object:
        if not isinstance(value, str):
            raise ValueError(f'{value!r} has no unit: write it as text, like "10h" or "14d"')  # noqa: TRY004  pydantic
        return read(value)

    return BeforeValidator(convert)


Address = Annotated[str, AfterValidator(_address)]
Member = Annotated[str, AfterValidator(_member)]
Weight = Annotated[float, AfterValidator(_weight)]
Length = Annotated[float, _text_for(grammar.minutes)]
Weekly = Annotated[float, _text_for(grammar.weekly)]
LengthText = Annotated[str, AfterValidator(_length)]
GoalName = Annotated[str, AfterValidator(_goal_name)]
Rhythm = Annotated[float, _text_for(grammar.days)]
Share = Annotated[float, _text_for(grammar.share)]
Hours = Annotated[str, AfterValidator(_hours)]


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Me(Table):
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    addresses: list[Address] = []
    hours: Hours = "Mon-Fri 09:00-17:30"


class GoalTable(Table):
    weight: Weight = 0.0
    weekly: Length | None = None
    match: list[str] = []
    people: dict[Address, Weight] = {}
    public: bool = False
    solo: bool = False

    @field_validator("solo")
    @classmethod
    def _alone(cls, solo: bool, info: Any) -> bool:  # noqa: FBT001  pydantic's own signature
        if solo and info.data.get("people"):
            raise ValueError("a solo goal is fed by time alone: take its people away, or solo")
        return solo


class Offer(Table):
    hours: Hours | None = None
    length: LengthText | None = None
    notice: LengthText | None = None


class TierTable(Table):
    every: Rhythm | None = None
    members: list[Member] = []
    offer: Offer = Offer()


class PersonTable(Table):
    max: Weekly | None = None
    every: Rhythm | None = None
    protected: bool = False
    needs: list[str] = []
    offers: list[str] = []


class Now(Table):
    working_on: list[str] = []
    help_wanted: list[str] = []


class Policy(Table):
    attendance: Literal["strict", "inclusive", "auto"] = "auto"
    email: Literal["words", "flat"] = "words"
    bodies: Literal["never", "snippets", "full"] = "never"
    care_floor: Share | None = None  # of the time with people: how much of it those who care are to have at least
    aggregates: bool = False  # an organisation's averages over five people and more may hold these hours


class Mail(Table):
    """The owner's own SMTP server, and where the report goes."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 465
    tls: Literal["tls", "starttls", "none"] = "tls"
    user: str = ""
    password_file: str = ""
    sender: Address
    to: Annotated[list[Address], Field(min_length=1)]


class Report(Table):
    """How the weekly report reaches the owner."""

    at: Annotated[str, AfterValidator(_weekly_moment)] = "Mon 07:00"
    quiet: Annotated[str, AfterValidator(_span)] = ""
    folder: str = ""
    format: Literal["text", "html", "md", "json"] = "html"
    mail: Mail | None = None
    desktop: bool = False
    ntfy: Annotated[str, AfterValidator(_url)] = ""
    webhook: Annotated[str, AfterValidator(_url)] = ""


class Push(Table):
    """Where providers send their notifications of news: to the proxy before `amity daemon --notified`.

    `topic` and `sender` (the service account that signs) are those of Gmail's subscription at Pub/Sub.
    """

    url: Annotated[str, AfterValidator(_outside)] = ""
    topic: Annotated[str, AfterValidator(_topic)] = ""
    sender: str = ""


class Settings(BaseModel):
    """All settings, as a file has them; `amity.environment` reads the variables that outrank it."""

    model_config = ConfigDict(extra="forbid")

    me: Me = Me()
    goals: dict[GoalName, GoalTable] = {}
    tiers: dict[str, TierTable] = {}
    people: dict[Address, PersonTable] = {}
    now: Now = Now()
    policy: Policy = Policy()
    report: Report = Report()
    push: Push = Push()

    def rules(self) -> Rules:
        """What projections and judgements compute with."""
        return Rules(
            timezone=self.me.timezone,
            addresses=tuple(dict.fromkeys(self.me.addresses)),
            hours=self.me.hours,
            goals=tuple(_goal(slug, table) for slug, table in self.goals.items()),
            tiers=tuple(_tier(slug, table) for slug, table in self.tiers.items()),
            budgets=tuple(_budget(address, table) for address, table in self.people.items()),
            attendance=self.policy.attendance,
            email=self.policy.email,
            care_floor=self.policy.care_floor,
            working_on=tuple(self.now.working_on),
            help_wanted=tuple(self.now.help_wanted),
        )


def _goal(slug: str, table: GoalTable) -> Goal:
    return Goal(
        slug, table.weight, table.weekly, tuple(table.match), dict(table.people), table.public, table.solo
    )


def _tier(slug: str, table: TierTable) -> Tier:
    return Tier(slug, table.every, tuple(table.members), table.offer.model_dump(exclude_none=True))


def _budget(address: str, table: PersonTable) -> Budget:
    needs, offers = tuple(table.needs), tuple(table.offers)
    return Budget(address, table.max, table.every, table.protected, needs, offers)


def load(path: Path) -> Settings:
    """The settings of one home; a missing file means the defaults.

    Raises UsageError with every mistake on a line of its own: `amity.toml:12:3: goals.launch.weekly: …`.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig") if path.exists() else ""
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}): make it readable.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}, byte {error.start}: this is not UTF-8; save the file as UTF-8.") from error
    return parse(text, path)


def parse(text: str, path: Path) -> Settings:
    """The settings that a text makes; `path` stands in the sentences. Raises UsageError like `load`."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: this is not TOML: {error}.") from error
    try:
        return _model(document)(**document)
    except ValidationError as error:
        places = positions(text.replace("\r\n", "\n"))
        lines = sorted(_mistake(path, mistake, places, document) for mistake in error.errors())
        raise UsageError("\n".join(line for _, line in lines)) from error
    except ValueError as error:  # pydantic-settings: a variable of the environment that is no JSON
        raise UsageError(f"The environment: {error}; correct or unset that AMITY_ variable.") from error


def _model(document: dict[str, Any]) -> type[Settings]:
    """What reads a document: the environment too, where it may have a say.

    Which names of tables it takes for the same is known there alone: a file may say [Me].
    """
    tables = Settings.model_fields.keys()
    variables = {f"{PREFIX}{name}".lower() for name in tables}
    if document.keys() <= tables and not any(name.lower().partition(NESTED)[0] in variables for name in os.environ):
        return Settings
    from amity.environment import FromEnvironment  # noqa: PLC0415  50 ms that only its users pay

    return FromEnvironment


def _mistake(
    path: Path, mistake: Any, places: dict[tuple[str | int, ...], tuple[int, int]], document: dict[str, Any]
) -> tuple[tuple[int, int], str]:
    keys = tuple(key for key in mistake["loc"] if key != "[key]")
    known = keys
    while known and known not in places:
        known = known[:-1]
    what = _sentence(mistake)
    name = ".".join(f'"{key}"' if "." in str(key) else str(key) for key in keys)
    if not known or not _stands(document, keys):
        return (0, 0), f"The environment, AMITY_{'__'.join(str(key).upper() for key in keys)}: {what}."
    line, column = places[known]
    return (line, column), f"{path}:{line}:{column}: {name}: {what}."


def _stands(document: Any, keys: tuple[str | int, ...]) -> bool:
    """True where the file has the first key at all; else the value came from the environment."""
    return bool(keys) and keys[0] in document


def _sentence(mistake: Any) -> str:
    if mistake["type"] == "extra_forbidden":
        return "nothing is known by this name; take it away, or correct its spelling"
    message = str(mistake["msg"]).removeprefix("Value error, ")
    if mistake["type"] == "literal_error":
        return f'"{mistake["input"]}" is not among the choices: {message.removeprefix("Input should be ")}'
    return message[:1].lower() + message[1:] if message[:2] != message[:2].upper() else message
