import pytest

from app.metrics import CONTENT_TYPE, Metrics


def lines_of(metrics: Metrics) -> list[str]:
    return metrics.text().decode().splitlines()


def test_requests_are_counted_by_method_template_and_status() -> None:
    metrics = Metrics()
    metrics.request_finished("GET", "/secrets/{name}", 200, 0.01)
    metrics.request_finished("GET", "/secrets/{name}", 200, 0.01)
    assert 'secretspace_http_requests_total{method="GET",route="/secrets/{name}",status="200"} 2.0' in lines_of(metrics)


def test_how_long_requests_took_is_in_buckets() -> None:
    metrics = Metrics()
    metrics.request_finished("GET", "/secrets/{name}", 200, 0.02)
    lines = lines_of(metrics)
    assert 'secretspace_http_request_seconds_bucket{le="0.01",method="GET",route="/secrets/{name}"} 0.0' in lines
    assert 'secretspace_http_request_seconds_bucket{le="0.025",method="GET",route="/secrets/{name}"} 1.0' in lines


def test_paths_that_are_not_ours_and_methods_that_nobody_knows_are_one_label_each() -> None:
    metrics = Metrics()
    metrics.request_finished("BREW", None, 404, 0.01)
    assert 'secretspace_http_requests_total{method="other",route="none",status="404"} 1.0' in lines_of(metrics)


@pytest.mark.parametrize(("status", "label"), [(200, "2xx"), (404, "4xx"), (503, "5xx"), (0, "none")])
def test_calls_to_the_api_server_are_counted_by_verb_resource_and_class_of_status(status: int, label: str) -> None:
    metrics = Metrics()
    metrics.observe("patch", "secrets", status, 0.01)
    lines = lines_of(metrics)
    assert f'secretspace_kubernetes_calls_total{{resource="secrets",status="{label}",verb="patch"}} 1.0' in lines
    assert 'secretspace_kubernetes_call_seconds_count{resource="secrets",verb="patch"} 1.0' in lines


def test_reveals_are_counted() -> None:
    metrics = Metrics()
    metrics.revealed()
    assert "secretspace_reveals_total 1.0" in lines_of(metrics)


def test_lines_of_the_log_that_were_dropped_are_counted() -> None:
    assert "secretspace_log_lines_dropped_total 7.0" in lines_of(Metrics(lambda: 7))


def test_two_applications_in_one_process_do_not_mix() -> None:
    one, other = Metrics(), Metrics()
    one.revealed()
    assert "secretspace_reveals_total 0.0" in lines_of(other)


def test_the_process_itself_is_measured() -> None:
    assert any(line.startswith("process_resident_memory_bytes ") for line in lines_of(Metrics()))


def test_the_text_is_the_one_that_prometheus_reads() -> None:
    assert CONTENT_TYPE.startswith("text/plain; version=")
    assert Metrics().text().endswith(b"\n")
