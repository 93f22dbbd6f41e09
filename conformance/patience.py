"""How long to wait for jobs before asking after them: learned from those before, to spare the target needless polls."""

from __future__ import annotations

import math

FIRST_PAUSE, LONGEST_PAUSE = 0.04, 2.0
"""Seconds between two questions after one job: the first pause, and the longest that doubling leads to."""

# Jobs of a quick target are waited for so long before the first poll, at most; in seconds.
_LONGEST_WAIT = 2.0
_LOOK_AT_ONCE_EVERY = 4
# A wait that was long enough is tried a little shorter next time: each that is too short costs a question.
_SHORTER = 0.93
# So often in a row a wait must have been of no use until jobs are taken to move on only when they are asked after.
_USELESS_WAITS = 3
_MOMENT = 1.0
# Once a job took all the time that there is, the next ones get that much more than the slowest that ended needed.
_TIMES_THE_SLOWEST, _LEAST_TIME = 10, 3.0


class Patience:
    """Waits about as long as jobs took so far, and every few times not at all, to see what they look like early."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._usual = 0.0
        self._waits = 0
        self._useless = 0
        self._slowest = 0.0
        self._gave_up = False

    def allowed(self, most: float) -> float:
        """Seconds that a job may take: the most there is, until one took all of that in vain."""
        return min(most, max(_LEAST_TIME, self._slowest * _TIMES_THE_SLOWEST)) if self._gave_up else most

    def ended(self, seconds: float) -> None:
        """Note that a job ended so long after it was created."""
        self._slowest = max(self._slowest, seconds)

    def give_up(self) -> None:
        """Note that a job did not end in the time that it was allowed."""
        self._gave_up = True

    @property
    def by_asking(self) -> bool:
        """True when jobs seem to move on only when they are asked after, so that waiting gains nothing."""
        return self._useless >= _USELESS_WAITS

    def first_wait(self) -> float:
        """Seconds to wait before the first question after jobs that were just created."""
        self._waits += 1
        return 0.0 if self.by_asking or self._waits % _LOOK_AT_ONCE_EVERY == 0 else self._usual

    def learn(self, waited: float, longer: float) -> None:
        """Note that the first of some jobs was done `longer` seconds after the first question.

        That came `waited` seconds after their creation. `longer` is 0 when it found all of them done, and infinite
        when it found some, or when none was ever done.
        """
        if waited < self._usual or self.by_asking:
            return
        if longer == 0:
            self._usual, self._useless = self._usual * _SHORTER, 0
        elif longer == math.inf:
            self._usual, self._useless = min(max(self._usual * 1.5, FIRST_PAUSE), _LONGEST_WAIT), 0
        else:
            # As long as the last ones took was waited, and still a moment and some questions more were needed.
            self._useless = self._useless + 1 if waited >= FIRST_PAUSE and longer < _MOMENT else 0
            self._usual = min(waited + longer, _LONGEST_WAIT)

    @property
    def hurried(self) -> bool:
        """True when the last wait was of no use, so that the next job is asked after soon."""
        return self._useless > 0


class Rounds:
    """The rounds of questions after some jobs that were created together: how long to wait before each."""

    def __init__(self, patience: Patience) -> None:
        """Begin; `wait` is for how many seconds to leave the jobs alone at first.

        `early` tells to ask after each of them once, to see what they look like early.
        """
        self._patience = patience
        self.wait = patience.first_wait()
        self.early = self.wait == 0.0 or patience.by_asking
        self._began: float | None = None
        self._any_done = False
        self._pause = FIRST_PAUSE / 2

    def pause(self, done: int, left: int, now: float) -> float:
        """Seconds to the next round, after one at `now`, by a steady clock, that found so many jobs done."""
        if self._began is None:
            self._began = now
            if done:
                self._patience.learn(self.wait, math.inf if left else 0)
        elif done and not self._any_done:
            self._patience.learn(self.wait, now - self._began)
        self._any_done |= done > 0
        self._pause = FIRST_PAUSE if done and self._patience.hurried else min(self._pause * 2, LONGEST_PAUSE)
        return self._pause
