import httpx


async def test_the_list_of_observations_answers(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/observations?limit=1")

    assert answer.status_code == 200
    assert answer.json()["meta"]["total"] == 108


def test_a_served_process_answers(server: str) -> None:
    assert httpx.get(f"{server}/-/ready", trust_env=False).json() == {
        "status": "ready",
        "release": 1,
    }
