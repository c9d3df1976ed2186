"""Which passwords may be chosen: length and a list of the usual ones, no rules of composition.

Source: NIST SP 800-63B section 3.1.1.2.
"""

import unicodedata
from typing import Final

from app.domain.fault import Fault
from app.identity.password import MAX_PASSWORD_BYTES

MIN_PASSWORD_LENGTH: Final = 8
"""Characters, counted in NFC."""
_MIN_DISTINCT: Final = 4

_COMMON: Final = frozenset(
    """
    00000000 11111111 11223344 12121212 12341234 123123123 12345678 123456789 1234567890 12345qwert 1234qwer 123qweasd
    123qwe123 147258369 159753456 1a2b3c4d 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qazxsw2 87654321 987654321 a1234567 a1b2c3d4
    aa123456 abc12345 abcd1234 abcdefgh access14 adminadmin administrator admin123 admin1234 alexander asdf1234 asdfasdf
    asdfghjk asdfghjkl baseball basketball blink182 changeit changeme changeme1 charlie1 chocolate computer corvette
    danielle dragon123 einstein football football1 garfield hello123 iloveyou iloveyou1 internet jennifer jonathan
    kubernetes letmein1 letmein123 liverpool login123 marlboro maverick mercedes michael1 michelle midnight monkey123
    newyork1 p4ssw0rd p@ssw0rd p@ssword passw0rd password password! password1 password12 password123 password1234
    passwort passwort1 pokemon1 princess princess1 q1w2e3r4 q1w2e3r4t5 qazwsxedc qwer1234 qwerty12 qwerty123 qwerty1234
    qwertyui qwertyuiop rootroot samantha scorpion secret123 security sunshine sunshine1 superman superman1 supersecret
    test1234 testtest trustno1 victoria welcome1 welcome123 whatever william1 zaq12wsx zxcvbnm1 zxcvbnm123
    """.split()
)
"""The usual first guesses of eight characters and more; shorter ones are refused for their length."""
_OURS: Final = "secretspace"


def password_fault(password: str, account_name: str) -> Fault | None:
    """What is wrong with a password that someone chose for an account."""
    try:
        size = len(password.encode())
    except UnicodeEncodeError:
        return Fault.LONE_SURROGATE
    if size > MAX_PASSWORD_BYTES:
        return Fault.PASSWORD_TOO_LONG
    text = unicodedata.normalize("NFC", password)
    if len(text) < MIN_PASSWORD_LENGTH:
        return Fault.PASSWORD_TOO_SHORT
    text = text.casefold()
    if text in _COMMON or len(set(text)) < _MIN_DISTINCT:
        return Fault.PASSWORD_TOO_COMMON
    return Fault.PASSWORD_LIKE_NAME if _is_like(text, account_name) or _is_like(text, _OURS) else None


def _is_like(text: str, name: str) -> bool:
    """Whether nothing is left of the password but digits and signs once the name is taken out."""
    return name in text and not any(character.isalpha() for character in text.replace(name, ""))
