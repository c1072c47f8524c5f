"""Bytes are kept once, numbers have no gaps and no doubles, also when several come at once."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.domain.errors import Conflict
from service.domain.evidence import Attachment, StoredContent
from service.store.conftest import NOW
from service.store.database import DatabaseStore


def stored(data: bytes) -> StoredContent:
    return StoredContent(hashlib.sha256(data).hexdigest(), len(data), 1)


def keep(store: DatabaseStore, data: bytes) -> StoredContent:
    with store.begin() as transaction:
        transaction.keep_content(stored(data), [data])
        transaction.commit()
    return stored(data)


def test_the_same_bytes_are_kept_once(store: DatabaseStore) -> None:
    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(lambda _: keep(store, b"evidence"), range(8)))

    with store.read() as questions:
        assert questions.contents("", 10) == [kept[0]]
        assert questions.content_chunk(kept[0].digest, 0) == b"evidence"
        assert questions.content_chunk(kept[0].digest, 1) is None
        assert questions.content("0" * 64) is None


def test_what_is_rolled_back_is_not_kept(store: DatabaseStore) -> None:
    with store.begin() as transaction:
        transaction.keep_content(stored(b"x"), [b"x"])
        transaction.next_document_number("hubei", 2026)

    with store.read() as questions:
        assert questions.contents("", 10) == []
    with store.begin() as transaction:
        assert transaction.next_document_number("hubei", 2026) == 1


def test_numbers_of_a_place_and_year_have_no_gaps_and_no_doubles(store: DatabaseStore) -> None:
    def take(place: str | None) -> int:
        with store.begin() as transaction:
            number = transaction.next_document_number(place, 2026)
            transaction.commit()
        return number

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(take, ["hubei"] * 12)) == list(range(1, 13))
    assert take("siyang") == take(None) == 1
    with store.begin() as transaction:
        assert transaction.next_document_number("hubei", 2027) == 1


def test_two_attachments_of_one_version_cannot_be(store: DatabaseStore) -> None:
    digest = keep(store, b"x").digest
    one = Attachment("a1", "i", None, "a.pdf", 1, "application/pdf", 1, digest, None, NOW, "zhang", 1)
    with store.begin() as transaction:
        transaction.insert_attachment(one)
        transaction.commit()

    with pytest.raises(Conflict), store.begin() as transaction:
        transaction.insert_attachment(Attachment("a2", *(getattr(one, name) for name in list(one.__slots__)[1:])))


def test_rows_without_an_audit_event_are_told(store: DatabaseStore) -> None:
    digest = keep(store, b"x").digest
    with store.begin() as transaction:
        transaction.insert_attachment(Attachment("a1", "i", None, "a.pdf", 1, "application/pdf", 1, digest, None, NOW, "zhang", 1))
        transaction.commit()

    with store.read() as questions:
        assert questions.unlike_records(None) == [("i", "the attachment a1 is not what its audit event says")]
        assert questions.unlike_records("other") == []
        assert any("attachment" in words for words in questions.orphans())
