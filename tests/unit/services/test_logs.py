from hub.services.logs import exception_place


def test_an_exception_is_logged_without_its_text() -> None:
    """Of an exception the log tells the type and the place, but not the text, which may quote a patient."""
    try:
        int("Andrews")
    except ValueError as error:
        event = exception_place(None, "error", {"event": "failed", "exc_info": error})
    assert event["exception"].startswith("ValueError at ")
    assert "test_logs.py" in event["exception"]
    assert "Andrews" not in str(event)
