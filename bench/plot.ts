// Time against n as an SVG: one panel for each measurement, both axes logarithmic, ours in front, each peer with a colour of its
// own that it keeps over all panels. Labels stand at the ends of the lines, pushed apart where they would meet.
import type { BenchRow } from "./harness.ts";

interface Line {
  readonly title: string;
  readonly color: string;
  readonly ours: boolean;
  readonly points: readonly (readonly [n: number, seconds: number])[];
}

interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
}

const ownColor = "#0b6e4f";
const peerColors = ["#c8553d", "#3d5a98", "#8f6bb3", "#b8860b", "#5b7f95", "#a64d79", "#6b705c", "#d08c60"];
const panelWidth = 470;
const panelHeight = 330;
const margin = { left: 62, right: 148, top: 46, bottom: 44 };
const ink = "#22272b";
const faint = "#e6e8ea";
const quiet = "#6a737b";

/** An SVG document, or null where nothing was measured at two sizes or more. */
export function plotRows(rows: readonly BenchRow[]): string | null {
  const panels = panelsOf(rows);
  if (panels.length === 0) return null;
  const columns = Math.min(2, panels.length);
  const width = columns * panelWidth;
  const height = Math.ceil(panels.length / columns) * panelHeight + 34;
  const body = panels.map((panel, i) => {
    const x = (i % columns) * panelWidth;
    const y = 34 + Math.floor(i / columns) * panelHeight;
    return `<g transform="translate(${x} ${y})">${drawPanel(panel)}</g>`;
  });
  const title = text(16, 24, `clipsieve on ${rows[0]!.adapter}`, { size: 15, weight: 600 });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, 'Helvetica Neue', Arial, sans-serif">
<title>Time against rows</title>
<rect width="${width}" height="${height}" fill="#fff"/>
${title}
${body.join("\n")}
</svg>
`;
}

function panelsOf(rows: readonly BenchRow[]): Panel[] {
  const names = [...new Set(rows.map(({ name }) => name))];
  const peers = [...new Set(rows.flatMap(({ peer }) => (peer === null ? [] : [peer])))];
  return names.flatMap((name) => {
    const own = rows.filter((row) => row.name === name && row.rowCount !== null);
    const lines = ["clipsieve", ...peers]
      .map((title, i): Line => {
        const ours = i === 0;
        const points = own
          .filter((row) => ours || row.peer === title)
          .map((row) => [row.rowCount!, ours ? row.ours : row.peerTime!] as const);
        const unique = [...new Map(points).entries()].sort(([a], [b]) => a - b);
        return {
          title,
          ours,
          points: unique,
          color: ours ? ownColor : peerColors[(i - 1) % peerColors.length]!,
        };
      })
      .filter(({ points }) => points.length > 0);
    return (lines[0]?.points.length ?? 0) < 2 ? [] : [{ title: name, lines }];
  });
}

function drawPanel({ title, lines }: Panel): string {
  const points = lines.flatMap((line) => line.points);
  const [left, right] = [margin.left, panelWidth - margin.right];
  const [top, bottom] = [margin.top, panelHeight - margin.bottom];
  const x = scale(
    points.map(([n]) => n),
    left,
    right,
    0.04,
  );
  const y = scale(
    points.map(([, seconds]) => seconds),
    bottom,
    top,
    0.06,
  );
  const sizes = [...new Set(points.map(([n]) => n))].sort((a, b) => a - b);
  const marks: string[] = [text(left, top - 18, title, { size: 13, weight: 600 })];
  for (const seconds of decades(points.map(([, value]) => value))) {
    const at = y(seconds);
    if (at > bottom + 1 || at < top - 1) continue;
    marks.push(`<line x1="${left}" x2="${right}" y1="${r(at)}" y2="${r(at)}" stroke="${faint}"/>`);
    marks.push(text(left - 8, at + 4, secondsText(seconds), { anchor: "end", color: quiet }));
  }
  let free = Number.NEGATIVE_INFINITY;
  for (const n of sizes) {
    const at = x(n);
    marks.push(`<line x1="${r(at)}" x2="${r(at)}" y1="${top}" y2="${bottom}" stroke="${faint}"/>`);
    if (at < free) continue;
    marks.push(text(at, bottom + 18, countText(n), { anchor: "middle", color: quiet }));
    free = at + 34;
  }
  marks.push(text((left + right) / 2, bottom + 36, "rows", { anchor: "middle", color: quiet }));
  // Ours last, so that it lies on top.
  for (const line of [...lines].reverse()) marks.push(drawLine(line, x, y));
  const ends = lines.map(({ points: own }) => {
    const [n, seconds] = own.at(-1)!;
    return { x: x(n), y: y(seconds) };
  });
  const places = apart(
    ends.map((end) => end.y),
    14,
    top,
    bottom,
  );
  for (const [i, { title: name, color, ours }] of lines.entries()) {
    const end = ends[i]!;
    marks.push(
      `<path d="M${r(end.x + 6)} ${r(end.y)}L${r(right + 6)} ${r(places[i]!)}" stroke="${color}" stroke-opacity=".35" fill="none"/>`,
    );
    marks.push(text(right + 10, places[i]! + 4, name, { color, weight: ours ? 700 : 400 }));
  }
  return marks.join("\n");
}

function drawLine({ points, color, ours }: Line, x: (n: number) => number, y: (n: number) => number): string {
  const path = points.map(([n, seconds], i) => `${i === 0 ? "M" : "L"}${r(x(n))} ${r(y(seconds))}`).join("");
  const dots = points.map(
    ([n, seconds]) =>
      `<circle cx="${r(x(n))}" cy="${r(y(seconds))}" r="${ours ? 3.6 : 2.8}" fill="${color}" stroke="#fff"/>`,
  );
  return `<path d="${path}" fill="none" stroke="${color}" stroke-width="${ours ? 2.6 : 1.6}" stroke-linejoin="round"/>${dots.join("")}`;
}

/** A logarithmic scale with a share of room at both ends. */
function scale(values: readonly number[], from: number, to: number, room: number): (value: number) => number {
  const low = Math.log10(Math.min(...values));
  const high = Math.max(Math.log10(Math.max(...values)), low + 0.3);
  const span = (high - low) * (1 + 2 * room);
  const start = low - (high - low) * room;
  return (value) => from + ((Math.log10(value) - start) / span) * (to - from);
}

/** Powers of ten around the values, with 2 and 5 between where there are few. */
function decades(values: readonly number[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.ceil(Math.log10(Math.max(...values)));
  const steps = high - low > 2 ? [1] : [1, 2, 5];
  const marks: number[] = [];
  for (let power = low; power <= high; power++) for (const step of steps) marks.push(step * 10 ** power);
  return marks;
}

/** Heights at least `gap` from each other and as near to where they belong as that allows. */
function apart(wanted: readonly number[], gap: number, top: number, bottom: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a]! - wanted[b]!);
  const places = [...wanted];
  let least = top;
  for (const i of order) {
    places[i] = Math.max(places[i]!, least);
    least = places[i]! + gap;
  }
  let most = bottom;
  for (const i of [...order].reverse()) {
    places[i] = Math.min(places[i]!, most);
    most = places[i]! - gap;
  }
  return places;
}

function secondsText(seconds: number): string {
  const round = (value: number): string => String(Number(value.toPrecision(2)));
  if (seconds < 1e-3) return `${round(seconds * 1e6)} µs`;
  return seconds < 1 ? `${round(seconds * 1e3)} ms` : `${round(seconds)} s`;
}

function countText(count: number): string {
  if (count >= 1e6) return `${Number((count / 1e6).toPrecision(3))} M`;
  return count >= 1000 ? `${Number((count / 1000).toPrecision(3))} k` : String(count);
}

interface TextStyle {
  readonly size?: number;
  readonly weight?: number;
  readonly color?: string;
  readonly anchor?: "start" | "middle" | "end";
}

function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size = 11, weight = 400, color = ink, anchor = "start" } = style;
  const safe = content.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  return `<text x="${r(x)}" y="${r(y)}" font-size="${size}" font-weight="${weight}" fill="${color}" text-anchor="${anchor}">${safe}</text>`;
}

function r(value: number): number {
  return Math.round(value * 10) / 10;
}
