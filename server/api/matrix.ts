import { bucketsOf } from '../../core/trends/buckets.js';
import { type Day, startOf } from '../../core/trends/calendar.js';
import { ParameterReader } from '../../core/trends/parameters.js';
import { bucketCoverage } from '../../core/trends/points.js';
import { parseTrendQuery } from '../../core/trends/query.js';
import { loadMatrix, type MatrixCount } from '../../db/matrix.js';
import { type Question, vocabularyOf } from './context.js';
import { type Meta, metaOf } from './trends.js';

export const MATRIX_PARAMETERS = ['from', 'to', 'last', 'granularity', 'format'] as const;

/** Stories of one bucket, cooperation and friction apart; null where nothing was covered. */
export interface MatrixPoint {
  start: Day;
  end: Day;
  cooperation: number | null;
  friction: number | null;
  coverage: number;
  provisional: boolean;
}

export interface MatrixCell {
  domain: string;
  /** Sums over the range; null when no day of it was covered. */
  cooperation: number | null;
  friction: number | null;
  points: MatrixPoint[];
}

export interface MatrixBody {
  query: { from: Day; to: Day; granularity: string };
  meta: Meta;
  rows: Array<{ dyad: string; cells: MatrixCell[] }>;
}

export const matrix: Question<MatrixBody> = {
  parameters: MATRIX_PARAMETERS,
  columns: ['dyad', 'domain', 'start', 'end', 'cooperation', 'friction', 'coverage', 'provisional'],

  async ask(context, parameters) {
    const reader = new ParameterReader(parameters, MATRIX_PARAMETERS);
    if (reader.problems.length > 0) return { kind: 'invalid', problems: reader.problems };
    const now = context.clock.now();
    const { query, problems } = parseTrendQuery(parameters, vocabularyOf(context), now);
    if (!query) return { kind: 'invalid', problems };
    const facts = await loadMatrix(context.sql, query);
    const buckets = bucketsOf(query.from, query.to, query.granularity, query.today);
    const coverage = bucketCoverage(buckets, query.today, { covered: facts.covered, feeds: facts.panel.feeds });
    const counts = new Map(
      facts.counts.map((count) => [keyOf(count.dyad, count.domain, count.polarity, count.bucket), count]),
    );
    const cellOf = (dyad: string, domain: string): MatrixCell => {
      const points = buckets.map(({ start, end, provisional }, i) => {
        const bucket = startOf(start, query.granularity);
        const stories = (polarity: 1 | -1) =>
          coverage[i] === 0 ? null : (counts.get(keyOf(dyad, domain, polarity, bucket))?.stories ?? 0);
        return { start, end, cooperation: stories(1), friction: stories(-1), coverage: coverage[i] ?? 0, provisional };
      });
      return {
        domain,
        cooperation: sum(points.map((point) => point.cooperation)),
        friction: sum(points.map((point) => point.friction)),
        points,
      };
    };
    const rows = context.codebook.dyads.map((dyad) => ({
      dyad,
      cells: context.codebook.domains.map(({ name }) => cellOf(dyad, name)),
    }));
    const meta = metaOf(context, query, facts.panel, now);
    const range = { from: query.from, to: query.to, granularity: query.granularity };
    return {
      kind: 'answer',
      body: { query: range, meta: { ...meta, permalink: `/api/v1/matrix?${new URLSearchParams(range)}` }, rows },
    };
  },

  rows(body) {
    return body.rows.flatMap(({ dyad, cells }) =>
      cells.flatMap(({ domain, points }) => points.map((point) => ({ dyad, domain, ...point }))),
    );
  },
};

function keyOf(dyad: string, domain: string, polarity: MatrixCount['polarity'], bucket: Day): string {
  return `${dyad}|${domain}|${polarity}|${bucket}`;
}

function sum(values: Array<number | null>): number | null {
  const known = values.filter((value): value is number => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}
