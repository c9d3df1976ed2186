import json
from pathlib import Path

from app.dev.credentials import Credentials, new_password


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    written = Credentials("http://127.0.0.1:8000", {"admin": "one", "project-regular": "two"})

    written.write(tmp_path / "credentials.json")

    assert Credentials.read(tmp_path / "credentials.json") == written


def test_the_file_has_the_form_that_people_and_scripts_rely_on(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"

    Credentials("http://127.0.0.1:8000", {"admin": "one"}).write(path)

    assert json.loads(path.read_text()) == {
        "baseUrl": "http://127.0.0.1:8000",
        "accounts": {"admin": {"password": "one"}},
    }
    assert path.stat().st_mode & 0o777 == 0o600


def test_where_there_is_no_file_nobody_has_a_password(tmp_path: Path) -> None:
    assert Credentials.read(tmp_path / "credentials.json").passwords == {}


def test_writing_leaves_no_other_file_behind(tmp_path: Path) -> None:
    for _ in range(2):
        Credentials("", {}).write(tmp_path / "credentials.json")

    assert [path.name for path in tmp_path.iterdir()] == ["credentials.json"]


def test_passwords_are_not_in_the_repr() -> None:
    assert "hidden" not in repr(Credentials("", {"admin": "hidden"}))


def test_new_passwords_differ_and_need_no_quoting_in_a_shell_or_a_form() -> None:
    passwords = {new_password() for _ in range(100)}

    assert len(passwords) == 100
    assert all(len(each) >= 24 and each.replace("-", "").replace("_", "").isalnum() for each in passwords)
