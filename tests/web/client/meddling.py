"""A server that does its work and then cuts the line, or answers with something else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from evote.web.application import Application


@dataclass(frozen=True)
class Plan:
    """What happens to the next answer whose address begins so; without bytes or change the line is cut."""

    begins: str
    body: bytes | None = None
    change: Callable[[bytes], bytes] | None = None


class Meddler:
    """Stands before an application. Remembers the bodies of posts, and the last answer by address."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self.limits = application.limits
        self.planned: list[Plan] = []
        self.bodies: list[bytes] = []
        self.answers: dict[str, bytes] = {}

    @property
    def crowd(self) -> Any:
        return self._application.crowd

    @crowd.setter
    def crowd(self, crowd: Any) -> None:
        self._application.crowd = crowd

    def cut(self, begins: str, times: int = 1) -> None:
        self.planned += [Plan(begins)] * times

    def swap(
        self, begins: str, body: bytes | None = None, change: Callable[[bytes], bytes] = lambda data: data
    ) -> None:
        self.planned.append(Plan(begins, body, change))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        path, posted = scope["path"], scope["method"] == "POST"
        plan = next((each for each in self.planned if path.startswith(each.begins)), None)
        if plan is not None:
            self.planned.remove(plan)
        asked: list[bytes] = []
        begun: list[dict[str, Any]] = []
        answer = bytearray()

        async def heard() -> Any:
            message = await receive()
            asked.append(message.get("body", b""))
            return message

        async def held(message: Any) -> None:
            if message["type"] == "http.response.start":
                begun.append(message)
                return
            answer.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            data = bytes(answer)
            if posted and begun[0]["status"] == 200:
                self.answers[path] = data
            if plan is not None:
                if plan.change is None:
                    return
                data = plan.change(data if plan.body is None else plan.body)
                size = str(len(data)).encode()
                headers = [(n, size if n == b"content-length" else v) for n, v in begun[0]["headers"]]
                begun[0] = {**begun[0], "status": 200, "headers": headers}
            await send(begun[0])
            await send({"type": "http.response.body", "body": data})

        await self._application(scope, heard, held)
        if posted:
            self.bodies.append(b"".join(asked))
        if plan is not None and plan.change is None:
            raise ConnectionResetError("the line is cut")
