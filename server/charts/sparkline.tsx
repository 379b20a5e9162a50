/** @jsxRuntime automatic */ /** @jsxImportSource hono/jsx */

export interface SparkPoint {
  /** Above the line; null is a gap. */
  up: number | null;
  /** Below the line; null is a gap. */
  down: number | null;
  provisional: boolean;
}

const HEIGHT = 30;
const STEP = 8;
const MOST_BARS = 60;

/**
 * Bars per bucket on a line: cooperation up, friction down, each cell on its own scale (its numbers stand beside it). A gap is a
 * dotted stretch of the line, never an empty bar; a bucket that is not over is hollow. `label` says the same in words.
 */
export function Sparkline({ points, label }: { points: SparkPoint[]; label: string }) {
  const shown = points.slice(-MOST_BARS);
  const most = Math.max(1, ...shown.map((p) => p.up ?? 0));
  const deepest = Math.max(0, ...shown.map((p) => p.down ?? 0));
  // Both directions share one scale, so that a bar of two is as long below as above.
  const scale = (HEIGHT - 4) / (most + deepest);
  const line = 2 + most * scale;
  const width = shown.length * STEP;
  return (
    <svg class="spark" viewBox={`0 0 ${width} ${HEIGHT}`} width={width} height={HEIGHT} role="img" aria-label={label}>
      {shown.map((p, i) => {
        const x = i * STEP;
        if (p.up === null) return <line class="gap" x1={x} x2={x + STEP} y1={line} y2={line} />;
        return (
          <>
            <line class="axis" x1={x} x2={x + STEP} y1={line} y2={line} />
            {p.up > 0 && <Bar kind="up" x={x} y={line - p.up * scale} height={p.up * scale} hollow={p.provisional} />}
            {(p.down ?? 0) > 0 && (
              <Bar kind="down" x={x} y={line} height={(p.down ?? 0) * scale} hollow={p.provisional} />
            )}
          </>
        );
      })}
    </svg>
  );
}

function Bar({ kind, x, y, height, hollow }: { kind: string; x: number; y: number; height: number; hollow: boolean }) {
  const inset = hollow ? 1.5 : 1;
  return (
    <rect
      class={hollow ? `${kind} hollow` : kind}
      x={x + inset}
      y={short(y)}
      width={STEP - 2 * inset}
      height={short(Math.max(1.5, height))}
    />
  );
}

function short(value: number): number {
  return Number(value.toFixed(2));
}
