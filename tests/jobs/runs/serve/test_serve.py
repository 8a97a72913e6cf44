"""`winnow serve` as OpenAI's own client uses it, and as nobody should."""

import asyncio
import json
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from jobs.loopback import server as server_module
from jobs.runs.generate_text import answers, load_run
from jobs.runs.serve.app import application
from jobs.runs.serve.desk import Desk
from jobs.runs.serve.serve import desk_of
from model.generate import SamplingSettings
from tests.jobs.running import WINNOW
from tests.jobs.runs.test_runs import refused
from tests.jobs.runs.tune.tuned import make_base, sft_rows, tuned, wanted, write_rows

openai = pytest.importorskip("openai", reason="pip install openai")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tuned run."""
    folder = tmp_path_factory.mktemp("serve")
    base = make_base(folder)
    tuned(folder / "chat", wanted(base, write_rows(folder / "data.jsonl", sft_rows()), "sft"))
    return folder / "chat"


@contextmanager
def served(run: Path, slots: int = 4) -> Iterator[tuple[int, Desk]]:
    """The real server on a real port."""
    loaded = load_run(run)
    desk, name, sha256 = desk_of(run, loaded, slots, pinned=False)
    listener = server_module._listening(0)
    port = listener.getsockname()[1]
    server = server_module.server_of(application(loaded, desk, name, sha256[:16], port), clients=256)
    running = threading.Thread(target=server.run, args=([listener],), daemon=True)
    running.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield port, desk
    finally:
        server.should_exit = True
        running.join(20)
        desk.close()


@pytest.fixture(scope="module")
def port(run: Path) -> Iterator[int]:
    with served(run) as (port, _):
        yield port


@pytest.fixture(scope="module")
def client(port: int) -> Iterator[Any]:
    with openai.OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="none", max_retries=0) as client:
        yield client


GIVEN = {"model": "chat", "temperature": 0.9, "seed": 7}
SETTINGS = SamplingSettings(temperature=0.9, seed=7, max_tokens=12)


def test_the_model_is_listed(client: Any) -> None:
    assert [one.id for one in client.models.list()] == ["chat"]
    assert client.models.retrieve("chat").owned_by == "winnow"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt")


def test_a_completion_is_what_generate_writes(client: Any, run: Path) -> None:
    said = client.completions.create(prompt="the page", max_tokens=12, n=2, **GIVEN)
    assert [one.text for one in said.choices] == answers(load_run(run), "the page", SETTINGS, 2)
    assert said.usage.total_tokens == said.usage.prompt_tokens + said.usage.completion_tokens
    assert said.usage.prompt_tokens == len(load_run(run).tokens_of("the page")) and said.model == "chat"


def test_a_conversation_is_answered_as_generate_chat_does(client: Any, run: Path) -> None:
    said = client.chat.completions.create(messages=[{"role": "user", "content": "page 3"}], max_completion_tokens=12, **GIVEN)
    [expected] = answers(load_run(run, chat=True), "page 3", SETTINGS, 1)
    assert said.choices[0].message.content == expected and said.choices[0].message.role == "assistant"
    assert said.choices[0].finish_reason in ("stop", "length")


def test_pieces_of_a_stream_are_the_whole(client: Any) -> None:
    asked = {"messages": [{"role": "user", "content": "page 3"}], "max_tokens": 12, **GIVEN}
    whole = client.chat.completions.create(n=3, **asked)
    texts, finished, usage = ["", "", ""], {}, None
    for piece in client.chat.completions.create(n=3, stream=True, stream_options={"include_usage": True}, **asked):
        usage = piece.usage or usage
        for choice in piece.choices:
            texts[choice.index] += choice.delta.content or ""
            finished |= {choice.index: choice.finish_reason} if choice.finish_reason else {}
    assert texts == [one.message.content for one in whole.choices]
    assert finished == {one.index: one.finish_reason for one in whole.choices} and usage == whole.usage
    streamed = client.completions.create(prompt="the page", max_tokens=12, stream=True, **GIVEN)
    plain = client.completions.create(prompt="the page", max_tokens=12, **GIVEN)
    assert "".join(one.choices[0].text for one in streamed if one.choices) == plain.choices[0].text


def test_stops_bias_and_our_own_settings_are_honoured(client: Any, run: Path) -> None:
    whole = client.completions.create(prompt="the page", max_tokens=12, **GIVEN).choices[0].text
    stop = whole.strip()[3:5]
    said = client.completions.create(prompt="the page", max_tokens=12, stop=[stop, "never"], **GIVEN).choices[0]
    assert said.text == whole[: whole.index(stop)] and said.finish_reason == "stop"
    [token] = load_run(run).tokens_of("x")[1:]
    forced = client.completions.create(prompt="", max_tokens=3, logit_bias={str(token): 100}, **GIVEN).choices[0]
    assert forced.text == "xxx" and forced.finish_reason == "length"
    best = client.completions.create(prompt="the page", max_tokens=8, extra_body={"top_k": 1}, **GIVEN).choices[0].text
    assert best == answers(load_run(run), "the page", SamplingSettings(temperature=0, max_tokens=8), 1)[0]


def test_prompts_may_be_tokens_and_several(client: Any, run: Path) -> None:
    tokens = load_run(run).tokens_of("the page")
    texts = [one.text for one in client.completions.create(prompt=["the page", "yes"], max_tokens=6, **GIVEN).choices]
    assert texts[0] == client.completions.create(prompt=tokens, max_tokens=6, **GIVEN).choices[0].text
    assert texts[0] == client.completions.create(prompt=[tokens, tokens], max_tokens=6, **GIVEN).choices[0].text
    assert len(texts) == 2


def test_without_a_seed_two_answers_differ(client: Any) -> None:
    asked = {"model": "chat", "prompt": "the page", "max_tokens": 30, "temperature": 1.5}
    assert len({client.completions.create(**asked).choices[0].text for _ in range(3)}) > 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model": "gpt"}, "not served here"),
        ({"temperature": -1}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"n": 129}, "n"),
        ({"prompt": "x" * 500}, "reads 96"),
        ({"prompt": [99_999]}, "tokens are numbers"),
        ({"prompt": []}, "a request has 1 to 128"),
        ({"prompt": ["a"] * 100, "n": 2}, "a request has 1 to 128"),
        ({"stop": [""]}, "stop is"),
        ({"stop": ["a"] * 17}, "stop is"),
        ({"logit_bias": {"x": 1}}, "logit_bias"),
        ({"logit_bias": {"99999": 1}}, "logit_bias"),
        ({"logit_bias": {"1": 101}}, "logit_bias"),
        ({"seed": -1}, "seed"),
        ({"presence_penalty": 1}, "presence_penalty"),
        ({"logprobs": 1}, "logprobs"),
        ({"echo": True}, "echo"),
        ({"suffix": "x"}, "suffix"),
        ({"extra_body": {"tools": []}}, "tools"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said_and_not_passed_over(client: Any, changes: dict[str, Any], words: str) -> None:
    with pytest.raises((openai.BadRequestError, openai.NotFoundError)) as error:
        client.completions.create(**({"model": "chat", "prompt": "the page"} | changes))
    assert words in error.value.message


def raw(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        connection.sendall(request)
        found = b""
        while block := connection.recv(65536):
            found += block
    return found


def posted(port: int, body: bytes, **headers: str) -> bytes:
    lines = {"Host": f"127.0.0.1:{port}", "Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value != "-")
    return raw(port, f"POST /v1/completions HTTP/1.1\r\n{head}Connection: close\r\n\r\n".encode() + body)


BODY = json.dumps({"model": "chat", "prompt": "the", "max_tokens": 1}).encode()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, b"200"),
        ({"Host": "evil.test"}, b"421"),
        ({"Origin": "http://evil.test"}, b"403"),
        ({"Origin": "null"}, b"403"),
        ({"Sec-Fetch-Site": "cross-site"}, b"403"),
        ({"Content-Type": "text/plain"}, b"415"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"415"),
        ({"Content-Type": "-"}, b"415"),
        ({"Content-Length": "-"}, b"411"),
        ({"Content-Length": "99999999"}, b"413"),
        ({"Content-Length": "9" * 30}, b"400"),
        ({"Content-Length": "-", "Transfer-Encoding": "chunked"}, b"411"),
    ],
    ids=str,
)
def test_only_this_machine_s_own_programs_may_ask(port: int, headers: dict[str, str], status: bytes) -> None:
    answer = posted(port, BODY, **headers)
    assert answer.split(b" ")[1] == status and b"access-control-allow" not in answer.lower()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"\xff",
        b"null",
        b"[]",
        b'{"model": 1}',
        b'{"model": "chat", "prompt": "\\ud800", "n": NaN}',
    ],
)
def test_a_body_that_is_none_is_one_line(port: int, body: bytes) -> None:
    answer = posted(port, body)
    assert answer.split(b" ")[1] in (b"400", b"404") and b"Traceback" not in answer
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_refused(port: int, method: str) -> None:
    end = f"HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
    assert raw(port, f"{method} /v1/models {end}".encode()).split(b" ")[1] == b"405"
    assert raw(port, f"GET /v1/else {end}".encode()).split(b" ")[1] == b"404"


def test_fifty_clients_at_once_get_each_what_it_would_get_alone(port: int, run: Path) -> None:
    loaded = load_run(run, chat=True)

    async def all_of_them() -> list[str]:
        async with openai.AsyncOpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="none", max_retries=0) as client:

            async def one(number: int) -> str:
                asked = {"messages": [{"role": "user", "content": f"page {number % 7}"}], "max_tokens": 10}
                if number % 2:
                    said = await client.chat.completions.create(**asked, **(GIVEN | {"seed": number}))
                    return said.choices[0].message.content
                stream = await client.chat.completions.create(**asked, **(GIVEN | {"seed": number}), stream=True)
                return "".join([piece.choices[0].delta.content or "" async for piece in stream if piece.choices])

            return await asyncio.gather(*map(one, range(50)))

    found = asyncio.run(all_of_them())
    for number, text in enumerate(found):
        settings = SamplingSettings(temperature=0.9, seed=number, max_tokens=10)
        assert text == answers(loaded, f"page {number % 7}", settings, 1)[0]


def test_who_goes_away_is_written_for_no_further(run: Path) -> None:
    with served(run, slots=1) as (port, desk):
        body = json.dumps({"model": "chat", "prompt": "the", "max_tokens": 90, "n": 60, "logit_bias": {"0": -100}}).encode()
        head = f"POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        with socket.create_connection(("127.0.0.1", port), 20) as connection:
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            _until(lambda: bool(desk._running))
        _until(lambda: not desk._running and desk._waiting.empty())


def _until(holds: Any, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_more_than_may_wait_are_told_to_come_again(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jobs.runs.serve import serve

    monkeypatch.setattr(serve, "WAITING", 3)
    with served(run, slots=1) as (port, desk):
        asked = {"model": "chat", "prompt": "the", "max_tokens": 3, "n": 100}
        answer = posted(port, json.dumps(asked).encode())
        assert answer.split(b" ")[1] == b"429" and b"retry-after: 1" in answer.lower()
        _until(lambda: not desk._running and desk._waiting.empty())
        assert posted(port, BODY).split(b" ")[1] == b"200"


def test_a_run_that_has_other_weights_by_now_is_served_no_further(run: Path, tmp_path: Path) -> None:
    copy = tmp_path / "chat"
    shutil.copytree(run, copy)
    with served(copy) as (port, desk):
        assert posted(port, BODY).split(b" ")[1] == b"200"
        shutil.rmtree(max(copy.glob("step-*")))
        desk._checked = -10.0
        answer = posted(port, BODY)
        assert answer.split(b" ")[1] == b"503" and b"other weights" in answer


def test_the_command_serves_until_it_is_stopped(run: Path) -> None:
    command = [*WINNOW, "serve", str(run), "--port", "0", "--slots", "2"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        port = int(said.removeprefix("http://127.0.0.1:").split("/")[0])
        _until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
        assert posted(port, BODY).split(b" ")[1] == b"200"
        process.send_signal(signal.SIGINT)
        assert process.wait(30) in (0, 130) and "Traceback" not in process.stderr.read()
    assert said.endswith("/v1 serves chat; stop with Ctrl-C\n")


def test_a_port_that_is_taken_is_one_line(run: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        refused("serve", run, "--port", other.getsockname()[1], words=("cannot be used", "name another --port"))


def test_a_large_body_is_read(port: int) -> None:
    assert b"reads 96" in posted(port, json.dumps({"model": "chat", "prompt": "x" * 900_000}).encode())


def test_an_error_while_writing_reaches_whoever_waits(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(run) as (port, desk):

        def broken() -> None:
            raise RuntimeError("out of memory")

        with monkeypatch.context() as patched:
            patched.setattr(desk._slots, "step", broken)
            answer = posted(port, BODY)
        assert answer.split(b" ")[1] == b"503" and b"out of memory" in answer
        assert posted(port, BODY).split(b" ")[1] == b"200"
