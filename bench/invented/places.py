"""Invented counties, with the prefectures and provinces that contain them."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.invented.lines import Draft
from opendata_api.words import Text

SYLLABLES = (
    *(("安", "an"), ("宁", "ning"), ("平", "ping"), ("兴", "xing"), ("永", "yong")),
    *(("清", "qing"), ("临", "lin"), ("河", "he"), ("山", "shan"), ("阳", "yang")),
    *(("江", "jiang"), ("龙", "long"), ("泉", "quan"), ("新", "xin"), ("昌", "chang")),
    *(("德", "de"), ("义", "yi"), ("东", "dong"), ("南", "nan"), ("西", "xi")),
    *(("北", "bei"), ("柳", "liu"), ("城", "cheng"), ("石", "shi"), ("林", "lin")),
    *(("田", "tian"), ("华", "hua"), ("桥", "qiao"), ("岭", "ling"), ("湖", "hu")),
)
"""What places are named by."""
KINDS = (Text("县", "County"), Text("区", "District"), Text("市", "City"))
IN_EACH = 10
"""So many counties are in a prefecture, and prefectures in a province."""
FIRST_PROVINCE = 11


@dataclass(frozen=True, slots=True)
class County:
    """A county and its government, which reports."""

    code: str
    names: Text

    @property
    def body_id(self) -> str:
        """The id of its government."""
        return f"cn{self.code}"

    @property
    def body(self) -> Text:
        """The name of its government."""
        return Text(f"{self.names.zh}人民政府", f"People's Government of {self.names.en}")

    @property
    def short(self) -> str:
        """What its own reports call it: 县, 区 or 市."""
        return self.names.zh[-1]


def make_counties(number: int) -> tuple[County, ...]:
    """The first so many counties, in the order of their codes."""
    return tuple(
        County(
            f"{_prefecture(place)}{place % IN_EACH + 1:02}",
            name_place(place * 7, KINDS[place % len(KINDS)]),
        )
        for place in range(number)
    )


def name_place(number: int, kind: Text) -> Text:
    """A name of two syllables for a place of a kind."""
    width = len(SYLLABLES)
    one, other = SYLLABLES[number % width], SYLLABLES[number // width % width]
    return Text(f"{one[0]}{other[0]}{kind.zh}", f"{(one[1] + other[1]).title()} {kind.en}")


def area_drafts(counties: tuple[County, ...]) -> list[Draft]:
    """The counties and what contains them, in the order of their codes."""
    found = [
        *_containers(sorted({county.code[:2] for county in counties}), PROVINCE, None),
        *_containers(sorted({county.code[:4] for county in counties}), PREFECTURE, "0000"),
        *(_area(one.code, one.names, "county", f"{one.code[:4]}00") for one in counties),
    ]
    return sorted(found, key=lambda draft: str(draft["id"]))


def body_drafts(counties: tuple[County, ...]) -> list[Draft]:
    """The governments of the counties and their justice bureaus, in the order of their ids."""
    return [draft for county in counties for draft in _bodies(county)]


PROVINCE = ("province", Text("省", "Province"))
PREFECTURE = ("prefecture", Text("市", "City"))
BUREAU = "sfj"


def _prefecture(place: int) -> str:
    prefecture = place // IN_EACH
    return f"{FIRST_PROVINCE + prefecture // IN_EACH}{prefecture % IN_EACH + 1:02}"


def _containers(starts: list[str], level: tuple[str, Text], above: str | None) -> Iterator[Draft]:
    for place, start in enumerate(starts):
        parent = None if above is None else f"{start[:2]}{above}"
        yield _area(start.ljust(6, "0"), name_place(place * 11 + 3, level[1]), level[0], parent)


def _area(code: str, names: Text, level: str, parent: str | None) -> Draft:
    return {
        "id": code,
        "name_zh": names.zh,
        "name_en": names.en,
        "level": level,
        "parent_id": parent,
        "valid_from": None,
        "valid_to": None,
    }


def _bodies(county: County) -> Iterator[Draft]:
    government: Draft = {
        "id": county.body_id,
        "name_zh": county.body.zh,
        "name_en": county.body.en,
        "area_code": county.code,
        "kind": "people_government",
        "parent_id": None,
        "credit_code": None,
    }
    yield government
    yield government | {
        "id": f"{county.body_id}-{BUREAU}",
        "name_zh": f"{county.names.zh}司法局",
        "name_en": f"{county.names.en} Justice Bureau",
        "kind": "department",
        "parent_id": county.body_id,
    }
