"""The two ways in which an operation ends badly, each with what to do about it."""


class ShouwangError(Exception):
    """Something a person must be told: what happened, and what to do next.

    `exit_code` is what the command line ends with; `advice` may be empty.
    """

    exit_code = 1

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message}\n办法：{self.advice}" if self.advice else self.message


class InputError(ShouwangError):
    """The caller's words or file cannot be used; nothing was taken or changed."""

    exit_code = 2


class Failure(ShouwangError):
    """The work could not be done (disk full, broken installation); nothing was half done."""

    exit_code = 1
