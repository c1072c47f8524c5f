"""Boxes of ballots: what lies in them, and that nothing in them tells which ballot came when."""

from sqlalchemy import text

from service.domain.ballot import Ballot
from service.store.database import DatabaseStore


def cast(store: DatabaseStore, box: str, *choices: str) -> None:
    for choice in choices:
        with store.begin() as tx:
            tx.cast_ballot(Ballot(box, choice))
            tx.commit()


def lying(store: DatabaseStore, box: str) -> list[tuple[str, str]]:
    with store.read() as questions:
        return list(questions.ballots(box))


def test_ballots_lie_in_their_own_box(store: DatabaseStore) -> None:
    cast(store, "one", "A", "B", "A")
    cast(store, "other", "C")

    assert sorted(choice for _, choice in lying(store, "one")) == ["A", "A", "B"]
    assert [choice for _, choice in lying(store, "other")] == ["C"]
    assert lying(store, "none") == []


def test_all_ballots_of_a_box_get_new_ids_with_every_vote(store: DatabaseStore) -> None:
    cast(store, "box", "A", "B")
    before = {identifier for identifier, _ in lying(store, "box")}

    cast(store, "box", "C")

    after = {identifier for identifier, _ in lying(store, "box")}
    assert (len(before), len(after), before & after) == (2, 3, set())


def test_no_order_is_left(store: DatabaseStore) -> None:
    """Read in the order of the ids, or as the table is stored, the last ballot is not always in the same place."""
    places = set()
    for number in range(40):
        box = f"box-{number}"
        cast(store, box, "A", "A", "B")
        with store.begin() as tx:
            stored = tx._connection.execute(text(f"SELECT choice FROM ballot WHERE box_id = '{box}'")).scalars().all()
        places.add((tuple(choice for _, choice in lying(store, box)).index("B"), list(stored).index("B")))
    assert {place for place, _ in places} == {place for _, place in places} == {0, 1, 2}


def test_the_database_keeps_no_other_mark_of_a_ballot(store: DatabaseStore) -> None:
    cast(store, "box", "A", "B", "A")
    with store.begin() as tx:
        connection = tx._connection
        if connection.dialect.name == "postgresql":
            assert len(connection.execute(text("SELECT DISTINCT xmin::text FROM ballot")).all()) == 1
        else:
            assert "WITHOUT ROWID" in connection.execute(text("SELECT sql FROM sqlite_master WHERE name = 'ballot'")).scalar_one()


def test_unknown_users_are_told(store: DatabaseStore) -> None:
    with store.read() as questions:
        assert questions.unknown_users(["nobody", "nobody.else"]) == {"nobody", "nobody.else"}
