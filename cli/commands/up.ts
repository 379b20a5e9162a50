import { Command } from 'commander';
import type { Log } from '../../activities/deps.js';
import { demoVars, readEnv } from '../../config/env.js';
import { createLog } from '../../runtime/log.js';
import { type RunningSystem, up } from '../../runtime/up.js';
import type { World } from '../../runtime/world.js';
import { EXIT, type Io } from '../io.js';

/** Ctrl-C under npm arrives twice within milliseconds, from the terminal and from npm: only a later one is a second wish. */
const SAME_WISH_MS = 1_000;

/** `axiswatch up`: everything on one machine, until SIGINT or SIGTERM. */
export function build(io: Io): Command {
  return new Command('up')
    .description('Run everything on one machine: database, Temporal server, worker, API and dashboard.')
    .option('--demo', 'run the sample world, in its own data directory')
    .action((options: { demo?: boolean }) => runUp(io, Boolean(options.demo)));
}

/** What `up` and `demo` share. Prints `ready http://HOST:PORT` on stdout when `/readyz` first answers 200. */
export async function runUp(io: Io, isDemo: boolean): Promise<void> {
  const what = isDemo ? 'axiswatch demo' : 'axiswatch up';
  const stopping = new AbortController();
  const env = readEnv(isDemo ? demoVars(io.env) : io.env);
  const log = createLog(env, io.err);
  let system: RunningSystem | null = null;
  let firstAt = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    const isSecond = firstAt > 0 && Date.now() - firstAt > SAME_WISH_MS;
    if (firstAt === 0) {
      firstAt = Date.now();
      log.info({ signal }, 'stopping; a second signal stops without waiting');
      stopping.abort(new Stopped());
    } else if (isSecond) {
      log.warn({ signal }, 'stopping at once');
      system?.kill();
      process.exit(EXIT.failed); // what the embedded servers hold of us ends with us
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  try {
    const openWorld = isDemo ? () => openDemo(io, log) : undefined;
    system = await up({ env, log, what, signal: stopping.signal, openWorld });
    const stopped = untilAborted(stopping.signal);
    await Promise.race([system.ready, system.failed, stopped]);
    stopping.signal.throwIfAborted();
    io.out.write(`ready ${system.url}\n`);
    await Promise.race([system.failed, stopped]);
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  } finally {
    await system?.stop();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, onSignal);
    log.info({}, 'stopped');
  }
}

/** Loaded only for the demo, which ships a world's worth of feeds. */
async function openDemo(io: Io, log: Log): Promise<World> {
  const { createDemoWorld } = await import('../../runtime/demo-world.js');
  return (await createDemoWorld(io.env, log)).world;
}

class Stopped extends Error {}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
