/** @jsxRuntime automatic */ /** @jsxImportSource hono/jsx */
import { foldValues } from '../../core/trends/sparkline.js';

export interface SparkPoint {
  /** Above the line; null is a gap. */
  up: number | null;
  /** Below the line; null is a gap. */
  down: number | null;
  provisional: boolean;
}

const HEIGHT = 30;
const WIDTH = 144;
/** More buckets than this are drawn as sums of neighbours: thinner bars could not be told apart. */
const MOST_BARS = 72;

/**
 * Bars per bucket on a line: cooperation up, friction down, each cell on its own scale (its numbers stand beside it). A gap is a
 * dotted stretch of the line, never an empty bar; a bucket that is not over is hollow. `label` says the same in words.
 */
export function Sparkline({ points, label }: { points: SparkPoint[]; label: string }) {
  const shown = foldPoints(points);
  const most = Math.max(1, ...shown.map((p) => p.up ?? 0));
  const deepest = Math.max(0, ...shown.map((p) => p.down ?? 0));
  // Both directions share one scale, so that a bar of two is as long below as above.
  const scale = (HEIGHT - 4) / (most + deepest);
  const line = 2 + most * scale;
  const step = Math.max(2, Math.min(12, WIDTH / Math.max(1, shown.length)));
  const width = shown.length * step;
  return (
    <svg class="spark" viewBox={`0 0 ${width} ${HEIGHT}`} width={width} height={HEIGHT} role="img" aria-label={label}>
      {shown.map((p, i) => {
        const x = short(i * step);
        if (p.up === null) return <line class="gap" x1={x} x2={short(x + step)} y1={line} y2={line} />;
        return (
          <>
            <line class="axis" x1={x} x2={short(x + step)} y1={line} y2={line} />
            {p.up > 0 && (
              <Bar kind="up" x={x} step={step} y={line - p.up * scale} height={p.up * scale} hollow={p.provisional} />
            )}
            {(p.down ?? 0) > 0 && (
              <Bar kind="down" x={x} step={step} y={line} height={(p.down ?? 0) * scale} hollow={p.provisional} />
            )}
          </>
        );
      })}
    </svg>
  );
}

function foldPoints(points: SparkPoint[]): SparkPoint[] {
  const up = foldValues(
    points.map((point) => point.up),
    MOST_BARS,
  );
  const down = foldValues(
    points.map((point) => point.down),
    MOST_BARS,
  );
  const last = points.at(-1)?.provisional ?? false;
  return up.map((value, i) => ({ up: value, down: down[i] ?? null, provisional: last && i === up.length - 1 }));
}

interface BarProps {
  kind: 'up' | 'down';
  x: number;
  y: number;
  step: number;
  height: number;
  hollow: boolean;
}

function Bar({ kind, x, y, step, height, hollow }: BarProps) {
  const inset = hollow ? 1.5 : step > 4 ? 1 : 0.25;
  return (
    <rect
      class={hollow ? `${kind} hollow` : kind}
      x={short(x + inset)}
      y={short(y)}
      width={short(step - 2 * inset)}
      height={short(Math.max(1.5, height))}
    />
  );
}

function short(value: number): number {
  return Number(value.toFixed(2));
}
