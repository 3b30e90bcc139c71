"""A project of the demo studio: weeks of runs, edits of edits, and shots that became videos."""

from dataclasses import replace

from media.drawings.pictures import Picture
from server.demo.shots import add_shots
from server.demo.studio import Row, Studio, identity
from server.demo.themes import EDITS, LIGHT, NEGATIVE, STYLE, Scene, Theme

DAYS = 24.0


class Project:
    """One project being filled, oldest things first."""

    def __init__(self, studio: Studio, theme: Theme, owner: str) -> None:
        self.studio = studio
        self.theme = theme
        self.id = identity("project", theme.name)
        self.rng = studio.rng
        self.images: list[tuple[Row, Picture]] = []
        studio.add(
            "projects",
            id=self.id,
            user_id=owner,
            name=theme.name,
            aspect_ratio=theme.aspect_ratio,
            settings={"image-generation": {"imagesPerPrompt": 4, "depthStrength": 50}},
            created_at=studio.moment(DAYS + 2),
        )

    def fill(self, runs: int, edits: int) -> None:
        """Runs and what was made of them, then shots."""
        for number in range(runs):
            self._run(number, DAYS * (1 - number / runs) + 0.03)
        self._chain()
        for number in range(edits):
            source, picture = self.rng.choice(self.images)
            self._edit(source, picture, f"edit {number}", self.rng.uniform(0.05, 6))
        self._retakes()
        add_shots(self.studio, self.theme, self.id)
        self._backlog()

    def task(self, kind: str, days_ago: float, status: str = "Complete", **values: object) -> str:
        """A piece of work; returns its id."""
        started = status in ("Complete", "Failed", "In Progress")
        ended = status in ("Complete", "Failed")
        return str(
            self.studio.add(
                "tasks",
                id=identity(self.id, "task", len(self.studio.rows["tasks"])),
                project_id=self.id,
                task_type=kind,
                status=status,
                params={"prompt": None, **values},
                worker_id="demo-gpu-a100-1" if started else None,
                error_message="CUDA out of memory" if status == "Failed" else None,
                attempts=3 if status == "Failed" else int(started),
                progress=62.5 if status == "In Progress" else 100 if status == "Complete" else None,
                generation_started_at=self.studio.moment(days_ago) if started else None,
                generation_processed_at=self.studio.moment(days_ago * 0.999) if ended else None,
                created_at=self.studio.moment(days_ago + 0.002),
            )["id"]
        )

    def _run(self, number: int, days_ago: float) -> None:
        scene = self.theme.scenes[number % len(self.theme.scenes)]
        palette, style = self.rng.choice(self.theme.palettes), self.rng.choice(self.theme.styles)
        words = prompt(scene, palette, style)
        run = self.studio.add(
            "runs",
            id=identity(self.id, "run", number),
            project_id=self.id,
            name=f"{scene.words.split(',')[0].capitalize()}",
            prompt=words,
            model=self.theme.model,
            image_count=4,
            status="complete",
            settings_snapshot={"imagesPerPrompt": 4, "steps": 28, "guidance": 3.5},
            created_at=self.studio.moment(days_ago),
        )
        task = self.task("image_generation", days_ago, prompt=words, num_images=4)
        for take in range(4):
            picture = self._picture(scene.drawn, number * 10 + take, palette, style)
            row = self.studio.generation(
                self.id,
                f"run {number} {take}",
                picture,
                days_ago - 0.0005 * (take + 1),
                is_new=days_ago < 2.5 and take != 1,
                tool_type="image-generation",
                model=self.theme.model,
                prompt=words,
                params=_recipe(picture),
                run_id=run["id"],
                task_id=task,
                starred=self.rng.random() < 0.09,
            )
            self.images.append((row, picture))

    def _picture(self, scene: str, seed: int, palette: str, style: str) -> Picture:
        wide, high = self.theme.size
        return Picture(scene, seed, palette, style, wide, high, self.rng.random())

    def _chain(self) -> None:
        """Edits of edits: from the third picture on, six generations deep, and a side branch."""
        row, picture = self.images[2]
        for depth in range(6):
            row, picture = self._edit(row, picture, f"chain {depth}", 12 - depth * 1.5, depth)
            if depth in (1, 3):
                self._edit(row, picture, f"branch {depth}", 8 - depth, depth + 2)

    def _edit(
        self, source: Row, picture: Picture, key: str, days_ago: float, choice: int | None = None
    ) -> tuple[Row, Picture]:
        """The same scene in another light: its own entry in the gallery, based on its source."""
        order = self.rng.randrange(len(EDITS)) if choice is None else choice % len(EDITS)
        words, palette = EDITS[order]
        if palette == picture.palette:
            words, palette = EDITS[(order + 1) % len(EDITS)]
        style = self.rng.choice((picture.style, picture.style, *self.theme.styles))
        phase = (picture.phase + self.rng.uniform(0.1, 0.5)) % 1
        edited = replace(picture, palette=palette, style=style, phase=phase)
        task = self.task("magic_edit", days_ago, prompt=words, based_on=source["id"])
        row = self.studio.generation(
            self.id,
            key,
            edited,
            days_ago,
            is_new=days_ago < 1.5,
            tool_type="edit-images",
            model="qwen-image-edit",
            prompt=words,
            params=_recipe(edited) | {"based_on": source["id"]},
            task_id=task,
            based_on=source["id"],
            starred=self.rng.random() < 0.12,
        )
        self.images.append((row, edited))
        return row, edited

    def _retakes(self) -> None:
        """Variants: edits beside their originals, and upscaled pictures in their place."""
        for number, (row, picture) in enumerate(
            self.rng.sample(self.images, len(self.images) // 6)
        ):
            days_ago = self.rng.uniform(0.02, 5)
            is_new = self.rng.random() < 0.5
            if number % 3 == 0:
                larger = replace(
                    picture, width=picture.width * 3 // 2, height=picture.height * 3 // 2
                )
                made = self.studio.variant(row, "upscaled", larger, days_ago, is_new, row["params"])
                self.studio.show(row, made)
                continue
            words, palette = EDITS[number % len(EDITS)]
            kind = ("edit", "inpaint", "magic_edit", "repositioned")[number % 4]
            changed = replace(picture, palette=palette, phase=1 - picture.phase)
            self.studio.variant(row, kind, changed, days_ago, is_new, {"prompt": words})

    def _backlog(self) -> None:
        """Work that waits, runs, was given up, or went wrong."""
        for status, count in (("In Progress", 1), ("Queued", 4), ("Failed", 3), ("Cancelled", 2)):
            for number in range(count):
                kind = ("image_generation", "travel_segment", "image_upscale")[number % 3]
                days_ago = (
                    0.01 * (number + 1) if status in ("Queued", "In Progress") else number + 1.3
                )
                self.task(
                    kind,
                    days_ago,
                    status,
                    prompt=self.theme.scenes[number % len(self.theme.scenes)].words,
                )


def prompt(scene: Scene, palette: str, style: str) -> str:
    """What was asked for, in words."""
    return f"{scene.words}, {LIGHT[palette]}, {STYLE[style]}"


def _recipe(picture: Picture) -> Row:
    return {
        "negative_prompt": NEGATIVE,
        "seed": 100_000 + picture.seed * 7919 % 900_000,
        "steps": 28,
        "cfg": 3.5,
        "sampler": "euler",
        "scheduler": "simple",
        "width": picture.width,
        "height": picture.height,
    }
