import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from service.forms import Form, Submission, read_form


def form(*components: dict[str, Any]) -> Form:
    document = {"id": "f", "type": "default", "schemaVersion": 16, "components": list(components)}
    return read_form(json.dumps(document).encode(), "f.form")


def text(key: str, **more: Any) -> dict[str, Any]:
    return {"type": "textfield", "key": key, "label": f"标签{key}", **more}


def required(key: str, **more: Any) -> dict[str, Any]:
    return text(key, validate={"required": True}, **more)


def codes(submission: Submission) -> list[tuple[str, str]]:
    return [(problem.pointer, problem.code) for problem in submission.problems]


ACCEPT = form(
    {
        "type": "radio",
        "key": "acceptance.decision",
        "label": "受理决定",
        "values": [{"label": "受理", "value": "ACCEPT"}, {"label": "不受理", "value": "REJECT"}],
        "validate": {"required": True},
    },
    {
        "type": "textarea",
        "key": "acceptance.reason",
        "label": "理由",
        "validate": {"minLength": 3},
        "properties": {"requiredWhen": 'acceptance.decision != "ACCEPT"'},
    },
)


class TestKeys:
    def test_nested_and_flat_are_the_same(self) -> None:
        nested = ACCEPT.accept({"acceptance": {"decision": "ACCEPT"}}, {})
        flat = ACCEPT.accept({"acceptance.decision": "ACCEPT"}, {})
        assert nested == flat
        assert nested.values == ((("acceptance", "decision"), "ACCEPT"),)

    def test_given_twice_with_the_same_value_is_one(self) -> None:
        assert ACCEPT.accept({"acceptance": {"decision": "ACCEPT"}, "acceptance.decision": "ACCEPT"}, {}).problems == ()

    def test_given_twice_with_different_values(self) -> None:
        result = ACCEPT.accept({"acceptance": {"decision": "ACCEPT"}, "acceptance.decision": "REJECT"}, {})
        assert codes(result) == [("/acceptance.decision", "conflicting-values")]
        assert result.values == ()

    def test_unknown_keys_are_named_where_they_were_sent(self) -> None:
        result = ACCEPT.accept({"acceptance": {"decision": "ACCEPT", "a/b~c": 1}, "acceptance.x": 1, "more": {"deep": 1}}, {})
        assert codes(result) == [("/acceptance/a~1b~0c", "unknown-key"), ("/acceptance.x", "unknown-key"), ("/more", "unknown-key")]

    def test_a_value_where_an_object_belongs(self) -> None:
        assert ("/acceptance", "wrong-type") in codes(ACCEPT.accept({"acceptance": "ACCEPT"}, {}))

    def test_a_standing_variable_that_is_no_object_is_not_overwritten(self) -> None:
        result = ACCEPT.accept({"acceptance.decision": "ACCEPT"}, {"acceptance": "done"})
        assert ("/acceptance.decision", "path-blocked") in codes(result)

    def test_keys(self) -> None:
        assert ACCEPT.keys == (("acceptance", "decision"), ("acceptance", "reason"))
        assert ACCEPT.id == "f"

    def test_too_much_data_is_refused(self) -> None:
        assert codes(ACCEPT.accept({"x": [None] * 30_000}, {})) == [("", "too-large")]
        deep: Any = "x"
        for _ in range(5_000):
            deep = {"a": deep}
        assert codes(ACCEPT.accept({"x": deep}, {})) == [("", "too-large")]


class TestRequired:
    @pytest.mark.parametrize("value", [None, "", "  \n"])
    def test_empty_text_does_not_fulfil_it(self, value: str | None) -> None:
        assert codes(form(required("a")).accept({"a": value}, {})) == [("/a", "required")]

    def test_missing_is_named_where_it_belongs_in_chinese(self) -> None:
        result = ACCEPT.accept({}, {})
        assert codes(result)[0] == ("/acceptance/decision", "required")
        assert result.problems[0].message.startswith("“受理决定”为必填项")

    def test_all_problems_at_once_in_form_order(self) -> None:
        result = form(required("a"), text("b"), required("c")).accept({"z": 1, "c": "", "b": True}, {})
        assert codes(result) == [("/a", "required"), ("/b", "wrong-type"), ("/c", "required"), ("/z", "unknown-key")]

    def test_a_standing_value_does_not_fulfil_it_unless_kept(self) -> None:
        assert codes(form(required("a")).accept({}, {"a": "x"})) == [("/a", "required")]
        keeping = form(required("a", properties={"keepsValue": "true"}))
        assert keeping.accept({}, {"a": "x"}) == Submission((), ())
        assert codes(keeping.accept({}, {"a": " "})) == [("/a", "required")]
        assert codes(keeping.accept({"a": None}, {"a": "x"})) == [("/a", "required")]

    def test_a_checkbox_must_be_ticked_and_a_list_not_empty(self) -> None:
        both = form(
            {"type": "checkbox", "key": "a", "validate": {"required": True}},
            {"type": "checklist", "key": "b", "values": [{"value": 1}], "validate": {"required": True}},
        )
        assert codes(both.accept({"a": False, "b": []}, {})) == [("/a", "required"), ("/b", "required")]
        assert both.accept({"a": True, "b": [Decimal(1)]}, {}).problems == ()

    def test_required_when(self) -> None:
        assert codes(ACCEPT.accept({"acceptance": {"decision": "REJECT"}}, {})) == [("/acceptance/reason", "required")]
        assert ACCEPT.accept({"acceptance": {"decision": "REJECT", "reason": "材料不全"}}, {}).problems == ()

    def test_required_when_unknown_is_required(self) -> None:
        asking = form(text("a", properties={"requiredWhen": "amount > 3"}))
        assert codes(asking.accept({}, {})) == [("/a", "condition-unknown")]
        assert asking.accept({}, {"amount": Decimal(1)}).problems == ()
        assert codes(asking.accept({}, {"amount": Decimal(4)})) == [("/a", "required")]
        assert asking.accept({"a": "x"}, {}).problems == ()

    def test_functions_of_the_caller(self) -> None:
        asking = form(text("a", properties={"requiredWhen": 'setting("on")'}))
        assert codes(asking.accept({}, {}, {"setting": lambda name: name == "on"})) == [("/a", "required")]
        assert asking.accept({}, {}, {"setting": lambda name: name != "on"}).problems == ()


class TestHidden:
    @pytest.mark.parametrize("condition", ['kind != "X"', '=kind != "X"', '= kind != "X"'])
    def test_hidden_is_dropped_and_not_required(self, condition: str) -> None:
        hiding = form(text("kind"), required("a", conditional={"hide": condition}))
        assert hiding.accept({"kind": "Y", "a": True}, {}).values == ((("kind",), "Y"),)
        assert codes(hiding.accept({"kind": "X"}, {})) == [("/a", "required")]

    def test_conditions_see_standing_and_submitted(self) -> None:
        hiding = form(text("kind"), required("a", conditional={"hide": 'kind = "Y"'}))
        assert hiding.accept({}, {"kind": "Y"}).problems == ()
        assert codes(hiding.accept({"kind": "X"}, {"kind": "Y"})) == [("/a", "required")]

    def test_null_is_not_hidden(self) -> None:
        assert codes(form(required("a", conditional={"hide": "amount > 3"})).accept({}, {})) == [("/a", "required")]

    def test_a_hidden_group_hides_what_is_in_it(self) -> None:
        grouped = form(
            {
                "type": "group",
                "path": "facts",
                "conditional": {"hide": "=off"},
                "components": [{"type": "group", "components": [required("nature")]}],
            }
        )
        assert grouped.keys == (("facts", "nature"),)
        assert grouped.accept({"facts": {"nature": "x"}}, {"off": True}) == Submission((), ())
        assert codes(grouped.accept({}, {"off": False})) == [("/facts/nature", "required")]

    def test_what_is_hidden_cannot_unlock_anything(self) -> None:
        chained = form(
            text("a"),
            text("b", conditional={"hide": 'a != "show"'}),
            required("c", conditional={"hide": 'b = "skip"'}),
        )
        assert codes(chained.accept({"a": "no", "b": "skip"}, {})) == [("/c", "required")]
        assert chained.accept({"a": "show", "b": "skip"}, {}).problems == ()

    def test_contradicting_conditions_are_told(self) -> None:
        flipping = form(text("a", conditional={"hide": 'a = "x"'}))
        assert ("", "condition-unstable") in codes(flipping.accept({"a": "x"}, {}))


class TestReadOnly:
    @pytest.mark.parametrize("lock", [{"readonly": True}, {"disabled": True}, {"readonly": "=closed"}])
    def test_sent_values_are_refused_unless_they_repeat_what_stands(self, lock: dict[str, Any]) -> None:
        locked = form(text("a", **lock))
        assert codes(locked.accept({"a": "new"}, {"a": "old", "closed": True})) == [("/a", "read-only")]
        assert locked.accept({"a": "old"}, {"a": "old", "closed": True}) == Submission((), ())
        assert locked.accept({"a": None}, {"closed": True}) == Submission((), ())

    def test_a_condition_that_is_false_or_unknown(self) -> None:
        locked = form(text("a", readonly="=closed"))
        assert locked.accept({"a": "new"}, {"closed": False}).values == ((("a",), "new"),)
        assert codes(locked.accept({"a": "new"}, {})) == [("/a", "condition-unknown")]

    def test_read_only_is_not_required(self) -> None:
        assert form(required("a", readonly=True)).accept({}, {}).problems == ()

    def test_numbers_are_repeated_by_value(self) -> None:
        locked = form({"type": "number", "key": "n", "readonly": True})
        assert locked.accept({"n": Decimal("1.0")}, {"n": Decimal(1)}).problems == ()
        assert codes(locked.accept({"n": True}, {"n": Decimal(1)})) == [("/n", "read-only")]


class TestDefaults:
    def test_applied_where_nothing_is_sent_and_nothing_stands(self) -> None:
        default = form(required("a", defaultValue="x"))
        assert default.accept({}, {}).values == ((("a",), "x"),)
        assert default.accept({}, {"a": None}).values == ((("a",), "x"),)
        assert default.accept({"a": "y"}, {}).values == ((("a",), "y"),)
        assert codes(default.accept({"a": None}, {})) == [("/a", "required")]
        assert codes(default.accept({}, {"a": "stands"})) == [("/a", "required")]

    def test_conditions_see_defaults_but_not_hidden_ones(self) -> None:
        first = form(text("a", defaultValue="x"), required("b", conditional={"hide": 'a = "x"'}))
        assert first.accept({}, {}).values == ((("a",), "x"),)
        hidden = form(text("a", defaultValue="x", conditional={"hide": "true"}), required("b", conditional={"hide": 'a = "x"'}))
        assert codes(hidden.accept({}, {})) == [("/b", "required")]

    def test_disabled_fields_have_none_read_only_ones_have(self) -> None:
        assert form(text("a", defaultValue="x", disabled=True)).accept({}, {}).values == ()
        assert form(text("a", defaultValue="x", readonly=True)).accept({}, {}).values == ((("a",), "x"),)

    def test_null_clears(self) -> None:
        assert form(text("a")).accept({"a": None}, {"a": "x"}).values == ((("a",), None),)


class TestExpressions:
    TOTAL = form({"type": "number", "key": "n"}, {"type": "expression", "key": "twice", "expression": "=n * 2"})

    def test_computed_by_the_server(self) -> None:
        assert self.TOTAL.accept({"n": Decimal("1.5")}, {}).values == ((("n",), Decimal("1.5")), (("twice",), Decimal("3.0")))

    def test_another_value_is_refused_the_same_is_not(self) -> None:
        assert codes(self.TOTAL.accept({"n": Decimal(1), "twice": Decimal(9)}, {})) == [("/twice", "read-only")]
        assert self.TOTAL.accept({"n": Decimal(1), "twice": Decimal(2)}, {}).problems == ()

    def test_conditions_see_it(self) -> None:
        seen = form(
            {"type": "number", "key": "n"},
            {"type": "expression", "key": "twice", "expression": "=n * 2"},
            required("why", conditional={"hide": "twice <= 10"}),
        )
        assert codes(seen.accept({"n": Decimal(6)}, {})) == [("/why", "required")]
        assert seen.accept({"n": Decimal(5)}, {}).problems == ()

    def test_order_does_not_matter_and_rows_see_them(self) -> None:
        backwards = form(
            {"type": "expression", "key": "four", "expression": "=two * 2"},
            {"type": "expression", "key": "two", "expression": "=n * 2"},
            {"type": "number", "key": "n"},
            {"type": "dynamiclist", "path": "rows", "components": [required("a", conditional={"hide": "=four > 4"})]},
        )
        values = dict(backwards.accept({"n": Decimal(2), "rows": [{}]}, {"two": Decimal(7)}).values)
        assert values[("four",)] == Decimal(8)
        assert codes(backwards.accept({"n": Decimal(1), "rows": [{}]}, {"two": Decimal(7)})) == [("/rows/0/a", "required")]

    def test_values_that_never_stand_still_are_told(self) -> None:
        one = {"type": "expression", "key": "a", "expression": "=b + 1"}
        other = {"type": "expression", "key": "b", "expression": "=a + 1"}
        assert codes(form(one, other).accept({}, {"b": Decimal(1)})) == [("", "condition-unstable")]

    def test_the_present_is_one_instant(self) -> None:
        timed = form({"type": "expression", "key": "at", "expression": "=now()"})
        assert timed.accept({}, {}).problems == ()

    def test_temporal_results_are_iso_text(self) -> None:
        dated = form({"type": "expression", "key": "d", "expression": '=date("2026-01-02")'})
        assert dated.accept({}, {}).values == ((("d",), "2026-01-02"),)


class TestLists:
    ROWS = form(
        {
            "type": "dynamiclist",
            "path": "organs",
            "label": "机关",
            "components": [
                required("name"),
                {"type": "number", "key": "share.percent", "validate": {"max": 100}},
                required("why", conditional={"hide": '=this.name != "other"'}),
                text("state", defaultValue="open"),
            ],
        }
    )

    def test_rows_are_rebuilt_from_their_fields(self) -> None:
        sent: dict[str, Any] = {
            "organs": [{"name": "A", "why": "dropped"}, {"name": "B", "share": {"percent": Decimal(3)}, "state": "shut"}]
        }
        rows: list[Any] = [{"name": "A", "state": "open"}, {"name": "B", "share": {"percent": Decimal(3)}, "state": "shut"}]
        assert self.ROWS.accept(sent, {"organs": [{"name": "gone"}]}).values == ((("organs",), rows),)

    def test_problems_point_into_the_rows(self) -> None:
        sent: dict[str, Any] = {"organs": [{"name": "other"}, {"share.percent": Decimal(101), "x": 1}]}
        assert codes(self.ROWS.accept(sent, {})) == [
            ("/organs/0/why", "required"),
            ("/organs/1/name", "required"),
            ("/organs/1/share.percent", "above-maximum"),
            ("/organs/1/x", "unknown-key"),
        ]

    @pytest.mark.parametrize("value", ["x", {"0": {}}, [1], [{"name": "a"}, None]])
    def test_no_list_of_objects(self, value: Any) -> None:
        assert codes(self.ROWS.accept({"organs": value}, {})) == [("/organs", "wrong-type")]

    def test_null_clears_and_empty_empties(self) -> None:
        assert self.ROWS.accept({"organs": None}, {}).values == ((("organs",), None),)
        assert self.ROWS.accept({"organs": []}, {}).values == ((("organs",), []),)

    def test_rows_see_the_variables_and_the_outside_sees_the_clean_rows(self) -> None:
        both = form(
            {"type": "dynamiclist", "path": "rows", "components": [required("a", conditional={"hide": "=i[1] = 1 or off"})]},
            {"type": "expression", "key": "count", "expression": "=count(rows[a != null])"},
        )
        assert codes(both.accept({"rows": [{}, {}]}, {"off": False})) == [("/rows/1/a", "required")]
        sent: dict[str, Any] = {"rows": [{"a": "hidden"}, {"a": "x"}]}
        assert both.accept(sent, {"off": False}).values == ((("rows",), [{}, {"a": "x"}]), (("count",), Decimal(1)))

    def test_rows_may_be_fixed_and_repeat_read_only_values(self) -> None:
        fixed = form({"type": "dynamiclist", "path": "rows", "allowAddRemove": False, "components": [text("a", readonly=True), text("b")]})
        standing: dict[str, Any] = {"rows": [{"a": "1"}, {"a": "2"}]}
        assert codes(fixed.accept({"rows": [{"b": "x"}]}, standing)) == [("/rows", "rows-fixed")]
        rows: list[Any] = [{"a": "1", "b": "x"}, {"a": "2"}]
        assert fixed.accept({"rows": rows}, standing).values == ((("rows",), rows),)
        assert codes(fixed.accept({"rows": [{"a": "2"}, {"a": "2"}]}, standing)) == [("/rows/0/a", "read-only")]

    def test_lists_within_lists(self) -> None:
        nested = form(
            {"type": "dynamiclist", "path": "a", "components": [{"type": "dynamiclist", "path": "b", "components": [required("c")]}]}
        )
        assert codes(nested.accept({"a": [{"b": [{"c": "x"}, {}]}]}, {})) == [("/a/0/b/1/c", "required")]

    def test_a_required_list(self) -> None:
        needed = form({"type": "dynamiclist", "path": "a", "validate": {"required": True}, "components": [text("b")]})
        assert codes(needed.accept({"a": []}, {})) == [("/a", "required")]
        assert codes(needed.accept({}, {})) == [("/a", "required")]


def test_nothing_is_changed() -> None:
    submitted: dict[str, Any] = {"acceptance": {"decision": "ACCEPT"}}
    standing: dict[str, Any] = {"acceptance": {"decision": "REJECT", "reason": "abc"}}
    ACCEPT.accept(submitted, standing)
    assert submitted == {"acceptance": {"decision": "ACCEPT"}}
    assert standing == {"acceptance": {"decision": "REJECT", "reason": "abc"}}


def test_dates_are_judged_by_the_clock_given() -> None:
    dated = form({"type": "datetime", "subtype": "date", "key": "d", "disallowPassedDates": True})
    assert codes(dated.accept({"d": "2026-01-01"}, {}, now=lambda: datetime(2026, 1, 2, tzinfo=UTC))) == [("/d", "past-date")]
    assert dated.accept({"d": "2026-01-02"}, {}, now=lambda: datetime(2026, 1, 2, tzinfo=UTC)).problems == ()


@pytest.mark.parametrize(
    ("subtype", "value", "refused"),
    [
        ("date", "2026-01-02", False),
        ("date", "2026-01-01", True),
        ("datetime", "2026-01-02T00:00+08:00", False),
        ("datetime", "2026-01-01T16:00Z", False),
        ("datetime", "2026-01-01T15:59Z", True),
        ("datetime", "2026-01-02T00:00", False),
        ("datetime", "0001-01-01T00:00+14:00", None),
    ],
)
def test_today_is_the_day_in_china(subtype: str, value: str, refused: bool | None) -> None:
    dated = form({"type": "datetime", "subtype": subtype, "key": "d", "disallowPassedDates": True})
    found = dated.accept({"d": value}, {}, now=lambda: datetime(2026, 1, 1, 16, 30, tzinfo=UTC))
    assert codes(found) == ([("/d", "datetime")] if refused is None else [("/d", "past-date")] if refused else [])


def test_a_date_of_what_happened_is_not_in_the_future() -> None:
    dated = form({"type": "datetime", "subtype": "date", "key": "d", "properties": {"noFutureDates": "true"}})
    today = datetime(2026, 1, 1, 16, 30, tzinfo=UTC)
    assert codes(dated.accept({"d": "2026-01-03"}, {}, now=lambda: today)) == [("/d", "future-date")]
    assert dated.accept({"d": "2026-01-02"}, {}, now=lambda: today).problems == ()


def test_feel_reads_the_same_today() -> None:
    asking = form(text("a", properties={"requiredWhen": 'today() = date("2026-01-02")'}))
    assert codes(asking.accept({}, {}, now=lambda: datetime(2026, 1, 1, 16, 30, tzinfo=UTC))) == [("/a", "required")]
