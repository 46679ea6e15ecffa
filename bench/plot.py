"""Draws the picture of docs/benchmarks.md."""

from pathlib import Path

from matplotlib.figure import Figure

from bench.parts import Results


def plot(results: Results, file: Path) -> None:
    """Draw latency, throughput and bursts of all modes."""
    figure = Figure(figsize=(11, 3.6), layout="constrained")
    latency, rate, bursts = figure.subplots(1, 3)
    modes = list(results["idle"])
    cuts = ("p50", "p95", "p99")
    for position, mode in enumerate(modes):
        seconds = [results["idle"][mode]["to_task_token"][cut] for cut in cuts]
        latency.bar([at + position * 0.27 for at in range(3)], seconds, 0.25, label=mode)
    latency.set_xticks([at + 0.27 for at in range(3)], cuts)
    latency.set_title("Event to task token, idle")
    latency.set_ylabel("seconds")
    latency.legend()

    history = sorted(results["throughput"], key=int)
    for mode in modes:
        rates = [results["throughput"][finished][mode]["per_second"] for finished in history]
        rate.plot([int(finished) for finished in history], rates, marker="o", label=mode)
    rate.set_ylim(bottom=0)
    rate.set_title("Orders a second")
    rate.set_xlabel("finished executions")

    for position, mode in enumerate(modes[:2]):
        rows = [row for row in results["bursts"] if row["mode"] == mode]
        admitted = [sum(row["admitted"]) / len(row["admitted"]) for row in rows]
        bursts.bar([at + position * 0.4 for at in range(len(rows))], admitted, 0.38, label=mode)
        bursts.set_xticks([at + 0.2 for at in range(len(rows))], [str(row["size"]) for row in rows])
    bursts.axhline(10, linestyle=":", color="gray")
    bursts.set_title("Orders admitted of a burst, capacity 10")
    figure.savefig(file, bbox_inches="tight", metadata={"Date": None})
