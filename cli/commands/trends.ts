import type { Command } from 'commander';
import { createColors } from 'picocolors';
import type { Point, Series } from '../../core/trends/points.js';
import { foldValues, sparkline } from '../../core/trends/sparkline.js';
import { listFeedHealth } from '../../db/status.js';
import { type TrendsBody, trends } from '../../server/api/trends.js';
import { coveredSources, plural, showDay, showDyad, showPercent } from '../../server/words.js';
import { buildQuestion, type Screen } from '../ask.js';
import type { Io } from '../io.js';
import type { OpenContext } from '../open-context.js';
import { renderTable } from '../table.js';

/** More rows than this are cut to those with a story. */
const ALL_ROWS = 12;

/** `axiswatch trends --dyad CHN-RUS --domain economic --last 12w`. */
export function build(io: Io): Command {
  return buildQuestion(io, 'trends', 'Counts over time, with coverage and share.', trends, showTrends);
}

async function showTrends(body: TrendsBody, context: OpenContext, screen: Screen): Promise<string> {
  const now = context.clock.now();
  const { covered, sources } = coveredSources(await listFeedHealth(context.sql, now), now);
  const colours = createColors(screen.colour);
  const points = body.series[0]?.points ?? [];
  const notes = [`UTC ${body.query.granularity}s`, ...(points.at(-1)?.provisional ? ['latest provisional'] : [])];
  const what = `${body.query.measure} per ${body.query.granularity} (${notes.join(', ')})`;
  const gaps = points.filter((point) => point.coverage === 0).length;
  const out: string[] = [];
  for (const [dyad, rows] of groupByDyad(body.series)) {
    const domains = new Set(rows.map((row) => row.domain));
    const title = [dyad ? showDyad(dyad) : 'all pairs', ...(domains.size === 1 ? [...domains] : [])].join(' · ');
    out.push(`${colours.bold(title)} · ${what}      coverage ${covered}/${sources} sources\n`);
    out.push(showRows(rows, body, screen));
    out.push('\n');
  }
  if (out.length === 0) out.push('No series fits the question.\n');
  if (gaps > 0)
    out.push(
      `· not covered: ${gaps} of ${plural(points.length, body.query.granularity)} (nothing was read then; that is no zero)\n`,
    );
  if (points.length > 0)
    out.push(`${showDay(body.query.from)} to ${showDay(body.query.to)}, end excluded; as of ${showDay(now)}\n`);
  out.push(colours.dim(`chart: ${chartLink(body, context)}     csv: --csv     json: --json\n`));
  return out.join('');
}

function groupByDyad(series: Series[]): Map<string | null, Series[]> {
  const groups = new Map<string | null, Series[]>();
  for (const one of series) groups.set(one.dyad, [...(groups.get(one.dyad) ?? []), one]);
  return groups;
}

function showRows(rows: Series[], body: TrendsBody, screen: Screen): string {
  const { measure, granularity } = body.query;
  const colours = createColors(screen.colour);
  const countOf = (point: Point) => point[measure];
  const total = (row: Series) => row.points.reduce((sum, point) => sum + (countOf(point) ?? 0), 0);
  const shown = rows.length <= ALL_ROWS ? rows : rows.filter((row) => total(row) > 0);
  const names = shown.map((row) => row.indicator ?? row.domain ?? 'all');
  const most = Math.max(12, Math.min(60, screen.width - Math.max(9, ...names.map((name) => name.length)) - 40));
  const line = (row: Series) => sparkline(foldValues(row.points.map(countOf), most));
  const count = rows[0]?.points.length ?? 0;
  const perBar = Math.ceil(count / most);
  const title = `${plural(count, granularity)}${perBar > 1 ? `, ${perBar} a bar` : ''}`;
  const table = renderTable(
    [
      { title: rows[0]?.indicator ? 'indicator' : rows[0]?.domain ? 'domain' : '' },
      { title },
      { title: 'total', right: true },
      { title: 'now', right: true },
      { title: 'usual', right: true },
      { title: 'z', right: true },
      { title: 'share', right: true },
    ],
    shown.map((row, i) => {
      const last = row.points.at(-1);
      return [
        names[i] ?? '',
        colours.cyan(line(row)),
        String(total(row)),
        last ? (countOf(last)?.toString() ?? '·') : '·',
        last?.baseline?.toFixed(1) ?? '–',
        last?.z == null ? '–' : signed(last.z),
        showPercent(last?.share ?? null),
      ];
    }),
  );
  const hidden = rows.length - shown.length;
  return `${table}${hidden > 0 ? `${hidden} more without ${measure === 'stories' ? 'a story' : 'an item'}\n` : ''}`;
}

function signed(z: number): string {
  return `${z < 0 ? '−' : '+'}${Math.abs(z).toFixed(1)}`;
}

/** Where `axiswatch up` or `serve` shows the same range. */
function chartLink({ query }: TrendsBody, { env }: OpenContext): string {
  const search = new URLSearchParams({ from: query.from, to: query.to, granularity: query.granularity });
  if (query.dyad?.length === 1) search.set('dyad', query.dyad[0] ?? '');
  if (query.domain?.length === 1) search.set('domain', query.domain[0] ?? '');
  return `http://${env.host}:${env.port}/?${search}`;
}
