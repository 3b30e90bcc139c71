"""URLs of media are signed, short-lived, stable in a window, and bound to one file."""

from urllib.parse import urlsplit

import pytest

from media.signing import Signer

LOCATION = "media/6f9619ff-8b86-4d01-b42d-00cf4fc964ff/ab/abcd.png"
WINDOW = 3600
NOW = 1_700_000_000 // WINDOW * WINDOW


def test_a_url_is_the_same_inside_a_window_and_another_in_the_next() -> None:
    urls = [signer().sign(LOCATION, NOW + second) for second in (0, WINDOW - 1, WINDOW)]
    assert urls[0] == urls[1] != urls[2]


@pytest.mark.parametrize("signed_at", [0, WINDOW - 1])
def test_a_url_lives_for_a_whole_window_more(signed_at: int) -> None:
    url = signer().sign(LOCATION, NOW + signed_at)
    assert verified(url, NOW + 2 * WINDOW - 1)
    assert not verified(url, NOW + 2 * WINDOW)


def test_a_signature_is_good_for_one_path_only() -> None:
    query = urlsplit(signer().sign(LOCATION, NOW)).query
    assert not signer().verify(f"/{LOCATION.replace('abcd', 'abce')}", query, NOW)


def test_any_change_of_the_query_breaks_it() -> None:
    url = signer().sign(LOCATION, NOW)
    path, query = urlsplit(url).path, urlsplit(url).query
    later = query.replace(f"{NOW + 2 * WINDOW}", f"{NOW + 9 * WINDOW}")
    swapped = "&".join(reversed(query.split("&")))
    forged = query[:-1] + ("A" if query[-1] != "A" else "B")
    doubled = query.replace("expires=", "expires=0")
    for bad in (later, swapped, forged, doubled, f"{query}&x=1", f"{query}\n", query[:-1], ""):
        assert not signer().verify(path, bad, NOW)


def test_another_secret_signs_differently() -> None:
    assert signer().sign(LOCATION, NOW) != Signer(b"other", WINDOW).sign(LOCATION, NOW)


def test_a_secret_is_needed() -> None:
    with pytest.raises(ValueError, match="secret"):
        Signer(b"")


@pytest.mark.parametrize("url", ["https://cdn.example/a.png?x=1", "http://a/b", "data:image/png,x"])
def test_what_lies_elsewhere_stays_as_it_is(url: str) -> None:
    assert signer().sign(url, NOW) == url


@pytest.mark.parametrize("location", ["media/two words?.png", "media/#1 雪.png", "//host/a.png"])
def test_any_location_becomes_a_path_of_ours(location: str) -> None:
    url = signer().sign(location, NOW)
    assert url.startswith("/")
    assert not url.startswith("//")
    assert signer().verify("/" + location.lstrip("/"), urlsplit(url).query, NOW)
    assert signer().identity(location).startswith(urlsplit(url).path)


def test_the_identity_outlives_the_signature() -> None:
    urls = [signer().sign(LOCATION, NOW + second) for second in (0, 5 * WINDOW)]
    assert {signer().identity(url) for url in [*urls, LOCATION]} == {f"/{LOCATION}"}


def test_the_identity_of_a_foreign_url_has_no_query() -> None:
    assert signer().identity("https://cdn.example/a.png?token=1#x") == "https://cdn.example/a.png"
    assert signer().identity("data:image/png;base64,a?b") == "data:image/png;base64,a?b"


def signer() -> Signer:
    return Signer(b"a secret of this test", WINDOW)


def verified(url: str, now: int) -> bool:
    return signer().verify(urlsplit(url).path, urlsplit(url).query, now)
