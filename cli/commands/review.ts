import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { createColors } from 'picocolors';
import { type Reviewed, reviewItem, undoDecision } from '../../activities/review-item.js';
import { Failure } from '../../core/errors.js';
import { nearestValue } from '../../core/nearest.js';
import { VERDICTS } from '../../core/review/decision.js';
import type { RawRequest } from '../../core/review/review-request.js';
import { listRecodings } from '../../db/recodings.js';
import { exportGold } from '../../db/review-export.js';
import { askItem, type ItemDetailBody } from '../../server/api/items.js';
import { writtenBody } from '../../server/api/post-review.js';
import type { ReviewBody } from '../../server/api/review-bodies.js';
import { type QueueBody, reviewQueue } from '../../server/api/reviews.js';
import { renderJson } from '../../server/render.js';
import { reviewDepsOf } from '../../server/reviewing.js';
import { plural, showDyad, showTime } from '../../server/words.js';
import { buildQuestion, describeProblems, type Screen, screenOf } from '../ask.js';
import { type Io, UsageError } from '../io.js';
import { type OpenContext, withContext } from '../open-context.js';
import { cleanText, cutText, renderTable } from '../table.js';

interface DecideOptions {
  indicator?: string;
  dyad?: string;
  participants?: string;
  toIndicator?: string;
  toParticipants?: string;
  toStatus?: string;
  toSeverity?: string;
  toDirection?: string;
  act?: string;
  words?: Record<string, string>;
  author?: string;
  reason?: string;
  sample?: string;
  seen?: string;
  json?: boolean;
}

/** `axiswatch review`: the queue, decisions about labels, undoing them, and what was decided as gold. */
export function build(io: Io): Command {
  const command = new Command('review')
    .description('Human review: confirm, reject, correct or add a label. An item alone shows its labels and decisions.')
    // Options after a sub-command are its own.
    .enablePositionalOptions()
    .argument('[item]', 'id, URL or key of the item')
    .argument('[verdict]', VERDICTS.join(', '))
    .option('--indicator <id>', 'which label, or the act to add')
    .option('--dyad <pair>', 'which pair; of a larger group only this pair is decided')
    .option('--participants <codes>', 'which group, or who takes part in what is added')
    .option('--to-indicator <id>', 'what the act is')
    .option('--to-participants <codes>', 'who takes part')
    .option('--to-status <status>', 'what the status is')
    .option('--to-severity <1-5>', 'how grave it is')
    .option('--to-direction <direction>', 'from whom to whom, like AAA>BBB, or mutual')
    .option('--act <words>', 'words of the item that show the act')
    .option('--words <CODE=words>', 'words of the item that name a member; repeat for several', collectWords)
    .option('--author <name>', 'who decides; else AXISWATCH_AUTHOR, else the user of this machine')
    .option('--reason <text>', 'why')
    .option('--sample <name>', 'the random sample that the label was drawn in, as review list --sample names it')
    .option('--seen <number>', 'newest decision of the item that you saw, 0 for none: a later one is not overwritten')
    .option('--json', 'as JSON')
    .action(async (item: string | undefined, verdict: string | undefined, options: DecideOptions) => {
      if (item === undefined) throw new UsageError('which item? See what is worth a look: axiswatch review list');
      if (verdict === undefined) await showItem(io, item, options);
      else await decide(io, item, verdict, options);
    });
  command.addCommand(buildQuestion(io, 'list', 'labels most worth a look, or a random sample', reviewQueue, showQueue));
  command
    .command('undo')
    .description('take a decision back; what stood before it counts again')
    .argument('<number>', 'number of the decision, as review ITEM shows it', readNumber)
    .option('--author <name>', 'who takes it back')
    .requiredOption('--reason <text>', 'why')
    .option('--json', 'as JSON')
    .action(async (id: number, options: DecideOptions) => {
      const text = await withContext(io, 'axiswatch review', async (context) => {
        const said = { author: authorOf(context, options), reason: options.reason };
        const undone = await undoDecision(depsOf(context), id, said);
        if (undone.kind === 'written') await noteOtherCodebook(io, context);
        return report(context, undone, options, screenOf(io));
      });
      io.out.write(text);
    });
  command
    .command('export')
    .description('what was decided, as gold: JSONL that axiswatch gold reads')
    .option('--out <file>', 'where to; else stdout')
    .option('--partial', 'also items with labels that nobody decided on; these labels are left out')
    .action(async (options: { out?: string; partial?: boolean }) => {
      const { lines, skipped } = await withContext(io, 'axiswatch review', ({ sql }) =>
        exportGold(sql, { isPartial: options.partial === true }),
      );
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      if (options.out === undefined || options.out === '-') io.out.write(text);
      else writeOut(options.out, text);
      const rest =
        skipped === 0
          ? ''
          : options.partial
            ? `; ${plural(skipped, 'item')} left out: what people rejected there is not all that it has`
            : `; ${plural(skipped, 'item')} with undecided labels left out (--partial takes them)`;
      io.err.write(`${plural(lines.length, 'item')}${rest}\n`);
    });
  return command;
}

function collectWords(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, code, words] = /^([A-Za-z0-9]+)=(.+)$/s.exec(text) ?? [];
  if (code === undefined || words === undefined)
    throw new InvalidArgumentError('write CODE=words, like AAA="Alphaland"');
  return { ...before, [code.toUpperCase()]: words };
}

function readNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('must be the number of a decision: axiswatch review ITEM shows them');
}

/** A name is always there; whoever shares a machine gives another. */
function authorOf({ env }: OpenContext, options: DecideOptions): string {
  return options.author ?? env.author ?? userInfo().username;
}

/** What an undo brings back is coded by the configured codebook, which need not be the one that history was last coded with. */
async function noteOtherCodebook(io: Io, { sql, codebook }: OpenContext): Promise<void> {
  const last = (await listRecodings(sql, 20)).find(({ items }) => items > 0)?.coder.codebookVersion;
  if (last === undefined || last === codebook.version) return;
  io.err.write(
    `Note: history was last coded again with codebook ${last}; this item is now coded with the configured ${codebook.version}.\n`,
  );
}

function depsOf(context: OpenContext) {
  const deps = reviewDepsOf(context);
  if (deps === null) throw new Error('the command line always has the codebook');
  return deps;
}

async function decide(io: Io, item: string, verdict: string, options: DecideOptions): Promise<void> {
  if (!VERDICTS.includes(verdict as never)) {
    const meant = nearestValue(verdict, VERDICTS);
    throw new UsageError(
      `"${cleanText(verdict)}" is no verdict: ${meant ? `did you mean "${meant}"?` : VERDICTS.join(', ')}`,
    );
  }
  const text = await withContext(io, 'axiswatch review', async (context) => {
    const raw: RawRequest = {
      verdict,
      indicator: options.indicator,
      dyad: options.dyad,
      participants: options.participants,
      to_indicator: options.toIndicator,
      to_participants: options.toParticipants,
      to_status: options.toStatus,
      to_severity: options.toSeverity,
      to_direction: options.toDirection,
      act: options.act,
      words: options.words,
      author: authorOf(context, options),
      reason: options.reason,
      sample: options.sample,
      seen: options.seen,
    };
    return report(context, await reviewItem(depsOf(context), item, raw), options, screenOf(io));
  });
  io.out.write(text);
}

async function report(
  context: OpenContext,
  reviewed: Reviewed,
  { json }: DecideOptions,
  screen: Screen,
): Promise<string> {
  switch (reviewed.kind) {
    case 'invalid':
      throw new UsageError(describeProblems(reviewed.problems));
    case 'missing':
    case 'conflict':
      throw new UsageError(reviewed.detail);
    case 'written':
    case 'unchanged': {
      const body = await writtenBody({ context }, reviewed);
      if (json) return renderJson(body);
      const head = reviewed.kind === 'unchanged' ? 'This was decided before.\n' : '';
      return `${head}${showReviews(body.reviews, screen)}`;
    }
    default: {
      const never: never = reviewed;
      return never;
    }
  }
}

async function showItem(io: Io, wanted: string, options: DecideOptions): Promise<void> {
  const text = await withContext(io, 'axiswatch review', async (context) => {
    const asked = await askItem(context, wanted);
    if (asked.kind !== 'answer') throw new UsageError('No item has this id, URL or key. See: axiswatch review list');
    return options.json ? renderJson(asked.body) : describeItem(asked.body, screenOf(io));
  });
  io.out.write(text);
}

function describeItem(item: ItemDetailBody, screen: Screen): string {
  const colours = createColors(screen.colour);
  const out = [colours.bold(cleanText(item.title))];
  if (item.summary) out.push(cleanText(item.summary));
  out.push(colours.dim(`${item.id} · ${item.source_name} · ${item.day} · revision ${item.revision}`), '');
  if (item.labels.length === 0)
    out.push('No label. To add one: axiswatch review ITEM add --indicator ID --dyad A-B --act "words"');
  for (const label of item.labels) {
    const by = label.decision
      ? `decision ${label.decision.id} of ${cleanText(label.decision.author)}: ${label.decision.verdict}`
      : `${label.coder} ${label.coder_version}, confidence ${label.confidence.toFixed(2)}`;
    out.push(
      `--indicator ${label.indicator} --participants ${label.participants.join(',')}  ${label.status}, severity ${label.severity}${label.direction ? `, ${label.direction}` : ''}  ${colours.dim(by)}`,
      ...label.evidence.map((span) =>
        colours.dim(`    ${span.for}: "${cleanText(span.text)}"${span.implied ? ' (implied)' : ''}`),
      ),
    );
    if (label.decision && label.revision < item.revision) out.push('    The text was edited after this decision.');
  }
  if (item.reviews.length > 0) out.push('', showReviews(item.reviews, screen).trimEnd());
  return `${out.join('\n')}\n`;
}

function showReviews(reviews: ReviewBody[], screen: Screen): string {
  return renderTable(
    ['decision', 'when', 'verdict', 'indicator', 'pair', 'by', 'reason'].map((title, i) => ({ title, right: i === 0 })),
    reviews.map((review) => [
      String(review.id),
      showTime(review.reviewed_at),
      `${review.verdict}${review.superseded_at ? ' (superseded)' : ''}${review.restores ? ` (again, of ${review.restores})` : ''}`,
      review.indicator,
      showDyad(review.dyad),
      cutText(cleanText(review.coder === 'human' ? review.author : `${review.coder} ${review.coder_version}`), 30),
      cutText(cleanText(review.reason), Math.max(40, screen.width - 80)),
    ]),
  );
}

function showQueue(body: QueueBody, _context: OpenContext, screen: Screen): string {
  if (body.labels.length === 0)
    return body.sample
      ? 'No label to draw from.\n'
      : 'Nothing waits: no label is uncertain, contested or edited after a decision.\n';
  const head = body.sample
    ? `${body.labels.length} of ${plural(body.total, 'label')} at random. Give each decision: --sample "${body.sample}"\n`
    : `${plural(body.total, 'label')} worth a look, the first ${body.labels.length}\n`;
  const rows = body.labels.map((label) => [
    label.item,
    label.kinds.join(', ') || (label.review ? `decided: ${label.review.verdict}` : 'undecided'),
    label.indicator,
    showDyad(label.participants.join('-')),
    label.status,
    label.confidence.toFixed(2),
    cutText(cleanText(label.title), Math.max(40, screen.width - 90)),
  ]);
  const titles = ['item', 'why', 'indicator', 'members', 'status', 'confidence', 'title'];
  return `${head}\n${renderTable(
    titles.map((title) => ({ title, right: title === 'confidence' })),
    rows,
  )}`;
}

function writeOut(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new Failure('unavailable', `cannot write ${file}: ${(error as Error).message}`);
  }
}
