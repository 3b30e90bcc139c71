"""How a picture was made, read from the `parameters` text that Automatic1111 and its kin write."""

import re
from collections.abc import Iterator
from typing import Any

_NEGATIVE = "Negative prompt:"
_SETTING = re.compile(r'\s*(\w[\w \-/]{0,60}):\s*("(?:\\.|[^"\\])*"|[^,]*)(?:,|$)')
_LORA = re.compile(r"<lora:([^:<>]{1,255}):(-?[0-9.]{1,10})[^<>]{0,100}>")
_FEWEST_SETTINGS = 3
_MOST_LORAS = 50
_NUMBERS = {
    "Seed": "seed",
    "Steps": "steps",
    "CFG scale": "cfg",
    "Distilled CFG Scale": "guidance",
    "Denoising strength": "denoise",
}
_WORDS = {"Sampler": "sampler", "Schedule type": "scheduler", "Model": "model"}


def params(text: str) -> dict[str, Any]:
    """The same names as for ComfyUI, as far as the text has them."""
    prompt, negative, settings = _parts(text)
    found: dict[str, Any] = {"prompt": prompt, "negative_prompt": negative}
    found |= {name: settings.get(key, "") for key, name in _WORDS.items()}
    found["model"] = found["model"] or settings.get("Model hash", "")
    found |= {name: _number(settings.get(key, "")) for key, name in _NUMBERS.items()}
    found |= _size(settings.get("Size", ""))
    found["loras"] = [
        {"name": name, "strength": _number(strength)}
        for name, strength in _LORA.findall(prompt)[:_MOST_LORAS]
    ]
    return {name: value for name, value in found.items() if value not in ("", None, [])}


def _parts(text: str) -> tuple[str, str, dict[str, str]]:
    """The prompt, the negative prompt, and the settings of the last line."""
    lines = text.replace("\r\n", "\n").strip().split("\n")
    settings = dict(_settings(lines[-1]))
    if len(settings) < _FEWEST_SETTINGS:
        settings = {}
    else:
        lines.pop()
    starts = (at for at, line in enumerate(lines) if line.strip().startswith(_NEGATIVE))
    at = next(starts, len(lines))
    negative = "\n".join(lines[at:]).strip().removeprefix(_NEGATIVE)
    return "\n".join(lines[:at]).strip(), negative.strip(), settings


def _settings(line: str) -> Iterator[tuple[str, str]]:
    # Each place is tried once: searching would take quadratic time on a long line.
    at = 0
    while at < len(line):
        found = _SETTING.match(line, at)
        if found:
            yield found[1], _unquoted(found[2].strip())
            at = max(found.end(), at + 1)
        else:
            at = line.find(",", at) + 1 or len(line)


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value[:1] == '"' else value


def _size(text: str) -> dict[str, int]:
    found = re.fullmatch(r"(\d{1,6})x(\d{1,6})", text)
    return {"width": int(found[1]), "height": int(found[2])} if found else {}


def _number(text: str) -> float | None:
    if re.fullmatch(r"-?\d{1,20}", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d{0,10}\.\d{1,15}", text) else None
