import type { Command } from 'commander';
import { createColors } from 'picocolors';
import { sparkline } from '../../core/trends/sparkline.js';
import { type MatrixBody, type MatrixCell, matrix } from '../../server/api/matrix.js';
import { showDay, showDyad } from '../../server/words.js';
import { buildQuestion, type Screen } from '../ask.js';
import type { Io } from '../io.js';
import type { OpenContext } from '../open-context.js';
import { renderTable } from '../table.js';

const SPARK_WIDTH = 12;

/** `axiswatch matrix --last 12w`: pairs by domains. */
export function build(io: Io): Command {
  return buildQuestion(io, 'matrix', 'Stories by pair and domain.', matrix, showMatrix);
}

function showMatrix(body: MatrixBody, context: OpenContext, screen: Screen): string {
  const colours = createColors(screen.colour);
  const domains = context.codebook.domains.map((domain) => domain.name);
  const { from, to, granularity } = body.query;
  const table = renderTable(
    [{ title: 'pair' }, ...domains.map((title) => ({ title }))],
    body.rows.map(({ dyad, cells }) => [colours.bold(showDyad(dyad)), ...cells.map((cell) => showCell(cell, colours))]),
  );
  return (
    `${colours.bold('Stories by pair and domain')} · per ${granularity}, ${showDay(from)} to ${showDay(to)} (UTC, end excluded)\n` +
    `${table}▲ cooperation ▼ friction, sums of the range; bars: the last ${SPARK_WIDTH}, cooperation; · not covered\n`
  );
}

function showCell(cell: MatrixCell, colours: ReturnType<typeof createColors>): string {
  if (cell.cooperation === null) return 'not covered';
  const bars = sparkline(cell.points.slice(-SPARK_WIDTH).map((point) => point.cooperation));
  const friction = cell.friction ? ` ${colours.yellow(`▼${cell.friction}`)}` : '';
  return `${`▲${cell.cooperation}`.padEnd(4)} ${colours.cyan(bars)}${friction}`;
}
