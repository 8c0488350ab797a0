"""兑付核算: the steps of cross_rules.yaml over all claims, in its order. Knows effects, not articles.

Each claim is a `Work`; every step lowers (uplift: raises) `amount` through `take`, which writes the cut, so that
decided amount less cuts is always what is payable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from decimal import ROUND_CEILING, Decimal, localcontext

from xlpolicy.assess import Decision, basis, decide, input_names
from xlpolicy.catalog import Catalog, Found, in_force
from xlpolicy.errors import InvalidInput, NotInForce, PolicyError
from xlpolicy.money import CENT, EXACT, ZERO, round_half_up
from xlpolicy.rules.cross import CrossRule, Per, Ref
from xlpolicy.rules.exact import find_row
from xlpolicy.rules.rule import Document
from xlpolicy.settle.model import Claim, Cut, Facts, Note, Payment, Settled, Settlement, Support
from xlpolicy.settle.shares import largest_remainder


class Work:
    """One claim on its way: found provision, decision (None where there is none), current amount, cuts."""

    __slots__ = ("amount", "claim", "cuts", "decided", "decision", "found", "payers", "year")

    def __init__(self, claim: Claim, on_year: int) -> None:
        self.claim = claim
        self.found: Found | None = None
        self.decision: Decision | None = None
        self.decided = self.amount = ZERO
        self.cuts: list[Cut] = []
        self.payers: dict[str, Decimal] = {}
        self.year = claim.on.year if claim.on else on_year

    def take(self, rule: CrossRule, amount: Decimal, why: str) -> None:
        """Lower the amount by `amount` under `rule`."""
        self.amount -= amount
        self.cuts.append(Cut(rule.id, rule.at, amount, f"{rule.text}；{why}" if why else rule.text))

    def figure(self, ref: Ref) -> Decimal:
        """A figure for this claim: a table is read at the claim's own input."""
        assert self.found is not None and self.decision is not None
        figure = self.found.document.rules[ref.rule].figures[ref.figure]
        if figure.table is not None:
            row = find_row(figure.table, self.decision.outcome.env[figure.table.by])
            return ZERO if row is None else figure.table.rows[row][1]
        assert isinstance(figure.value, Decimal)
        return figure.value


class Engine:
    """One settlement over a catalog."""

    def __init__(self, claims: list[Claim], facts: Facts, on_year: int, catalog: Catalog) -> None:
        self.catalog, self.facts, self.on_year = catalog, facts, on_year
        self.works = [Work(claim, on_year) for claim in claims]
        self.notes: list[Note] = []
        self.prior_of: dict[tuple[str, str], list[Payment]] = defaultdict(list)
        self.support: dict[tuple[str, str], list[Support]] = defaultdict(list)
        for item in facts.external_support:
            for kind, name in (("project", item.project), ("loan", item.loan)):
                if name:
                    self.support[kind, name].append(item)
        self.by_member: dict[tuple[str, str], list[CrossRule]] = defaultdict(list)
        self.rules: list[tuple[Document, CrossRule]] = []
        for document in catalog.documents.values():
            for rule in document.cross_rules:
                self.rules.append((document, rule))
                for member in rule.members:
                    self.by_member[document.key, member].append(rule)

    def run(self) -> Settlement:
        self.check_facts()
        principals: dict[Hashable, dict[str, Decimal]] = defaultdict(dict)
        for work in self.works:
            if self.find(work):
                self.decide(work, principals)
        self.bar_by_claims()
        for per in ("loan", "project", "project-year"):
            for document, rule in self.rules:
                if rule.keep_one and rule.keep_one.per == per:
                    self.keep_one(document, rule)
        self.uplift()
        self.effects(lambda rule: rule.cap, self.cap)
        self.effects(lambda rule: rule.ceiling, self.ceiling)
        self.effects(lambda rule: rule.pool, self.pool)
        partners = self.partners()
        for work in self.works:
            self.split(work, partners)
        return Settlement(self.on_year, tuple(map(self.settled, self.works)), tuple(self.notes))

    def effects(self, of: Callable[[CrossRule], object], apply: Callable[[Document, CrossRule], None]) -> None:
        for document, rule in self.rules:
            if of(rule):
                apply(document, rule)

    def members(self, document: Document, rule: CrossRule) -> Iterator[Work]:
        """Claims of the rule that are still above zero, in list order."""
        members = set(rule.members)
        for work in self.works:
            if work.found and work.found.document is document and work.found.rule.id in members and work.amount > 0:
                yield work

    # 1 validity

    def find(self, work: Work) -> bool:
        """The provision of the claim; a claim outside its document's validity is zero with a cut."""
        claim = work.claim
        try:
            found = self.catalog.find(claim.city, claim.rule, claim.on, claim.policy)
        except NotInForce as error:
            self.invalid(work, error)
            return False
        except PolicyError as error:
            self.refuse(work, error)
            return False
        work.found = found
        if claim.on is None and not found.document.draft:
            raise InvalidInput(
                "没有申报日期",
                where=f"申报 {claim.id}",
                expected="日期；只有征求意见稿可以不填",
                remedy="补上 on",
            )
        if (
            claim.on
            and not found.document.draft
            and not found.tail
            and not in_force(found.document, found.rule, claim.on)
        ):
            self.invalid(work, NotInForce(found.warnings[0], where=claim.id))
            return False
        return True

    def invalid(self, work: Work, error: PolicyError) -> None:
        rule = self.validity_rule(work)
        work.cuts.append(Cut(rule.id if rule else "validity", rule.at if rule else "", ZERO.quantize(CENT), str(error)))

    def validity_rule(self, work: Work) -> CrossRule | None:
        """The cross rule that sets the period of the claim's provision, the one with fewest members first."""
        claim = work.claim
        if work.found:
            documents = [work.found.document]
        else:
            city = self.catalog.city(claim.city)
            documents = sorted(self.catalog.of_city(city), key=lambda d: str(d.valid_from), reverse=True)
            documents = [
                d for d in documents if claim.on is None or d.valid_from is None or d.valid_from <= claim.on
            ] or documents
        for document in documents:
            name = self.catalog.rule_id(document.city, claim.rule)
            rules = [
                r for r in self.by_member[document.key, name] if r.kind in ("deadline", "retroactive") and r.step == 1
            ]
            if rules:
                return min(rules, key=lambda r: len(r.members))
        return None

    def refuse(self, work: Work, error: PolicyError) -> None:
        """A claim that cannot be decided: zero, with what is needed."""
        work.cuts.append(Cut(error.code, error.problem.where, ZERO.quantize(CENT), str(error)))
        self.notes.append(Note(work.claim.id, error.code, str(error)))

    # 2 and 3: the single decision, cumulative principal, exclusions by outside support

    def decide(self, work: Work, principals: dict[Hashable, dict[str, Decimal]]) -> None:
        found, claim = work.found, work.claim
        assert found is not None
        rules = self.by_member[found.document.key, found.rule.id]
        try:
            for rule in rules:
                if (
                    rule.needs
                    and self.supported(work, rule.needs.support, "either")
                    and claim.inputs.get(rule.needs.input) in (None, "")
                ):
                    item = found.rule.input(rule.needs.input)
                    raise InvalidInput(
                        f"已有中央贴息等支持，却没有填“{item.label}”",
                        where=rule.at,
                        expected=item.label,
                        remedy="补填后重新核算",
                    )
            work.decision = self.with_principal(work, [r for r in rules if r.principal], principals)
        except NotInForce as error:
            self.invalid(work, error)
            return
        except PolicyError as error:
            self.refuse(work, error)
            return
        work.decided = work.amount = work.decision.amount
        for rule in rules:
            if rule.bar and work.amount > 0:
                hit = self.supported(work, rule.bar.support, rule.bar.of)
                if hit:
                    work.take(rule, work.amount, f"{hit.project or hit.loan} 已获其他支持（{hit.kind}）")
        for rule in rules:
            if rule.principal and work.amount > 0:
                key = self.principal_key(rule, work)
                principals[key].setdefault(claim.loan or f"#{claim.id}", work.decision.outcome.env[rule.principal.base])

    def with_principal(
        self, work: Work, rules: list[CrossRule], principals: dict[Hashable, dict[str, Decimal]]
    ) -> Decision:
        """The decision, with the balances of the enterprise's earlier other loans added to the principal used."""
        claim, found = work.claim, work.found
        assert found is not None
        decision = decide(found, claim.inputs, claim.on)
        for rule in rules:
            assert rule.principal is not None
            loans = principals[self.principal_key(rule, work)]
            earlier = sum((amount for loan, amount in loans.items() if loan != claim.loan), ZERO)
            if earlier:
                stated = decision.inputs.get(rule.principal.used, ZERO)
                used = {name: value for name, value in decision.inputs.items() if name in _named(found, claim)}
                decision = decide(found, used | {rule.principal.used: stated + earlier}, claim.on)
        return decision

    def principal_key(self, rule: CrossRule, work: Work) -> Hashable:
        assert rule.principal is not None
        return rule.id, work.claim.enterprise, work.year if rule.principal.per == "enterprise-year" else None

    def supported(self, work: Work, kinds: tuple[str, ...], on: str) -> Support | None:
        """The first outside support of these kinds on the claim's project or loan."""
        claim = work.claim
        for key, name in (("project", claim.project), ("loan", claim.loan)):
            if name and on in (key, "either"):
                for item in self.support.get((key, name), ()):
                    if (not kinds or item.kind in kinds) and item.enterprise in (None, claim.enterprise):
                        return item
        return None

    def bar_by_claims(self) -> None:
        for document, rule in self.rules:
            if rule.bar_by_claim is None:
                continue
            barring = {
                (w.claim.enterprise, w.year): w.claim.id
                for w in self.works
                if w.found and w.found.document is document and w.found.rule.id == rule.bar_by_claim.rule
                and w.amount > 0 and w.decision and w.decision.outcome.env[rule.bar_by_claim.where]
            }  # fmt: skip
            for work in self.members(document, rule):
                other = barring.get((work.claim.enterprise, work.year))
                if other:
                    work.take(rule, work.amount, f"见申报 {other}")

    # 4 highest only, exclusive

    def keep_one(self, document: Document, rule: CrossRule) -> None:
        assert rule.keep_one is not None
        per = rule.keep_one.per
        groups: dict[Hashable, list[Work]] = defaultdict(list)
        for work in self.members(document, rule):
            name = work.claim.loan if per == "loan" else work.claim.project
            if name:
                groups[work.claim.enterprise, name, work.year if per == "project-year" else None].append(work)
        for (_, name, _), group in groups.items():  # type: ignore[misc]
            if len(group) < 2:
                continue
            chosen = self.facts.choices.get(str(name)) if rule.keep_one.elective else None
            kept = next((w for w in group if w.claim.id == chosen), None) or max(group, key=lambda w: w.amount)
            why = (
                "企业选择"
                if kept.claim.id == chosen
                else "金额最高"
                if any(w.amount < kept.amount for w in group)
                else "金额相同，取先申报的"
            )
            for work in group:
                if work is not kept:
                    work.take(rule, work.amount, f"保留申报 {kept.claim.id}（{kept.amount:,.2f}元，{why}）")

    # 5 uplift

    def uplift(self) -> None:
        for document, rule in self.rules:
            if rule.uplift is None:
                continue
            raised: list[tuple[Work, Decimal]] = []
            for work in self.members(document, rule):
                if work.claim.enterprise in self.facts.chain_enterprises and work.decision:
                    with localcontext(EXACT):
                        full = work.amount * (1 + work.figure(rule.uplift.figure))
                        rooms = [maximum - (spent or ZERO) for _, maximum, spent, _ in work.decision.outcome.limits]
                        target = round_half_up(max(min([full, *rooms]), work.amount))
                    raised.append((work, target - work.amount))
            increments = [more for _, more in raised]
            budget = self.facts.uplift_budget
            short = budget is not None and sum(increments, ZERO) > budget
            if budget is not None and short:
                increments = largest_remainder(increments, budget)
            for (work, _), more in zip(raised, increments, strict=True):
                if more:
                    work.take(rule, -more, "增量按比例分配上浮预算" if short else "按标准金额上浮")

    # 6 shared and period caps

    def cap(self, document: Document, rule: CrossRule) -> None:
        assert rule.cap is not None
        per_of = dict(rule.cap.per_of)
        own = {ref.rule: ref for ref in rule.cap.figures}
        used: dict[Hashable, Decimal] = {}
        for work in self.members(document, rule):
            assert work.found is not None and work.decision is not None
            name = work.found.rule.id
            ref = rule.cap.figures[0] if rule.cap.shared else own[name]
            per = per_of.get(name, rule.cap.per)
            scope = self.scope(work, per, document.rules[ref.rule].figures[ref.figure].table)
            key = (None if rule.cap.shared else name, scope)
            if key not in used:
                members = rule.members if rule.cap.shared else (name,)
                used[key] = self.prior(work, members, per)
            env = work.decision.outcome.env
            stated = max((env[x.used] for x in work.found.rule.limits if x.used), default=ZERO)
            spent = max(used[key], stated)
            room = max(work.figure(ref) - spent, ZERO)
            if work.amount > room:
                work.take(rule, work.amount - room, f"封顶 {work.figure(ref):,.2f}元，此前已占用 {spent:,.2f}元")
            used[key] = spent + work.amount

    def scope(self, work: Work, per: Per, table: object) -> Hashable:
        claim = work.claim
        level = work.decision.outcome.env[table.by] if table is not None and work.decision else None  # type: ignore[attr-defined]
        project = claim.project or f"#{claim.id}" if per in ("project", "project-year") else None
        return (
            claim.enterprise,
            project,
            work.year if per in ("enterprise-year", "project-year") else None,
            level,
        )

    def prior(self, work: Work, members: Iterable[str], per: Per) -> Decimal:
        """Payments already made in the same scope."""
        assert work.found is not None
        total = ZERO
        for paid in self.prior_of.get((work.found.document.city, work.claim.enterprise), ()):
            if (
                paid.rule in members
                and (per in ("enterprise", "project") or paid.year == work.year)
                and (per not in ("project", "project-year") or paid.project == work.claim.project)
            ):
                total += paid.amount
        return total

    def check_facts(self) -> None:
        """Index prior payments by city and enterprise; names that mean nothing are refused, not ignored."""
        for paid in self.facts.prior_payments:
            city = self.catalog.city(paid.city)
            self.prior_of[city, paid.enterprise].append(paid)
        ids = {work.claim.id for work in self.works}
        for project, chosen in self.facts.choices.items():
            if chosen not in ids:
                raise InvalidInput(
                    f"choices 里 {project} 选的申报 {chosen} 不存在",
                    where="facts choices",
                    expected="申报编号",
                    remedy="核对编号",
                )
        pools = {rule.pool.name for _, rule in self.rules if rule.pool}
        for name in self.facts.pools:
            if name not in pools:
                raise InvalidInput(
                    f"没有资金“{name}”",
                    where="facts pools",
                    expected="、".join(sorted(pools)),
                    remedy="核对名称",
                )

    # 7 ceiling by fiscal contribution

    def ceiling(self, document: Document, rule: CrossRule) -> None:
        assert rule.ceiling is not None
        used: dict[str, Decimal] = {}
        for work in self.members(document, rule):
            claim = work.claim
            if claim.enterprise_kind not in rule.ceiling.kinds:
                continue
            limit = self.facts.fiscal_contribution.get(claim.enterprise)
            if limit is None or work.year != self.on_year:
                self.notes.append(
                    Note(
                        claim.id,
                        rule.id,
                        f"没有{claim.enterprise} {work.year} 年对本级财政的贡献数，未执行总额上限，请补充后再核",
                    )
                )
                continue
            if claim.enterprise not in used:
                paid = self.prior_of.get((document.city, claim.enterprise), ())
                used[claim.enterprise] = sum((p.amount for p in paid if p.year == self.on_year), ZERO)
            spent = used[claim.enterprise]
            room = max(limit - spent, ZERO)
            if work.amount > room:
                work.take(rule, work.amount - room, f"本级财政贡献 {limit:,.2f}元，此前已占用 {spent:,.2f}元")
            used[claim.enterprise] = spent + work.amount

    # 8 pool

    def pool(self, document: Document, rule: CrossRule) -> None:
        assert rule.pool is not None
        fund = self.facts.pools.get(rule.pool.name)
        if fund is None:
            return
        works = list(self.members(document, rule))
        total = sum((work.amount for work in works), ZERO)
        if total <= fund:
            return
        if not rule.pool.reduces:
            for work in works:
                self.notes.append(
                    Note(work.claim.id, rule.id, f"{rule.text}（应付合计 {total:,.2f}元，资金 {fund:,.2f}元）")
                )
            return
        for work, part in zip(
            works, largest_remainder([w.amount for w in works], fund, self.facts.quantum), strict=True
        ):
            if part < work.amount:
                work.take(rule, work.amount - part, f"应付合计 {total:,.2f}元，资金 {fund:,.2f}元")

    # 9 payers

    def split(self, work: Work, partners: dict[tuple[str, str, str, str], tuple[CrossRule, str]]) -> None:
        if work.amount <= 0 or work.found is None:
            return
        document, name = work.found.document, work.found.rule.id
        payers = {work.found.rule.payer: work.amount}
        for rule in self.by_member[document.key, name]:
            if rule.payer:
                payers = {rule.payer: work.amount}
            if rule.share:
                ref = next(ref for ref in rule.share.ratios if ref.rule == name)
                with localcontext(EXACT):
                    first = (work.amount * work.figure(ref)).quantize(CENT, ROUND_CEILING)
                payers = {rule.share.between[0]: first, rule.share.between[1]: work.amount - first}
        partner = partners.get((document.city, name, work.claim.enterprise, work.claim.project or ""))
        if partner is not None:
            rule, other = partner
            assert rule.partner is not None
            rest = work.amount - payers.get(rule.partner.keeps, ZERO)
            payers = {rule.partner.keeps: payers.get(rule.partner.keeps, ZERO)}
            if rest:
                work.take(rule, rest, f"其余部分由申报 {other} 承担")
        work.payers = {payer: part for payer, part in payers.items() if part}

    def partners(self) -> dict[tuple[str, str, str, str], tuple[CrossRule, str]]:
        """Projects for which another document's claim above zero bears part: the claim concerned -> rule, bearer."""
        out = {}
        for document, rule in self.rules:
            for work in self.members(document, rule) if rule.partner else ():
                assert rule.partner is not None and work.found is not None
                if work.claim.project and work.found.rule.id == rule.partner.member:
                    key = (rule.partner.city, rule.partner.rule, work.claim.enterprise, work.claim.project)
                    out[key] = (rule, work.claim.id)
        return out

    def settled(self, work: Work) -> Settled:
        claim = work.claim
        return Settled(
            claim.id, work.decided, work.amount.quantize(CENT), work.payers, tuple(work.cuts),
            str(basis(work.found)) if work.found else "", work.found.rule.title if work.found else "",
        )  # fmt: skip


def _named(found: Found, claim: Claim) -> set[str]:
    """Names of the inputs a claim states (so that defaults stay defaults when it is decided again)."""
    names = input_names(found.rule)
    return {names[key].name for key in claim.inputs if key in names}
