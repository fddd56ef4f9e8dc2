"""Curves as SVG, readable on a light and on a dark page. Import it: Chart, fit()."""
import math

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 40, 44
COLOURS = ("#2f7fd1", "#d1702f", "#3a9a5b", "#a060c8", "#c84860")
STYLE = ("text { font: 12px sans-serif; fill: #444 } .title { font-size: 14px; font-weight: bold } .grid { stroke: #8884; "
         "stroke-width: 1 } @media (prefers-color-scheme: dark) { text { fill: #ccc } }")
TICKS = 5


def fit(points):
    """(exponent, factor) of y = factor * x ** exponent by least squares on logarithms."""
    logs = [(math.log(x), math.log(y)) for x, y in points if x > 0 and y > 0]
    if len(logs) < 2:
        return None
    mean_x = sum(x for x, _ in logs) / len(logs)
    mean_y = sum(y for _, y in logs) / len(logs)
    spread = sum((x - mean_x) ** 2 for x, _ in logs)
    exponent = sum((x - mean_x) * (y - mean_y) for x, y in logs) / spread
    return exponent, math.exp(mean_y - exponent * mean_x)


def short(value):
    """A number for an axis."""
    for limit, word in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:g} {word}".rstrip()
    return f"{value:.3g}"


def round_steps(most):
    """Ticks from 0 to `most` or a little more: as many as TICKS or fewer."""
    size = 10 ** math.floor(math.log10(max(most, 1e-9) / TICKS))
    step = next(size * times for times in (1, 2, 2.5, 5, 10) if size * times * TICKS >= most)
    return [step * i for i in range(math.ceil(most / step) + 1)]


def powers(values):
    """Ticks at powers of ten around all of `values`."""
    found = [v for v in values if v > 0]
    return [10.0 ** e for e in range(math.floor(math.log10(min(found))), math.ceil(math.log10(max(found)) + 1e-9) + 1)]


def words(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


class Chart:
    """Lines over one x axis. `logs`: both axes are logarithmic, and points are shown as dots."""

    def __init__(self, title, x_name, y_name, logs=False):
        self.title, self.x_name, self.y_name, self.logs = title, x_name, y_name, logs
        self.lines = []
        self.marks = []

    def add(self, name, points, dashed=False):
        self.lines.append((name, [(x, y) for x, y in points if y is not None], dashed))

    def mark(self, x, name):
        """A vertical line where something happened."""
        self.marks.append((x, name))

    def scales(self):
        xs = [x for _, points, _ in self.lines for x, _ in points]
        ys = [y for _, points, _ in self.lines for _, y in points]
        if self.logs:
            return powers(xs), powers(ys)
        return round_steps(max(xs)), round_steps(max(ys) * 1.05)

    def place(self, ticks, value, start, length):
        low, high = ticks[0], ticks[-1]
        if self.logs:
            low, high, value = math.log(low), math.log(high), math.log(value)
        return start + (value - low) / (high - low) * length

    def svg(self, top=0):
        """What belongs into an <svg>, `top` pixels down."""
        x_ticks, y_ticks = self.scales()

        def at(x, y):
            return (self.place(x_ticks, x, LEFT, WIDTH - LEFT - RIGHT),
                    top + HEIGHT - BOTTOM - self.place(y_ticks, y, 0, HEIGHT - TOP - BOTTOM))

        out = [f'<text class="title" x="{LEFT}" y="{top + 16}">{words(self.title)}</text>']
        for tick in x_ticks:
            x, y = at(tick, y_ticks[0])
            out.append(f'<line class="grid" x1="{x:.1f}" y1="{top + TOP}" x2="{x:.1f}" y2="{y:.1f}"/>'
                       f'<text x="{x:.1f}" y="{y + 16:.1f}" text-anchor="middle">{short(tick)}</text>')
        for tick in y_ticks:
            x, y = at(x_ticks[0], tick)
            out.append(f'<line class="grid" x1="{x:.1f}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>'
                       f'<text x="{x - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">{short(tick)}</text>')
        for x, name in self.marks:
            x, y = at(x, y_ticks[0])
            out.append(f'<line x1="{x:.1f}" y1="{top + TOP}" x2="{x:.1f}" y2="{y:.1f}" stroke="#888" stroke-dasharray="2 3"/>'
                       f'<text x="{x + 4:.1f}" y="{top + TOP + 10}">{words(name)}</text>')
        out.append(f'<text x="{WIDTH - RIGHT}" y="{top + HEIGHT - 8}" text-anchor="end">{words(self.x_name)}</text>')
        name_x = LEFT + 8
        full = -1  # a dashed line goes with the one before it
        for name, points, dashed in self.lines:
            full += not dashed
            colour = COLOURS[full % len(COLOURS)]
            path = " ".join("%.1f,%.1f" % at(x, y) for x, y in points)
            dash = ' stroke-dasharray="5 4"' if dashed else ""
            out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6"{dash}/>')
            if self.logs and not dashed:
                out += ['<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>' % (*at(x, y), colour) for x, y in points]
            out.append(f'<text x="{name_x}" y="{top + 32}" style="fill: {colour}">{words(name)}</text>')
            name_x += 8 + 7 * len(name)
        out.append(f'<text x="{WIDTH - RIGHT}" y="{top + 16}" text-anchor="end">{words(self.y_name)}</text>')
        return "\n".join(out)


def write(path, charts):
    """One file with all of `charts` below each other."""
    height = (HEIGHT + 12) * len(charts)
    with open(path, "w", encoding="utf-8") as file:
        print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">', file=file)
        print(f"<style>{STYLE}</style>", file=file)
        for i, chart in enumerate(charts):
            print(chart.svg(i * (HEIGHT + 12)), file=file)
        print("</svg>", file=file)
