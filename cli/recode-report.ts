import type { LiveLabel, Move } from '../core/recode/moves.js';
import { countMoves, sumMoves } from '../core/recode/moves.js';
import type { MovedItem } from '../db/recode-report.js';
import type { Recoding } from '../db/recodings.js';
import { cleanText, cutText, renderTable } from './table.js';

/** A run or a dry run as a report tells of it. */
export type Reported = Pick<
  Recoding,
  'from' | 'to' | 'coder' | 'items' | 'total' | 'broken' | 'observations' | 'requestedAt' | 'endedAt' | 'reason'
> & { id: string | null; state: Recoding['state'] | 'dry-run' };

export type NamedMove = Move & { item: MovedItem };

export interface ReportOptions {
  by: 'range' | 'month';
  /** Moves listed in full; all are counted. */
  limit: number;
}

/** The outside shape of a run without its moves, as `recode status --json` lists it. */
export function recodingBody(run: Reported) {
  return {
    id: run.id,
    state: run.state,
    from: run.from,
    to: run.to,
    coder: run.coder.name,
    coder_version: run.coder.version,
    codebook_version: run.coder.codebookVersion,
    requested_at: run.requestedAt.toISOString(),
    ended_at: run.endedAt?.toISOString() ?? null,
    reason: run.reason,
    total: run.total,
    items: run.items,
    failed_items: run.broken,
    observations: run.observations,
  };
}

/** What a run moved: sums by series, and each item behind them with its labels before and after. */
export function reportBody(run: Reported, moves: readonly NamedMove[], { by, limit }: ReportOptions) {
  return {
    ...recodingBody(run),
    moved: { ...countMoves(moves), items: new Set(moves.map(({ itemId }) => itemId)).size },
    series: sumMoves(moves, by),
    moves: moves.slice(0, limit).map(({ itemId, item, day, indicator, dyad, kind, before, after }) => ({
      item: itemId,
      title: item.title,
      url: item.url,
      source: item.source,
      day,
      indicator,
      dyad,
      kind,
      before: labelBody(before),
      after: labelBody(after),
    })),
    unlisted: Math.max(0, moves.length - limit),
  };
}

function labelBody(label: LiveLabel | null) {
  if (label === null) return null;
  const { participants, direction, status, severity, confidence, coder, coderVersion, codebookVersion } = label;
  return {
    participants,
    direction,
    status,
    severity,
    // Stored as a 4-byte number: seven digits are all it has.
    confidence: Number(confidence.toPrecision(6)),
    coder,
    coder_version: coderVersion,
    codebook_version: codebookVersion,
  };
}

type Report = ReturnType<typeof reportBody>;

/** The report for a terminal of `width` characters. */
export function showReport(report: Report, width: number): string {
  const { moved, series, moves, unlisted } = report;
  const out = [`${showHead(report)}\n`];
  if (series.length === 0) return `${out.join('')}Nothing moved.\n`;
  const byMonth = series.some(({ month }) => month !== null);
  out.push(
    `moved: ${moved.gained} gained, ${moved.lost} lost, ${moved.status} with another status, in ${moved.items} items\n`,
    '\n',
    renderTable(
      [
        { title: 'indicator' },
        { title: 'pair' },
        ...(byMonth ? [{ title: 'month' }] : []),
        { title: 'gained', right: true },
        { title: 'lost', right: true },
        { title: 'status', right: true },
        { title: 'net', right: true },
      ],
      series.map((s) => [
        s.indicator,
        s.dyad,
        ...(byMonth ? [s.month ?? ''] : []),
        String(s.gained),
        String(s.lost),
        String(s.status),
        signed(s.gained - s.lost),
      ]),
    ),
    '\n',
  );
  for (const move of moves) {
    out.push(
      `${move.day}  ${move.dyad}  ${move.indicator}  ${describeMove(move)}\n`,
      `    ${cutText(cleanText(move.title || '(no title)'), Math.max(20, width - 4 - 38))}  ${move.item}\n`,
    );
  }
  if (unlisted > 0) out.push(`and ${unlisted} more: --limit, or --json\n`);
  return out.join('');
}

function showHead(report: Report): string {
  const { id, state, from, to, coder, coder_version, codebook_version, items, failed_items, observations } = report;
  const range = `${from ?? 'the first day'} to ${to ?? 'today'}${to ? ' (end excluded)' : ''}`;
  const name = id === null ? 'Dry run, nothing written' : `Recoding ${shortId(id)}, ${state}`;
  const failed = failed_items > 0 ? `; the coder failed on ${failed_items}, which keep their labels (see the log)` : '';
  const wrote = id === null ? '' : `, ${observations} observations written`;
  const why = report.reason ? `\n${report.reason}` : '';
  return `${name}: ${items} items of ${range} by ${coder} ${coder_version} with codebook ${codebook_version}${wrote}${failed}${why}`;
}

function describeMove({ kind, before, after }: Report['moves'][number]): string {
  if (kind === 'status') return `${before?.status} → ${after?.status}`;
  const label = (after ?? before)!;
  return `${kind} (${label.status}, severity ${label.severity}, confidence ${label.confidence.toFixed(2)})`;
}

const signed = (n: number) => (n > 0 ? `+${n}` : n < 0 ? `−${-n}` : '0');

/** The end of an id: UUIDv7s begin with the time, so that those of one day look alike at the front. */
export const shortId = (id: string) => id.slice(-8);
