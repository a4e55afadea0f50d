"""The site over a real connection: cookies, forms, files."""

import http.cookiejar
import re
import time
import urllib.parse
import urllib.request
from collections.abc import Callable


def eventually(condition: Callable[[], bool], seconds: float = 120) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.1)
    return False


class Browser:
    """Cookies and the form token, as a browser keeps them."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> str:
        return self._opener.open(self.address + path).read().decode()

    def post(self, path: str, fields: dict[str, str], file: bytes | None = None) -> str:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path))
        assert token is not None
        fields = {"csrfmiddlewaretoken": token[1]} | fields
        headers, body = {}, urllib.parse.urlencode(fields).encode()
        if file is not None:
            parts = [f'--B\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
            head = '--B\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
            body = "".join(parts).encode() + head.encode() + file + b"\r\n--B--\r\n"
            headers = {"Content-Type": "multipart/form-data; boundary=B"}
        return self._opener.open(urllib.request.Request(self.address + path, body, headers)).read().decode()
