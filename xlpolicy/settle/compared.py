"""What a choice compared, as plain data: the combinations with their totals, and what an election gives."""

from __future__ import annotations

from decimal import Decimal

from xlpolicy.settle.model import Compared, Option, Place
from xlpolicy.settle.state import State

#: so many combinations are told, the highest first
SHOWN = 20
_NAMED = ("project", "loan", "object")


def compared(state: State) -> tuple[Compared, ...]:
    """What was tried, in plain data: the highest combinations with the one that was taken, and what an election gives."""
    out = []
    for part, works, totals in state.tried:
        if not works:  # all of them wait
            continue
        stands = [{kind: tuple(w.claim.id for w in some) for kind, some in c.kinds.items()} for c in part]
        taken = tuple(c.chosen for c in part)
        ranked = sorted(totals, key=lambda one: (-one[1], one[0] != taken))
        shown = ranked[:SHOWN]
        shown += [one for one in ranked[SHOWN:] if one[0] == taken]
        options = tuple(
            Option(tuple(s[kind] for s, kind in zip(stands, one, strict=True)), total, one == taken)
            for one, total in shown
        )
        places = []
        own = [None if c.elected is None else next(k for k, some in c.kinds.items() if c.elected in some) for c in part]
        for i, conflict in enumerate(part):
            rule = conflict.rule
            assert rule.choose is not None
            first = next(iter(conflict.works)).claim
            of = "、".join(str(getattr(first, name)) for name in rule.choose.per if name in _NAMED)
            best: dict[int, Decimal] = {}
            for one, total in totals:  # what the enterprise chose elsewhere stands
                if all(kind in (None, one[j]) for j, kind in enumerate(own) if j != i):
                    best[one[i]] = max(total, best.get(one[i], total))
            elected = conflict.elected.claim.id if conflict.elected else ""
            told = tuple((stands[i][kind], total) for kind, total in best.items())
            places.append(Place(rule.id, rule.at, rule.text, of, rule.choose.elective, elected, told))
        out.append(
            Compared(works[0].claim.enterprise, tuple(places), tuple(w.claim.id for w in works), options, len(totals))
        )
    return tuple(out)
