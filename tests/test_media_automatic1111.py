"""The `parameters` text of Automatic1111 and its kin is taken apart."""

import time

from media import automatic1111


def test_quoted_values_may_hold_commas() -> None:
    text = 'a\nSteps: 5, Model: "one, two \\"three\\"", Seed: 9, CFG scale: 4'
    assert automatic1111.params(text)["model"] == 'one, two "three"'


def test_a_prompt_without_settings_is_all_prompt() -> None:
    assert automatic1111.params("a pier, at night: cold") == {"prompt": "a pier, at night: cold"}


def test_a_missing_negative_prompt_is_left_out() -> None:
    found = automatic1111.params("a pier\nSteps: 5, Seed: 9, CFG scale: 4")
    assert found == {"prompt": "a pier", "steps": 5, "seed": 9, "cfg": 4}


def test_the_hash_stands_for_a_model_without_a_name() -> None:
    text = "a\nSteps: 5, Seed: 9, Size: 64x32, Model hash: 6ce0161689"
    assert automatic1111.params(text)["model"] == "6ce0161689"


def test_windows_line_ends_are_line_ends() -> None:
    text = "a\r\nNegative prompt: b\r\nSteps: 5, Seed: 9, CFG scale: 4"
    assert automatic1111.params(text)["negative_prompt"] == "b"


def test_settings_that_are_no_numbers_are_left_out() -> None:
    found = automatic1111.params("a\nSteps: many, Seed: 9e99, CFG scale: ., Size: 1x2x3, Model: m")
    assert found == {"prompt": "a", "model": "m"}


def test_a_long_line_takes_linear_time() -> None:
    start = time.monotonic()
    for text in ("word " * 500_000, 'a: "' * 300_000, "a:" * 1_000_000, "<lora:" * 400_000):
        automatic1111.params(text)
    assert time.monotonic() - start < 10
