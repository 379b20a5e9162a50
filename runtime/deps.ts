import { randomBytes } from 'node:crypto';
import type { SecondCoder } from '../activities/ask-second-coder.js';
import type { Clock, Log } from '../activities/deps.js';
import type { Deps } from '../activities/index.js';
import type { Env } from '../config/env.js';
import type { Config } from '../config/types.js';
import type { Codebook } from '../core/codebook/codebook.js';
import type { Coder } from '../core/coder/label.js';
import { uuidv7 } from '../core/identity/uuidv7.js';
import type { Sql } from '../db/client.js';
import { holdHost, listDueFeeds, loadFeeds, recordPolls } from '../db/feeds.js';
import { probeItems, storePoll } from '../db/items.js';
import { countLeftovers, listSilentGroups } from '../db/watch.js';
import type { FetchFeed } from '../feeds/feed.js';
import { createFetchFeed } from '../feeds/fetch.js';
import { readFeedBytes } from '../feeds/parse.js';
import { buildAlertDeps } from './alert-deps.js';
import { buildRecodeDeps } from './recode-deps.js';
import { openOpinionStore } from './second-coder.js';
import { userAgent } from './user-agent.js';

export interface DepsInput {
  config: Config;
  codebook: Codebook;
  coder: Coder;
  sql: Sql;
  env: Pick<Env, 'allowAddresses' | 'contact' | 'vars'>;
  log: Log;
  /** The world's clock; ours unless a demo or a test brings another. */
  clock?: Clock;
  /** In place of the real fetch. */
  fetchFeed?: FetchFeed;
  /** None unless given. */
  secondCoder?: SecondCoder | null;
  /** Groups whose schedule an operator paused; none where there are no schedules. */
  listPausedGroups?: () => Promise<string[]>;
}

const WALL_CLOCK: Clock = { now: () => new Date() };

/** Everything the use cases need, composed once for a process. */
export function buildDeps({ clock = WALL_CLOCK, ...input }: DepsInput): Deps {
  const {
    config,
    codebook,
    coder,
    sql,
    env,
    log,
    fetchFeed,
    listPausedGroups = async () => [],
    secondCoder = null,
  } = input;
  return {
    ...buildAlertDeps({ config, codebook, sql, env, log, clock }),
    ...buildRecodeDeps(sql, clock, log),
    clock,
    wallClock: WALL_CLOCK,
    log,
    coder,
    codebook,
    newId: (at) => uuidv7(at, randomBytes(10)),
    // Due dates of the answers (Expires) are compared with the server's time, which is ours and not the world's.
    fetchFeed: fetchFeed ?? createFetchFeed({ allowAddresses: env.allowAddresses, userAgent: userAgent(env) }),
    readFeed: readFeedBytes,
    listDueFeeds: (query) => listDueFeeds(sql, query),
    loadFeeds: (feedIds) => loadFeeds(sql, feedIds),
    probeItems: (sourceId, keys) => probeItems(sql, sourceId, keys),
    storePoll: (input) => storePoll(sql, input),
    recordPolls: (records) => recordPolls(sql, records),
    holdHost: (host, until, reason) => holdHost(sql, host, until, reason),
    listSilentGroups: (now) => listSilentGroups(sql, now),
    listPausedGroups,
    secondCoder,
    opinionStore: openOpinionStore(sql),
    countLeftovers: (query) => countLeftovers(sql, query),
  };
}
