"""Users, groups, keys, and the answers kept for repeated requests."""

from dataclasses import replace

import pytest

from service.actions.ports import ApiKey, Group, StoredAnswer, User
from service.domain.errors import Conflict
from service.store.conftest import NOW
from service.store.database import DatabaseStore

LI = User("li", "李四", "li@example.org", ("acceptance", "verification"), NOW)


def test_a_user_brings_groups_along_and_is_replaced_whole(store: DatabaseStore) -> None:
    with store.begin() as transaction:
        transaction.put_group(Group("acceptance", "受理组", "hubei", NOW))
        transaction.put_user(LI)
        assert transaction.user("li") == LI
        assert transaction.group("acceptance") == Group("acceptance", "受理组", "hubei", NOW)
        assert transaction.group("verification") == Group("verification", "verification", None, NOW)
        transaction.put_user(replace(LI, name="李小四", email=None, groups=("acceptance",)))
        transaction.put_group(Group("acceptance", "受理岗", None, NOW))
        transaction.commit()

    with store.read() as questions:
        assert questions.person("li") == User("li", "李小四", None, ("acceptance",), NOW)
        assert questions.person("nobody") is None
        users = questions.page("users", {"group": "acceptance"}, (), 10, None, NOW, None).items
        assert questions.one("groups", "acceptance", NOW) == {
            "id": "acceptance",
            "name": "受理岗",
            "source": None,
            "createdAt": "2026-11-20T05:00:00.000Z",
        }
    assert users == [{"id": "li", "name": "李小四", "email": None, "groups": ["acceptance"], "createdAt": "2026-11-20T05:00:00.000Z"}]


def test_deleting_takes_memberships_and_bound_keys_along(store: DatabaseStore) -> None:
    with store.begin() as transaction:
        transaction.put_user(LI)
        transaction.put_api_key(ApiKey("k1", "oa", "h1", ("read", "work"), None, NOW))
        transaction.put_api_key(ApiKey("k2", "li", "h2", ("work",), "li", NOW))
        assert transaction.delete_group("acceptance")
        assert not transaction.delete_group("acceptance")
        assert transaction.user("li") == replace(LI, groups=("verification",))
        assert transaction.delete_user("li")
        assert not transaction.delete_user("li")
        assert transaction.api_key("k2") is None
        assert transaction.api_key("k1") is not None
        transaction.commit()


def test_keys_are_found_by_hash_and_shown_without_it(store: DatabaseStore) -> None:
    key = ApiKey("k1", "oa", "h1", ("read", "work"), None, NOW, expires_at=NOW + 1)
    with store.begin() as transaction:
        transaction.put_api_key(key)
        transaction.put_api_key(replace(key, revoked_at=NOW))
        transaction.commit()
    with store.read() as questions:
        assert questions.key_by_hash("h1") == replace(key, revoked_at=NOW)
        assert questions.key_by_hash("h2") is None
        (shown,) = questions.page("api-keys", {}, (), 10, None, NOW, None).items
    assert shown["scopes"] == ["read", "work"]
    assert "h1" not in shown.values()

    with pytest.raises(Conflict), store.begin() as transaction:
        transaction.put_api_key(replace(key, id="k2"))
    with store.begin() as transaction:
        assert transaction.delete_api_key("k1")
        assert not transaction.delete_api_key("k1")


def test_an_answer_is_kept_once_and_forgotten_later(store: DatabaseStore) -> None:
    answer = StoredAnswer("key:1", "f", 200, '{"id":"x"}', NOW)
    with store.begin() as transaction:
        assert transaction.recall_answer("key:1") is None
        transaction.remember_answer(answer)
        transaction.commit()
    with pytest.raises(Conflict) as refused, store.begin() as transaction:
        transaction.remember_answer(replace(answer, fingerprint="g"))
    assert refused.value.code == "repeated-concurrently"

    with store.begin() as transaction:
        assert transaction.recall_answer("key:1") == answer
        assert transaction.forget_answers(NOW) == 0
        assert transaction.forget_answers(NOW + 1) == 1
        transaction.commit()
    with store.begin() as transaction:
        assert transaction.recall_answer("key:1") is None
