/** Feeds per activity: 25 cost 0.06 actions and 0.34 events a poll; 1 shows every feed by itself in the Temporal UI. */
export const DEFAULT_CHUNK_SIZE = 25;
/** Chunks of one run that are polled at the same time. */
export const DEFAULT_LANES = 4;

/** Lanes run beside each other; the chunks of one lane run one after the other. */
export type Lanes = string[][][];

/**
 * Cuts due feeds into lanes of chunks of feed ids. A host is in one lane only and, while it fits, in one chunk; a host with
 * more feeds than `size` fills chunks of its own that follow each other in its lane. So no host is ever asked by two
 * activities of a run at once, at any chunk size.
 *
 * @param feeds oldest due first; this order is kept within a host and between hosts
 */
export function chunkFeeds(
  feeds: ReadonlyArray<{ id: string; host: string }>,
  options: { size?: number; lanes?: number } = {},
): Lanes {
  const size = Math.max(1, options.size ?? DEFAULT_CHUNK_SIZE);
  const laneCount = Math.max(1, options.lanes ?? DEFAULT_LANES);
  const units: string[][][] = packHosts(groupByHost(feeds), size);
  // A lane should not get a second unit while another is empty: the longest first, each to the least loaded lane.
  const lanes: Lanes = Array.from({ length: Math.min(laneCount, units.length) }, () => []);
  const load = lanes.map(() => 0);
  const weight = (unit: string[][]) => unit.reduce((sum, chunk) => sum + chunk.length, 0);
  for (const unit of [...units].sort((a, b) => weight(b) - weight(a))) {
    const lane = load.indexOf(Math.min(...load));
    lanes[lane]!.push(...unit);
    load[lane]! += weight(unit);
  }
  return lanes;
}

function groupByHost(feeds: ReadonlyArray<{ id: string; host: string }>): string[][] {
  const hosts = new Map<string, string[]>();
  for (const { id, host } of feeds) {
    const same = hosts.get(host);
    if (same) same.push(id);
    else hosts.set(host, [id]);
  }
  return [...hosts.values()];
}

/** Units that stay in one lane: a chunk of whole hosts, or all chunks of a host too big for one. First fit, in order. */
function packHosts(hosts: readonly string[][], size: number): string[][][] {
  const units: string[][][] = [];
  const open: string[][] = [];
  for (const host of hosts) {
    if (host.length > size) {
      const chunks: string[][] = [];
      for (let i = 0; i < host.length; i += size) chunks.push(host.slice(i, i + size));
      units.push(chunks);
      continue;
    }
    const fitting = open.find((chunk) => chunk.length + host.length <= size);
    if (fitting) fitting.push(...host);
    else {
      const chunk = [...host];
      open.push(chunk);
      units.push([chunk]);
    }
  }
  return units;
}
