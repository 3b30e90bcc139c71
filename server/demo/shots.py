"""Shots of the demo studio: images on a timeline, and the videos that travel through them."""

from dataclasses import replace
from itertools import accumulate, pairwise

from media.drawings.clips import Clip
from media.drawings.pictures import Picture
from server.demo.studio import Row, Studio, identity
from server.demo.themes import LIGHT, MOTIONS, NEGATIVE, Theme

_VIDEO_MODEL = "wan-2.2-i2v"
_VIDEO_SIDE = 512
_GAPS = (41, 61, 81, 81, 49)


def add_shots(studio: Studio, theme: Theme, project_id: str) -> None:
    """All shots of a project; the first four of them have become videos."""
    for number, (name, scene) in enumerate(theme.shots):
        shot_id = identity(project_id, "shot", number)
        days_ago = 16 - number * 2.3
        studio.add(
            "shots",
            id=shot_id,
            project_id=project_id,
            name=name,
            position=number,
            aspect_ratio=theme.aspect_ratio,
            settings={"travel-between-images": {"motionMode": "basic", "batchVideoFrames": 61}},
            created_at=studio.moment(days_ago),
        )
        stills = _stills(studio, theme, project_id, number, scene, days_ago)
        entries = _entries(studio, project_id, shot_id, stills, days_ago)
        if number < 4:
            _travel(studio, project_id, name, stills, entries, days_ago - 1.2)


def _stills(
    studio: Studio, theme: Theme, project_id: str, number: int, scene: str, days_ago: float
) -> list[tuple[Row, Picture]]:
    """The shot's images: one place, from light to light."""
    rng, (wide, high) = studio.rng, theme.size
    count = rng.randint(5, 7)
    start = rng.randrange(len(theme.palettes))
    style = rng.choice(theme.styles)
    words = next((s.words for s in theme.scenes if s.drawn == scene), scene)
    stills = []
    for place in range(count):
        palette = theme.palettes[(start + place // 2) % len(theme.palettes)]
        picture = Picture(scene, 5000 + number, palette, style, wide, high, place / (count - 1))
        text = f"{words}, {LIGHT[palette]}"
        row = studio.generation(
            project_id,
            f"still {number} {place}",
            picture,
            days_ago - 0.01 * (place + 1),
            tool_type="image-generation",
            model=theme.model,
            prompt=text,
            params={"negative_prompt": NEGATIVE, "seed": 5000 + number, "steps": 28},
            starred=place == 0,
        )
        stills.append((row, picture))
    return stills


def _entries(
    studio: Studio,
    project_id: str,
    shot_id: str,
    stills: list[tuple[Row, Picture]],
    days_ago: float,
) -> list[Row]:
    """The images on the timeline, and one or two that wait beside it; returns those placed."""
    gaps = [studio.rng.choice(_GAPS) for _ in stills[1:]]
    frames = list(accumulate(gaps, initial=0))
    waiting = len(stills) - studio.rng.randint(0, 1)
    entries = []
    for place, ((still, _), frame) in enumerate(zip(stills, frames, strict=True)):
        is_placed = place < waiting
        entry = studio.add(
            "shot_generations",
            id=identity(shot_id, "entry", place),
            project_id=project_id,
            shot_id=shot_id,
            generation_id=still["id"],
            timeline_frame=frame if is_placed else None,
            position=place if is_placed else None,
            metadata=_metadata(studio, place) if is_placed else {},
            created_at=studio.moment(days_ago - 0.02 * (place + 1)),
        )
        if is_placed:
            entries.append(entry)
    return entries


def _metadata(studio: Studio, place: int) -> Row:
    """What people and machines noted for the pair that begins here."""
    motion = studio.rng.choice(MOTIONS)
    notes: Row = {"pair_prompt": motion, "is_keyframe": True, "context_frames": 8}
    if place % 2 == 0:
        notes["enhanced_prompt"] = (
            f"Cinematic shot: {motion}. Natural motion, consistent light, no cuts, "
            "the composition of both keyframes is kept."
        )
    if place == 1:
        notes |= {"pair_negative_prompt": "jitter, morphing, sudden cuts", "locked": True}
    if place == 2:
        notes["segmentOverrides"] = {"amountOfMotion": 65, "guidanceScale": 3.5}
    return notes


def _travel(
    studio: Studio,
    project_id: str,
    name: str,
    stills: list[tuple[Row, Picture]],
    entries: list[Row],
    days_ago: float,
) -> None:
    """The shot's video, and its segments, each tied to the pair that it fills."""
    pictures = [_small(picture) for _, picture in stills[: len(entries)]]
    parent = studio.generation(
        project_id,
        f"travel {name}",
        Clip(tuple(pictures), 17),
        days_ago,
        is_new=days_ago < 8,
        name=f"{name}, cut {1 + len(name) % 3}",
        tool_type="travel-between-images",
        model=_VIDEO_MODEL,
        prompt=MOTIONS[len(name) % len(MOTIONS)],
        params={"orchestrator": True, "segments": len(entries) - 1, "fps": 16},
        starred=len(name) % 2 == 0,
    )
    _place_video(studio, parent, entries[0], days_ago)
    # The last pair of a shot is often still to be made.
    made = list(pairwise(zip(entries, pictures, strict=True)))[: -1 if len(name) % 2 else None]
    for order, ((entry, start), (_, end)) in enumerate(made):
        words = entry["metadata"]["pair_prompt"]
        segment = studio.generation(
            project_id,
            f"segment {name} {order}",
            Clip((start, end)),
            days_ago + 0.05 - order * 0.005,
            table="segments",
            tool_type="travel-between-images",
            model=_VIDEO_MODEL,
            prompt=words,
            params={"segment_index": order, "num_frames": 25, "fps": 16},
            parent_generation_id=parent["id"],
            child_order=order,
            pair_shot_generation_id=entry["id"],
        )
        if order == 1:
            again = Clip((replace(start, phase=1 - start.phase), end))
            takes = {"prompt": words, "seed": 77}
            studio.variant(segment, "regenerated", again, days_ago - 0.4, True, takes)


def _place_video(studio: Studio, parent: Row, beside: Row, days_ago: float) -> None:
    """The finished video belongs to its shot, off the timeline."""
    studio.add(
        "shot_generations",
        id=identity(parent["id"], "entry"),
        project_id=parent["project_id"],
        shot_id=beside["shot_id"],
        generation_id=parent["id"],
        timeline_frame=None,
        position=None,
        metadata={},
        created_at=studio.moment(days_ago),
    )


def _small(picture: Picture) -> Picture:
    """The picture at the size of a video."""
    wide, high = picture.width, picture.height
    share = min(1.0, _VIDEO_SIDE / max(wide, high))
    return replace(picture, width=round(wide * share) // 2 * 2, height=round(high * share) // 2 * 2)
