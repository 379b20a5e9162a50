import type { Command } from 'commander';
import type { PrecisionFigure } from '../../core/review/precision.js';
import { type PrecisionBody, precision } from '../../server/api/reviews.js';
import { buildQuestion } from '../ask.js';
import type { Io } from '../io.js';
import { renderTable } from '../table.js';

/** `axiswatch precision`: how often the labels that people looked at were right. */
export function build(io: Io): Command {
  return buildQuestion(
    io,
    'precision',
    'Live precision from reviews: how often the labels that people looked at were right.',
    precision,
    showPrecision,
  );
}

function showPrecision(body: PrecisionBody): string {
  if (body.overall.decided === 0) return 'Nothing was decided yet. See what is worth a look: axiswatch review list\n';
  const section = (title: string, figures: Record<string, PrecisionFigure>) =>
    renderTable(
      [
        { title },
        ...['right', '95 %', 'decided', 'confirmed', 'rejected', 'corrected', 'pair and act right'].map((name) => ({
          title: name,
          right: true,
        })),
      ],
      Object.entries(figures).map(([name, figure]) => [
        name,
        show(figure.precision),
        figure.low === null ? '–' : `${show(figure.low)}–${show(figure.high)}`,
        String(figure.decided),
        String(figure.confirmed),
        String(figure.rejected),
        String(figure.corrected),
        show(figure.precision_of_cells),
      ]),
    );
  const { from, to } = body.query;
  const range = from || to ? `Items of ${from ?? 'the beginning'} to ${to ?? 'today'}. ` : '';
  const sampled =
    body.sampled.decided === 0
      ? 'No decision is on a random sample yet, and what people choose to look at is none: draw one with "axiswatch review list --sample 100 --seed 1".'
      : `${body.sampled.decided} of the decisions are on random samples: only they estimate the precision of all labels.`;
  return [
    `${range}${sampled}\n`,
    section('', { 'all decisions': body.overall, 'random samples': body.sampled }),
    section('indicator', body.per_indicator),
    section('pair', body.per_dyad),
    section('language', body.per_language),
    section('coder', body.per_coder),
  ].join('\n');
}

const show = (value: number | null) => (value === null ? '–' : value.toFixed(2));
