"""Small functions that write SVG: every attribute and every text is escaped here, once."""

from markupsafe import Markup, escape

from evenodds.report.text import printable

_LONGEST = 2000


def visible(value: object) -> object:
    """Return text made printable and not too long; markup and numbers as they are."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(value, _LONGEST)
    return value


def element(name: str, *children: object, **attributes: object) -> Markup:
    """Return one element. `class_` writes class, `a_b` writes a-b, None is left out.

    >>> print(element("text", "<4>", class_="axis", text_anchor="end", x=1.50))
    <text class="axis" text-anchor="end" x="1.5">&lt;4&gt;</text>
    """
    written = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _number(value))
        for key, value in attributes.items()
        if value is not None
    )
    inner = Markup("").join(escape(visible(child)) for child in children)
    tag = Markup(name)
    return (
        Markup("<{0}{1}>{2}</{0}>").format(tag, written, inner)
        if children
        else Markup("<{0}{1}/>").format(tag, written)
    )


def _number(value: object) -> object:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else visible(value)


def group(*children: object, **attributes: object) -> Markup:
    """Return a `<g>` of the children."""
    return element("g", *children, **attributes)


def rect(x: float, y: float, width: float, height: float, **attributes: object) -> Markup:
    """Return a `<rect>`."""
    return element("rect", x=x, y=y, width=width, height=height, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: object) -> Markup:
    """Return a `<line>`."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributes)


def circle(cx: float, cy: float, r: float, **attributes: object) -> Markup:
    """Return a `<circle>`."""
    return element("circle", cx=cx, cy=cy, r=r, **attributes)


def label(x: float, y: float, words: str, **attributes: object) -> Markup:
    """Return a `<text>`."""
    return element("text", words, x=x, y=y, **attributes)


def polyline(points: list[tuple[float, float]], **attributes: object) -> Markup:
    """Return a `<polyline>` through the points."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return element("polyline", points=path, fill="none", **attributes)


def figure(width: float, height: float, words: str, *children: object, class_: str = "") -> Markup:
    """Return an `<svg>` of the given size whose meaning is told in `words`."""
    return element(
        "svg",
        *children,
        class_=class_ or None,
        viewBox=f"0 0 {width:g} {height:g}",
        width=f"{width:g}",
        height=f"{height:g}",
        role="img",
        aria_label=words,
    )
