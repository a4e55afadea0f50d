"""Identity numbers stay out of logs, temporary files and the spool; pages stay out of caches."""

import io
import json
import logging
import tempfile
from pathlib import Path
from typing import Any

import pytest
from desks import COUNTY, PASSWORD, VILLAGE, make_user
from django.conf import settings
from django.core.files.uploadhandler import SkipFile
from django.db import connection
from django.test import Client, RequestFactory

import processes
from conftest_numbers import number
from shouwang.accounts.models import User
from shouwang.accounts.privacy import configure_logging
from shouwang.exchange import spool
from shouwang.exchange.models import Delivery, Upload
from shouwang.exchange.scratch import ScratchFile
from shouwang.exchange.spool import SealedWriter, SealingUploadHandler, open_sealed
from shouwang.households.models import Person
from shouwang.jobs import uploads, worker
from shouwang.kernel.citizen_id import mask_identity_numbers
from shouwang.kernel.errors import Failure
from shouwang.kernel.home import Home
from shouwang.kernel.keys import HEAD_BYTES, Sealer
from signed_in import sign_in

PLANTED = number(777)


@pytest.mark.parametrize(
    "text",
    [
        PLANTED,
        f"GET /households/?q={PLANTED}",
        PLANTED[:17] + "x",
        f"{PLANTED[:6]} {PLANTED[6:14]} {PLANTED[14:]}",
        PLANTED[:6] + PLANTED[8:17],
        PLANTED.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    ],
)
def test_whatever_looks_like_an_identity_number_is_masked(text: str) -> None:
    masked = mask_identity_numbers(text)
    assert PLANTED[8:14] not in masked
    assert "*" * 12 in masked


def test_other_numbers_are_left_alone() -> None:
    text = "D000012 第1290行 2021-06-30 500101001001 13900000001 23400.00"
    assert mask_identity_numbers(text) == text


def test_every_handler_masks_message_arguments_and_traceback() -> None:
    def raise_with_number() -> None:
        raise ValueError(f"bad row {PLANTED}")

    configure_logging(settings.LOGGING)
    handlers = {handler for name in ("", "django", "shouwang") for handler in logging.getLogger(name).handlers}
    written = 0
    for handler in handlers - set(_pytest_handlers(handlers)):
        stream = io.StringIO()
        old, handler.stream = handler.stream, stream  # type: ignore[attr-defined]
        try:
            logger = logging.getLogger("shouwang.trial")
            logger.error("row of %s", PLANTED)
            logging.getLogger("django.request").error("Not Found: /x/%s", PLANTED)
            try:
                raise_with_number()
            except ValueError:
                logger.exception("failed for %s", PLANTED, stack_info=True)
        finally:
            handler.stream = old  # type: ignore[attr-defined]
        text = stream.getvalue()
        assert text.count("500229************") >= 4, text
        assert PLANTED not in text
        written += 1
    assert written == 1


def _pytest_handlers(handlers: set[logging.Handler]) -> list[logging.Handler]:
    return [handler for handler in handlers if not handler.__class__.__module__.startswith("logging")]


def test_a_handler_without_the_mask_is_refused() -> None:
    with pytest.raises(ValueError, match="file"):
        configure_logging({"version": 1, "handlers": {"file": {"class": "logging.StreamHandler"}}})


@pytest.mark.parametrize("size", [0, 1, spool.FRAME - 1, spool.FRAME, spool.FRAME + 1, 2 * spool.FRAME + 5])
def test_a_sealed_file_reads_back_whole_and_anywhere(tmp_path: Path, size: int) -> None:
    sealer, clear = Sealer({1: bytes(range(32))}), (PLANTED.encode() * (size // 18 + 1))[:size]
    writer = SealedWriter(tmp_path / "a", sealer)
    for start in range(0, size, 70_001):
        writer.write(clear[start : start + 70_001])
    writer.finish()
    assert PLANTED.encode() not in (tmp_path / "a").read_bytes()
    with open_sealed(tmp_path / "a", sealer) as stream:
        assert stream.read() == clear
        stream.seek(max(0, size - 7))
        assert stream.read() == clear[max(0, size - 7) :]
        assert stream.seek(0, io.SEEK_END) == size


def test_a_cut_swapped_or_foreign_spool_file_does_not_open(tmp_path: Path) -> None:
    sealer, path = Sealer({1: bytes(32)}), tmp_path / "a"
    writer = SealedWriter(path, sealer)
    writer.write(b"x" * (3 * spool.FRAME))
    writer.finish()
    whole, head, frame = path.read_bytes(), HEAD_BYTES + spool.NAME_BYTES, spool.SEALED_FRAME
    first, second = whole[head : head + frame], whole[head + frame : head + 2 * frame]
    damaged = {
        "cut after a frame": whole[: head + 2 * frame],
        "swapped": whole[:head] + second + first + whole[head + 2 * frame :],
        "bit flipped": whole[:100] + bytes([whole[100] ^ 1]) + whole[101:],
        "nothing": b"",
    }
    for content in damaged.values():
        path.write_bytes(content)
        with pytest.raises(Failure, match="重新上传"), open_sealed(path, sealer) as stream:
            stream.read()
    path.write_bytes(whole)
    with pytest.raises(Failure), open_sealed(path, Sealer({1: bytes([1] * 32)})) as stream:
        stream.read()


def test_the_web_server_s_temporary_files_are_enciphered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = []
    real = tempfile.TemporaryFile

    def visible(*arguments: Any) -> Any:
        kept.append(real(*arguments))
        return kept[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", visible)
    from waitress.buffers import OverflowableBuffer

    from shouwang.jobs.serving import make_server

    make_server("127.0.0.1", 0).close()
    body = [(PLANTED * n).encode() for n in (1, 400, 3, 7000, 1)]
    buffer = OverflowableBuffer(1000)
    for piece in body:
        buffer.append(piece)
    assert kept
    assert isinstance(buffer.getfile(), ScratchFile)
    kept[0].seek(0)
    assert PLANTED.encode() not in kept[0].read()
    buffer.getfile().seek(0)
    assert buffer.get(100) == b"".join(body)[:100]
    buffer.skip(100)
    assert buffer.get() == b"".join(body)[100:]
    buffer.close()


@pytest.fixture
def county(areas: None) -> User:
    return make_user("county", COUNTY, "county")


def upload_csv(client: Client, content: bytes, name: str = "名册.csv") -> Any:
    stream = io.BytesIO(content)
    stream.name = name
    data = {"source": "household_register", "received_on": "2021-01-05", "file": stream}
    return client.post("/uploads/new/", data)


REGISTER = (
    "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系,联系电话\n"
    f"H1,{VILLAGE},一般农户,冉大田,{PLANTED},户主,13977770001\n"
    f"H1,{VILLAGE},一般农户,冉小田,{PLANTED[:17]}A,子,13977770002\n"
).encode()


def everything_at_rest(home: Home) -> bytes:
    files = b"".join(path.read_bytes() for path in sorted(home.path.rglob("*")) if path.is_file())
    if connection.vendor == "sqlite":
        return files + "\n".join(connection.connection.iterdump()).encode()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            with cursor.copy(f'COPY "{table}" TO STDOUT') as rows:
                files += b"".join(bytes(part) for part in rows)
    return files


def test_an_uploaded_number_lies_nowhere_in_clear(home: Home, county: User) -> None:
    client = Client()
    sign_in(client, county)
    response = upload_csv(client, REGISTER, name=f"名册{PLANTED}.csv")
    assert response.status_code == 302
    upload = Upload.objects.get()
    assert (upload.state, upload.size) == (Upload.State.WAITING, len(REGISTER))
    assert (home.path / "spool" / upload.spool).exists()
    waiting = everything_at_rest(home)
    uploads.read_upload.call(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.delivery, upload.rows_done, upload.message) == (Upload.State.DONE, 1, 2, "")
    for content in (waiting, everything_at_rest(home)):
        assert "冉大田".encode() in everything_at_rest(home)
        for secret in (PLANTED.encode(), PLANTED[:17].encode(), b"13977770001", b"13977770002"):
            assert secret not in content
    assert list((home.path / "spool").iterdir()) == []
    delivery = Delivery.objects.get()
    assert (delivery.uploaded_by, delivery.area_id, delivery.quarantined) == (county, COUNTY, 1)
    assert Person.objects.get().name == "冉大田"


def test_a_refused_file_says_why_and_leaves_nothing(home: Home, county: User) -> None:
    client = Client()
    sign_in(client, county)
    upload_csv(client, "户编号,姓名\nH1,冉大田\n".encode())
    upload = Upload.objects.get()
    uploads.read_upload.call(upload.pk)
    upload.refresh_from_db()
    assert upload.state == Upload.State.REFUSED
    assert "证件号码" in upload.message
    assert upload.finished_at is not None
    assert list((home.path / "spool").iterdir()) == []
    assert not Delivery.objects.exists()


def test_an_unexpected_failure_is_told_without_details(
    home: Home, county: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    sign_in(client, county)
    upload_csv(client, REGISTER)

    def break_down(*_: Any, **__: Any) -> None:
        raise RuntimeError(PLANTED)

    monkeypatch.setattr(uploads, "ingest_file", break_down)
    uploads.read_upload.call(Upload.objects.get().pk)
    assert (Upload.objects.get().state, Upload.objects.get().message) == ("refused", uploads.BROKEN)


def test_a_worker_that_starts_again_takes_up_what_was_left(home: Home, county: User) -> None:
    client = Client()
    sign_in(client, county)
    upload_csv(client, REGISTER)
    upload = Upload.objects.get()
    with open_sealed(home.path / "spool" / upload.spool, home.sealer()) as stream:
        report = uploads.ingest_file(home, upload.source, stream, upload.received_on, name=upload.file)
    Upload.objects.update(state=Upload.State.READING)  # killed between taking the file and saying so
    worker.resume()
    from django_tasks_db.models import DBTaskResult

    assert [task.args_kwargs["args"] for task in DBTaskResult.objects.all()] == [[upload.pk]]
    uploads.read_upload.call(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.delivery, upload.message) == (Upload.State.DONE, report.number, "")
    assert Delivery.objects.get().uploaded_by == county


def test_the_same_file_again_names_the_earlier_delivery(home: Home, county: User) -> None:
    client = Client()
    sign_in(client, county)
    upload_csv(client, REGISTER)
    uploads.read_upload.call(Upload.objects.get().pk)
    other = Client()
    sign_in(other, make_user("colleague", COUNTY, "county"))
    upload_csv(other, REGISTER, name="再报.csv")
    again = Upload.objects.order_by("pk").last()
    assert again is not None
    uploads.read_upload.call(again.pk)
    again.refresh_from_db()
    assert (again.state, again.delivery) == (Upload.State.DONE, 1)
    assert "D000001" in again.message
    assert Delivery.objects.get().uploaded_by == county


def test_who_may_not_upload_leaves_no_file_behind(home: Home, areas: None) -> None:
    client = Client()
    sign_in(client, make_user("village", VILLAGE, "village"))
    assert upload_csv(client, REGISTER).status_code == 403
    assert upload_csv(Client(), REGISTER).status_code == 302
    assert not (home.path / "spool").exists() or list((home.path / "spool").iterdir()) == []
    assert not Upload.objects.exists()


def test_a_file_beyond_the_limit_is_dropped_while_it_arrives(
    home: Home, county: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "LARGEST_FILE", 1000)
    request = RequestFactory().post("/uploads/new/")
    request.user = county
    handler = SealingUploadHandler(request)
    handler.new_file("file", "a.csv", "text/csv", None)
    handler.receive_data_chunk(b"x" * 900, 0)
    with pytest.raises(SkipFile):
        handler.receive_data_chunk(b"x" * 900, 900)
    assert handler.file_complete(1800) is None
    assert spool.too_large(request)
    assert list((home.path / "spool").iterdir()) == []


def test_every_answer_carries_the_headers_that_keep_it_in(areas: None) -> None:
    client = Client()
    sign_in(client, make_user("county", COUNTY, "county"))
    for path in ("/login/", "/households/", "/clues/export.xlsx", "/users/sheet/template.xlsx", "/no/such/", "/audit/"):
        response = client.get(path)
        assert response["X-Frame-Options"] == "DENY", path
        assert response["X-Content-Type-Options"] == "nosniff", path
        assert response["Referrer-Policy"] == "same-origin", path
        assert "no-store" in response["Cache-Control"], path
        policy = dict(each.strip().split(" ", 1) for each in response["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'self'", path
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'", path
        assert "unsafe" not in response["Content-Security-Policy"], path


ASKED = """
import json, django
django.setup()
from django.test import Client
answer = Client(enforce_csrf_checks=True, headers={"host": "a.example.cn"}).get("/login/", secure=True)
cookies = {name: [morsel["secure"], morsel["httponly"], morsel["samesite"]] for name, morsel in answer.cookies.items()}
print(json.dumps([answer.status_code, answer.headers.get("Strict-Transport-Security"), cookies]))
"""


@pytest.mark.parametrize("plain", ["", "1"])
def test_beyond_this_machine_everything_goes_over_https(plain: str, fresh_home: Path) -> None:
    environ = {"SHOUWANG_ALLOWED_HOSTS": "a.example.cn", "SHOUWANG_PLAIN_HTTP": plain}
    told = processes.run(ASKED, environ={"SHOUWANG_HOME": str(fresh_home)} | environ, ends=0)
    status, hsts, cookies = json.loads(told.stdout)
    assert (status, hsts) == (200, None if plain else "max-age=31536000")
    assert cookies["csrftoken"] == ["" if plain else True, "", "Lax"]


def test_wrong_passwords_make_only_that_address_wait(areas: None) -> None:
    make_user("county", COUNTY, "county")
    wrong, right = {"username": "county", "password": "x"}, {"username": "county", "password": PASSWORD}
    attacker, owner = Client(REMOTE_ADDR="10.0.0.9"), Client(REMOTE_ADDR="10.0.0.1")
    for _ in range(5):
        assert "不正确" in attacker.post("/login/", wrong).content.decode()
    assert "秒后再试" in attacker.post("/login/", right).content.decode()
    assert owner.post("/login/", right).status_code == 302
