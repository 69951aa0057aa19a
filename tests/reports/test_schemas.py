"""SARIF and JUnit beside the schemas their readers go by, which are not ours to ship.

XUNCHA_SCHEMAS names the folder with sarif-schema-2.1.0.json (OASIS) and junit-10.xsd (Jenkins); by default it is looked
for beside the checkout.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import jsonschema
import pytest
from lxml import etree

from crawler.message import say
from reports.history import Gone, Ground, History, Past
from reports.junit import as_junit
from reports.language import Language
from reports.sarif import as_sarif
from rules.engine.assessment import Assessment, Run
from rules.engine.edition import Edition

SCHEMAS = Path(os.environ.get("XUNCHA_SCHEMAS", Path(__file__).parents[3] / "shared" / "corpus" / "schemas"))
pytestmark = pytest.mark.skipif(not SCHEMAS.is_dir(), reason="no folder of schemas; XUNCHA_SCHEMAS names one")


@pytest.fixture
def sites(unqualified: Assessment, undetermined: Assessment, hostile: Assessment) -> list[Assessment]:
    return [unqualified, undetermined, hostile]


@pytest.fixture
def histories(run: Run, unqualified: Assessment) -> Mapping[str, History]:
    """Known, new, let be and gone."""
    before = run.as_of - timedelta(days=30)
    old, fresh, let_be, *_ = (finding.fingerprint for finding in unqualified.findings)
    past = {
        old: Past(before, run.as_of, 3, "rectifying", say("整改中")),
        fresh: Past(run.as_of, run.as_of, 1, "new", say("新发现")),
        let_be: Past(
            before, run.as_of, 2, "confirmed", say("已确认"), Ground("张三", "改版", date(2026, 12, 31), exempt=True)
        ),
    }
    gone = Gone("9" * 16, "empty-column", say("栏目“旧闻\x00\u202e”没有内容"), "javascript:alert(1)")
    return {unqualified.site.url: History(before, past, (gone,))}


@pytest.mark.parametrize("code", ["zh", "en"])
def test_sarif_is_valid(
    run: Run, sites: list[Assessment], edition: Edition, histories: Mapping[str, History], code: str
) -> None:
    schema = json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text("utf-8"))
    told = json.loads(as_sarif(run, sites, edition, Language("en" if code == "en" else "zh"), histories))
    jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker()).validate(told)
    assert {result.get("baselineState") for result in told["runs"][0]["results"]} == {
        "new",
        "unchanged",
        "absent",
        None,
    }


@pytest.mark.parametrize("code", ["zh", "en"])
def test_junit_is_valid(
    run: Run, sites: list[Assessment], edition: Edition, histories: Mapping[str, History], code: str
) -> None:
    schema = etree.XMLSchema(etree.parse(SCHEMAS / "junit-10.xsd"))
    told = as_junit(run, sites, edition, Language("en" if code == "en" else "zh"), histories)
    schema.assertValid(etree.fromstring(told.encode()))
    assert "<system-out>" in told
