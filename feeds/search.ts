import type { KindReader } from './kinds.js';

/**
 * A query at a news aggregator: a feed whose titles end in the outlet (`Title - Reuters`). The outlet of the configured source
 * is taken off; `options.suffix` names it, else whatever short name stands behind the last dash. Summaries of aggregators
 * repeat the title and are left out.
 */
export const searchKind: KindReader = {
  refine: (feed, { options }) => {
    const suffix = typeof options?.suffix === 'string' ? options.suffix.trim() : null;
    return {
      ...feed,
      entries: feed.entries.map((entry) => {
        const title = withoutOutlet(entry.title, suffix);
        return { ...entry, title, summary: repeats(entry.summary, title) ? '' : entry.summary };
      }),
    };
  },
};

/** An outlet's name is at most five words without a full stop in the middle of a sentence; anything else is part of the title. */
export function withoutOutlet(title: string, suffix: string | null): string {
  const match = /^(.+\S)\s+[-–—|]\s+([^-–—|]{1,60})$/.exec(title);
  if (!match) return title;
  const [, head = '', outlet = ''] = match;
  if (suffix !== null) return outlet.trim().toLowerCase() === suffix.toLowerCase() ? head : title;
  return outlet.trim().split(/\s+/).length <= 5 ? head : title;
}

function repeats(summary: string, title: string): boolean {
  const fold = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim();
  return title !== '' && fold(summary).startsWith(fold(title)) && summary.length < title.length + 80;
}
