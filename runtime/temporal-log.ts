import type { Logger, LogLevel, LogMetadata } from '@temporalio/common';
import { Runtime } from '@temporalio/worker';
import type { Log } from '../activities/deps.js';

/** What the SDK's core says, many times a second, while no server answers. */
const AWAY =
  /gRPC call .* retried|transport error|tcp connect error|connection (refused|reset|error)|Unavailable|error trying to connect|Network error while polling|failed to poll|poll.* (failed|error)/i;

/** A workflow task that took seconds on a busy machine: nothing is lost and nobody can act on it. */
const SLOW_TASK = /^\[TMPRL1104\]/;

export interface TemporalLog {
  logger: Logger;
  /** Since when the server does not answer, as far as the core's complaints tell; null while all is well. */
  awaySince(): Date | null;
  /** To be called when the server answered: says once for how long it was away. */
  markServing(): void;
}

/** Sends the SDK's log through ours, and turns a storm of connection complaints into one line. */
export function createTemporalLog(log: Log, now: () => Date = () => new Date()): TemporalLog {
  let away: Date | null = null;
  const write = (level: LogLevel, message: string, meta?: LogMetadata) => {
    if (isAway(level, message, meta)) {
      if (away === null) {
        away = now();
        log.warn({ since: away.toISOString() }, `Temporal is away since ${away.toISOString()}; polls wait for it`);
      }
      return;
    }
    const fields = meta ? plainFields(meta) : {};
    if (level === 'ERROR') log.error(fields, message);
    else if (level === 'WARN' && !SLOW_TASK.test(message)) log.warn(fields, message);
    // What the SDK calls information is about itself: workers, activities, pollers.
    else log.debug(fields, message);
  };
  return {
    logger: {
      log: write,
      trace: () => undefined,
      debug: (message, meta) => write('DEBUG', message, meta),
      info: (message, meta) => write('INFO', message, meta),
      warn: (message, meta) => write('WARN', message, meta),
      error: (message, meta) => write('ERROR', message, meta),
    },
    awaySince: () => away,
    markServing() {
      if (away === null) return;
      const seconds = Math.round((now().getTime() - away.getTime()) / 1000);
      away = null;
      log.info({ seconds }, `Temporal is back after ${seconds} s`);
    },
  };
}

function isAway(level: LogLevel, message: string, meta?: LogMetadata): boolean {
  if (level !== 'WARN' && level !== 'ERROR') return false;
  return meta?.sdkComponent === 'core' && AWAY.test(`${message} ${String(meta.error ?? '')}`);
}

function plainFields(meta: LogMetadata): object {
  return Object.fromEntries(Object.entries(meta).filter(([key]) => !['taskToken', 'sdkComponent'].includes(key)));
}

let installed: TemporalLog | null = null;

/**
 * Installs the SDK's native runtime with our log: once a process, before the first connection. Signals are left to the command
 * that runs, which knows in which order its parts must stop.
 */
export function installTemporalRuntime(log: Log): TemporalLog {
  if (installed) return installed;
  installed = createTemporalLog(log);
  Runtime.install({
    logger: installed.logger,
    shutdownSignals: [],
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  });
  return installed;
}
