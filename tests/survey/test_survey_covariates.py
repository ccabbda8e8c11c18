"""Covariates: what names say, whose word a value is, and files that are edited by hand."""

from pathlib import Path
from statistics import median

import pytest

from evenodds.errors import RunError
from evenodds.survey.catalogue import Catalogue
from evenodds.survey.covariates import from_name, with_covariates, write_covariates
from evenodds.survey.model_info import COVARIATES, Covariate
from evenodds.survey.published import DRAWS, published


@pytest.mark.parametrize(
    ("name", "billions"),
    [
        ("mistralai/mixtral-8x22b-instruct", 176.0),
        ("google/gemini-flash-1.5-8b", 8.0),
        ("qwen/qwen3-30b-a3b:free", 30.0),
        ("liquid/lfm2-350m", 0.35),
        ("eleutherai/llemma_7b", 7.0),
        ("meta-llama/llama-4-scout-17b-16e-instruct", None),
        ("google/gemma-3n-e4b-it", None),
        ("mistralai/mistral-7b-instruct-v0.2", 7.0),
        ("openai/gpt-4", None),
        ("microsoft/phi-3-medium-128k-instruct", None),
        ("nvidia/nemotron-340b", 340.0),
        ("x/model-1.5b", 1.5),
        ("70b/model", None),
    ],
)
def test_sizes_are_read_from_names(name: str, billions: float | None) -> None:
    found = from_name(name).get("billions")
    assert (None if found is None else found.value) == billions


def test_names_tell_kinds_and_are_silent_about_the_rest() -> None:
    def value(name: str, covariate: str) -> object:
        found = from_name(name).get(covariate)
        return None if found is None else found.value

    assert value("meta-llama/llama-4-scout-17b-16e-instruct", "mixture") is True
    assert value("openai/gpt-oss-120b", "open_weights") is True
    assert value("openai/gpt-4o", "open_weights") is False
    assert value("openai/o3-pro", "reasoning") is True
    assert value("deepseek/deepseek-r1", "reasoning") is True
    assert value("inception/mercury-coder", "coding") is True
    assert value("sao10k/l3.3-euryale-70b", "roleplay") is True
    assert value("openai/gpt-4o", "roleplay") is None
    assert value("somebody/unheard-of", "mixture") is None
    assert from_name("gpt-4") == {}


def test_a_file_wins_and_an_edit_is_marked(tmp_path: Path) -> None:
    before = Catalogue.of(["a/coder-7b", "b/two"])
    path = tmp_path / "covariates.csv"
    write_covariates(before.models, path)
    assert with_covariates(before, path) == before
    text = path.read_text().replace("7.0,name: 7b", "8,name: 7b").replace("yes,name: coder", "no,")
    path.write_text(text)
    after = with_covariates(before, path).model("a/coder-7b").covariates
    assert after["billions"] == Covariate(8.0, "edited")
    assert after["coding"] == Covariate(False, "file")
    assert after["organisation"] == Covariate("a", "name")


def test_a_value_that_is_none_says_where(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("id,released\na,2024\nb,soon\n")
    with pytest.raises(RunError, match=r"row 3: released cannot be 'soon'; write a day"):
        with_covariates(Catalogue.of(["a"]), tmp_path / "c.csv")
    (tmp_path / "c.csv").write_text("id,released\na,2024-06\nother,\n")
    assert with_covariates(Catalogue.of(["a"]), tmp_path / "c.csv").models[0].value("released") == (
        "2024-06-01"
    )


def test_the_published_table_is_the_articles() -> None:
    article = (Path(__file__).parent / "coin_table.txt").read_text().splitlines()
    assert [f"{row.id} {row.printed}" for row in published()] == article
    assert [row.table for row in published()] == ["least"] * 20 + ["most"] * 20


def test_the_counts_behind_the_table_print_as_it() -> None:
    for row in published():
        assert row.n in DRAWS and row.k >= row.n / 2
        assert abs(row.k / row.n - 0.5 - row.bias) <= (0.0005 if row.table == "least" else 0.005)
    single = [row.n for row in published() if len(row.counts) == 1]
    assert median(single) == 46


def test_published_covariates_have_known_names_and_sources() -> None:
    for row in published():
        assert set(row.covariates) <= set(COVARIATES)
        assert {c.source.split(":")[0] for c in row.covariates.values()} <= {
            "name",
            "well known",
            "the article",
        }
    known = {row.id: row.info for row in published()}
    assert known["arliai/qwq-32b-arliai-rpr-v1"].value("roleplay") is True
    assert known["google/gemini-2.5-flash"].value("reasoning") is None
