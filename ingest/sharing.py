"""Sharing: whether a broker does what several ingest processes rely on, tried out before they do."""

import time

from ingest.clock import Clock
from ingest.errors import BrokerRefusedError, NotSharedError
from ingest.formats.wire_format import Publication
from ingest.mqtt_link import MqttLink
from ingest.settings import IngestSettings

_ARRIVES_WITHIN_S = 5.0
_LOOK_S = 0.1
_ROOT = "precomplaint/probe"


def require_sharing(settings: IngestSettings, clock: Clock) -> None:
    """Return if a message comes back through a shared subscription of MQTT 5.

    That it is granted proves nothing: amqtt grants it, and delivers to nobody what is published under its filter.

    Raises:
        NotSharedError: It does not come back; says why as far as one can know.
        BrokerRefusedError: Nobody is there, or does not let us in.
    """
    name = f"{settings.client_id}-probe"
    topic = f"{_ROOT}/{settings.client_id}"
    # Expiring at once, so that nothing of the probe is left at the broker.
    probe = settings.model_copy(update={"client_id": name, "session_expiry_s": 0})
    link = MqttLink(probe, [f"$share/{name}/{topic}"], clock)
    try:
        link.open()
        if link.protocol != "MQTT 5":
            raise NotSharedError(settings.host, settings.port, f"it speaks {link.protocol} only")
        link.publish([Publication(topic, str(clock.now_us()).encode(), qos=1)])
        if not _arrives(link):
            why = f"it grants them and delivers nothing through them, or does not let us publish to {topic}"
            raise NotSharedError(settings.host, settings.port, why)
    except BrokerRefusedError as error:
        if link.denied:
            raise NotSharedError(settings.host, settings.port, f"it does not grant them ({error.reason})") from error
        raise
    finally:
        link.close()


def _arrives(link: MqttLink) -> bool:
    # The network's time, not the service's: a simulation's may stand still.
    deadline = time.monotonic() + _ARRIVES_WITHIN_S
    while time.monotonic() < deadline and link.connected:
        if arrivals := link.receive(_LOOK_S, 1):
            link.acknowledge(arrivals)
            return True
    return False
