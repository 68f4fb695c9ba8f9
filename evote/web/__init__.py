"""Elections over HTTP: a collector of unit returns, the board's boxes and logs, and a sender.

Implements ``specs/http.md``. Every application here is plain ASGI (Starlette), for any ASGI server;
:mod:`evote.web.serve` runs it on uvicorn. Needs the extra ``web``.

Rules: nothing keeps a session, what is known stands on the disk; nothing is read before its size is known
to be allowed; what is answered with success is durable; what cannot be taken now is told when to come again;
log lines hold methods, operations, sizes and times, and nothing of what was sent.

What it leaves out: TLS, rates per address and the caching of tiles, which are the proxy's.
"""

from __future__ import annotations

import logging

logging.getLogger(__name__).addHandler(logging.NullHandler())
