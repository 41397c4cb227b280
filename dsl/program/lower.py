"""Model → program. Nothing is decided here: only what a run needs is written down, and where it came from."""

from __future__ import annotations

from decimal import Decimal

from dsl import model as m
from dsl.diagnostics import Place
from dsl.program import ir
from dsl.program.hashing import content_hash
from dsl.quantities import canonical
from dsl.settings import EVENT_COLUMNS, Settings
from dsl.templates.whole import whole
from dsl.terms import Reaches, SumReaches


def lower(model: m.Model, settings: Settings) -> ir.Program:
    """The program of a model without errors."""
    brand = model.brand
    program = ir.Program(
        hash="",
        engine=settings.engine,
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
        ),
        customer=tuple(
            _field(field, settings.customers.get(field.name, field.name)) for field in model.fields.values()
        ),
        events=tuple(_event(event, settings) for _, event in sorted(model.events.items())),
        products=tuple(
            ir.ProductSpec(
                name=name, title=product.title, facts={key: _fact(fact) for key, fact in product.facts.items()}
            )
            for name, product in sorted(model.products.items())
        ),
        policies=tuple(_policy(policy) for _, policy in sorted(model.policies.items())),
        campaigns=tuple(_campaign(campaign, brand) for _, campaign in sorted(model.campaigns.items())),
        retired=tuple(sorted(model.retired)),
        funnels=tuple(
            ir.FunnelSpec(name=name, title=funnel.title, steps=funnel.steps, within=funnel.within)
            for name, funnel in sorted(model.funnels.items())
        ),
        data=ir.DataSpec(zone=settings.zone or brand.zone.value, missing=settings.missing),
    )
    return program.model_copy(update={"hash": content_hash(program.model_dump(mode="json"))})


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
    return ir.EventSpec(name=event.name, properties=properties, **columns)


def _fact(fact: m.FactDef) -> ir.Fact:
    values = fact.value if isinstance(fact.value, tuple) else (fact.value,)
    written = tuple(canonical(value) if isinstance(value, Decimal) else str(value) for value in values)
    return ir.Fact(base=fact.type.base, unit=fact.type.currency, values=written)  # type: ignore[arg-type]


def _policy(policy: m.Policy) -> ir.PolicySpec:
    return ir.PolicySpec(
        name=policy.name,
        quiet=tuple(ir.QuietSpec(hours=quiet.value, at=_at(quiet.place)) for quiet in policy.quiet),
        consents=tuple(ir.ConsentSpec(field=one.value, at=_at(one.place)) for one in policy.consents),
        bans=tuple(ir.BanSpec(ban=ban.value, at=_at(ban.place)) for ban in policy.bans),
        limit=policy.limit.value if policy.limit else None,
        limit_at=_at(policy.limit.place if policy.limit else None),
        caps=tuple(ir.CapSpec(cap=cap.value, at=_at(cap.place)) for cap in policy.caps),
        blocks=tuple(ir.BlockSpec(block=block.value, at=_at(block.place)) for block in policy.blocks),
        at=_at(policy.place),
    )


def _campaign(campaign: m.Campaign, brand: m.Brand) -> ir.CampaignSpec:
    start = campaign.start.value
    again = campaign.again.value if campaign.again else None
    if isinstance(start, (Reaches, SumReaches)) and again is None:
        again = start.of.last  # a trigger re-arms after its own window
    policy = campaign.policy
    begins, ends = campaign.runs.value
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
        messages=tuple(_message(campaign, brand, message) for message in campaign.messages),
        formerly=campaign.formerly.value if campaign.formerly else None,
        pace=campaign.pace.value if campaign.pace else None,
        pace_at=_at(campaign.pace.place if campaign.pace else None),
        budget=campaign.budget.value if campaign.budget else None,
        budget_at=_at(campaign.budget.place if campaign.budget else None),
        at=_at(campaign.place),
    )


def _message(campaign: m.Campaign, brand: m.Brand, message: m.Message) -> ir.MessageSpec:
    template = whole(brand, campaign.policy, message)
    return ir.MessageSpec(channel="sms", template=template, at=_at(message.place), when=message.when)
