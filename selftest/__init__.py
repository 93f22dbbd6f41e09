"""The proof of the suite: rules x faults x variants of the reference, judged in process, and the figures of it."""
