"""What must not stay public, gone through as the fourth section of docs/更正与新增.md tells it."""

import asyncio
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from editions import serving

from opendata_api.foresight import tell_foreseen
from opendata_api.publish import erase, foresee, publish
from opendata_api.settings import Settings
from opendata_api.words import Text

REPORT = "cn450203-2023-rol"
NAME = "统筹协同"
"""Words of the first sentence, which stand for a name."""
BEFORE, AFTER = "组织称号、", "等4人"
"""What stands around the name that the seed masks."""
WHY = Text("含私人姓名。", "It names a private person.")


@pytest.fixture
def settings(own: Settings, seed_dir: Path) -> Settings:
    """The real seed, to be changed, with release 1 published of it."""
    return own.model_copy(update={"seed_dir": seed_dir})


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


async def changed_ids(api: httpx.AsyncClient, release: int) -> list[str]:
    """What the page says to look up: the ids that a release changed."""
    changes = (await api.get(f"/v1/releases/{release}")).json()["data"]["changes"]["href"]
    return [one["id"] for one in (await api.get(changes)).json()["data"]]


async def status_of(api: httpx.AsyncClient, *paths: str) -> list[int]:
    return [(await api.get(path)).status_code for path in paths]


async def test_a_name_in_a_sentence_is_masked_and_then_erased(
    settings: Settings, seed_dir: Path
) -> None:
    masks = 'masks = ["组织称号、【…】等4人荣获得"'
    path = seed_dir / "reports" / REPORT / "report.toml"
    replace(path, masks, f'{masks}, "强化【…】、坚持改革创新"')
    await asyncio.to_thread(publish, settings)
    async with serving(settings) as api:
        ids = await changed_ids(api, 2)
    release = await asyncio.to_thread(erase, settings, ids, WHY)
    async with serving(settings) as api:
        old, new = f"/v1/passages/{ids[0]}?release=1", f"/v1/passages/{ids[0]}"
        statuses = await status_of(api, old, new, "/v1/releases/1/files/open-data.sqlite")
        text = (await api.get(f"/v1/documents/{REPORT}-d1/text")).text

    assert (ids, release.n) == ([f"{REPORT}-p001"], 3)
    assert statuses == [410, 200, 410]
    assert NAME in text
    kept = list(settings.files_folder.glob("*/*"))
    assert kept
    assert not [path for path in kept if NAME.encode() in path.read_bytes()]


async def test_the_text_itself_is_published_under_a_new_id_and_the_old_one_is_erased(
    settings: Settings, seed_dir: Path
) -> None:
    folder = seed_dir / "reports" / REPORT
    text = (folder / "text.txt").read_text(encoding="utf-8")
    name = text.partition(BEFORE)[2].partition(AFTER)[0]
    replace(folder / "text.txt", name, "＊" * len(name))
    digest = sha256((folder / "text.txt").read_bytes()).hexdigest()
    lines = (folder / "report.toml").read_text(encoding="utf-8").splitlines()
    new = {"id = ": 'id = "d3"', "sha256 = ": f'sha256 = "{digest}"', "masks = ": "masks = []"}
    begin = lines.index("[[documents]]")
    told = [next((new[key] for key in new if one.startswith(key)), one) for one in lines[begin:]]
    text = "\n".join([*lines[:begin], *told, ""])
    (folder / "report.toml").write_text(text, encoding="utf-8")
    foreseen = list(tell_foreseen(await asyncio.to_thread(foresee, settings)))
    reasons = foreseen[foreseen.index("  id,cause,reason_zh,reason_en") + 1 :]
    with (seed_dir / "changes.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{one.strip()}\n".replace("FIXME", "x") for one in reasons)
    await asyncio.to_thread(publish, settings)
    await asyncio.to_thread(erase, settings, [f"{REPORT}-d1"], WHY)
    async with serving(settings) as api:
        old = f"/v1/documents/{REPORT}-d1"
        statuses = await status_of(api, f"{old}/text?release=1", f"{old}?release=1", old)
        now = (await api.get(f"/v1/documents/{REPORT}-d3/text")).text

    assert statuses == [410, 410, 410]
    assert f"{BEFORE}＊＊＊{AFTER}" in now
    assert name not in now
