"""Catalogues: from listings in both shapes and from files, filtered with reasons, saved whole."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from evenodds.errors import EvenoddsError, ModelError, RunError
from evenodds.survey.catalogue import Catalogue
from evenodds.survey.catalogue_fetch import fetch_listing
from evenodds.survey.filters import Filter, filtered
from evenodds.survey.listing import read_listing
from evenodds.survey.model_info import CallPrices, Covariate, ModelInfo, Skip
from evenodds.survey.skip import default_skips, read_skips, skip_reason

ROUTER: dict[str, Any] = {
    "data": [
        {
            "id": "qwen/qwen3-235b-a22b-thinking-2507",
            "name": "Qwen3",
            "created": 1753449557,
            "hugging_face_id": "Qwen/Qwen3-235B-A22B-Thinking-2507",
            "context_length": 262144,
            "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
            "pricing": {
                "prompt": "0.00000011",
                "completion": "0.0000006",
                "request": "0",
                "internal_reasoning": "0",
            },
            "top_provider": {"max_completion_tokens": 81920},
            "supported_parameters": ["seed", "reasoning", "structured_outputs"],
        },
        {
            "id": "google/painter",
            "architecture": {"modality": "text+image->image"},
            "pricing": {"prompt": "0.000001", "completion": "0.00001", "request": "0.04"},
            "supported_parameters": ["seed"],
        },
        {"id": "openrouter/auto", "pricing": {"prompt": "-1", "completion": "-1"}},
    ]
}
PLAIN = {
    "object": "list",
    "data": [
        {"id": "gpt-4", "object": "model", "created": 1687882411, "owned_by": "openai"},
        {"id": "org/my-7b", "owned_by": "vllm", "created": 1, "max_model_len": 4096},
    ],
}


def router() -> Catalogue:
    return Catalogue(read_listing(ROUTER), source="there")


def test_a_routers_listing_is_read_whole() -> None:
    found = router().model("qwen/qwen3-235b-a22b-thinking-2507")
    assert found.prices == CallPrices(1.1e-07, 6e-07, None, 0.0)
    assert (found.context, found.max_completion) == (262144, 81920)
    assert found.created == date(2025, 7, 25)
    assert found.supported == {"seed", "reasoning", "structured_outputs"}
    assert found.covariates["reasoning"] == Covariate(True, "listing: supported_parameters")
    assert found.covariates["open_weights"] == Covariate(True, "listing: hugging_face_id")
    assert found.covariates["released"] == Covariate("2025-07-25", "listing: created")


def test_a_price_that_depends_is_unknown_and_old_modalities_are_read() -> None:
    auto, painter = router().model("openrouter/auto"), router().model("google/painter")
    assert not auto.prices.known and auto.prices.cost(1, 1) is None
    assert (painter.inputs, painter.outputs) == ({"text", "image"}, {"image"})
    assert painter.value("reasoning") is False  # the listing tells it of others, not of this one
    assert auto.value("reasoning") is None  # nothing is told of its parameters


def test_a_plain_listing_leaves_the_rest_unknown() -> None:
    local, gpt = sorted(read_listing(PLAIN), key=lambda m: m.id, reverse=True)
    assert (gpt.organisation, local.organisation, local.context) == ("openai", "org", 4096)
    assert gpt.prices == CallPrices() and gpt.value("released") is None


@pytest.mark.parametrize("came", [None, 3, "x", [], {}, {"data": {}}, {"data": [{}]}, [{"id": 3}]])
def test_what_lists_nothing_is_one_clear_error(came: Any) -> None:
    with pytest.raises(RunError, match=r"lists no models|without an id"):
        read_listing(came)


@pytest.mark.parametrize("odd", [None, -3, "x", [], {}, True, 1e400, float("nan")])
def test_odd_fields_are_unknown(odd: Any) -> None:
    fields = ("created", "context_length", "architecture", "pricing", "top_provider", "name")
    entry = {"id": "a/b", "supported_parameters": odd, **dict.fromkeys(fields, odd)}
    inner = {"id": "a/c", "pricing": {"prompt": odd}, "architecture": {"modality": odd}}
    one, two = read_listing([entry, inner])
    assert not one.prices.known and not two.prices.known
    assert one.context is None or one.context > 0


def test_thoughts_may_have_a_price_of_their_own() -> None:
    assert CallPrices(1.0, 2.0, 5.0, 10.0).cost(3, 4, 1) == 10 + 3 + 3 * 2 + 5
    with pytest.raises(RunError, match="0 or more"):
        CallPrices(prompt=-1.0)


def test_a_catalogue_is_saved_and_loaded_with_its_hash(tmp_path: Path) -> None:
    saved = filtered(router(), Filter(), default_skips())
    saved.save(tmp_path / "models.json")
    again = Catalogue.load(tmp_path / "models.json")
    assert again == saved and again.hash == saved.hash
    assert json.loads((tmp_path / "models.json").read_text())["hash"] == saved.hash
    assert router().hash != saved.hash


def test_the_hash_knows_prices_and_covariates() -> None:
    one = Catalogue((ModelInfo("a", ""),))
    assert one.hash != Catalogue((ModelInfo("a", "", prices=CallPrices(1.0, 1.0)),)).hash
    known = ModelInfo("a", "", covariates={"coding": Covariate(True, "file")})
    assert one.hash != Catalogue((known,)).hash


def test_a_saved_listing_and_lists_of_ids_load(tmp_path: Path) -> None:
    (tmp_path / "listing.json").write_text(json.dumps(ROUTER))
    (tmp_path / "ids.txt").write_text("a/one-7b  # small\n\nb/two\n")
    (tmp_path / "ids.yaml").write_text("models:\n  a/one-7b: {coding: yes}\n  b/two:\n")
    (tmp_path / "ids.csv").write_text(
        "id,input_per_million,output_per_million,per_request,coding\na/one-7b,1,2,.5,yes\nb/two,,,,\n"
    )
    assert len(Catalogue.load(tmp_path / "listing.json").models) == 3
    for name in ("ids.txt", "ids.yaml", "ids.csv"):
        one, two = Catalogue.load(tmp_path / name).models
        assert (one.id, one.value("billions"), two.id) == ("a/one-7b", 7.0, "b/two")
        assert one.value("coding") is (None if name == "ids.txt" else True)
    assert one.prices == CallPrices(1e-6, 2e-6, None, 0.5) and not two.prices.known


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "{", "is no catalogue"),
        ("a.json", '{"catalogue": 99}', "later version"),
        ("a.json", '{"catalogue": 1}', "no saved catalogue"),
        ("a.json", '{"catalogue": 1, "models": [{"id": 3, "x": 1}]}', "no model"),
        ("a.csv", "id,coding\na,perhaps\n", "row 2: coding cannot be 'perhaps'"),
        ("a.csv", "name\nx\n", "row 2, has no id"),
        ("a.csv", "id,input_per_million\na,cheap\n", "no number"),
        ("a.txt", "a\na\n", "there twice"),
        ("a.yaml", "a: [", "cannot be read"),
        ("a.yaml", "3", "no list of models"),
        ("a.csv", None, "cannot be read"),
    ],
)
def test_a_bad_file_is_one_clear_error(
    tmp_path: Path, name: str, text: str | None, said: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(EvenoddsError, match=said):
        Catalogue.load(tmp_path / name)


def test_every_dropped_model_has_its_reason() -> None:
    def reasons(**wanted: Any) -> dict[str, str]:
        return {
            s.id.partition("/")[2]: s.reason for s in filtered(router(), Filter(**wanted)).skipped
        }

    qwen = "qwen3-235b-a22b-thinking-2507"
    assert reasons() == {"painter": "no text output"}
    assert reasons(outputs=frozenset()) == {}
    assert reasons(organisations=frozenset({"Qwen"})).keys() == {"painter", "auto"}
    assert reasons(not_organisations=frozenset({"qwen"}))[qwen] == "organisation qwen"
    assert reasons(input_price=0.1)[qwen] == "input price $0.11 above $0.1"
    assert reasons(input_price=0.11) == {
        "painter": "no text output",
        "auto": "input price unknown",
    }
    assert reasons(request_price=0.01, outputs=frozenset())["painter"].startswith("request price")
    assert reasons(supports=frozenset({"reasoning"}))["auto"] == "supported parameters unknown"
    assert reasons(context=300_000)[qwen] == "context 262,144 tokens"
    assert reasons(match="QWEN")["auto"] == "id without QWEN"
    assert reasons(without="^qwen")[qwen] == "id with ^qwen"
    assert reasons(inputs=frozenset({"image"}))["auto"] == "image input unknown"
    with pytest.raises(RunError, match="no regular expression"):
        Filter(match="(")


def test_the_list_goes_before_the_filter_and_says_why() -> None:
    skips = (Skip("openrouter/*", "a router"), Skip("openrouter/auto", "not one model"))
    found = filtered(router(), Filter(), skips)
    assert found.skipped[-1] == Skip("openrouter/auto", "on the list: not one model")
    assert len(found.models) + len(found.skipped) == len(router().models)
    assert len(filtered(found, Filter(match="nothing")).skipped) == 3


def test_the_articles_twenty_are_the_default_list() -> None:
    skips = default_skips()
    article = Path(__file__).parent / "models_to_skip.txt"
    assert [skip.id for skip in skips] == article.read_text().split()
    assert skip_reason("perplexity/sonar-deep-research", skips) == "costs too much to run"
    assert skip_reason("meta-llama/llama-guard-3-8b", skips) == "not stated"
    assert skip_reason("meta-llama/llama-3.1-405b-instruct", skips) is None


def test_a_list_of_ones_own_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("models:\n  a/b: slow\n  c/d:\n")
    (tmp_path / "b.yaml").write_text("- a/b\n- c/*\n")
    (tmp_path / "c.yaml").write_text("3")
    assert read_skips(tmp_path / "a.yaml") == (Skip("a/b", "slow"), Skip("c/d", "not stated"))
    assert skip_reason("c/d", read_skips(tmp_path / "b.yaml")) == "not stated"
    for name in ("c.yaml", "none.yaml"):
        with pytest.raises(RunError):
            read_skips(tmp_path / name)


def test_what_keeps_a_listing_from_coming_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="sent no listing"):
        fetch_listing("http://127.0.0.1:9/v1", timeout=2)
    with pytest.raises(ModelError, match="no base URL"):
        fetch_listing("ftp://x/v1")


def test_a_model_of_nobody_is_saved_and_loaded(tmp_path: Path) -> None:
    """Local servers name a model by its folder, or in one word."""
    (tmp_path / "ids.txt").write_text("/models/die-7b\nmine\n")
    found = Catalogue.load(tmp_path / "ids.txt")
    assert [(model.organisation, model.value("organisation")) for model in found.models] == [
        ("", None),
        ("", None),
    ]
    assert found.model("/models/die-7b").value("billions") == 7.0
    found.save(tmp_path / "saved.json")
    assert Catalogue.load(tmp_path / "saved.json") == found


def test_a_list_says_what_a_model_takes_and_prices_are_given_to_those_without(
    tmp_path: Path,
) -> None:
    (tmp_path / "ids.csv").write_text(
        'id,supported,input_per_million,output_per_million\na,"seed, logprobs",,\nb,,1,2\n'
    )
    (tmp_path / "ids.yaml").write_text("a: {supported: [seed, logprobs]}\nb:\n")
    for name in ("ids.csv", "ids.yaml"):
        one, two = Catalogue.load(tmp_path / name).models
        assert (one.supported, two.supported) == ({"seed", "logprobs"}, frozenset())
    free = Catalogue.load(tmp_path / "ids.csv").priced(CallPrices(0.0, 0.0))
    assert [m.prices for m in free.models] == [CallPrices(0.0, 0.0), CallPrices(1e-6, 2e-6)]
