"""Every example of the guide is run as it stands on the page."""

import re
import subprocess
import sys
from html import unescape

import httpx
import pytest
from conftest import BASE

from opendata_api.web.pages.guide import CHAPTERS, Call, Script

pytestmark = pytest.mark.any_database

CALLS = [one for chapter in CHAPTERS for one in chapter.examples if isinstance(one, Call)]
SCRIPTS = [one for chapter in CHAPTERS for one in chapter.examples if isinstance(one, Script)]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.path)
async def test_a_call_of_the_guide_answers_as_it_says(api: httpx.AsyncClient, call: Call) -> None:
    answer = await api.get(call.path)

    assert answer.status_code == call.status
    if call.status == 200 and "json" in answer.headers["content-type"]:
        assert answer.json()["data"]
    if call.status == 400:
        offered = answer.json()["errors"][0]["try"]
        assert (await api.get(offered)).status_code == 200


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.program)
def test_a_script_of_the_guide_prints_what_it_says(server: str, script: Script) -> None:
    code = script.code.replace("{base}", server)
    command = ["bash", "-c"] if script.program == "curl" else [sys.executable, "-c"]
    printed = subprocess.run(
        [*command, code], capture_output=True, text=True, check=True, timeout=60
    ).stdout

    assert printed.strip() != ""
    if script.prints is not None:
        assert printed.strip() == script.prints


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_guide_shows_every_example_with_the_address_of_this_service(
    api: httpx.AsyncClient, lang: str
) -> None:
    text = unescape((await api.get(f"/docs?lang={lang}")).text)

    for call in CALLS:
        assert f"<code>{BASE}{call.path}</code>" in text
    for script in SCRIPTS:
        assert script.code.replace("{base}", BASE) in text
    assert len(re.findall(r'<h2 id="', text)) == len(CHAPTERS) + 1
