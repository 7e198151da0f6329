"""E-mail that says that there is something, and not what: no patient data leaves by SMTP."""

import smtplib
import ssl
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal

from pydantic import BaseModel, Field

from hub.errors import EndpointUnavailable, Undeliverable
from hub.model import Delivery, Urgency, stable_id
from hub.registry import Kind, plugin
from hub.settings import SecretRef, Settings, resolve


class EmailOptions(BaseModel, extra="forbid"):
    """The mail server, the addresses, and where the notice is to be read."""

    host: str = Field(description="SMTP server")
    port: int = Field(587, ge=1, le=65535, description="its port")
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="how the connection is protected")
    user: str = Field("", description="user name at the server")
    password: SecretRef = Field("", description="env:NAME or file:PATH of the password")
    sender: str = Field(description="address in From", pattern=r"^[^\s@]+@[^\s@]+$")
    to: tuple[str, ...] = Field(description="addresses of the practice", min_length=1)
    link: str = Field("", description="URL of the console, to which /notices/<id> is added")
    timeout: int = Field(30, ge=1, le=120, description="seconds for each step")


@plugin(Kind.CHANNEL, "email", EmailOptions)
class Email:
    """Sends "1 new high-priority item" with a link, all that is due in one mail: no patient data."""

    needs = frozenset[str]()

    def __init__(self, options: EmailOptions, settings: Settings) -> None:
        self._options = options
        self._server: smtplib.SMTP | None = None

    def send(self, delivery: Delivery) -> str:
        """The server's word that it has the mail is the receipt."""
        return self.send_together([delivery])

    def send_together(self, deliveries: Sequence[Delivery]) -> str:
        """One mail for all of them."""
        mail = self._mail(deliveries)
        try:
            self._connected().send_message(mail)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            code = _code(error)
            refused = Undeliverable if 500 <= code < 600 else EndpointUnavailable
            raise refused(f"SMTP {code}") from error
        except smtplib.SMTPAuthenticationError as error:
            raise EndpointUnavailable(f"SMTP {error.smtp_code}: the server does not know the user") from error
        except (OSError, smtplib.SMTPException) as error:
            self._server = None
            raise EndpointUnavailable(type(error).__name__) from error
        return f"SMTP {mail['Message-ID']}"

    def close(self) -> None:
        if self._server:
            self._server.close()

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            options, context = self._options, ssl.create_default_context()
            if options.security == "tls":
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    options.host, options.port, timeout=options.timeout, context=context
                )
            else:
                server = smtplib.SMTP(options.host, options.port, timeout=options.timeout)
            if options.security == "starttls":
                server.starttls(context=context)
            if options.user:
                server.login(options.user, resolve(options.password))
            self._server = server
        return self._server

    def _mail(self, deliveries: Sequence[Delivery]) -> EmailMessage:
        first = deliveries[0]
        key = first.id if len(deliveries) == 1 else stable_id("mail", *(d.id for d in deliveries))
        said = _count([d.notification.urgency for d in deliveries])
        mail = EmailMessage()
        mail["Subject"] = said
        mail["From"], mail["To"] = self._options.sender, ", ".join(self._options.to)
        mail["Date"] = format_datetime(datetime.fromisoformat(first.notification.created_at))
        mail["Message-ID"] = f"<{key}@{self._options.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(f"{said} for your practice.\n\nRead: {self._where(deliveries)}\n")
        return mail

    def _where(self, deliveries: Sequence[Delivery]) -> str:
        link, first = self._options.link.rstrip("/"), deliveries[0].notification
        if not link:
            return "in your inbox"
        return f"{link}/notices/{first.id}" if len(deliveries) == 1 else f"{link}/practices/{first.practice_id}"


def _count(urgencies: Sequence[Urgency]) -> str:
    """``1 new high-priority item``, ``3 new items, 1 of them urgent``."""
    if len(urgencies) == 1:
        return f"1 new {urgencies[0]}-priority item"
    urgent = sum(u is Urgency.URGENT for u in urgencies)
    return f"{len(urgencies)} new items" + (f", {urgent} of them urgent" if urgent else "")


def _code(error: Exception) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max((code for code, _ in error.recipients.values()), default=550)
    return int(getattr(error, "smtp_code", 550))
