import { loadCodebook } from '../config/codebook.js';
import { readEnv } from '../config/env.js';
import { configFile, loadConfig } from '../config/load.js';
import { createRulesCoder } from '../core/coder/rules-coder.js';
import { connectDatabase } from '../db/client.js';
import { createLog } from '../runtime/log.js';
import { startPolling } from '../runtime/polling.js';

// The worker of `polling-scale.ts` in a process of its own, so that its memory can be read: `axiswatch worker` with a clock
// that the parent sets by messages (`{ now: ISO 8601 }`); an empty message asks for the live heap.
let now = new Date(process.argv[2] ?? 0);

process.on('message', (message: { now?: string }) => {
  if (message.now !== undefined) {
    now = new Date(message.now);
    return;
  }
  // What is really held: garbage of the round is collected first (the parent starts us with --expose-gc).
  (globalThis as { gc?: () => void }).gc?.();
  process.send?.({ heapUsed: process.memoryUsage().heapUsed });
});

async function main(): Promise<void> {
  const env = readEnv(process.env);
  const log = createLog(env, process.stderr);
  const { codebook, data } = loadCodebook(configFile(env.configDir, 'codebook'));
  const polling = await startPolling({
    config: loadConfig(env.configDir, { codebook }),
    codebook,
    coder: createRulesCoder(data),
    sql: connectDatabase(env.databaseUrl ?? '', { max: 20, name: 'axiswatch bench' }),
    env,
    log,
    clock: { now: () => now },
  });
  process.on('disconnect', () => void polling.stop().then(() => process.exit(0)));
  process.send?.('ready');
}

await main();
