# Signs who is signed in, for the chat INBOX_KEY. The secret stays on your server:
#   HUIYIN_SECRET=… python3 huiyin_sign.py ID EMAIL PHONE ORDER EXP
import hashlib
import hmac
import os
import re
import sys


def _hmac(text: str) -> str:
    return hmac.new(os.environ["HUIYIN_SECRET"].encode(), text.encode("utf-8"), hashlib.sha256).hexdigest()


def sign_id(id: str) -> str:
    """Proves the id only."""
    if re.match(r"(identity|order|form)\.", id):
        raise ValueError("an id cannot begin like this")
    return _hmac(id)


def sign_identity(id: str, email: str, phone: str, exp: int) -> str:
    """Proves id, e-mail and phone until exp (Unix seconds). What you do not know is an empty text."""
    if "." in id + phone:
        raise ValueError("id and phone cannot contain a dot")
    return "v2=" + _hmac(f"identity.{id}.{email}.{phone}.{exp}")


def sign_order(order: str, exp: int) -> str:
    """Proves that the order is hers, until exp."""
    return _hmac(f"order.{order}.{exp}")


if __name__ == "__main__":
    who, email, phone, order, exp = sys.argv[1:]
    print(sign_id(who), sign_identity(who, email, phone, int(exp)), sign_order(order, int(exp)), sep="\n")
