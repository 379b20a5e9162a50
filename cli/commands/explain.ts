import { Command } from 'commander';
import { createColors } from 'picocolors';
import { askItem, type ItemDetailBody } from '../../server/api/items.js';
import type { ExplainedLabel } from '../../server/api/labels.js';
import { segmentText } from '../../server/highlight.js';
import { renderJson } from '../../server/render.js';
import { showDay, showDyad, showTime } from '../../server/words.js';
import { type Screen, screenOf } from '../ask.js';
import { type Io, UsageError } from '../io.js';
import { type OpenContext, withContext } from '../open-context.js';
import { describeOpinions } from '../second-coder-lines.js';
import { cleanText } from '../table.js';

/** `axiswatch explain ITEM`: the words behind each label. */
export function build(io: Io): Command {
  return new Command('explain')
    .description('Why an item was labelled so: words, rules, versions.')
    .argument('<item>', 'id, URL or key of the item')
    .option('--json', "the API's body")
    .action(async (wanted: string, options: { json?: boolean }) => {
      const text = await withContext(io, 'axiswatch explain', async (context) => {
        const asked = await askItem(context, wanted);
        if (asked.kind !== 'answer')
          throw new UsageError(
            `${asked.kind === 'missing' ? asked.detail : 'No such item.'} List some with: axiswatch items`,
          );
        if (options.json) return renderJson(asked.body);
        const opinions = await describeOpinions(context.sql, asked.body.id);
        return showItem(asked.body, context, screenOf(io)) + opinions.map((line) => `\n${line}\n`).join('');
      });
      io.out.write(text);
    });
}

const VERDICT_WORDS: Record<string, string> = {
  confirm: 'confirmed',
  reject: 'rejected',
  correct: 'corrected',
  add: 'added',
};

function showItem(item: ItemDetailBody, context: OpenContext, screen: Screen): string {
  const colours = createColors(screen.colour);
  const out = [colours.bold(cleanText(item.title))];
  if (item.summary) out.push(cleanText(item.summary));
  const published = item.published_at ? `published ${showTime(item.published_at)}` : 'no date given by the feed';
  out.push(
    colours.dim(`${item.source_name} · ${published} · counts on ${showDay(item.day)} · revision ${item.revision}`),
  );
  if (item.url) out.push(colours.dim(cleanText(item.url)));
  if (item.removed_at)
    out.push(`removed ${showTime(item.removed_at)}${item.removed_reason ? `: ${item.removed_reason}` : ''}`);
  const decisions = item.reviews.filter((review) => review.superseded_at === null && review.verdict !== 'undo');
  if (item.labels.length === 0 && decisions.length === 0)
    out.push('', 'No label: no two members are named together with an act of the codebook in this text.');
  for (const label of item.labels) out.push('', ...showLabel(label, item, context, screen));
  for (const { verdict, indicator, dyad, author, coder, reviewed_at, reason } of decisions)
    out.push(
      '',
      `${VERDICT_WORDS[verdict] ?? verdict}: ${showDyad(dyad)} ${indicator}, by ${cleanText(author)} (${coder}), ${showTime(reviewed_at)}: ${cleanText(reason)}`,
    );
  if (item.superseded.length > 0)
    out.push('', `${item.superseded.length} earlier label(s) no longer hold; --json lists them.`);
  return `${out.join('\n')}\n`;
}

function showLabel(label: ExplainedLabel, item: ItemDetailBody, { codebook }: OpenContext, screen: Screen): string[] {
  const colours = createColors(screen.colour);
  const title = codebook.indicators.find((indicator) => indicator.id === label.indicator)?.title ?? '';
  const read = item.revisions.find((revision) => revision.revision === label.revision) ?? item;
  const quoted = (field: 'title' | 'summary') => highlight(read[field], field, label, screen);
  const words = (who: string) =>
    label.evidence
      .filter((span) => span.for === who)
      .map((span) => `"${cleanText(span.text)}"${span.implied ? ' (implied)' : ''}`)
      .join(', ') || 'no words recorded';
  return [
    `${showDyad(label.participants.join('-'))}  ${colours.bold(label.indicator)}  ${label.status}  ${label.polarity < 0 ? '−1' : '+1'}  severity ${label.severity}  confidence ${label.confidence.toFixed(2)}   ${colours.dim(title)}`,
    `  ${quoted('title')}`,
    ...(label.evidence.some((span) => span.field === 'summary') ? [`  ${quoted('summary')}`] : []),
    ...label.participants.map((code) => `  ${code}: ${words(code)}`),
    `  act: ${words('act')}${label.direction ? `; direction ${label.direction}` : ''}`,
    colours.dim(
      `  rules ${label.rules.join(', ') || '–'}${label.flags.length > 0 ? `; flags ${label.flags.join(', ')}` : ''}; ${label.coder} ${label.coder_version}, codebook ${label.codebook_version}, ${showTime(label.recorded_at)}`,
    ),
  ];
}

/** Members in brackets with their code, the act in asterisks: readable without colours, and underlined with them. */
function highlight(text: string, field: string, label: ExplainedLabel, screen: Screen): string {
  const colours = createColors(screen.colour);
  return segmentText(
    text,
    label.evidence.filter((span) => span.field === field),
  )
    .map(({ text: piece, marks }) => {
      const clean = cleanText(piece);
      if (marks.length === 0) return clean;
      const members = marks.filter((mark) => mark !== 'act');
      return colours.underline(
        members.length > 0 ? colours.cyan(`[${clean}|${members.join(',')}]`) : colours.yellow(`*${clean}*`),
      );
    })
    .join('');
}
