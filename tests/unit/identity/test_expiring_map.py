from app.identity.expiring_map import ExpiringMap
from tests.unit.identity.in_memory import SetClock


def test_an_entry_is_there_until_its_time_is_over() -> None:
    clock = SetClock()
    entries = ExpiringMap[str, int](8, clock.seconds)
    entries.put("a", 1, 10)
    clock.turn(9.9)
    assert entries.get("a") == 1
    clock.turn(0.1)
    assert entries.get("a") is None


def test_an_entry_whose_time_is_over_takes_no_room_once_it_was_asked_for() -> None:
    clock = SetClock()
    entries = ExpiringMap[str, int](8, clock.seconds)
    entries.put("a", 1, 10)
    clock.turn(11)
    entries.get("a")
    assert len(entries) == 0


def test_what_has_no_time_left_is_not_kept() -> None:
    entries = ExpiringMap[str, int](8)
    entries.put("a", 1, 0)
    entries.put("b", 1, -1)
    assert len(entries) == 0


def test_putting_again_replaces_the_value_and_its_time() -> None:
    clock = SetClock()
    entries = ExpiringMap[str, int](8, clock.seconds)
    entries.put("a", 1, 10)
    clock.turn(9)
    entries.put("a", 2, 10)
    clock.turn(9)
    assert entries.get("a") == 2


def test_a_full_map_forgets_what_was_used_least_recently() -> None:
    entries = ExpiringMap[str, int](2)
    entries.put("a", 1, 10)
    entries.put("b", 2, 10)
    entries.get("a")
    entries.put("c", 3, 10)
    assert [entries.get(key) for key in ("a", "b", "c")] == [1, None, 3]


def test_it_never_grows_over_its_size() -> None:
    entries = ExpiringMap[int, int](16)
    for number in range(1000):
        entries.put(number, number, 10)
    assert len(entries) == 16
