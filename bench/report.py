# SPDX-License-Identifier: Apache-2.0
"""The report of a benchmark run: a table as text and JSON, and a plot per benchmark.

report.py RECORDS FOLDER       writes report.txt, report.json and *.svg into FOLDER
report.py --compare OLD NEW    says what has become worse; status 1 when something has
"""
import datetime
import json
import os
import platform
import subprocess
import sys

WORSE = 1.1  # beyond both intervals, and by so much
OTHERS = 10  # percent of the machine's time that other programs may take
HOST = 2  # and the host of a virtual machine


def first_line(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.readline().strip()
    except OSError:
        return ""


def said_by(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()


def machine():
    others, host = disturbed()
    return {
        "time": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "processor": processor(),
        "cpus": os.cpu_count(),
        "virtual": "hypervisor" in open("/proc/cpuinfo", encoding="utf-8").read(),
        "kernel": f"{platform.release()} {platform.version()}",
        "clock": first_line("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        "governor": first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "isolated": first_line("/sys/devices/system/cpu/isolated"),
        "compiler": said_by("cc", "--version").split("\n")[0],
        "load_before": os.environ.get("BENCH_LOAD", ""),
        "load_after": first_line("/proc/loadavg"),
        "others_percent": others,
        "host_percent": host,
    }


def ticks(line):
    return [int(field) for field in line.split()[1:9]]


def seconds(minutes):
    """As the shell's `times` has it: 1m2.345s"""
    whole, rest = minutes.rstrip("s").split("m")
    return 60 * float(whole) + float(rest)


def disturbed():
    """Shares of the machine's time, in percent, that went to others than the benchmarks: programs, the host of a virtual machine."""
    before, own = os.environ.get("BENCH_STAT", ""), [seconds(part) for part in os.environ.get("BENCH_TIMES", "").split()]
    if not before or len(own) != 4:
        return None, None
    passed = [new - old for new, old in zip(ticks(first_line("/proc/stat")), ticks(before))]
    user, nice, system, _, _, irq, softirq, steal = passed
    others = user + nice + system + irq + softirq - os.sysconf("SC_CLK_TCK") * (own[2] + own[3] - own[0] - own[1])
    return [round(max(0, 100 * part / max(1, sum(passed))), 1) for part in (others, steal)]


def busy(described):
    load = described["load_before"]
    return (bool(load) and float(load.split()[0]) > 0.5 * described["cpus"] or (described["others_percent"] or 0) > OTHERS
            or (described["host_percent"] or 0) > HOST)


def number(value):
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e7 else f"{value:.4g}"


def judged(line):
    if line["floor"] and not line["none"]:
        return line["ratio"], line["ratio_low"], line["ratio_high"]
    return line["value"], line["low"], line["high"]


def has_goal(line):
    return bool(line["goal"] or line["none"])


def met(line):
    return judged(line)[0] >= line["goal"] if line["more_is_better"] else judged(line)[0] <= line["goal"]


def goal(line):
    return f"{number(line['goal'])} {'met' if met(line) else 'MISSED'}" if has_goal(line) else ""


def verdict(line):
    """A noisy line says nothing while its goal lies within the interval."""
    _, low, high = judged(line)
    if line["noisy"] and low <= line["goal"] <= high:
        return "noisy"
    return "met" if met(line) else "MISSED"


def goals(lines):
    return [{"bench": line["bench"], "name": line["name"], "goal": line["goal"], "measured": judged(line)[0],
             "unit": f"x {line['floor_name']}" if line["floor"] and not line["none"] else line["unit"], "verdict": verdict(line)}
            for line in lines if has_goal(line)]


def cells(line):
    ratio = interval = ""
    if line["floor"]:
        ratio = number(line["ratio"])
        if line["ratio_high"] > line["ratio_low"]:
            interval = f"{number(line['ratio_low'])}..{number(line['ratio_high'])}"
    elif line["high"] > line["low"]:
        interval = f"{number(line['low'])}..{number(line['high'])}"
    tail = [number(line[key]) if line["max"] else "" for key in ("p99", "p999", "max")]
    floor = f"{line['floor_name']} {number(line['floor'])}" if line["floor"] else ""
    return [line["bench"], line["name"], f"{number(line['value'])} {line['unit']}".strip(), floor, ratio, interval, *tail,
            goal(line), "NOISY" if line["noisy"] else "", line["note"]]


HEAD = ["bench", "what", "median", "floor", "ratio", "interval", "p99", "p99.9", "max", "goal", "", ""]


def in_columns(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def table(lines):
    return in_columns([HEAD] + [cells(line) for line in lines])


def goal_table(judgements):
    """The closing table: every goal, and how many of them are met."""
    order = ("met", "noisy", "MISSED")
    rows = [["goal of", "", "goal", "measured", "", "verdict"]]
    rows += [[one["bench"], one["name"], number(one["goal"]), number(one["measured"]), one["unit"], one["verdict"]] for one in judgements]
    counts = [sum(one["verdict"] == verdict for one in judgements) for verdict in order]
    return f"{in_columns(rows)}\n{len(judgements)} goals: " + ", ".join(f"{count} {what}" for count, what in zip(counts, order))


def describe(described):
    text = [f"{key}: {value}" for key, value in described.items() if value not in ("", None)]
    if busy(described):
        text.append("NOISY RUN: the machine was busy with something else; ratios are worth more than times")
    return "\n".join(text)


LEGEND = "red: misses its goal; grey: noisy; upright stroke: the floor, 1; line: holds the median in 95 of 100 runs"


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def bar(y, line, scale, left):
    """One line: a bar, the interval as a whisker, the floor as a tick. Ratios where there is a floor and a goal for it."""
    value, low, high = ((line["ratio"], line["ratio_low"], line["ratio_high"]) if line["floor"] else
                        (line["value"], line["low"], line["high"]))
    colour = "#c44" if "MISSED" in goal(line) else "#999" if line["noisy"] else "#48a"
    unit = f"x {line['floor_name']}" if line["floor"] else line["unit"]
    parts = [f'<text x="{left - 8}" y="{y + 13}" text-anchor="end">{escape(line["name"])}</text>',
             f'<rect x="{left}" y="{y + 2}" width="{value * scale:.1f}" height="14" fill="{colour}"/>']
    if high > low:
        parts.append(f'<path d="M{left + low * scale:.1f} {y + 9}H{left + high * scale:.1f}" stroke="#000"/>')
    if line["floor"]:
        parts.append(f'<path d="M{left + scale:.1f} {y}V{y + 18}" stroke="#000" stroke-width="2"/>')
    end = left + max(value, high) * scale + 6
    itself = f" ({number(line['value'])} {line['unit']})".replace(" )", ")") if line["floor"] else ""
    parts.append(f'<text x="{end:.1f}" y="{y + 13}">{escape(f"{number(value)} {unit}{itself}")}</text>')
    return "\n".join(parts)


def plot(name, lines):
    """Ratios and plain values of one unit have a scale of their own."""
    groups = {}
    for line in lines:
        groups.setdefault("ratio" if line["floor"] else line["unit"], []).append(line)
    parts = [f'<text x="8" y="38" fill="#555">{LEGEND}</text>']
    left = 30 + 7 * max(len(line["name"]) for line in lines)
    y = 54
    for group in groups.values():
        top = max((max(line["ratio"], line["ratio_high"]) if line["floor"] else max(line["value"], line["high"]))
                  for line in group) or 1
        for line in group:
            parts.append(bar(y, line, 420 / top, left))
            y += 22
        y += 12
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{max(left + 680, 700)}" height="{y}" font-family="sans-serif" font-size="12">\n'
            f'<rect width="100%" height="100%" fill="#fff"/>\n<text x="8" y="20" font-size="15">{name}</text>\n'
            + "\n".join(parts) + "\n</svg>\n")


def write(records, folder):
    with open(records, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file if line.strip()]
    described = machine()
    os.makedirs(folder, exist_ok=True)
    for name in dict.fromkeys(line["bench"] for line in lines):
        with open(os.path.join(folder, f"{name}.svg"), "w", encoding="utf-8") as file:
            file.write(plot(name, [line for line in lines if line["bench"] == name]))
    with open(os.path.join(folder, "report.json"), "w", encoding="utf-8") as file:
        json.dump({"machine": described, "noisy": busy(described), "lines": lines, "goals": goals(lines)}, file, indent=1)
    text = f"{describe(described)}\n\n{table(lines)}\n\n{goal_table(goals(lines))}\n"
    with open(os.path.join(folder, "report.txt"), "w", encoding="utf-8") as file:
        file.write(text)
    print(text, end="")
    return 0


def read_lines(path):
    with open(path, encoding="utf-8") as file:
        return {(line["bench"], line["name"]): line for line in json.load(file)["lines"]}


def compare(old_path, new_path):
    old = read_lines(old_path)
    worse = 0
    for key, line in read_lines(new_path).items():
        if key not in old:
            continue
        if line["none"] and line["value"] > old[key]["value"]:
            print(f"{key[0]:12} {key[1]:44} {number(old[key]['value']):>10} -> {number(line['value']):>10}          WORSE")
            worse += 1
        if line["none"] or not judged(old[key])[0]:
            continue
        value, low, high = judged(line)
        before, before_low, before_high = judged(old[key])
        more = line["more_is_better"]
        bad = value * WORSE < before and high < before_low if more else value > before * WORSE and low > before_high
        noisy = line["noisy"] or old[key]["noisy"]
        worse += bad and not noisy
        verdict = ("worse, but noisy" if noisy else "WORSE") if bad else ""
        print(f"{key[0]:12} {key[1]:44} {number(before):>10} -> {number(value):>10}  {value / before:6.3f}  {verdict}".rstrip())
    print(f"{worse} worse")
    return 1 if worse else 0


def main(arguments):
    if len(arguments) == 3 and arguments[0] == "--compare":
        return compare(arguments[1], arguments[2])
    if len(arguments) == 2:
        return write(arguments[0], arguments[1])
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
