"""/docs: the API's own pages (Swagger UI), and the way there from /. Everything they load comes from this service: no internet is needed.

Swagger UI (Apache-2.0) is the copy inside the package fastapi-offline (MIT); nothing else of that package is used.
"""

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import FileResponse, RedirectResponse, Response

from service.domain.errors import NotFound

ASSET_FOLDER = Path(str(files("fastapi_offline") / "static"))
ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}
NO_ICON = "data:,"

router = APIRouter(include_in_schema=False)


@router.get("/")
def root() -> Response:
    """Who opens the bare address meets the API's pages."""
    return RedirectResponse("/docs", 307)


@router.get("/docs")
def docs(request: Request) -> Response:
    """Swagger UI over /openapi.json. The links are relative, so that they hold behind a proxy with a prefix."""
    return get_swagger_ui_html(
        openapi_url="openapi.json",
        title=request.app.title,
        swagger_js_url="docs/assets/swagger-ui-bundle.js",
        swagger_css_url="docs/assets/swagger-ui.css",
        swagger_favicon_url=NO_ICON,
    )


@router.get("/docs/assets/{name}")
def asset(name: str) -> Response:
    """One of Swagger UI's files."""
    media_type = ASSETS.get(name)
    if media_type is None:
        raise NotFound("asset", name)
    return FileResponse(ASSET_FOLDER / name, media_type=media_type)
