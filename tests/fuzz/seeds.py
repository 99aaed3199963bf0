"""Seeds: sound messages of every wire format, which the fuzzers damage."""

import json
from dataclasses import dataclass
from typing import Any

from ingest.formats.precomplaint import Happening, Sample, encode_events, encode_telemetry
from ingest.sources import NameMapping, Source
from ingest.topics import event_topic, telemetry_topic
from tests.ingest.community import NOW_US, SITE
from tests.ingest.sparkplug_edge import Edge, metric

_MS = NOW_US // 1_000
_URN = "urn:dev:ow:10e2073a01080063"
_NAMES = (
    NameMapping("temperature", "pipe_temperature_c"),
    NameMapping("Pressure", "pressure_kpa", "MPa"),
    NameMapping("Pipe.pressure", "pressure_kpa", "bar"),
    NameMapping("Power", "car_running"),
    NameMapping("voltage", "voltage_v"),
    NameMapping("vib", "velocity_rms_mm_s"),
    NameMapping("raw", "pressure_kpa", "kPa", scale=62.5, offset=-250.0),
    NameMapping("battery", ""),
)


@dataclass(frozen=True, slots=True)
class Seeds:
    """What one format's fuzz begins with.

    Attributes:
        source: Who speaks.
        addresses: Devices that the registry knows.
        messages: Topic and payload.
    """

    source: Source
    addresses: tuple[str, ...]
    messages: tuple[tuple[str, bytes], ...]


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _precomplaint() -> Seeds:
    samples = [Sample(NOW_US + n * 1_000_000, {"pressure_kpa": 0.3, "flow_m3_h": 1.2}) for n in range(3)]
    events = [Happening(NOW_US, "elevator.fault", {"code": 8, "at": [1, {"x": None}]})]
    return Seeds(
        Source("precomplaint", "precomplaint"),
        ("riser-1-p",),
        (
            (telemetry_topic(SITE, "riser-1-p"), encode_telemetry("riser-1-p", samples, {"pressure_kpa": "MPa"})),
            (
                telemetry_topic(SITE, "riser-1-p"),
                b'{"v":1,"device":"riser-1-p","samples":[{"at":"2025-11-24T16:00:00Z","values":{"door_closed":true}}]}',
            ),
            (event_topic(SITE, "riser-1-p"), encode_events("riser-1-p", events)),
        ),
    )


def _frigate() -> Seeds:
    seconds = NOW_US / 1e6
    thing = {
        "id": "1.1-a",
        "camera": "gate_east",
        "frame_time": seconds,
        "label": "car",
        "sub_label": ["amazon", 0.79],
        "score": 0.88,
        "start_time": seconds - 9,
        "end_time": None,
        "box": [432, 496, 544, 854],
        "area": 40096,
        "current_zones": ["fire_lane"],
        "entered_zones": ["fire_lane"],
        "stationary": True,
        "recognized_license_plate": "ABC123",
        "recognized_license_plate_score": 0.9,
    }
    review = {"id": "r", "camera": "gate_east", "start_time": seconds, "end_time": None, "severity": "alert"}
    plate = {"type": "lpr", "id": "x", "camera": "gate_east", "timestamp": seconds, "plate": "ABC", "score": 0.9}
    return Seeds(
        Source("frigate", "frigate"),
        ("gate_east",),
        (
            ("frigate/events", _json({"type": "new", "before": thing, "after": thing})),
            ("frigate/reviews", _json({"type": "end", "after": {**review, "data": {"objects": ["car"]}}})),
            ("frigate/tracked_object_update", _json(plate)),
            ("frigate/tracked_object_update", _json({**plate, "type": "classification", "sub_label": "x"})),
            ("frigate/gate_east/car/snapshot", b"\xff\xd8\xff\xe0 and so on"),
            ("frigate/gate_east/status/detect", b"offline"),
            ("frigate/available", b"online"),
        ),
    )


def _thingsboard() -> Seeds:
    values = {"temperature": 42, "Pressure": "0.31", "raw": 8, "jsonKey": {"a": [1, 2, {"b": None}]}}
    timed = [{"ts": _MS, "values": values}, {"ts": _MS + 1, "values": {"voltage": 3.6}}]
    return Seeds(
        Source("tb", "thingsboard", ("v1/#", "lake/+/up"), SITE, "Device A", names=_NAMES),
        ("Device A", "Device B", "x"),
        (
            ("v1/gateway/telemetry", _json({"Device A": timed, "Device B": [values]})),
            ("v1/devices/me/telemetry", _json(timed[0])),
            ("lake/x/up", _json(values)),
            ("v1/gateway/connect", _json({"device": "Device A"})),
        ),
    )


def _alink() -> Seeds:
    power, pressure = {"value": "on", "time": _MS}, {"value": 0.3, "time": _MS}
    properties = {"Power": power, "Pressure": pressure, "Position": {"value": {"latitude": 39.9}, "time": _MS}}
    event = {"value": {"code": 1}, "time": _MS}
    of = {"identity": {"productKey": "p", "deviceName": "d2"}, "properties": properties, "events": {"Fault": event}}

    def post(what: str, params: Any, ack: int = 0) -> tuple[str, bytes]:
        message = {"id": "1", "version": "1.0", "sys": {"ack": ack}, "params": params, "method": "thing.event.x"}
        return f"/sys/p/d1/thing/event/{what}/post", _json(message)

    return Seeds(
        Source("alink", "alink", site=SITE, options={"event.Fault": "elevator.fault"}, names=_NAMES),
        ("p/d1", "p/d2"),
        (
            post("property", properties, 1),
            post("property", {"Pressure": 0.31, "voltage": 3}),
            post("alarmEvent", event),
            post("property/pack", {"properties": properties, "events": {"e": event}, "subDevices": [of]}),
            post("property/batch", {"properties": {"Power": [power, power]}, "events": {"Fault": [event]}}),
            post("property/history", [{**of, "properties": [properties], "events": [{"Fault": event}]}]),
        ),
    )


def _huawei_iotda() -> Seeds:
    service = {"service_id": "Pipe", "properties": {"pressure": "3.1", "x": 1}, "event_time": "20251124T160000Z"}
    report = {"services": [service, {"service_id": "", "properties": {"voltage": 3.1}}]}
    return Seeds(
        Source("oc", "huawei_iotda", site=SITE, names=_NAMES),
        ("d1", "d2"),
        (
            ("$oc/devices/d1/sys/properties/report", _json(report)),
            (
                "$oc/devices/gw/sys/gateway/sub_devices/properties/report",
                _json({"devices": [{"device_id": "d1", **report}, {"device_id": "d2", **report}]}),
            ),
        ),
    )


def _chirpstack() -> Seeds:
    uplink = {
        "deduplicationId": "3ac7e3c4",
        "time": "2025-11-24T16:00:00.775023242+00:00",
        "deviceInfo": {"devEui": "0101010101010101", "tags": {"key": "value"}},
        "fPort": 1,
        "data": "qg==",
    }
    topic = "application/a/device/0101010101010101/event/up"
    return Seeds(
        Source("lora", "chirpstack", site=SITE, names=_NAMES),
        ("0101010101010101",),
        (
            (topic, _json({**uplink, "object": {"temperature": 9.5, "Pipe": {"pressure": 3.1}, "list": [1, "a"]}})),
            (topic, _json(uplink)),
        ),
    )


def _senml() -> Seeds:
    at_s = NOW_US / 1e6
    return Seeds(
        Source("senml", "senml", site=SITE, names=_NAMES),
        (_URN, "gw"),
        (
            (
                "senml/gw",
                _json(
                    [
                        {"bn": f"{_URN}:", "bt": at_s, "bu": "V", "bver": 10, "n": "voltage", "v": 120.1},
                        {"n": "vib", "u": "m/s", "v": 0.0018, "t": -1},
                        {"n": "Pressure", "u": "Pa", "bv": 300000, "bs": 1, "s": 2, "t": -2},
                    ]
                ),
            ),
            (
                "senml/gw",
                _json([{"n": "Power", "vb": True}, {"n": "temperature", "vs": "9.5"}, {"n": "x", "vd": "qg"}]),
            ),
        ),
    )


def _sparkplug_b() -> Seeds:
    edge = Edge(_MS)
    pressure = metric("pressure_kpa", unit="MPa", alias=11, datatype=10, double_value=0.3124)
    switch = metric("Power", alias=2**40, datatype=11, boolean_value=True)
    return Seeds(
        Source("sparkplug", "sparkplug_b", site=SITE, options={"host_id": "us"}, names=_NAMES),
        ("lake/panel", "lake/panel/d1"),
        (
            edge.nbirth(metric("voltage", alias=1, datatype=9, float_value=1.5)),
            edge.message("DBIRTH", "d1", pressure, switch),
            edge.message("DDATA", "d1", metric(alias=11, double_value=0.31), metric(alias=2**40, is_null=True)),
            edge.message("NDATA", "", metric(alias=1, float_value=2.5, is_historical=True)),
            edge.message("DDEATH", "d1"),
            edge.ndeath(),
            ("spBv1.0/STATE/us", b'{"online":false,"timestamp":1764000000000}'),
        ),
    )


def _gbt24476() -> Seeds:
    status = {
        "registerNumber": "31101151152008120001",
        "Service_Mode": 1,
        "Car_Status": "0",
        "Door_Zone": True,
        "Car_Position": -1,
        "Door_Close_Status": False,
        "Door_Status": 2,
        "Message_Code": [4, 90],
        "samplingTime": "2025-11-25 00:00:00",
    }
    box = {"elevatorCode": "MX5264", "ST": "S", "TY": "M", "D": "5euYZAEAAAAAAAAAAQAAAAABACwAAAA="}
    fault = {**box, "TY": "SensorFault", "ST": "add", "fault_type": "8", "faultId": "84", "time": "2025-11-25 00:00:00"}
    options = {"table": "vendor", "layout.M": "maixin", "code.Car_Direction": "0=0,1=1,2=2,9=-"}
    return Seeds(
        Source("elevators", "gbt24476", ("elevator/+/up",), SITE, options=options, names=_NAMES),
        ("31101151152008120001", "MX5264", "MX1"),
        (
            ("elevator/MX1/up", _json(status)),
            ("elevator/MX1/up", _json([status, {"Total_Running_Time": 12, "Car_Direction": 9, "temperature": 9.5}])),
            ("elevator/MX1/up", _json(box)),
            ("elevator/MX1/up", _json(fault)),
            ("elevator/MX1/up", _json({"failureCode": "0101", "eventDesc": "困人", "occurTime": _MS})),
        ),
    )


SEEDS: dict[str, Seeds] = {
    seeds.source.format: seeds
    for seeds in (
        _precomplaint(),
        _frigate(),
        _thingsboard(),
        _alink(),
        _huawei_iotda(),
        _chirpstack(),
        _senml(),
        _gbt24476(),
        _sparkplug_b(),
    )
}
"""By format; every format of `ingest.decode.FORMATS` must be here."""
