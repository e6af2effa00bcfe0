"""Figures as reports print them: 206件, 600余人次, 23.07亿元, 下降26%."""

from random import Random

from bench.invented.codebook import Metric

QUALIFIED = (
    (0.04, "{number}余{counter}"),
    (0.06, "近{number}{counter}"),
    (0.08, "超过{number}{counter}"),
    (0.09, "约{number}{counter}"),
)
"""With the share of figures that are below it; the rest are exact."""
ZERO, ALL = 0.11, 0.12
ROUND = 10


def print_figure(chance: Random, metric: Metric) -> str:
    """A figure of the metric, drawn by chance."""
    if metric.kind == "change":
        return f"{chance.choice(('增长', '下降'))}{chance.randint(1, 999) / 10:g}%"
    if metric.kind == "rate":
        return f"{chance.choice((100, 98, chance.randint(600, 999) / 10)):g}%"
    if metric.kind == "amount":
        return f"{chance.randint(101, 99_999) / 100:.2f}{chance.choice(('万', '万', '亿'))}元"
    return _print_count(chance, metric.unit.words.zh)


def _print_count(chance: Random, counter: str) -> str:
    number = 1 + int(10 ** chance.uniform(0.3, 3.6))
    share = chance.random()
    for limit, form in QUALIFIED:
        if share < limit:
            return form.format(number=ROUND + number // ROUND * ROUND, counter=counter)
    if share < ZERO:
        return f"无一{counter}"
    if share < ALL:
        return f"{number}{counter}均已完成"
    return f"{number}{counter}"
