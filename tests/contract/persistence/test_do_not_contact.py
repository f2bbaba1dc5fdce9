"""The do-not-contact list, on the fake and on the database."""

from __future__ import annotations

from domain.customer import CustomerId
from domain.do_not_contact import Entry, Source
from tests.builders import at
from tests.contract.persistence.full import NewUow, check_every_field_is_filled


def an_entry(customer_id: str = "7590-VHVEG", *, minutes: float = 0, note: str = "", by: str = "Ana") -> Entry:
    return Entry(CustomerId(customer_id), at(minutes=minutes), Source.OPTED_OUT, by, note)


def test_an_entry_comes_back_with_every_field(new_uow: NewUow) -> None:
    entry = an_entry(note="Called on 3 May, wants no offers: “never”")
    check_every_field_is_filled(entry)
    with new_uow() as uow:
        assert uow.do_not_contact.add_many([entry]) == 1
        uow.commit()
    with new_uow() as uow:
        assert uow.do_not_contact.get("7590-VHVEG") == entry
        assert uow.do_not_contact.contains("7590-VHVEG")
        assert uow.do_not_contact.count() == 1
        assert list(uow.do_not_contact.ids()) == ["7590-VHVEG"]
        assert list(uow.do_not_contact.entries()) == [entry]
        assert uow.do_not_contact.page("") == ([entry], 1)


def test_an_empty_list_has_nobody_on_it(new_uow: NewUow) -> None:
    with new_uow() as uow:
        listed = uow.do_not_contact
        assert (listed.count(), listed.latest(), listed.page(""), list(listed.ids())) == (0, None, ([], 0), [])
        assert listed.get("7590-VHVEG") is None
        assert not listed.contains("7590-VHVEG")
        assert listed.add_many([]) == 0


def test_who_is_listed_already_keeps_their_entry(new_uow: NewUow) -> None:
    first = an_entry("A1", note="first")
    with new_uow() as uow:
        uow.do_not_contact.add_many([first])
        again = [an_entry("A1", minutes=5, note="second"), an_entry("A2"), an_entry("A2", note="twice"), an_entry("A3")]
        assert uow.do_not_contact.add_many(again) == 2
        assert uow.do_not_contact.get("A1") == first
        assert uow.do_not_contact.get("A2") == an_entry("A2")


def test_removing_says_whether_the_customer_was_listed(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.do_not_contact.add_many([an_entry("A1"), an_entry("A2")])
        assert uow.do_not_contact.remove("A1")
        assert not uow.do_not_contact.remove("A1")
        assert list(uow.do_not_contact.ids()) == ["A2"]


def test_ids_are_compared_exactly(new_uow: NewUow) -> None:
    ids = ["007", "7", "a1", "A1", "Ä 9", "ä 9", "50%", "x'); DROP TABLE do_not_contact; --", "ß", "日本-1"]
    with new_uow() as uow:
        assert uow.do_not_contact.add_many(map(an_entry, ids)) == 10
        assert all(map(uow.do_not_contact.contains, ids))
        assert not any(map(uow.do_not_contact.contains, ["0007", "07", "5%", "50", "ä9", "ss", " 7"]))
        assert list(uow.do_not_contact.ids()) == sorted(ids)
        assert uow.do_not_contact.among(["7", "07", "Ä 9", "5%", *map(str, range(1000, 3000))]) == {"7", "Ä 9"}
        assert uow.do_not_contact.among([]) == frozenset()


def test_the_newest_come_first_in_pages(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.do_not_contact.add_many([an_entry(name, minutes=n) for n, name in enumerate("abcde")])
        uow.do_not_contact.add_many([an_entry("also-e", minutes=4)])
        page, total = uow.do_not_contact.page("", offset=1, limit=3)
        assert ([entry.customer_id for entry in page], total) == (["also-e", "d", "c"], 6)
        assert uow.do_not_contact.page("", offset=6, limit=3) == ([], 6)
        assert uow.do_not_contact.latest() == at(minutes=4)


def test_a_search_finds_ids_that_contain_the_text_whatever_their_case(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.do_not_contact.add_many(map(an_entry, ["7590-VHVEG", "5575-gnvde", "100%", "1000", "Ärmel_1", "ärmelX1"]))

        def found(text: str) -> list[str]:
            entries, total = uow.do_not_contact.page(text)
            assert total == len(entries)
            return [entry.customer_id for entry in entries]

        assert found(" vhv ") == ["7590-VHVEG"]
        assert found("GNV") == ["5575-gnvde"]
        assert found("0%") == ["100%"]
        assert found("ÄRMEL_") == ["Ärmel_1"]
        assert found("no such") == []


def test_nothing_is_added_without_a_commit(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.do_not_contact.add_many([an_entry()])
    with new_uow() as uow:
        assert uow.do_not_contact.count() == 0


def test_many_customers_are_added_and_streamed_in_parts(new_uow: NewUow) -> None:
    """More than two parts of the SQL repository, from an iterator that cannot be read twice."""
    many = (an_entry(f"{n:06d}") for n in range(25_000))
    with new_uow() as uow:
        assert uow.do_not_contact.add_many(many) == 25_000
        assert uow.do_not_contact.add_many(an_entry(f"{n:06d}") for n in range(24_999, 25_001)) == 1
        assert list(uow.do_not_contact.ids()) == [f"{n:06d}" for n in range(25_001)]
        assert sum(1 for _ in uow.do_not_contact.entries()) == 25_001


def test_the_wish_survives_erasing_but_nothing_else_about_the_customer(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.do_not_contact.add_many(
            [
                an_entry("7590-VHVEG", note="Moved to Porto, angry"),
                an_entry("5575-GNVDE", note="Neighbour of 7590-VHVEG, also 7590-VHVEG0"),
                an_entry("3668-QPYBK", note="Neighbour of nobody"),
            ]
        )
        assert uow.do_not_contact.erase_customer("7590-VHVEG")
        assert uow.do_not_contact.get("7590-VHVEG") == an_entry("7590-VHVEG", by="", note="")
        assert uow.do_not_contact.get("5575-GNVDE") == an_entry(
            "5575-GNVDE", note="Neighbour of (erased), also 7590-VHVEG0"
        )
        assert uow.do_not_contact.get("3668-QPYBK") == an_entry("3668-QPYBK", note="Neighbour of nobody")


def test_erasing_a_customer_who_is_not_listed_does_not_list_them(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.do_not_contact.add_many([an_entry("17", note="17 calls")])
        assert not uow.do_not_contact.erase_customer("7590-VHVEG")
        assert list(uow.do_not_contact.ids()) == ["17"]
        assert uow.do_not_contact.erase_customer("17")
