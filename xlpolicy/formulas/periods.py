"""Days of interest over spreadsheet cells: counted from dates where these stand there, and only inside the term."""

from __future__ import annotations

from collections.abc import Mapping

from xlpolicy.law.records import Input, Rule

#: in place of a reference: an input that is left out for good
BLANK = '""'


class Periods:
    """The part of `Cells` that knows of periods."""

    rule: Rule
    cell_of: Mapping[str, str]

    def raw(self, item: Input) -> str:
        """The number as it stands in the cell (see `Cells`)."""
        raise NotImplementedError

    def dates(self, item: Input) -> tuple[str, str, str]:
        """The cells of a period: first day, last day, and first drawdown."""
        first, last, *since = (self.cell_of[name] for name in item.period)
        return first, last, since[0] if since else BLANK

    def dated(self, item: Input) -> bool:
        """Whether the days may be counted from dates that stand in cells."""
        return bool(item.period) and BLANK not in self.dates(item)[:2]

    def inside(self, item: Input) -> str:
        """The days of a period inside the term, both ends counted."""
        first, last, since = self.dates(item)
        end, term = last, self.rule.term
        if since != BLANK and term is not None:
            years = int(self.rule.figures[term.years].value)  # type: ignore[arg-type]
            until = f"DATE(YEAR({since})+{years},MONTH({since}),DAY({since})-1)"
            end = f"MIN({end},IF({since},{until},{end}))"
        return f"MAX(INT({end})-INT({first})+1,0)"

    def beyond(self, item: Input) -> str:
        """Truth of interest being stated for more days than the term has, of which only a part counts."""
        term = self.rule.term
        if term is None or not term.paid or term.days != item.name or self.cell_of[term.paid] == BLANK:
            return "FALSE"
        cell, paid = self.cell_of[item.name], self.cell_of[term.paid]
        years = int(self.rule.figures[term.years].value)  # type: ignore[arg-type]
        more = f"N({cell})>{years * 365}" if cell != BLANK else "FALSE"
        if self.dated(item):
            first, last, since = self.dates(item)
            long = f"INT({last})-INT({first})>={years * 365}"
            if since != BLANK:
                past = f"{last}>=DATE(YEAR({since})+{years},MONTH({since}),DAY({since}))"
                long = f"IF({since},{past},{long})" if term.calendar else f"OR({long},IF({since},{past}))"
            more = f"IF({first}*{last},{long},{more})"
        return f"AND(N({paid})>0,{more})"
