"""The HTTP side of the phone network, in the shape of Twilio's REST API; listens on this machine only."""

import base64
import hmac
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from core.localtime import to_ms
from device_sim.phone_behaviour import RequestFault
from device_sim.phone_records import API_VERSION, Call, Text, call_json, text_json
from device_sim.phone_requests import NO_SUCH_RESOURCE, WRONG_CREDENTIALS, Refusal
from device_sim.phones import PhoneNetwork, RawRequest
from device_sim.stand_in_server import StandInServer

PAGE_SIZE = 50
"""Twilio's own default."""

_ROOT = f"/{API_VERSION}/Accounts/{{account_sid}}"
_FOR_EVER_MS = 2**62


class _PhoneApi:
    """The routes; each returns an answer of Twilio's shape, errors too."""

    def __init__(self, network: PhoneNetwork) -> None:
        self._network = network

    async def make_call(self, request: Request) -> Response:
        form, refusal = await self._read(request)
        if refusal is not None:
            return _error(refusal)
        events = [value for name, value in form if name == "StatusCallbackEvent"]
        fault = self._network.take_fault("create", "call", to=dict(form).get("To", ""))
        if fault is None or fault.is_accepted:
            made = self._network.make_call(dict(form), events)
            if isinstance(made, Refusal):
                return _error(made)
            if fault is None:
                return JSONResponse(call_json(made), 201)
        return await _spoiled(fault, request)

    async def make_text(self, request: Request) -> Response:
        form, refusal = await self._read(request)
        if refusal is not None:
            return _error(refusal)
        fault = self._network.take_fault("create", to=dict(form).get("To", ""))
        if fault is None or fault.is_accepted:
            made = self._network.make_text(dict(form))
            if isinstance(made, Refusal):
                return _error(made)
            if fault is None:
                return JSONResponse(text_json(made), 201)
        return await _spoiled(fault, request)

    async def list_calls(self, request: Request) -> Response:
        calls = list(self._network.calls.values())
        return await self._list(request, "Calls", "StartTime", calls)

    async def list_texts(self, request: Request) -> Response:
        return await self._list(request, "Messages", "DateSent", list(self._network.texts))

    async def show_call(self, request: Request) -> Response:
        _, refusal = await self._read(request)
        call = self._network.calls.get(request.path_params["sid"])
        if refusal is not None or call is None:
            return _error(refusal or NO_SUCH_RESOURCE)
        return JSONResponse(call_json(call))

    async def show_text(self, request: Request) -> Response:
        _, refusal = await self._read(request)
        sid = request.path_params["sid"]
        text = next((text for text in self._network.texts if text.sid == sid), None)
        if refusal is not None or text is None:
            return _error(refusal or NO_SUCH_RESOURCE)
        return JSONResponse(text_json(text))

    async def change_call(self, request: Request) -> Response:
        form, refusal = await self._read(request)
        if refusal is not None:
            return _error(refusal)
        changed = self._network.change_call(request.path_params["sid"], dict(form).get("Status", ""))
        if changed is None:
            return _error(NO_SUCH_RESOURCE)
        return _error(changed) if isinstance(changed, Refusal) else JSONResponse(call_json(changed))

    async def _list(self, request: Request, name: str, time: str, records: list[Any]) -> Response:
        _, refusal = await self._read(request)
        if refusal is not None:
            return _error(refusal)
        if (fault := self._network.take_fault("list")) is not None:
            return await _spoiled(fault, request)
        asked = request.query_params
        found = self._network.found(
            records,
            to=asked.get("To", ""),
            from_number=asked.get("From", ""),
            since_ms=_instant_ms(asked.get(f"{time}>", ""), 0),
            until_ms=_instant_ms(asked.get(f"{time}<", ""), _FOR_EVER_MS),
        )[: int(asked.get("PageSize", PAGE_SIZE))]
        return JSONResponse(_page(request.url.path, name.lower(), [_shown(record) for record in found]))

    async def _read(self, request: Request) -> tuple[list[tuple[str, str]], Refusal | None]:
        body = await request.body()
        self._network.requests.append(
            RawRequest(
                method=request.method,
                path=request.url.path,
                query=tuple(request.query_params.multi_items()),
                headers=dict(request.headers),
                body=body,
            )
        )
        account = self._network.account
        expected = base64.b64encode(f"{account.account_sid}:{account.auth_token}".encode()).decode()
        given = request.headers.get("authorization", "")
        is_known = hmac.compare_digest(given.encode(), f"Basic {expected}".encode())
        is_ours = request.path_params["account_sid"] == account.account_sid
        refusal = None if is_known and is_ours else WRONG_CREDENTIALS
        return parse_qsl(body.decode(), keep_blank_values=True), refusal


def phone_api(network: PhoneNetwork) -> FastAPI:
    """Return the network's REST API as an ASGI application."""
    api = _PhoneApi(network)
    app = FastAPI(title="Phone network stand-in", docs_url=None, redoc_url=None, openapi_url=None)
    for method, path, answer in (
        ("POST", "/Calls.json", api.make_call),
        ("GET", "/Calls.json", api.list_calls),
        ("GET", "/Calls/{sid}.json", api.show_call),
        ("POST", "/Calls/{sid}.json", api.change_call),
        ("POST", "/Messages.json", api.make_text),
        ("GET", "/Messages.json", api.list_texts),
        ("GET", "/Messages/{sid}.json", api.show_text),
    ):
        app.add_api_route(_ROOT + path, answer, methods=[method], response_model=None)
    return app


class PhoneServer(StandInServer):
    """Serves the network in the running event loop."""

    def __init__(self, network: PhoneNetwork, *, port: int = 0) -> None:
        super().__init__(phone_api(network), close=network.close, port=port)


async def _spoiled(fault: RequestFault, request: Request) -> Response:
    if fault.hangs:
        await request.receive()  # the next thing to come is the client's leaving
    return _error(Refusal(fault.code, fault.message, fault.status))


def _error(refusal: Refusal) -> Response:
    return JSONResponse(refusal.json(), refusal.status)


def _shown(record: Call | Text) -> dict[str, Any]:
    return call_json(record) if isinstance(record, Call) else text_json(record)


def _page(path: str, name: str, records: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        name: records,
        "page": 0,
        "page_size": PAGE_SIZE,
        "start": 0,
        "end": max(len(records) - 1, 0),
        "uri": path,
        "first_page_uri": path,
        "next_page_uri": None,
        "previous_page_uri": None,
    }


def _instant_ms(text: str, otherwise_ms: int) -> int:
    if not text:
        return otherwise_ms
    instant = datetime.fromisoformat(text)
    return to_ms(instant if instant.tzinfo else instant.replace(tzinfo=UTC))
