"""What can go wrong between us and an API, said so that the reader knows what to do next."""


class SourceError(Exception):
    """A source gave no usable answer. Nothing that was landed or published before is touched."""


class TransientError(SourceError):
    """Trying again later may help: a broken connection, a quota, a server in trouble."""


class PermanentError(SourceError):
    """Trying again will not help: a wrong address, a missing token, an answer of another kind."""


class PastDayError(PermanentError):
    """A snapshot API tells only today; a past day that was not landed on its day cannot be had."""


class PayloadError(SourceError):
    """An answer, or a landed file, is not what it should be: truncated, not JSON, another checksum."""
