"""Model → program. Nothing is decided here: only what a run needs is written down, and where it came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar

from dsl import catalog
from dsl import model as m
from dsl.diagnostics import Place
from dsl.program import ir
from dsl.program.hashing import content_hash
from dsl.quantities import canonical
from dsl.settings import EVENT_COLUMNS, Settings
from dsl.templates.mentions import confirmation_required
from dsl.templates.spelled import in_english
from dsl.templates.whole import whole
from dsl.terms import Ban, Reaches, SumReaches

T = TypeVar("T")


def lower(model: m.Model, settings: Settings) -> ir.Program:
    """The program of a model without errors."""
    brand = model.brand
    program = ir.Program(
        hash="",
        engine=settings.engine,
        growth=settings.growth,
        brand=ir.BrandSpec(
            name=brand.name,
            title=brand.title,
            zone=brand.zone.value,
            currency=brand.currency,
            holidays=brand.holidays.value if brand.holidays else None,
            phones=brand.phones,
            link=brand.link.value if brand.link else None,
            costs=brand.costs,
            control=brand.control,
            rejects=brand.rejects,
            reach={channel: flag.value for channel, flag in sorted(brand.reach.items())},
        ),
        customer=tuple(
            _field(field, settings.customers.get(field.name, field.name)) for field in model.fields.values()
        ),
        events=tuple(_event(event, settings) for _, event in sorted(model.events.items())),
        products=tuple(
            ir.ProductSpec(
                name=name,
                title=product.title,
                facts={key: _fact(fact) for key, fact in product.facts.items()},
                plans=product.plans,
                calculator=product.calculator.value if product.calculator else None,
            )
            for name, product in sorted(model.products.items())
        ),
        policies=tuple(_policy(policy, brand, model.products) for _, policy in sorted(model.policies.items())),
        campaigns=tuple(_campaign(campaign, model) for _, campaign in sorted(model.campaigns.items())),
        retired=tuple(sorted(model.retired)),
        funnels=tuple(
            ir.FunnelSpec(name=name, title=funnel.title, steps=funnel.steps, within=funnel.within)
            for name, funnel in sorted(model.funnels.items())
        ),
        measures=tuple(
            ir.MeasureSpec(name=name, title=one.title, counted=one.counted, among=one.among, within=one.within)
            for name, one in sorted(model.measures.items())
        ),
        segments=tuple(_segments(model)),
        data=ir.DataSpec(zone=settings.zone or brand.zone.value, missing=settings.missing),
    )
    return program.model_copy(update={"hash": content_hash(program.model_dump(mode="json"))})


def _segments(model: m.Model) -> Iterator[ir.SegmentSpec]:
    for name, segment in sorted(model.segments.items()):
        yield ir.SegmentSpec(name=name, title=segment.title, when=segment.test)
    for name, lifecycle in sorted(model.lifecycles.items()):
        for stage, test in lifecycle.stages.items():
            yield ir.SegmentSpec(name=f"{name}.{stage}", title=stage, when=test)


def _at(place: Place | None) -> str:
    return f"{place.source.path}:{place.line}" if place else ""


def _field(field: m.FieldDef, column: str) -> ir.FieldSpec:
    type = field.type
    return ir.FieldSpec(
        name=field.name,
        base=type.base,  # type: ignore[arg-type]
        column=column,
        options=type.options,
        size=type.size,
        optional=type.optional,
        sensitive=field.sensitive,
    )


def _event(event: m.EventDef, settings: Settings) -> ir.EventSpec:
    shared, own = settings.events.get("", {}), settings.events.get(event.name, {})
    columns = {key: own.get(key, shared.get(key, key)) for key in EVENT_COLUMNS}
    properties = tuple(_field(field, own.get(field.name, field.name)) for field in event.properties.values())
    return ir.EventSpec(name=event.name, properties=properties, derived=event.name in catalog.DERIVED, **columns)


def _fact(fact: m.FactDef) -> ir.Fact:
    values = fact.value if isinstance(fact.value, tuple) else (fact.value,)
    written = tuple(canonical(value) if isinstance(value, Decimal) else str(value) for value in values)
    return ir.Fact(base=fact.type.base, unit=fact.type.currency, values=written)  # type: ignore[arg-type]


def _policy(policy: m.Policy, brand: m.Brand, products: dict[str, m.Product]) -> ir.PolicySpec:
    limits = sorted(_binding(policy.limits), key=lambda one: one.value)
    limit = next((one for one in limits if one.note.binds), None)
    return ir.PolicySpec(
        name=policy.name,
        quiet=tuple(
            ir.QuietSpec(
                hours=one.value.hours,
                days=one.value.days,
                holidays=one.value.holidays,
                at=_at(one.place),
                **_dates(one),
            )
            for one in _binding(policy.quiet)
        ),
        consents=tuple(
            ir.ConsentSpec(
                field=one.value.flag,
                at=_at(one.place),
                sensitive=one.value.sensitive,
                exempt=one.value.exempt,
                **_dates(one),
            )
            for one in _binding(policy.consents)
        ),
        bans=(
            *(
                ir.BanSpec(
                    ban=replace(one.value, say="", fact=""),
                    at=_at(one.place),
                    lifted_for=_stating(products, one.value.fact),
                    **_dates(one),
                )
                for one in _binding(policy.bans)
            ),
            *_characters(policy, brand),
        ),
        limit=limit.value if limit else None,
        limit_at=_at(limit.place if limit else None),
        dated_limits=tuple(
            ir.LimitSpec(segments=one.value, at=_at(one.place), **_dates(one)) for one in limits if not one.note.binds
        ),
        lengths=tuple(
            ir.LengthSpec(characters=one.value, at=_at(one.place), **_dates(one)) for one in _binding(policy.longest)
        ),
        caps=tuple(ir.CapSpec(cap=one.value, at=_at(one.place)) for one in _binding(policy.caps)),
        blocks=tuple(ir.BlockSpec(block=one.value, at=_at(one.place)) for one in _binding(policy.blocks)),
        at=_at(policy.place),
        jurisdiction=policy.jurisdiction,
        vendor=policy.vendor,
        words=tuple(sorted({one.value for one in policy.words})),
    )


def _stating(products: dict[str, m.Product], fact: str) -> tuple[str, ...]:
    """The products that state a fact."""
    return tuple(sorted(name for name, product in products.items() if fact and fact in product.facts))


def _characters(policy: m.Policy, brand: m.Brand) -> Iterator[ir.BanSpec]:
    """Characters that are not taken, as words of one character: in the brand's own signature and opt-out they are fine."""
    own = tuple(sorted({text.value for text in (brand.signature, brand.opt_out) if text}))
    for one in _binding(policy.refusals):
        if one.value.what == "characters":
            words = tuple(sorted({*one.value.text} - {" "}))
            allowed = tuple(text for text in own if {*text} & {*words})
            yield ir.BanSpec(ban=Ban(words, allowed, one.value.because), at=_at(one.place), **_dates(one))


def _binding(statements: tuple[m.Placed[T], ...]) -> Iterator[m.Placed[T]]:
    """What weighs less than an error is told by check and holds nobody back."""
    return (one for one in statements if one.note.severity == "error")


def _dates(one: m.Placed[T]) -> dict[str, Any]:
    return {"since": one.note.since, "until": one.note.until}


def _campaign(campaign: m.Campaign, model: m.Model) -> ir.CampaignSpec:
    start = campaign.start.value
    again = campaign.again.value if campaign.again else None
    if isinstance(start, (Reaches, SumReaches)) and again is None:
        again = start.of.last  # a trigger re-arms after its own window
    policy = campaign.policy
    begins, ends = campaign.runs.value
    page = campaign.page or model.brand.page
    return ir.CampaignSpec(
        name=campaign.name,
        title=campaign.title,
        product=campaign.product.name if campaign.product else None,
        kind=campaign.kind,
        policy=policy.name,
        begins=begins,
        ends=ends,
        priority=campaign.priority,
        audience=tuple(ir.Line(when=line.value, at=_at(line.place)) for line in campaign.audience),
        start=start,
        start_at=_at(campaign.start.place),
        again=again,
        expire=campaign.expire.value if campaign.expire else None,
        expire_at=_at(campaign.expire.place if campaign.expire else campaign.runs.place),
        window=campaign.window.value if campaign.window else None,
        window_at=_at(campaign.window.place if campaign.window else campaign.place),
        caps=tuple(ir.CapSpec(cap=cap.value, at=_at(cap.place)) for cap in campaign.caps),
        holdout=campaign.holdout,
        arms=tuple(ir.ArmSpec(name=name, share=share) for name, share in campaign.arms),
        messages=tuple(_message(campaign, model, message) for message in campaign.messages),
        formerly=campaign.formerly.value if campaign.formerly else None,
        pace=campaign.pace.value if campaign.pace else None,
        pace_at=_at(campaign.pace.place if campaign.pace else None),
        budget=campaign.budget.value if campaign.budget else None,
        budget_at=_at(campaign.budget.place if campaign.budget else None),
        at=_at(campaign.place),
        confirm=_message(campaign, model, campaign.confirm, offers=False) if campaign.confirm else None,
        steps=tuple(_step(campaign, model, step) for step in campaign.steps),
        replies=tuple(
            ir.ReplySpec(
                text=reply.text,
                messages=tuple(_message(campaign, model, message, offers=False) for message in reply.messages),
                at=_at(reply.place),
            )
            for reply in campaign.replies
        ),
        exits=tuple(ir.Line(when=line.value, at=_at(line.place)) for line in campaign.exits),
        goal=ir.GoalSpec(of=campaign.goal.of, within=campaign.goal.within) if campaign.goal else None,
        sensitive=campaign.sensitive is not None,
        page=page.value if page else None,
    )


def _step(campaign: m.Campaign, model: m.Model, step: m.Step) -> ir.StepSpec:
    return ir.StepSpec(
        name=step.name,
        after=step.after,
        provided=step.provided,
        unless=step.unless,
        kind=step.kind,
        window=step.window.value if step.window else None,
        window_at=_at(step.window.place if step.window else step.place),
        messages=tuple(_message(campaign, model, message) for message in step.messages),
        confirm=_message(campaign, model, step.confirm, offers=False) if step.confirm else None,
        at=_at(step.place),
    )


def _message(campaign: m.Campaign, model: m.Model, message: m.Message, offers: bool = True) -> ir.MessageSpec:
    """`offers`: not a confirmation or an answer, which need none of their own."""
    asked = confirmation_required(model, campaign, message) if offers else None
    binds = asked is not None and asked.note.severity == "error"
    return ir.MessageSpec(
        channel=message.channel,  # type: ignore[arg-type]
        template=in_english(whole(model.brand, campaign.policy, message)),
        at=_at(message.place),
        when=message.when,
        otherwise=message.otherwise,
        card=message.card
        and replace(message.card, title=in_english(message.card.title), text=in_english(message.card.text)),
        suggestions=tuple(replace(one, label=in_english(one.label)) for one in message.suggestions),
        verify=message.verify,
        to=message.to,
        must_confirm=binds,
        must_confirm_at=_at(asked.place) if asked and binds else "",
    )
