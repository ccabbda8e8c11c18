"""What the coin article's tables support, as plain text, 80 columns."""

from evenodds.report.audit import small
from evenodds.report.survey_lines import signed, wrapped
from evenodds.report.survey_terminal import whole
from evenodds.report.survey_words import bound
from evenodds.report.text import distance, fitted
from evenodds.survey.analysis.published_analysis import Demo, DemoRow

_NAME = 38


def demo_lines(found: Demo) -> list[str]:
    """The sentence, the rows, and what must not be read from them."""
    lines = [*wrapped(headline(found)), ""]
    for title, table in (("20 least biased", "least"), ("20 most biased", "most")):
        head = f"{'n':>4}{'bias':>6}{'shrunken':>10}{'rank, 95%':>11}{'P(20)':>8}"
        lines.append(fitted(title, _NAME) + head)
        lines += [_line(row) for row in found.rows if row.table == table]
        lines.append("")
    return [*lines, *_lines(found)]


def headline(found: Demo) -> str:
    """What the tables say, in words."""
    biased = sum(row.together == "biased" for row in found.rows)
    fair = sum(row.verdict == "fair" for row in found.rows)
    low, high = found.least_width
    return (
        f"The published tables show {biased} models to be biased by more than {bound(found.eps)}, "
        f"and {fair or 'none'} to be fair: with {found.draws} draws no outcome certifies a bias "
        f"below {distance(found.certifiable)}. They do not say who is least biased: the ranks of "
        f"the 20 that are listed as such reach on average from {low:.0f} to {high:.0f} of "
        f"{found.models}."
    )


def _line(row: DemoRow) -> str:
    here = row.first if row.table == "least" else row.last
    return (
        f"{fitted(row.model, _NAME)}{row.n:>4}{distance(row.bias):>6}{distance(row.shrunken):>10}"
        f"{f'{row.low}-{row.high}':>11}{whole(here):>8}"
    )


def paragraphs(found: Demo) -> tuple[str, str, str, str]:
    """What else the tables say: of chance, of ranks, of the selection, of traits."""
    return _chance(found), _ranks(found), _selection(found), _traits(found)


def _lines(found: Demo) -> list[str]:
    lines = [line for text in paragraphs(found) for line in [*wrapped(text), ""]]
    lines.append(
        f"{fitted('on these 40 rows', _NAME)}{'known':>6}{'bias':>8}{'naive p':>10}{'p':>8}"
    )
    for effect in found.effects.effects:
        naive = small(found.naive[effect.name])
        lines.append(
            f"{fitted(effect.words, _NAME)}{effect.known:>6}{signed(effect.estimate):>8}"
            f"{naive:>10}{small(effect.p_value):>8}"
        )
    return lines


def _chance(found: Demo) -> str:
    listed = sum(row.table == "least" for row in found.rows)
    return (
        f"A fair coin shows a bias of at most {distance(found.printed)} in {found.draws} tosses "
        f"with probability {distance(found.chance)}: {found.models} fair models would make "
        f"{found.expected:.0f} such entries, and there are {listed}. So most models are not fair; "
        "but which of these are, cannot be told."
    )


def _ranks(found: Demo) -> str:
    low, high = found.even_width
    return (
        f"If the biases of all {found.models} were spread evenly over 0 to .5, ranks of the 20 "
        f"that show least would reach from {low:.0f} to {high:.0f}; as the 20 most biased begin "
        "at .35 already, the 200 unpublished models lie closer together, and ranks are known even "
        "less."
    )


def _selection(found: Demo) -> str:
    t = found.tails
    times = t.chance_tails / t.chance_all
    return (
        f"The 40 rows are the two tails of {found.models}, chosen by the bias that is to be "
        "explained, so effects of traits that are estimated from them are artefacts of the "
        f"selection. In {t.worlds} simulated surveys a trait that means nothing was significant at "
        f".05 in a plain binomial regression of the tails in {t.false_tails:.0%} (of all models: "
        f"{t.false_all:.0%}), the difference that it showed by chance was {times:.1f} "
        f"times as large, and a true difference of {bound(t.effect)} came out as "
        f"{distance(t.found_tails)} (from all models: {distance(t.found_all)})."
    )


def _traits(found: Demo) -> str:
    least, most, p = found.roleplay
    return (
        f"Tuned for role-play are {least} of the 20 least and {most} of the 20 most biased "
        f"(Fisher's exact p {small(p)}, of a trait that was picked after looking). Only a survey "
        "of all models, with the traits named before, can say whether it matters. What the same "
        "rows would give, none of it a finding; a naive p takes every draw as independent:"
    )
