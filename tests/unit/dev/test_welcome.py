from pathlib import Path

from app.dev.home import DevHome
from app.dev.tutorial import PEOPLE
from app.dev.welcome import welcome

HOME = DevHome(Path(".secretspace/dev"))


def test_the_screen_names_all_people_and_where_everything_is() -> None:
    screen = welcome("http://127.0.0.1:8001", HOME, "1.37.2", {})

    assert all(person.account in screen for person in PEOPLE)
    assert "http://127.0.0.1:8001/docs" in screen
    assert ".secretspace/dev/kubeconfig" in screen
    assert "1.37.2" in screen


def test_a_password_is_shown_in_the_run_that_made_it_and_not_again() -> None:
    first = welcome("http://x", HOME, "1.37.2", {"admin": "made-just-now"})
    second = welcome("http://x", HOME, "1.37.2", {})

    assert "made-just-now" in first
    assert second.count("(as before)") == len(PEOPLE)


def test_each_command_stands_on_a_line_of_its_own_as_a_terminal_is_pasted_one() -> None:
    commands = welcome("http://x", HOME, "1.37.2", {}).partition("Sign in:")[2].splitlines()

    assert all(line.count("'") % 2 == 0 and line.count('"') % 2 == 0 for line in commands)
