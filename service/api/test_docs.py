"""The API's own pages load nothing from elsewhere."""

import re

import pytest
from fastapi import FastAPI

from service.api import docs
from service.api.conftest import call
from service.api.problems import install_problem_handlers


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI(title="Rongjiu 容纠", docs_url=None, redoc_url=None)
    install_problem_handlers(app)
    app.include_router(docs.router)
    return app


def test_the_bare_address_leads_to_the_pages(app: FastAPI) -> None:
    answer = call(app, "GET", "/")

    assert (answer.status, answer.headers["location"]) == (307, "/docs")


def test_the_page_names_no_other_host_and_its_assets_are_here(app: FastAPI) -> None:
    page = call(app, "GET", "/docs")
    links = re.findall(r'(?:src|href)="([^"]*)"', page.text)

    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "://" not in page.text
    assert "'openapi.json'" in page.text or '"openapi.json"' in page.text
    assert sorted(links) == ["data:,", "docs/assets/swagger-ui-bundle.js", "docs/assets/swagger-ui.css"]
    assert [call(app, "GET", f"/{link}").status for link in links if link != "data:,"] == [200, 200]


def test_the_assets_are_a_swagger_ui_that_reads_openapi_3_1(app: FastAPI) -> None:
    script = call(app, "GET", "/docs/assets/swagger-ui-bundle.js")
    style = call(app, "GET", "/docs/assets/swagger-ui.css")

    assert script.headers["content-type"].startswith("text/javascript")
    assert style.headers["content-type"].startswith("text/css")
    assert re.search(r'PACKAGE_VERSION:"5\.[0-9.]+"', script.text)


@pytest.mark.parametrize("name", ["redoc.standalone.js", "..%2Fcore.py", "../core.py", "nothing"])
def test_nothing_else_of_the_package_is_served(app: FastAPI, name: str) -> None:
    assert call(app, "GET", f"/docs/assets/{name}").status == 404


def test_the_pages_are_not_part_of_the_api(app: FastAPI) -> None:
    assert app.openapi()["paths"] == {}
