"""The HTTP side of Aliyun's stand-in: one address for both services, in the RPC style of its SDKs."""

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from device_sim.aliyun_network import AliyunNetwork
from device_sim.aliyun_signature import SignedRequest
from device_sim.stand_in_server import StandInServer


def aliyun_api(network: AliyunNetwork) -> FastAPI:
    """Return the network's API as an ASGI application."""
    app = FastAPI(title="Aliyun stand-in", docs_url=None, redoc_url=None, openapi_url=None)

    async def take(request: Request) -> Response:
        body = await request.body()
        asked = SignedRequest(
            method=request.method,
            path=request.url.path,
            query=tuple(request.query_params.multi_items()),
            headers=dict(request.headers),
            body=body,
        )
        answered = network.answer(asked)
        if answered.hangs:
            await request.receive()  # the next thing to come is the client's leaving
        return JSONResponse(answered.body, answered.status)

    app.add_api_route("/", take, methods=["GET", "POST"], response_model=None)
    return app


class AliyunServer(StandInServer):
    """Serves the network in the running event loop."""

    def __init__(self, network: AliyunNetwork, *, port: int = 0) -> None:
        super().__init__(aliyun_api(network), close=network.close, port=port)
