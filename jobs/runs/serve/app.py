"""The application: addresses to questions, questions to the desk, pieces of text to answers."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from jobs.loopback.guard import Guard
from jobs.runs.generate_text import LoadedRun
from jobs.runs.serve.asked import READERS, Wanted
from jobs.runs.serve.desk import Busy, Desk, Piece, Ticket
from jobs.runs.serve.said import CHAT, TEXT, Answer, Form, usage_of, wrong
from pipeline.errors import UsageError, WinnowError

LARGEST_BODY = 1 << 20  # bytes
BODY_SECONDS = 20.0  # for a body to arrive


def application(loaded: LoadedRun, desk: Desk, name: str, fingerprint: str, port: int) -> Guard:
    """The whole server, as a server or a test drives it; `name` is what requests call the model."""
    service = _Service(loaded, desk, name, fingerprint)
    routes = [
        Route("/v1/models", service.models),
        Route("/v1/models/{name}", service.models),
        Route("/v1/completions", service.completions, methods=["POST"]),
        Route("/v1/chat/completions", service.chat, methods=["POST"]),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _missing})
    app.router.redirect_slashes = False
    return Guard(app, port, LARGEST_BODY)


class _Service:
    def __init__(self, loaded: LoadedRun, desk: Desk, name: str, fingerprint: str) -> None:
        self._loaded, self._desk, self._name, self._fingerprint = loaded, desk, name, fingerprint

    async def models(self, request: Request) -> Response:
        one = {"id": self._name, "object": "model", "created": 0, "owned_by": "winnow"}
        wanted = request.path_params.get("name")
        if wanted is None:
            return JSONResponse({"object": "list", "data": [one]})
        return JSONResponse(one) if wanted == self._name else self._no_such_model(wanted)

    async def completions(self, request: Request) -> Response:
        return await self._answered(request, TEXT)

    async def chat(self, request: Request) -> Response:
        return await self._answered(request, CHAT)

    async def _answered(self, request: Request, kind: str) -> Response:
        try:
            body = await asyncio.wait_for(request.body(), BODY_SECONDS)
            wanted = READERS[kind](self._loaded, body)
            if wanted.model != self._name:
                return self._no_such_model(wanted.model)
            tickets = self._tickets(wanted)
        except Busy as error:
            return JSONResponse(wrong(str(error), "rate_limit_error"), 429, {"retry-after": "1"})
        except TimeoutError:
            return JSONResponse(wrong("the body did not come"), 408)
        except UsageError as error:
            return JSONResponse(wrong(str(error)), 400)
        form = Form(kind, self._name, self._fingerprint)
        if wanted.stream:
            return StreamingResponse(_events(form, wanted, tickets), media_type="text/event-stream")
        return await _while_connected(request, _whole(form, wanted, tickets))

    def _tickets(self, wanted: Wanted) -> list[Ticket]:
        """One for each answer. Where not all find a place none stays."""
        tickets = list[Ticket]()
        try:
            for number, prompt in enumerate(prompt for prompt in wanted.prompts for _ in range(wanted.n)):
                settings = replace(wanted.settings, seed=wanted.settings.seed + number)
                tickets.append(self._desk.ask(prompt, settings, wanted.stops))
        except Busy:
            _call_off(tickets)
            raise
        return tickets

    def _no_such_model(self, name: object) -> Response:
        said = f"{name!r:.100} is not served here: the model is {self._name!r}"
        return JSONResponse(wrong(said, code="model_not_found"), 404)


async def _whole(form: Form, wanted: Wanted, tickets: list[Ticket]) -> Response:
    try:
        each = await asyncio.gather(*(_text(ticket) for ticket in tickets))
    except WinnowError as error:
        return JSONResponse(wrong(str(error), "server_error"), 503)
    finally:
        _call_off(tickets)
    answers = [Answer(number, text, last.finish) for number, (text, last) in enumerate(each)]
    return JSONResponse(form.whole(answers, _usage(wanted, [last.tokens for _, last in each])))


async def _text(ticket: Ticket) -> tuple[str, Piece]:
    parts, last = list[str](), Piece("", 0)
    async for last in ticket.read():
        parts.append(last.text)
    return "".join(parts), last


async def _events(form: Form, wanted: Wanted, tickets: list[Ticket]) -> AsyncIterator[bytes]:
    """Server-sent events, of all answers as they come."""
    merged: asyncio.Queue[tuple[int, Piece]] = asyncio.Queue()

    async def forward(number: int, ticket: Ticket) -> None:
        try:
            async for piece in ticket.read():
                await merged.put((number, piece))
        except WinnowError as error:
            await merged.put((number, Piece("", 0, None, error)))

    readers = [asyncio.create_task(forward(number, ticket)) for number, ticket in enumerate(tickets)]
    tokens = [0] * len(tickets)
    try:
        yield _event(form.piece([Answer(number, "", None) for number in range(len(tickets))], first=True))
        open_answers = len(tickets)
        while open_answers:
            number, piece = await merged.get()
            if piece.error is not None:
                yield _event(wrong(str(piece.error), "server_error"))
                return
            tokens[number] = piece.tokens
            open_answers -= piece.finish is not None
            yield _event(form.piece([Answer(number, piece.text, piece.finish)]))
        if wanted.usage:
            yield _event(form.piece([], _usage(wanted, tokens)))
        yield b"data: [DONE]\n\n"
    finally:
        _call_off(tickets)
        for reader in readers:
            reader.cancel()


def _event(value: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(value)}\n\n".encode()


def _usage(wanted: Wanted, tokens: list[int]) -> dict[str, int]:
    return usage_of(sum(map(len, wanted.prompts)), sum(tokens))


def _call_off(tickets: list[Ticket]) -> None:
    for ticket in tickets:
        ticket.cancelled = True


async def _while_connected(request: Request, work: Any) -> Response:
    """The answer; where nobody waits for it any more it is called off."""
    answer, gone = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
    gone.cancel()
    if answer.done():
        response: Response = answer.result()
        return response
    answer.cancel()
    return Response(status_code=499)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _missing(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return JSONResponse(wrong("there is /v1/models, /v1/completions and /v1/chat/completions"), status)
