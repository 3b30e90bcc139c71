"""A store that speaks S3's language, and that can be made to hang and to refuse."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3  # type: ignore[import-untyped]
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

BUCKET = "studio"
KEYS = {"GARAGE_ACCESS_KEY_ID": "somebody", "GARAGE_SECRET_ACCESS_KEY": "a secret"}

# A request as WSGI has it.
Asked = dict[str, Any]
# What is done before a request is answered; false refuses it.
Way = Callable[[Asked], bool]


def straight(_: Asked) -> bool:
    """Everybody is answered."""
    return True


def refusing(_: Asked) -> bool:
    """Nobody is answered."""
    return False


def is_copy(asked: Asked) -> bool:
    """Whether something is to be copied."""
    return "HTTP_X_AMZ_COPY_SOURCE" in asked


class Store:
    """A store in this process."""

    def __init__(self) -> None:
        self.address = ""
        self.way: Way = straight
        self._application = DomainDispatcherApplication(create_backend_app)
        self._moved = threading.Condition()
        self.waiting = 0
        self._is_open = True

    def __call__(self, asked: Asked, start: Any) -> Iterable[bytes]:
        """Answer one request, as WSGI has it."""
        if not self.way(asked):
            start("403 Forbidden", [("Content-Length", "0")])
            return []
        found: Iterable[bytes] = self._application(asked, start)
        return found

    @property
    def settings(self) -> dict[str, str]:
        """What a gateway is told of it."""
        return {"GARAGE_ENDPOINT": self.address, "GARAGE_BUCKET": BUCKET, **KEYS}

    def client(self) -> Any:
        """Amazon's own client."""
        return client(self.address)

    def hang(self, concerns: Way = straight) -> None:
        """Keep whoever is concerned waiting from now on."""
        self._is_open = False
        self.way = lambda asked: not concerns(asked) or self._wait()

    def go_on(self) -> None:
        """Answer everybody again, those who wait as well."""
        self.way = straight
        with self._moved:
            self._is_open = True
            self._moved.notify_all()

    def until_waiting(self, number: int) -> None:
        """Wait until so many requests are kept waiting."""
        with self._moved:
            assert self._moved.wait_for(lambda: self.waiting >= number, 30)

    def _wait(self) -> bool:
        with self._moved:
            self.waiting += 1
            self._moved.notify_all()
            self._moved.wait_for(lambda: self._is_open)
            self.waiting -= 1
        return True


@contextmanager
def running() -> Iterator[Store]:
    """A store with an empty bucket, for as long as this is open."""
    store = Store()
    server = make_server("127.0.0.1", 0, store, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    store.address = f"http://127.0.0.1:{server.server_port}"
    store.client().create_bucket(Bucket=BUCKET)
    try:
        yield store
    finally:
        store.go_on()
        server.shutdown()
        server.server_close()


def client(endpoint: str) -> Any:
    """Amazon's own client."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="somebody",
        aws_secret_access_key="a secret",
    )
