import type { Log } from '../activities/deps.js';
import { Failure } from '../core/errors.js';
import { pause } from './processes.js';

/** A server that ends this often within the window is broken for good: somebody must look. */
const MAX_RESTARTS = 5;
const WINDOW_MS = 5 * 60_000;
const FIRST_PAUSE_MS = 200;

interface Server {
  exited: Promise<number>;
  stop(): Promise<void>;
}

export interface Supervised<S extends Server> {
  current(): S;
  /** Rejects, never resolves, when the server was given up. */
  failed: Promise<never>;
  /** Ends the supervision and the server. */
  stop(): Promise<void>;
}

/**
 * Keeps a server of ours running: when it ends by itself (killed, out of memory), `start` is called again. The caller's `start` must
 * use the same port, so that connections find it again.
 */
export function supervise<S extends Server>(
  name: string,
  first: S,
  start: () => Promise<S>,
  log: Log,
  now: () => number = Date.now,
): Supervised<S> {
  let server = first;
  let isStopping = false;
  let restarting: Promise<void> = Promise.resolve();
  const restarts: number[] = [];
  let giveUp: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    giveUp = reject;
  });
  failed.catch(() => undefined); // whoever races on it sees it; nobody has to

  const watch = () => {
    void server.exited.then((code) => {
      if (isStopping) return;
      restarting = restart(code);
    });
  };
  const restart = async (code: number) => {
    log.warn({ code }, `the ${name} server ended by itself, starting it again`);
    while (restarts.length > 0 && restarts[0]! < now() - WINDOW_MS) restarts.shift();
    if (restarts.length >= MAX_RESTARTS) {
      const times = `${restarts.length + 1} times within ${WINDOW_MS / 60_000} minutes`;
      return giveUp(new Failure('unavailable', `The ${name} server ended ${times}; the log says why.`));
    }
    for (;;) {
      restarts.push(now());
      try {
        server = await start();
        log.info({}, `the ${name} server is back`);
        watch();
        return;
      } catch (error) {
        if (isStopping) return;
        if (restarts.length >= MAX_RESTARTS) return giveUp(error);
        log.warn({ error }, `the ${name} server did not start again, trying once more`);
        await pause(FIRST_PAUSE_MS * 2 ** restarts.length);
      }
    }
  };
  watch();
  return {
    current: () => server,
    failed,
    async stop() {
      isStopping = true;
      await restarting;
      await server.stop();
    },
  };
}
