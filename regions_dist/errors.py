"""Every error this project raises.

RegionsError
├── BadInput                 the user's file, option or request is wrong; nothing was started
│   ├── FileProblem          a file: names the file, the place, what was found, what was expected
│   ├── PlanRefused          a plan with errors
│   ├── BrokerRefused        the broker answers, and refuses us (password, user)
│   ├── NoSuchRun            no run of that name
│   └── StoreRefused         a RAG store refuses: unknown id, another embedder, no store at all
├── Unavailable              something needed is not there now
│   ├── BrokerUnavailable    the broker does not answer
│   ├── ModelUnavailable     a model or embedder does not answer, or answers an error
│   └── WorkerMissing        no worker hosts a region, or serves what it asks for
├── RunLost                  the broker has lost a run
├── RunStopped               a run was cancelled, or its time was up
├── Undeliverable            a message is for nobody, and the rules let that fail the run
├── StepFailed               a region method could not do its work; the step fails
│   └── BadAnswer            a model's answer could not be used
├── StoreProblem             a RAG store cannot be read or written now
└── ArchiveProblem           a run cannot be archived, or its archive cannot be read
"""

from __future__ import annotations

__all__ = [
    "ArchiveProblem",
    "BadAnswer",
    "BadInput",
    "BrokerRefused",
    "BrokerUnavailable",
    "FileProblem",
    "ModelUnavailable",
    "NoSuchRun",
    "PlanRefused",
    "RegionsError",
    "RunLost",
    "RunStopped",
    "StepFailed",
    "StoreProblem",
    "StoreRefused",
    "Unavailable",
    "Undeliverable",
    "WorkerMissing",
]


class RegionsError(Exception):
    """Base of all errors here. ``code`` is stable and short; ``where`` names the place, or ""."""

    code = "error"

    def __init__(self, message: str, *, where: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.code = code or type(self).code


class BadInput(RegionsError):
    """Something the user wrote is wrong. Correct it and try again: nothing was started."""

    code = "bad-input"


class FileProblem(BadInput):
    """A file cannot be used. The message names the file, the place, what was found and expected."""

    code = "bad-file"


class PlanRefused(BadInput):
    """A plan has errors. Correct what ``findings`` lists, or see ``regions-coordinator verify``."""

    code = "plan-refused"


class Unavailable(RegionsError):
    """Something needed is not there now. Start it, or correct its address, and try again."""

    code = "unavailable"


class BrokerUnavailable(Unavailable):
    """The broker does not answer. Check its address and that it runs; what was stored is safe."""

    code = "broker-unavailable"


class BrokerRefused(BadInput):
    """The broker refuses the user or password. Correct the URL; nothing was started."""

    code = "broker-refused"


class ModelUnavailable(Unavailable):
    """A model or embedder does not answer, or answers an error. Check its URL and that it runs."""

    code = "model-unavailable"


class WorkerMissing(Unavailable):
    """No worker hosts a region, or serves a model or store that it asks for.

    Start one, as the message says, then resume the run.
    """

    code = "worker-missing"


class RunLost(RegionsError):
    """The broker has lost a run: it was restarted without its data, or emptied. Run it anew."""

    code = "run-lost"


class RunStopped(RegionsError):
    """A run was cancelled, or its time was up; in the latter case it can be resumed."""

    code = "run-stopped"


class Undeliverable(RegionsError):
    """A message is for a name that the plan does not hold. Correct it, or choose another rule."""

    code = "undeliverable"


class StepFailed(RegionsError):
    """A region method could not do its work. Its mail is kept; resume the run to try it again."""

    code = "step-failed"


class BadAnswer(StepFailed):
    """A model's answer could not be used. A larger model, or a clearer task, may help."""

    code = "bad-answer"


class NoSuchRun(BadInput):
    """No run of that name. ``regions-coordinator runs`` lists them."""

    code = "no-such-run"


class StoreRefused(BadInput):
    """A RAG store refuses what was asked: an unknown id, another embedder than the one it was
    made with, a file that is no store. The message says what to do; nothing was changed."""

    code = "store-refused"


class StoreProblem(RegionsError):
    """A RAG store cannot be read or written now: its disk, or another process's long write."""

    code = "store-problem"


class ArchiveProblem(RegionsError):
    """A run cannot be archived, or its archive cannot be read. What is there stays as it is."""

    code = "archive-problem"
