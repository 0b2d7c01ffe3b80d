# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: BSD-2-Clause
# Private to this collection: may change in any release.
"""The exceptions of the collection.

::

    UsersyncError                 one sentence for the user, plus facts for a playbook
      OptionError                 an option is missing, malformed or contradicts another; nothing was sent
      AmbiguousError              more than one object fits what the user named; details["candidates"] lists them
      MissingError                an object that the user named does not exist
      StateError                  the object exists but is in a state that forbids the step
      LoginError                  the token endpoint, or an Atlassian host, refused the login
      WaitError                   something did not happen within the time the user gave
      TransportError              no answer: name, connection, TLS
        LostAnswerError           the request may have been carried out, the answer never came
      AnswerError                 an answer with an unexpected status
        NotFoundError             404
        DeniedError               401 or 403
        ConflictError             409
        GatewayError              an answer of something before the service, from which nothing is concluded
        ThrottledError            429, retries used up
        UnavailableError          5xx, retries used up
      FormatError                 an answer that cannot be read as what it should be (HTML for JSON)
"""

from __future__ import annotations

from typing import Any


class UsersyncError(Exception):
    """Base of all errors that are told to the user.

    :param message: one sentence that names the option and the remedy; never holds a secret
    :param code: stable code of the service (C(Request_BadRequest), C(AADSTS7000215)) or of the collection
    :param details: JSON-ready facts for a playbook to branch on; never holds a secret
    """

    kind = "error"

    def __init__(self, message: str, *, code: str | None = None, **details: Any) -> None:
        # names and answers that go into a sentence may hold line breaks
        message = " ".join(message.split())
        super().__init__(message)
        self.message = message
        self.code = code
        self.details = details

    def add(self, hint: str) -> None:
        """Append a further hint to the sentence."""
        self.message = f"{self.message}; {hint}"
        self.args = (self.message,)

    def as_failure(self) -> dict[str, Any]:
        """Shape of the C(failure) return value: C(kind), C(code) and whatever the error knows."""
        return {"kind": self.kind, "code": self.code, **self.details}


class OptionError(UsersyncError):
    kind = "option"

    def __init__(self, option: str, message: str, **details: Any) -> None:
        super().__init__(f"{option}: {message}", option=option, **details)


class AmbiguousError(UsersyncError):
    kind = "ambiguous"


class MissingError(UsersyncError):
    kind = "missing"


class StateError(UsersyncError):
    kind = "state"


class LoginError(UsersyncError):
    kind = "login"


class WaitError(UsersyncError):
    kind = "timeout"


class TransportError(UsersyncError):
    kind = "transport"

    @property
    def final(self) -> bool:
        """Whether a repetition would only repeat it."""
        return self.code in ("tls", "deadline", "too_large", "too_late", "proxy", "proxy_login", "url")


class LostAnswerError(TransportError):
    kind = "lost_answer"


class AnswerError(UsersyncError):
    """:param answer: the :class:`_http.Answer`; its body stays out of the message."""

    kind = "answer"

    def __init__(self, message: str, *, answer: Any = None, code: str | None = None, **details: Any) -> None:
        super().__init__(message, code=code, status=getattr(answer, "status", None), **details)
        self.answer = answer


class NotFoundError(AnswerError):
    kind = "not_found"


class DeniedError(AnswerError):
    kind = "denied"

    @property
    def forbidden(self) -> bool:
        """Whether the caller is known and may not do it (403); a 401 says that its token is no good at all."""
        return self.details.get("status") == 403


class ConflictError(AnswerError):
    kind = "conflict"


class GatewayError(AnswerError):
    kind = "gateway"


class ThrottledError(AnswerError):
    kind = "throttled"


class UnavailableError(AnswerError):
    kind = "unavailable"


class FormatError(AnswerError):
    kind = "format"


def for_status(status: int) -> type[AnswerError]:
    """The class for an unexpected HTTP status."""
    by_status = {401: DeniedError, 403: DeniedError, 404: NotFoundError, 409: ConflictError, 429: ThrottledError}
    return by_status.get(status, UnavailableError if status >= 500 else AnswerError)
