import type { Codebook } from '../../core/codebook/codebook.js';
import type { QueueKind } from '../../db/review-queue.js';
import { plural } from '../words.js';

/** Kept in the address from page to page, since nothing is kept in the browser. */
export interface ReviewState {
  author: string;
  /** The queue's own parameters, to come back to it. */
  queue: URLSearchParams;
}

/** Why a label waits, in a sentence. */
export const KIND_WORDS: Record<QueueKind, string> = {
  edited: 'The text was edited after a person decided.',
  contested: 'Another source tells the contrary within three days.',
  uncertain: 'The coder is not sure.',
};

/** What reviewers mostly find; a note of their own may follow. */
export const USUAL_REASONS = [
  'no act between these members',
  'another act',
  'other members take part',
  'only talk, opinion or a forecast',
  'not new: an old act retold',
  'sport, culture or entertainment',
  'another status',
];

export function queueLink({ author, queue }: ReviewState, more: Record<string, string> = {}): string {
  const search = new URLSearchParams(queue);
  if (author) search.set('author', author);
  for (const [name, value] of Object.entries(more)) search.set(name, value);
  return search.size === 0 ? '/review' : `/review?${search}`;
}

export function itemLink({ author, queue }: ReviewState, item: string): string {
  const search = new URLSearchParams();
  if (author) search.set('author', author);
  if (queue.size > 0) search.set('queue', String(queue));
  const path = `/review/${encodeURIComponent(item)}`;
  return search.size === 0 ? path : `${path}?${search}`;
}

export function titleOf(codebook: Codebook, indicator: string): string {
  return codebook.indicators.find(({ id }) => id === indicator)?.title ?? indicator;
}

export const wait = (count: number) => (count === 1 ? '1 label waits' : `${plural(count, 'label')} wait`);
