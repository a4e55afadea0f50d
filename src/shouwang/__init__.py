"""守望 Shouwang: early notice of rural households sliding back into poverty."""

__version__ = "0.1.0"
