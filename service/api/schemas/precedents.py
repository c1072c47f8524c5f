"""Shapes of precedents."""

from typing import Annotated, Literal

from pydantic import Field

from service.api.schemas.model import (
    EXAMPLE_ID,
    EXAMPLE_TIME,
    AnswerModel,
    AnyJson,
    Count,
    Identifier,
    Name,
    RequestModel,
    Timestamp,
    shown,
)

SOURCE = {
    "title": "宜昌发布5起容错纠错及风险报备典型案例（2024-06-29）",
    "quote": "对宜都市农村公路服务中心未及时办理危桥改造工程变更审批手续问题予以容错免责案",
    "address": "https://finance.sina.com.cn/jjxw/2024-06-29/doc-incakihr4139800.shtml",
    "note": None,
}
GIVEN = {
    "title": "宜都市农村公路服务中心：未及时办理危桥改造工程变更审批",
    "place": "湖北省宜昌市",
    "published": "2024-06-29",
    "sources": [SOURCE],
    "situation": None,
    "rules": ["HB-T4"],
    "facts": {"decisionProcess": "EMERGENCY_REPORTED", "personalGain": False},
    "assumedFacts": {"consequence": "NONE"},
    "outcome": "EXEMPT",
    "outcomeText": "容错免责",
    "exemptKind": None,
    "scope": "PUBLIC",
    "anonymised": False,
    "text": None,
    "note": None,
}
PRECEDENT = {
    "id": "PREC-U02",
    "version": 1,
    **GIVEN,
    "force": "PRECEDENT",
    "jurisdiction": "hubei",
    "withdrawn": None,
    "withdrawnAt": None,
    "withdrawnBy": None,
    "origin": "built-in",
    "processInstanceId": None,
    "originInstanceId": None,
    "recordedAt": EXAMPLE_TIME,
    "recordedBy": "key:builtin",
}
NEAR = {
    "precedent": PRECEDENT,
    "sharedRules": ["HB-T4", "PREC-U02"],
    "differingFacts": [{"name": "personalGain", "here": True, "there": False}],
    "agreeingFacts": ["decisionProcess"],
    "assumedFacts": [{"name": "consequence", "here": "MINOR", "there": "NONE"}],
    "unknownHere": [],
    "unknownThere": ["motive"],
}

Outcome = Literal["EXEMPT", "REDUCE_LENIENT", "REDUCE_MITIGATED", "REDUCE", "TOLERATE", "NOT_TOLERATED", "OTHER"]
ExemptKind = Literal["NOT_PURSUED", "EXEMPTED"]
Scope = Literal["UNIT", "LIMITED", "PUBLIC"]
Origin = Literal["built-in", "case", "reported"]
LongText = Annotated[str, Field(min_length=1, max_length=100_000, pattern=r"^[^\x00]*$")]
Facts = Annotated[dict[str, AnyJson], Field(max_length=500)]


class GivenSource(RequestModel):
    """Where the case was published."""

    model_config = shown(SOURCE)

    title: LongText
    quote: LongText | None = None
    address: LongText | None = None
    note: LongText | None = Field(None, description="Why there is no address; required without one.")


class GivenPrecedent(RequestModel):
    """A published case."""

    model_config = shown(GIVEN)

    title: Name
    place: LongText | None = Field(None, description="The place as it was published.")
    jurisdiction: Identifier | None = Field(None, description="The place it belongs to; that of the process instance when not given.")
    process_instance_id: Identifier | None = Field(None, description="The case of this service.")
    published: str | None = Field(None, pattern=r"^[0-9]{4}(-[0-9]{2}){0,2}$", description="A date, month or year.")
    sources: list[GivenSource] = Field(min_length=1, max_length=20)
    situation: LongText | None = None
    rules: list[Name] = Field(default_factory=list, max_length=500)
    facts: Facts = Field(default_factory=dict, description="Facts that the source tells, in the words of the vocabulary.")
    assumed_facts: Facts = Field(default_factory=dict, description="Facts that were filled in: shown, and no ground for likeness.")
    outcome: Outcome
    outcome_text: LongText | None = Field(None, description="How it ended, in words; required for OTHER.")
    exempt_kind: ExemptKind | None = None
    scope: Scope = Field(description="How far it was published.")
    anonymised: bool
    text: LongText | None = Field(None, description="The case as it was published.")
    note: LongText | None = None


class Source(AnswerModel):
    """Where the case was published."""

    model_config = shown(SOURCE)

    title: str
    quote: str | None
    address: str | None
    note: str | None


class Precedent(AnswerModel):
    """A published case and how it ended: shown beside others, never deciding."""

    model_config = shown(PRECEDENT)

    id: str
    version: Count
    title: str
    force: Literal["PRECEDENT"]
    jurisdiction: str | None
    place: str | None
    published: str | None
    sources: list[Source]
    situation: str | None
    rules: list[str]
    facts: dict[str, AnyJson]
    assumed_facts: dict[str, AnyJson]
    outcome: Outcome
    outcome_text: str | None
    exempt_kind: ExemptKind | None
    scope: Scope
    anonymised: bool
    text: str | None
    note: str | None
    withdrawn: str | None = Field(description="Why it is no longer shown beside cases.")
    withdrawn_at: Timestamp | None = Field(description="null also where a deployment withdrew it.")
    withdrawn_by: str | None
    origin: Origin
    process_instance_id: str | None
    origin_instance_id: str | None = Field(description="The case that was decided, where another one published it.")
    recorded_at: Timestamp
    recorded_by: str


class Withdrawal(RequestModel):
    """Why a precedent is no longer shown beside cases."""

    model_config = shown({"reason": "原单位撤回发布"})

    reason: Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]


class PrecedentPage(AnswerModel):
    """One page of precedents."""

    model_config = shown({"items": [PRECEDENT], "nextCursor": None})

    items: list[Precedent]
    next_cursor: str | None


class FactOfBoth(AnswerModel):
    """A fact as the case has it and as the precedent had it."""

    model_config = shown({"name": "personalGain", "here": True, "there": False})

    name: str
    here: AnyJson
    there: AnyJson


class NearPrecedent(AnswerModel):
    """A precedent and how it lies to the case."""

    model_config = shown(NEAR)

    precedent: Precedent
    shared_rules: list[str] = Field(description="In the order of the advice; the precedent's own id stands for the rule that names it.")
    differing_facts: list[FactOfBoth]
    agreeing_facts: list[str]
    assumed_facts: list[FactOfBoth] = Field(description="Facts of the precedent that were only assumed; they count for nothing.")
    unknown_here: list[str] = Field(description="Facts of the precedent that the case does not know yet.")
    unknown_there: list[str] = Field(description="Facts of the case that the source of the precedent does not tell.")


class NearestPrecedents(AnswerModel):
    """The precedents nearest to a case."""

    model_config = shown(
        {
            "processInstanceId": EXAMPLE_ID,
            "taskId": None,
            "rules": ["HB-T4", "PREC-U02"],
            "knownFacts": ["decisionProcess", "motive", "personalGain"],
            "order": "more rules in common first …",
            "compared": 12,
            "items": [NEAR],
        }
    )

    process_instance_id: str
    task_id: str | None
    rules: list[str] = Field(description="The rules among the reasons of the case's advice.")
    known_facts: list[str]
    order: str = Field(description="How they are ordered, in words.")
    compared: Count = Field(description="How many precedents are shown beside cases of this place.")
    items: list[NearPrecedent]
