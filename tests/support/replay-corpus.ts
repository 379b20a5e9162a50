import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SourceRow } from '../../db/feeds.js';
import type { Route } from './feed-server.js';
import { replaySnapshots, type Snapshot, truthOf } from './replay-truth.js';

/** Three newspaper feeds as they stood at successive polls; two snapshots of two of them carry a merge conflict. */
export const REPLAY_FEEDS = ['economist', 'ft-home', 'wsj-world'];

const snapshots = replaySnapshots()
  .map((one) => ({ ...one, feed: one.feed.replace('_', '-') }))
  .sort((a, b) => (a.file < b.file ? -1 : 1));
const byFeed = new Map<string, Snapshot[]>(
  REPLAY_FEEDS.map((feed) => [feed, snapshots.filter((one) => one.feed === feed)]),
);

/** As many as the longest feed has snapshots; shorter ones stand still at their last. */
export const ROUNDS = Math.max(...[...byFeed.values()].map((list) => list.length));

/** The time of a round: that of its newest snapshot, and never before the round before it. */
export function roundTime(round: number): Date {
  const shown = [...byFeed.values()].flatMap((list) => list.slice(0, round + 1));
  return new Date(Math.max(...shown.map(({ polledAt }) => polledAt.getTime())) + round);
}

/**
 * Routes `/<feed>` that show the snapshot of the round that `round` names, with an ETag, and 304 to whoever has it. With `slowMs`
 * they take their time, so that there is a middle of a poll in which something can happen.
 */
export function replayRoutes(round: () => number, slowMs = 0): Record<string, Route> {
  return Object.fromEntries(
    REPLAY_FEEDS.map((feed) => [
      `/${feed}`,
      (request: IncomingMessage, response: ServerResponse) => {
        const list = byFeed.get(feed)!;
        const { body } = list[Math.min(round(), list.length - 1)]!;
        const etag = `"${createHash('sha1').update(body).digest('hex')}"`;
        const isKnown = request.headers['if-none-match'] === etag;
        setTimeout(() => {
          response.writeHead(isKnown ? 304 : 200, { 'content-type': 'application/xml', etag });
          response.end(isKnown ? undefined : body);
        }, slowMs);
      },
    ]),
  );
}

export function replaySources(url: string): SourceRow[] {
  return REPLAY_FEEDS.map((id) => ({
    id,
    name: id,
    country: 'GB',
    language: 'en',
    bloc: 'western',
    family: id,
    timezone: null,
    feeds: [{ id, url: `${url}/${id}`, kind: 'feed', everySeconds: 900, options: {} }],
  }));
}

/** Key of every item that must be there in the end, with the number of versions (1 and a revision for each edit). */
export function trueVersions(feed: string): Record<string, number> {
  return Object.fromEntries([...truthOf(snapshots, feed)].map(([guid, texts]) => [`guid:${guid}`, texts.length]));
}
