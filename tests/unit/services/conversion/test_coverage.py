from pathlib import Path

from hub.services.conversion.coverage import Report
from hub.services.conversion.files import convert_paths, count_files
from hub.settings import Feed, PluginUse

FEED = Feed(name="files", adapter=PluginUse(kind="folder"))
MESSAGE = "MSH|^~\\&|HIS|MERCY|||20260302||ADT^A01|{}|P|2.5\rPID|1||70045^^^MERCY^MR||Andrews^Harold\r{}"


def report_of(folder: Path, **texts: str) -> Report:
    """The report over files of these texts."""
    for name, text in texts.items():
        (folder / f"{name}.hl7").write_text(text, newline="")
    report = Report()
    assert len(list(convert_paths([str(folder)], FEED, report=report))) == count_files([str(folder)])
    return report


def test_counts_by_field_and_type(tmp_path: Path) -> None:
    """Values are counted by field and by type of message; the first that is missing is named with its file."""
    lost = "ZZZ|what nobody knows\r"
    report = report_of(tmp_path, a=MESSAGE.format(1, ""), b=MESSAGE.format(2, lost), c=MESSAGE.format(3, lost))
    name = report.fields["PID-5.1"]
    assert (name.values, name.landed, name.missed, name.share) == (3, 3, 0, 1.0)
    assert dict(report.missing())["ZZZ-1.1"].missed == 2
    assert report.fields["ZZZ-1.1"].example == f"ZZZ-1.1 of {tmp_path / 'b.hl7'}"
    assert report.types["ADT^A01"].messages == report.total.messages == 3
    assert report.types["ADT^A01"].values == report.total.values


def test_failures(tmp_path: Path) -> None:
    """Messages that were not converted are counted by their reason, and their values have landed nowhere."""
    report = report_of(tmp_path, a="no message", b=MESSAGE.format(1, "").replace("MSH|^~\\&", "MSH|^^^^"))
    assert [(code, failure.messages) for code, failure in report.failures.items()] == [("100", 1), ("unreadable", 1)]
    assert report.failures["100"].example == str(tmp_path / "a.hl7")
    assert report.total.landed == 0


def test_as_json(tmp_path: Path) -> None:
    """As JSON there is each type and each field with its counts, those with missing values first, and no value."""
    document = report_of(tmp_path, a=MESSAGE.format(1, "ZZZ|nobody\r")).as_json()
    assert document["messages"] == 1
    assert document["values"] == document["landed"] + document["missed"]
    assert document["types"][0]["type"] == "ADT^A01"
    assert any(row["field"] == "ZZZ-1.1" and row["missed"] == 1 for row in document["fields"])
    assert [row["missed"] for row in document["fields"]] == sorted(
        (r["missed"] for r in document["fields"]), reverse=True
    )
    assert document["failures"] == []
    assert "nobody" not in str(document)
