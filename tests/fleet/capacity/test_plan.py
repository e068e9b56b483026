"""The verdicts of the capacity plan against an exhaustive search, and what each scenario counts."""

from __future__ import annotations

from collections import Counter
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.fleet.capacity.forecast import Answer, Scenario
from generator.fleet.capacity.plan import ClusterPlan, plan_cluster
from generator.fleet.capacity.pods import CardShare, LabelRule, NodeRules, PodShape, ServiceId, TolerationRule, Workload
from generator.fleet.capacity.pools import NodeRoom, Pool
from generator.fleet.capacity.rooms import fill
from generator.spec.values.taints import Taint
from tests.support.fuzz import examples

GIB = 2**30
CPU = Pool("cpu", 2, 2, 4000, 8 * GIB, 10)
T4 = Pool("t4", 1, 2, 4000, 8 * GIB, 10, cards=2, card="T4", card_memory=15360, tenants=4, labels={"card": "t4"})
ANYWHERE = NodeRules("p")
ON_T4 = NodeRules("p", selector=(LabelRule("card", "In", ("t4",)),))


def _shape(cpu: int, share: CardShare | None = None, rules: NodeRules = ANYWHERE) -> PodShape:
    return PodShape(cpu, GIB, rules, share)


def _workload(name: str, shape: PodShape, least: int = 1, most: int = 0, surge: int = 0, order: str = "") -> Workload:
    return Workload(ServiceId("prod", "p", name, name), shape, least, least, most or least, surge, order)


def _plan(pools: tuple[Pool, ...], *workloads: Workload) -> ClusterPlan:
    return plan_cluster("main", pools, workloads)


def _answers(plan: ClusterPlan) -> list[str]:
    return [str(plan.forecasts[scenario].answer) for scenario in Scenario]


SHARES = st.sampled_from([None, CardShare(1), CardShare(2), CardShare(1, 50, None, 50), CardShare(1, 30, 6000)])
SHAPES = st.builds(
    PodShape,
    st.sampled_from([500, 1000, 1500, 2000, 3000]),
    st.sampled_from([GIB, 3 * GIB, 4 * GIB]),
    st.sampled_from([ANYWHERE, ON_T4]),
    SHARES,
)


@settings(max_examples=examples(60, of=150), deadline=None)
@given(st.lists(SHAPES, min_size=1, max_size=6))
def test_a_verdict_is_what_an_exhaustive_search_finds(shapes: list[PodShape]) -> None:
    pools = (replace(CPU, nodes=1), T4)
    made = _plan(pools, *(_workload(f"s{number}", shape) for number, shape in enumerate(shapes)))
    if made.misfits:
        assert any(not _search(pools, (one.shape,)) for one in made.misfits)
        return
    truth = _search(pools, tuple(sorted(shapes, key=lambda shape: -shape.cpu)))
    assert made.forecasts[Scenario.MINIMUM].answer in (
        Answer.UNKNOWN,
        Answer.FITS if truth else Answer.DOES_NOT_FIT,
    )


def _search(pools: tuple[Pool, ...], shapes: tuple[PodShape, ...]) -> bool:
    """Try each pod on each node."""
    owners = tuple(pool for pool in pools for _ in range(pool.nodes))

    @cache
    def search(rooms: tuple[NodeRoom, ...], left: tuple[PodShape, ...]) -> bool:
        if not left:
            return True
        for index, pool in enumerate(owners):
            rules = left[0].rules.selector
            if any(pool.labels.get(rule.key) not in rule.values for rule in rules) or (
                left[0].share and not pool.cards
            ):
                continue
            # Two cards that differ are both tried, by hiding the others.
            for cards in _choices(rooms[index], left[0]):
                count, after = fill(rooms[index]._replace(cards=cards), pool.request(left[0]), 1)
                if count:
                    hidden = Counter(rooms[index].cards) - Counter(cards)
                    whole = tuple(sorted([*after.cards, *hidden.elements()]))
                    after = after._replace(cards=whole, free_cores=sum(card.cores for card in whole))
                    if search((*rooms[:index], after, *rooms[index + 1 :]), left[1:]):
                        return True
        return False

    return search(tuple(pool.room() for pool in owners), shapes)


def _choices(room: NodeRoom, shape: PodShape) -> list[tuple]:  # type: ignore[type-arg]
    if shape.share is None or shape.share.number != 1:
        return [room.cards]
    return [(card,) for card in dict.fromkeys(room.cards)]


def test_a_share_is_packed_on_one_card_and_cards_on_one_node() -> None:
    pool = replace(T4, nodes=1)
    half, most = _shape(100, CardShare(1, 50, None, 50)), _shape(100, CardShare(1, 60, None, 60))
    assert _answers(_plan((pool,), _workload("a", half, 4)))[0] == "fits"
    assert _answers(_plan((pool,), _workload("a", half, 5)))[0] == "does not fit"
    assert _answers(_plan((pool,), _workload("a", most, 2)))[0] == "fits"
    # 180 percent of 200 in sum, but a card takes one of them.
    found = _plan((pool,), _workload("a", most, 3)).forecasts[Scenario.MINIMUM]
    assert (found.answer, found.shortage and found.shortage.large) == (Answer.DOES_NOT_FIT, 60)
    # Three nodes with one free card each have no room for two cards.
    spread = _plan((replace(T4, nodes=3),), _workload("a", _shape(100, CardShare(2)), 3), _workload("b", half, 1))
    assert _answers(spread)[0] == "does not fit"
    # A card is given to four pods at most.
    tenth = _shape(100, CardShare(1, 10, None, 10))
    assert _answers(_plan((pool,), _workload("a", tenth, 8)))[0] == "fits"
    assert _answers(_plan((pool,), _workload("a", tenth, 9)))[0] == "does not fit"


def test_each_scenario_counts_its_pods() -> None:
    card = _shape(100, CardShare(1))
    a, b = _workload("a", card, 1, 3, surge=1), _workload("b", card, 1, order="2026")
    for nodes, expected in ((1, ["fits", "does not fit", "does not fit", "does not fit"]), (2, ["fits"] * 4)):
        made = _plan((replace(T4, nodes=nodes),), a, b)
        assert _answers(made) == expected
    one = _plan((replace(T4, nodes=1),), a, b).forecasts
    assert [one[scenario].usage["t4"].cards for scenario in Scenario] == [200, 400, 300, 300]
    firsts = [one[scenario].first for scenario in Scenario]
    assert [first and first.service.name for first in firsts] == [None, "a", "a", "a"]
    assert one[Scenario.TAKEOVER].further == 1
    newest = _plan((replace(T4, nodes=1),), a, b, _workload("c", card, 1, order="2027"))
    assert newest.forecasts[Scenario.MINIMUM].first == _workload("c", card, 1, order="2027")


def test_a_roll_back_starts_what_is_superseded() -> None:
    old = replace(_workload("old", _shape(100, CardShare(2))), successor=ServiceId("prod", "p", "new", "new"))
    new = _workload("new", _shape(100, CardShare(1)))
    assert _answers(_plan((replace(T4, nodes=1),), old, new)) == ["fits", "fits", "fits", "does not fit"]
    assert _plan((CPU, replace(T4, nodes=0)), old, _workload("c", _shape(1))).misfits == ()


def test_taints_labels_projects_and_cards_decide_where_pods_may_run() -> None:
    tainted = replace(T4, taints=(Taint("gpu", "", "NoSchedule"), Taint("a", "b", "PreferNoSchedule")))
    share, tolerant = CardShare(1), NodeRules("p", tolerations=(TolerationRule("gpu", "Exists", "", ""),))
    cases = [
        (tainted, _shape(1, share), False),
        (tainted, _shape(1, share, tolerant), True),
        (replace(T4, projects=("q",)), _shape(1, share), False),
        (replace(T4, products=("Tesla-T4",)), _shape(1, share, NodeRules("p", use=("t4",))), True),
        (replace(T4, products=("Tesla-T4",)), _shape(1, share, NodeRules("p", avoid=("T4",))), False),
        (T4, _shape(1, None, NodeRules("p", terms=((LabelRule("card", "Exists"),),))), True),
        (T4, _shape(1, None, NodeRules("p", terms=((LabelRule("card", "DoesNotExist"),), ()))), False),
        (T4, replace(_shape(1), others=(("example.com/a", 1),)), False),
        (replace(T4, others=(("example.com/a", 1),)), replace(_shape(1), others=(("example.com/a", 1),)), True),
        (replace(T4, nodes=0), _shape(1), False),
    ]
    for pool, shape, fits in cases:
        assert (_plan((pool,), _workload("a", shape)).misfits == ()) is fits, (pool, shape)


def test_a_rule_between_pods_leaves_the_verdict_open_and_a_proof_stands() -> None:
    apart = replace(_shape(100, CardShare(1)), beyond=("required anti-affinity",))
    made = _plan((T4,), _workload("a", apart, 2, 9))
    assert _answers(made) == ["unknown", "does not fit", "unknown", "unknown"]
    assert made.forecasts[Scenario.MINIMUM].beyond == ("required anti-affinity",)


def test_huge_numbers_are_counted_and_not_listed() -> None:
    pools = (replace(CPU, nodes=100_000), replace(T4, nodes=100_000))
    shapes = [_shape(100 * number, CardShare(1, 10 * number, None, 10) if number % 2 else None) for number in (1, 2, 3)]
    many = [_workload(f"s{number}", shapes[number % 3], 2**31 - 1) for number in range(3000)]
    assert _answers(_plan(pools, *many)) == ["does not fit"] * 4
    few = [_workload(f"s{number}", shapes[number % 3], 1, 2, 1) for number in range(3000)]
    assert _answers(_plan(pools, *few)) == ["fits"] * 4
