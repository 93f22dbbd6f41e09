"""exportproof: conformance suite and schema toolkit for Changed Entity Export Jobs."""

__version__ = "0.1.0"
