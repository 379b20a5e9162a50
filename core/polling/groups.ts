import { hashText, hostOf } from './host.js';

/** More feeds than this in one run of `pollGroup` make its history long and its run slow. */
export const MAX_FEEDS_PER_GROUP = 200;

interface GroupedFeed {
  id: string;
  url: string;
  everySeconds: number;
}

/**
 * Assigns every feed to a poll group: cadence x hash(host) % shards, e.g. `900s-03`. All feeds of one cadence on one host
 * meet in one group, so that politeness needs no lock across runs. A group holds at most {@link MAX_FEEDS_PER_GROUP} feeds
 * unless one host alone has more. The order of the sources does not matter.
 *
 * @returns group id by feed id
 */
export function groupFeeds(sources: ReadonlyArray<{ feeds: readonly GroupedFeed[] }>): Map<string, string> {
  const byCadence = new Map<number, GroupedFeed[]>();
  for (const { feeds } of sources)
    for (const feed of feeds) {
      const same = byCadence.get(feed.everySeconds);
      if (same) same.push(feed);
      else byCadence.set(feed.everySeconds, [feed]);
    }
  const groups = new Map<string, string>();
  for (const [everySeconds, feeds] of byCadence) {
    const shards = countShards(feeds);
    for (const feed of feeds) groups.set(feed.id, groupId(everySeconds, hashText(hostOf(feed.url)) % shards));
  }
  return groups;
}

/** `groupId(900, 3)` is `900s-03`. */
export function groupId(everySeconds: number, shard: number): string {
  return `${everySeconds}s-${String(shard).padStart(2, '0')}`;
}

/** Cadence and shard of a group id, or null when it is none. */
export function parseGroupId(id: string): { everySeconds: number; shard: number } | null {
  const match = /^(\d+)s-(\d{2,})$/.exec(id);
  return match ? { everySeconds: Number(match[1]), shard: Number(match[2]) } : null;
}

/**
 * The smallest number of shards, tried in steps of an eighth, with no shard above the limit that could be split further.
 * Steps instead of the exact minimum: one more feed then rarely moves all others to another group.
 */
function countShards(feeds: readonly GroupedFeed[]): number {
  const perHost = new Map<string, number>();
  for (const feed of feeds) {
    const host = hostOf(feed.url);
    perHost.set(host, (perHost.get(host) ?? 0) + 1);
  }
  let shards = Math.ceil(feeds.length / MAX_FEEDS_PER_GROUP);
  // With as many shards as feeds only equal hashes still meet; more would not help.
  while (shards < feeds.length && !fits(perHost, shards)) shards += Math.ceil(shards / 8);
  return Math.max(1, shards);
}

function fits(perHost: ReadonlyMap<string, number>, shards: number): boolean {
  const sizes = new Map<number, { feeds: number; hosts: number }>();
  for (const [host, feeds] of perHost) {
    const shard = hashText(host) % shards;
    const size = sizes.get(shard) ?? { feeds: 0, hosts: 0 };
    sizes.set(shard, { feeds: size.feeds + feeds, hosts: size.hosts + 1 });
  }
  return [...sizes.values()].every((size) => size.feeds <= MAX_FEEDS_PER_GROUP || size.hosts === 1);
}
