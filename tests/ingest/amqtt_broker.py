"""amqtt broker: the embedded broker, which speaks MQTT 3.1.1 only, as a process on a given port."""

import asyncio
import sys

from amqtt.broker import Broker


async def serve(port: int) -> None:
    """Run until killed."""
    config = {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }
    await Broker(config).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
