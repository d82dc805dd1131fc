"""What can go wrong between us and an API, said so that the reader knows what to do next."""


class SourceError(Exception):
    """A source gave no usable answer. Nothing that was landed or published before is touched."""


class TransientError(SourceError):
    """Trying again later may help: a broken connection, a quota, a server in trouble.

    `wait_seconds` is how long the server asked us to wait, None when it did not say; `is_untold_limit` is
    true where a quota is used up and `wait_seconds` is our own guess.
    """

    def __init__(
        self, message: str, wait_seconds: float | None = None, *, is_untold_limit: bool = False
    ) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds
        self.is_untold_limit = is_untold_limit


class QuotaError(TransientError):
    """The quota is used up and is renewed later than we are willing to wait."""


class PermanentError(SourceError):
    """Trying again will not help: a wrong address, a missing token, an answer of another kind.

    `status` is the HTTP status behind it, None when there was no answer.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class PastDayError(PermanentError):
    """A snapshot API tells only today; a past day that was not landed on its day cannot be had."""


class PayloadError(SourceError):
    """An answer, or a landed file, is not what it should be: truncated, not JSON, another checksum."""


class GarbledError(PayloadError):
    """An answer that arrived broken (wrong gzip, HTML for JSON); asking again may bring a whole one."""
