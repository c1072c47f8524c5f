"""What an expression writes out of labels: every branch of it, and nothing that is computed."""

from service.actions.evidence.written_labels import written_labels


def test_labels_of_every_branch_are_found() -> None:
    passed, failed, flag = '[{label: "通过", value: "PASSED"}]', '[{label: "未通过", value: "NOT_PASSED"}]', '[{label: "是", value: true}]'
    expression = f"=if votes > 5 then {passed} else concatenate({failed}, {flag})"
    found = dict(written_labels({"valuesExpression": expression}))
    assert found == {"PASSED": "通过", "NOT_PASSED": "未通过", True: "是"}


def test_computed_labels_and_other_contexts_are_no_words() -> None:
    expression = '=for one in organs return {label: one.name, value: one.id, note: "n"}'
    assert list(written_labels({"valuesExpression": expression})) == []
    assert list(written_labels({"valuesExpression": '={label: "未注明"}'})) == []


def test_what_is_not_written_or_not_readable_names_nothing() -> None:
    assert list(written_labels({"values": []})) == []
    assert list(written_labels({"valuesExpression": "=if ("})) == []
