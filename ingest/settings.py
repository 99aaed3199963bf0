"""Settings: what ingest must be told."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

_DAY_S = 86_400


class IngestSettings(BaseModel):
    """How to reach the broker and how to judge what it brings.

    Attributes:
        host: Of the broker.
        port: Of the broker.
        username: None: none is sent.
        password: Sent with the user name.
        client_id: The broker keeps messages for this name while we are away. Two processes of the same name throw
            each other out.
        receive_maximum: Messages in hand before the first is acknowledged; the broker sends no more.
        session_expiry_s: How long the broker keeps our session while we are away, in seconds.
        keepalive_s: After so many silent seconds each side asks whether the other is still there.
        lateness_s: How far a record may lie behind its site's watermark and still be scored, in seconds; what a
            device may hold back (`reports_every_s`) comes on top.
        share: Name of the group whose processes share the messages (MQTT 5 shared subscriptions); empty: this process
            hears all.
        group: Client names of all processes that take messages in for one log. The one that takes sessions gives up
            what the broker keeps for us under any other name; empty: nobody does.
        takes_sessions: Whether this process is the one of its group that hears formats whose devices keep a session.
        keep_days: How long the log keeps what every reader has read, in days; at least `session_expiry_s`, or a message
            that the broker delivers again would be taken for a new one.
        plate_key: Secret under which number plates are hashed; None: nothing of a plate is kept.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(1883, ge=1, le=65_535)
    username: str | None = None
    password: SecretStr | None = None
    client_id: str = Field("precomplaint-ingest", min_length=1, max_length=128)
    receive_maximum: int = Field(1_000, ge=1, le=65_535)
    session_expiry_s: int = Field(7 * 86_400, ge=0, le=2**32 - 1)
    keepalive_s: int = Field(30, ge=1, le=65_535)
    lateness_s: float = Field(10.0, ge=0.0, le=3_600.0)
    share: str = ""
    group: tuple[str, ...] = ()
    takes_sessions: bool = True
    keep_days: float = Field(8.0, ge=1.0, le=36_500.0)
    plate_key: SecretStr | None = Field(None, min_length=16)

    @model_validator(mode="after")
    def _keeps_what_may_come_again(self) -> Self:
        if self.keep_days * _DAY_S < self.session_expiry_s:
            days = self.session_expiry_s / _DAY_S
            raise ValueError(
                f"keep_days is {self.keep_days:g} and must be at least {days:g}: so long the broker may deliver a "
                "message again, and the log must still know it"
            )
        return self
