"""xuncha (巡查): audit government websites against the published inspection indicators."""

__version__ = "0.1.0"
