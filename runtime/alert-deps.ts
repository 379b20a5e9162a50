import { randomBytes } from 'node:crypto';
import type { AlertDeps, Clock, Log } from '../activities/deps.js';
import type { Channel } from '../channels/channel.js';
import { openChannels } from '../channels/registry.js';
import { createReadSecret } from '../channels/secret.js';
import { createPost } from '../channels/send.js';
import type { Env } from '../config/env.js';
import type { Config } from '../config/types.js';
import { prepareRule } from '../core/alerts/rule-kinds.js';
import type { Codebook } from '../core/codebook/codebook.js';
import { uuidv7 } from '../core/identity/uuidv7.js';
import { openAlertStore } from '../db/alerts.js';
import type { Sql } from '../db/client.js';
import { openDeliveryStore } from '../db/deliveries.js';
import { createGuardedDispatcher } from '../feeds/guard.js';
import { userAgent } from './user-agent.js';

export interface AlertDepsInput {
  config: Config;
  codebook: Codebook;
  sql: Sql;
  env: Pick<Env, 'allowAddresses' | 'contact' | 'vars'>;
  log: Log;
  /** The world's clock. */
  clock: Clock;
}

/** The channels of the configuration by id; webhooks go through the same address guard as feeds. */
export function openConfiguredChannels({ config, env }: Pick<AlertDepsInput, 'config' | 'env'>): Map<string, Channel> {
  const post = createPost({
    dispatcher: createGuardedDispatcher({ allow: env.allowAddresses }),
    userAgent: userAgent(env),
  });
  return openChannels(config.channels, { post, readSecret: createReadSecret(env.vars, config.directory) });
}

/** Rules, routes and channels of the configuration over their tables. */
export function buildAlertDeps({ config, codebook, sql, env, log, clock }: AlertDepsInput): AlertDeps {
  return {
    clock,
    wallClock: { now: () => new Date() },
    log,
    codebook,
    rules: config.rules.map(prepareRule),
    routes: config.routes,
    channels: openConfiguredChannels({ config, env }),
    alertStore: openAlertStore(sql),
    deliveryStore: openDeliveryStore(sql),
    newId: (at) => uuidv7(at, randomBytes(10)),
    pause,
  };
}

/** A pause in real time that ends early, without an error, when the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || ms <= 0) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
