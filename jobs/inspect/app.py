"""The view as an ASGI application: addresses to pages, errors to pages, one style sheet, and the guard around all of it."""

from typing import Any
from urllib.parse import urlencode

import duckdb
from jinja2 import Environment
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jobs.inspect import labelling
from jobs.inspect.index import Index
from jobs.inspect.labelling import LABELS, LARGEST_FORM
from jobs.inspect.questions import BadQuestion
from jobs.inspect.views import VIEWS, NoSuchPage, View
from jobs.loopback.guard import Guard
from jobs.report.pages import environment
from jobs.report.wording import visible
from pipeline.errors import BrokenPromise, EnvironmentProblem, UsageError, WinnowError
from pipeline.shipped import shipped

NAV = (
    ("/", "Overview"), ("/rules", "Rules"), ("/documents", "Documents"), ("/clusters", "Copies"), ("/findings", "Findings"),
    ("/hosts", "Hosts"), ("/languages", "Languages"), ("/tokens", "Tokens"), ("/labels", "Labels"), ("/compare", "Compare"),
    ("/takedown", "Takedown"), ("/status", "Status"),
)  # fmt: skip


class DocId(Convertor[str]):
    """32 hex digits: a page is named by these, never by a path or an address."""

    regex = "[0-9a-f]{32}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


def application(index: Index, port: int) -> Guard:
    """The whole view, as a server or a test drives it."""
    register_url_convertor("doc_id", DocId())
    pages = _templates()
    style = "".join(
        path.read_text("utf-8") for path in (shipped("jobs/report/style.css"), shipped("jobs/inspect/pages/view.css"))
    )
    routes = [Route(address, _endpoint(index, pages, template, view)) for address, (template, view) in VIEWS.items()]
    routes.append(Route(LABELS, _labelling(index, pages), methods=["POST"]))
    routes.append(Route("/style.css", lambda _: Response(style, media_type="text/css")))
    app = Starlette(routes=routes, exception_handlers={HTTPException: _missing(index, pages)})
    app.router.redirect_slashes = False  # a redirect would repeat what the address says
    return Guard(app, port, LARGEST_FORM, LABELS)


def _templates() -> Environment:
    """With tests for what may stand in an address: names and ids come from tables, where anything may stand."""
    made = environment(
        (
            shipped("jobs/inspect/pages/base.html"),
            shipped("jobs/inspect/pages/parts.html"),
            shipped("jobs/inspect/pages/overview.html"),
            shipped("jobs/inspect/pages/rules.html"),
            shipped("jobs/inspect/pages/rule.html"),
            shipped("jobs/inspect/pages/documents.html"),
            shipped("jobs/inspect/pages/document.html"),
            shipped("jobs/inspect/pages/reads.html"),
            shipped("jobs/inspect/pages/against.html"),
            shipped("jobs/inspect/pages/clusters.html"),
            shipped("jobs/inspect/pages/cluster.html"),
            shipped("jobs/inspect/pages/findings.html"),
            shipped("jobs/inspect/pages/hosts.html"),
            shipped("jobs/inspect/pages/languages.html"),
            shipped("jobs/inspect/pages/tokens.html"),
            shipped("jobs/inspect/pages/compare.html"),
            shipped("jobs/ask/difference.html"),
            shipped("jobs/inspect/pages/takedown.html"),
            shipped("jobs/inspect/pages/labels.html"),
            shipped("jobs/inspect/pages/status.html"),
            shipped("jobs/inspect/pages/problem.html"),
        )
    )
    made.tests["doc_id"] = lambda value: isinstance(value, str) and len(value) == 32 and set(value) <= set("0123456789abcdef")
    made.tests["rule_name"] = lambda value: isinstance(value, str) and value.isascii() and value.isidentifier()
    return made


def _endpoint(index: Index, pages: Environment, template: str, view: View) -> Any:
    def answer(request: Request) -> Response:
        try:
            contents = view(index, request.path_params, request.query_params.multi_items())
        except BadQuestion as error:
            return _problem(index, pages, request.url.path, 400, str(error))
        except (NoSuchPage, BrokenPromise) as error:
            return _problem(index, pages, request.url.path, 404, str(error))
        except EnvironmentProblem as error:
            return _problem(index, pages, request.url.path, 503, str(error))
        except duckdb.OutOfMemoryException:
            return _problem(index, pages, request.url.path, 503, "This takes more memory than the view has: narrow the filter.")
        except WinnowError as error:  # a damaged file, a corpus that is gone
            return _problem(index, pages, request.url.path, 500, str(error))
        return _page(index, pages, template, request.url.path, contents)

    return answer


def _labelling(index: Index, pages: Environment) -> Any:
    """The one address that writes: a form of ours, with the token of this process; the answer leads back to the page."""

    async def answer(request: Request) -> Response:
        try:
            label = labelling.read(index, await request.body())
            await run_in_threadpool(labelling.write, index, label)
        except BadQuestion as error:
            return _problem(index, pages, request.url.path, 400, str(error))
        except labelling.Forbidden as error:
            return _problem(index, pages, request.url.path, 403, str(error))
        except (NoSuchPage, EnvironmentProblem, UsageError) as error:
            return _problem(index, pages, request.url.path, 404 if isinstance(error, NoSuchPage) else 503, str(error))
        return Response(
            status_code=303, headers={"location": f"/documents/{label.doc_id}?{urlencode({'person': label.person})}#label"}
        )

    return answer


def _page(index: Index, pages: Environment, template: str, path: str, contents: dict[str, Any], status: int = 200) -> Response:
    name = index.root.rstrip("/").rpartition("/")[2]
    here = "/" + path.strip("/").partition("/")[0]
    text = pages.get_template(f"{template}.html").render(contents | {"name": name, "nav": NAV, "here": here})
    return Response(text, status, media_type="text/html")


def _problem(index: Index, pages: Environment, path: str, status: int, why: str) -> Response:
    return _page(index, pages, "problem", path, {"status": status, "why": visible(why, 600)}, status)


def _missing(index: Index, pages: Environment) -> Any:
    async def answer(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return _problem(index, pages, request.url.path, status, "There is no such page here.")

    return answer
