"""Tables whose rows have the same number of cells, as Markdown's have, or paragraphs where a table only lays out."""

from itertools import zip_longest

from tree.text.html.pasted.elements import Element
from tree.text.html.pasted.styles import is_invisible
from tree.text.html.tables import only_lays_out

_MOST_COLUMNS, _MOST_CELLS = 200, 50_000
_Row = list[Element]


class TooLarge(Exception):
    """A table has more cells than a note has room for."""


def with_plain_tables(element: Element) -> None:
    """Rewrite all tables within an element, the inner ones first."""
    children: list[Element | str] = []
    for child in element.children:
        if not isinstance(child, Element):
            children.append(child)
            continue
        with_plain_tables(child)
        children += _rewritten(child) if child.tag == "table" else [child]
    element.children = children


def _rewritten(table: Element) -> list[Element | str]:
    rows = _rows(table)
    captions = [Element("p", {}, child.children) for child in table.elements() if child.tag == "caption"]
    grid, has_inner = _grid(rows), any(inner.tag in ("table", "pre") for inner in table.all())
    title: list[Element | str] = [*captions]
    while not has_inner and len(grid) > 1 and _is_title(rows[0], grid[0]):
        title.append(Element("p", {"style": grid[0][0].get("style")}, grid[0][0].children))
        grid, rows = grid[1:], rows[1:]
    grid = _trimmed(grid)
    if not grid:
        return title
    lays_out = f'role="{table.get("role")}"' if table.get("role") else ""
    if has_inner or only_lays_out(lays_out) or _is_layout(grid):
        return [*title, *(Element("div", {}, cell.children) for row in grid for cell in row if cell.children)]
    if len(grid[0]) == 1:
        return [*title, *_lines([row[0] for row in grid])]
    head = Element("tr", {}, [Element("th", cell.attributes, cell.children) for cell in grid[0]])
    body = [Element("tr", {}, [*row]) for row in grid[1:]]
    return [*title, Element("table", {}, [head, *body])]


def _rows(table: Element) -> list[Element]:
    rows: list[Element] = []
    for child in table.elements():
        if child.tag in ("thead", "tbody", "tfoot"):
            rows += _rows(child)
        elif child.tag == "tr" and not is_invisible(child):
            rows.append(child)
    return rows


def _grid(rows: list[Element]) -> list[_Row]:
    """The cells by row and column; where a cell spans others, these are empty."""
    grid: list[_Row] = []
    spanned: dict[int, int] = {}  # rows that a column is still covered from above
    count = 0
    for row in rows:
        cells: _Row = []
        for cell in (one for one in row.elements() if one.tag in ("td", "th") and not is_invisible(one)):
            while spanned.get(len(cells), 0) > 0:
                cells.append(_empty(spanned, len(cells)))
            width, height = _span(cell, "colspan"), _span(cell, "rowspan")
            for number in range(width):
                if height > 1:
                    spanned[len(cells)] = height - 1
                cells.append(cell if number == 0 else Element("td"))
        while spanned.get(len(cells), 0) > 0:
            cells.append(_empty(spanned, len(cells)))
        count += len(cells)
        if len(cells) > 10 * _MOST_COLUMNS or count > _MOST_CELLS:
            raise TooLarge
        grid.append(cells)
    return grid


def _empty(spanned: dict[int, int], column: int) -> Element:
    spanned[column] -= 1
    return Element("td")


def _span(cell: Element, name: str) -> int:
    value = cell.get(name)
    return max(1, min(int(value), _MOST_COLUMNS)) if value.isdecimal() and len(value) < 6 else 1


def _trimmed(grid: list[_Row]) -> list[_Row]:
    """The rows and columns that say something, each row as long as the longest."""
    rows = [row for row in grid if any(map(_says_something, row))]
    columns = [column for column in zip_longest(*rows) if any(cell and _says_something(cell) for cell in column)]
    return [[cell or Element("td") for cell in row] for row in zip(*columns, strict=True)]


def _says_something(cell: Element) -> bool:
    return bool(cell.text().strip()) or any(inner.tag == "img" for inner in cell.all())


def _is_title(row: Element, cells: _Row) -> bool:
    """Whether one cell is as wide as the table."""
    own = [cell for cell in row.elements() if cell.tag in ("td", "th")]
    return len(own) == 1 and len(cells) > 1 and _span(own[0], "colspan") == len(cells) and _says_something(own[0])


def _is_layout(grid: list[_Row]) -> bool:
    """Whether a single row puts several paragraphs side by side."""
    return len(grid) == 1 and any(
        sum(inner.tag in ("p", "div", "li", "br") for inner in cell.all()) > 1 for cell in grid[0]
    )


def _lines(cells: list[Element]) -> list[Element | str]:
    """One column: a line each, or a paragraph each if there are paragraphs in the cells."""
    if any(cell.has_blocks() for cell in cells):
        return [Element("div", {}, cell.children) for cell in cells]
    lines: list[Element | str] = []
    for cell in cells:
        lines += [*([Element("br")] if lines else []), *cell.children]
    return [Element("p", {}, lines)]
