import type { Command } from 'commander';
import { createColors } from 'picocolors';
import { type ItemsBody, items } from '../../server/api/items.js';
import { showDay, showDyad } from '../../server/words.js';
import { buildQuestion, type Screen } from '../ask.js';
import type { Io } from '../io.js';
import type { OpenContext } from '../open-context.js';
import { cleanText, cutText } from '../table.js';

/** `axiswatch items --dyad PRK-RUS --labelled`: latest first. */
export function build(io: Io): Command {
  return buildQuestion(io, 'items', 'Items, latest first, with their labels.', items, showItems);
}

function showItems(body: ItemsBody, _context: OpenContext, screen: Screen): string {
  const colours = createColors(screen.colour);
  if (body.items.length === 0) return 'No item fits the question.\n';
  const lines = body.items.map((item) => {
    const at = item.published_at ?? item.first_seen_at;
    const head = `${at ? showDay(at) : '–'}  ${colours.bold(cutText(cleanText(item.title), Math.max(30, screen.width - 14)))}`;
    const labels = item.labels.map(
      (label) =>
        `    ${label.polarity < 0 ? '▼' : '▲'} ${showDyad(label.participants.join('-'))}  ${label.indicator}  ${label.status}`,
    );
    return [head, colours.dim(`    ${item.source} · ${item.id}`), ...labels].join('\n');
  });
  return `${lines.join('\n')}\n${body.next ? colours.dim(`more: --cursor ${body.next}\n`) : ''}`;
}
