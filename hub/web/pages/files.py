"""``/files``: the files that came, and the rows of them that somebody must look at."""

from collections.abc import Iterable

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from hub.errors import NotFound
from hub.model import Format
from hub.services.operations.incoming_files import bad_rows_csv, incoming, incoming_file, results_csv
from hub.web.rendering import TheHub, render

MOST = 200

router = APIRouter()


@router.get("/files")
def newest(request: Request, hub: TheHub, feed: str = "") -> Response:
    """The newest files, of a feed or of all."""
    rows = incoming(hub, feed=feed, limit=MOST)
    tables = [known.name for known in hub.site.feeds if known.format is Format.CSV]
    return render(request, "files.html", rows=rows, asked=feed, feeds=[f.name for f in hub.site.feeds], tables=tables)


@router.get("/files/{file_id}/rows.csv")
def rows_of_file(hub: TheHub, file_id: str) -> Response:
    """The held rows of one file."""
    file = incoming_file(hub, file_id)
    return _download(bad_rows_csv(hub, file.feed, file.label), file.feed)


@router.get("/files/{file_id}/results.csv")
def results_of_file(hub: TheHub, file_id: str) -> Response:
    """What became of each row of one file."""
    file = incoming_file(hub, file_id)
    return _download(results_csv(hub, file.feed, file.label), file.feed, "results")


@router.get("/feeds/{feed}/rows.csv")
def rows_of_feed(hub: TheHub, feed: str) -> Response:
    """The held rows of a feed."""
    if feed not in [known.name for known in hub.site.feeds]:
        raise NotFound(f"no feed is called {feed!r}")
    return _download(bad_rows_csv(hub, feed), feed)


def _download(lines: Iterable[str], feed: str, what: str = "rows") -> Response:
    headers = {"content-disposition": f'attachment; filename="{feed}.{what}.csv"'}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)
