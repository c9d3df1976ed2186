from app.domain.call import Caller, Trace
from app.domain.identity import Identity


def test_each_upstream_call_of_a_request_has_an_id_of_its_own_and_is_counted() -> None:
    trace = Trace("abc", deadline=10.0)

    assert trace.upstream_calls == 0
    assert [trace.next_audit_id() for _ in range(3)] == ["abc.1", "abc.2", "abc.3"]
    assert trace.upstream_calls == 3


def test_two_requests_count_apart() -> None:
    first, second = Trace("a", 1.0), Trace("a", 1.0)
    first.next_audit_id()

    assert second.next_audit_id() == "a.1"
    assert first != second


def test_a_caller_is_called_what_kubernetes_calls_them() -> None:
    assert Caller(Identity("secretspace:alice"), Trace("a", 1.0)).username == "secretspace:alice"
