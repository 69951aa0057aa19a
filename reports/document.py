"""The frame of an HTML document of ours: self-contained, forbidden to ask for anything, whole without its script."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reports.language import Language


def document(template: str, language: Language, **values: Any) -> str:  # noqa: ANN401 - what the template names
    """`template` of `reports/templates`, filled in. What is not Markup is escaped; a name that is missing is an error.

    Its one script is named by its hash in the Content-Security-Policy.
    """
    script = _resource("findings.js")
    return (
        _environment()
        .get_template(template)
        .render(
            _=language.say,
            lang=language.tag,
            gap=language.gap,
            style=Markup(_resource("findings.css")),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            script_hash=_csp_hash(script),
            **values,
        )
    )


def _csp_hash(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


@lru_cache
def _resource(name: str) -> str:
    # Universal newlines: a browser hashes the script after turning CRLF into LF.
    return files("reports").joinpath("templates", name).read_text("utf-8")


@lru_cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
