from __future__ import annotations

from trunkline.protocol import names
from trunkline.protocol.names import Names


def test_an_old_name_leads_to_the_new_one_and_back():
    known = Names()
    known.rename("item_1", "tk_1")
    assert (known.current("item_1"), known.current("tk_1")) == ("tk_1", "tk_1")
    assert (known.former("tk_1"), known.former("item_1")) == ("item_1", None)
    known.drop("tk_1")
    assert known.current("item_1") == "item_1"


def test_a_forgotten_item_is_gone_once_a_new_session_was_not_told_it():
    known = Names()
    known.rename("item_1", "tk_1")
    known.forget("tk_1")
    assert not known.is_gone("item_1")
    known.new_session()
    assert known.is_gone("item_1")
    assert known.is_gone("tk_1")


def test_names_of_forgotten_items_are_bounded(monkeypatch):
    monkeypatch.setattr(names, "_FORGOTTEN_LIMIT", 3)
    known = Names()
    for number in range(10):
        known.rename(f"item_{number}", f"tk_{number}")
        known.forget(f"tk_{number}")
    known.new_session()
    assert [known.is_gone(f"item_{number}") for number in (6, 7, 9)] == [False, True, True]
    assert len(known._current) == len(known._former) == 3
    known.forget("another")
    assert len(known._gone) == 2


def test_an_item_may_be_renamed_again_and_all_its_names_lead_to_the_last():
    known = Names()
    known.rename("item_1", "tk_1")
    known.rename("tk_1", "tk_2")
    assert {known.current(each) for each in ("item_1", "tk_1", "tk_2")} == {"tk_2"}
    assert (known.former("tk_2"), known.former("tk_1")) == ("item_1", None)
    known.drop("tk_2")
    assert (known._current, known._former) == ({}, {})


def test_what_was_deleted_is_so_until_it_is_created_again_or_a_session_begins():
    names = Names()
    names.delete("a")
    names.delete("b")
    names.create("b")
    assert names.is_deleted("a")
    assert not names.is_deleted("b")
    names.new_session()
    assert not names.is_deleted("a")
