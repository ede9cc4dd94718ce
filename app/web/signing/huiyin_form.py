# Makes the signed link of a feedback form for an order. The secret stays on your server:
#   HUIYIN_SECRET=… python3 huiyin_form.py ORDER EXP
import hashlib
import hmac
import os
import sys
from urllib.parse import urlencode


def form_signature(order: str, exp: int) -> str:
    """Proves until exp (Unix seconds) that the order is hers. For the page: data-order, data-exp and data-signature."""
    text = f"form.FORM_KEY.{order}.{exp}"
    return hmac.new(os.environ["HUIYIN_SECRET"].encode(), text.encode("utf-8"), hashlib.sha256).hexdigest()


def form_link(order: str, exp: int) -> str:
    return "FORM_LINK?" + urlencode({"order": order, "exp": exp, "signature": form_signature(order, exp)})


if __name__ == "__main__":
    print(form_link(sys.argv[1], int(sys.argv[2])))
