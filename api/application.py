"""The HTTP application put together: routes, guard, errors, pages; it owns no data and reads no clock."""

from collections.abc import Callable
from functools import cache
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from prometheus_client import CollectorRegistry
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles

from api.language import Language
from api.ledger_port import Ledger
from api.paper_ports import Press
from api.places import Places
from api.ports import Accounts, CallReports, Console, PhoneCallbacks
from api.problem_codes import ProblemCode
from api.problems import PROBLEM_MEDIA_TYPE, ProblemView, problem_of, problem_response, wants_page
from api.registry_ports import Gatherings, Register
from api.rendering import STATIC, templates_for
from api.routes import (
    actions,
    alerts,
    callbacks,
    device_pages,
    devices,
    events,
    gathering,
    gathering_pages,
    home_pages,
    insight,
    ledger_lists,
    ledger_pages,
    operations,
    pages,
    paper,
    people,
    record_pages,
    records,
    registry_actions,
    registry_pages,
    reports,
    rota,
    sessions,
    visits,
)
from api.routes import ledger as ledger_routes
from api.security import Guard, add_headers
from api.services import SESSION_COOKIE, Services
from api.struct_body import schemas_of
from api.throttle import LoginThrottle
from api.watching import within_reach
from core.errors import ConflictError, NotFoundError, ShouwangError
from core.localtime import DEFAULT_ZONE_NAME
from registry.identity import FieldError

API_VERSION = "1"

TAGS = [
    {"name": "session", "description": "登录 · Log in by cookie or bearer token."},
    {"name": "people", "description": "老人 · The people watched over; names and phones are masked."},
    {"name": "register", "description": "登记册 · Annex 1 and what the plan asks around it; every look is recorded."},
    {"name": "homes", "description": "住所 · Homes, devices, readings; why a home rings, and how well it is seen."},
    {"name": "devices", "description": "设备 · Devices that spoke and that nobody registered: adopt or reject them."},
    {"name": "rules", "description": "规则 · The rulebook in force, its limits, and presets with their measurements."},
    {"name": "alerts", "description": "报警 · Alerts until a human closes them, and the calls made for them."},
    {"name": "visits", "description": "探访 · The ledger, and what the plan still owes."},
    {"name": "ledger", "description": "台账 · Annex 2, signatures, the due board, follow-ups, special days, returns."},
    {"name": "operations", "description": "运行 · Liveness, readiness, metrics, messages that could not be read."},
    {"name": "callbacks", "description": "回调 · What phone providers call; every request must carry their signature."},
]

DESCRIPTION = (
    "守望：独居老人关爱值守。 Shouwang watches over older people who live alone.\n\n"
    "Errors are `application/problem+json` with a stable `code`. Times are UTC epoch milliseconds (`_ms`). "
    "Send the `version` you saw with every change: a moved version is a 409 `conflict`."
)


class Application(FastAPI):
    """FastAPI, with the shape of our errors in its description."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI 3.1 document."""
        if self.openapi_schema is None:
            document = super().openapi()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            problem = ProblemView.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(problem.pop("$defs", {}))
            schemas["ProblemView"] = problem
            schemas.update(schemas_of(*people.BODIES))
        return self.openapi_schema or {}


def create_app(
    console: Console,
    accounts: Accounts,
    callbacks: PhoneCallbacks,
    registry: CollectorRegistry,
    *,
    now_ms: Callable[[], int],
    secure_cookies: bool = False,
    zone_name: str = DEFAULT_ZONE_NAME,
    language: Language = Language.BOTH,
    reports: CallReports | None = None,
    ledger: Ledger | None = None,
    register: Register | None = None,
    gatherings: Gatherings | None = None,
    press: Press | None = None,
) -> FastAPI:
    """Return the application; `secure_cookies` belongs to every address that is not plain http on this machine."""
    app, places = _application(), Places()
    app.state.services = Services(
        console=console,
        accounts=accounts,
        callbacks=callbacks,
        registry=registry,
        now_ms=now_ms,
        throttle=LoginThrottle(now_ms),
        templates=templates_for(zone_name, places),
        places=places,
        secure_cookies=secure_cookies,
        zone_name=zone_name,
        language=language,
        reports=reports,
        ledger=ledger,
        register=register,
        gatherings=gatherings,
        press=press,
    )
    app.router.routes.extend(_routes())
    _add_errors(app)
    app.add_middleware(Guard, secure=secure_cookies)
    return app


def _application() -> Application:
    return Application(
        title="Shouwang 守望",
        version=API_VERSION,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # its page loads script from elsewhere, which our policy forbids
        redoc_url=None,
        responses={"default": _problem_description()},
    )


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Return all routes: they hold nothing of one application, and working out what each needs takes half a second."""
    app = _application()
    before = len(app.router.routes)  # what every application has of itself
    _add_routes(app)
    return tuple(app.router.routes[before:])


def _add_routes(app: FastAPI) -> None:
    app.include_router(ledger_routes.webhooks)
    api = (
        sessions,
        records,
        devices,
        insight,
        alerts,
        visits,
        ledger_routes,
        operations,
        rota,
        callbacks,
        reports,
        events,
        people,
        gathering,
    )
    public = (sessions, operations, callbacks, reports)  # of nobody's home, or signed by a provider
    for module in (
        *api,
        pages,
        home_pages,
        device_pages,
        gathering_pages,
        ledger_lists,
        record_pages,
        ledger_pages,
        registry_pages,
        registry_actions,
        paper,
        actions,
    ):
        guard = () if module in public else (Depends(within_reach),)
        app.include_router(module.router, dependencies=guard)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")


def _add_errors(app: FastAPI) -> None:
    async def refuse(request: Request, error: Exception) -> Response:
        return _error_answer(request, error)

    async def send_to_login(request: Request, _error: Exception) -> Response:
        if wants_page(request):
            response: Response = RedirectResponse("/login", 303)
        else:
            response = problem_response(HTTPException(401))
        if SESSION_COOKIE in request.cookies:
            response.delete_cookie(SESSION_COOKIE, path="/")
        return response

    for kind in (
        ShouwangError,
        NotFoundError,
        ConflictError,
        FieldError,
        RequestValidationError,
        HTTPException,
        Exception,
    ):
        app.add_exception_handler(kind, refuse)
    app.add_exception_handler(pages.LoginNeededError, send_to_login)


def _error_answer(request: Request, error: Exception) -> Response:
    problem = problem_of(error)
    if wants_page(request):
        response = pages.page(
            request,
            request.app.state.services,
            "error.html",
            status=problem.status,
            problem=problem,
        )
        response.headers.update(problem.headers)
    else:
        response = problem_response(error)
    if problem.code is ProblemCode.INTERNAL:  # answered outside of the guard, which adds these to the rest
        secure = request.app.state.services.secure_cookies
        add_headers(MutableHeaders(raw=response.raw_headers), path=request.url.path, secure=secure)
    return response


def _problem_description() -> dict[str, Any]:
    return {
        "description": "A refusal; branch on its `code`.",
        "content": {PROBLEM_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemView"}}},
    }
