import { hostname } from 'node:os';
import { Command } from 'commander';
import { type Env, readEnv } from '../../config/env.js';
import { Failure } from '../../core/errors.js';
import { createLog } from '../../runtime/log.js';
import type { Io } from '../io.js';

const ANSWER_MS = 5_000;

/** `axiswatch healthcheck`: for container health probes; exit code 0 when the process of this container does its work. */
export function build(io: Io): Command {
  return new Command('healthcheck')
    .description('Probe for containers: exit code 0 when this container does its work.')
    .option('--worker', 'ask for the worker of this host instead of the HTTP server')
    .option('--live', 'ask only whether the HTTP server lives, not whether it is ready')
    .action(async (options: { worker?: boolean; live?: boolean }) => {
      const env = readEnv(io.env);
      io.out.write(`${options.worker ? await checkWorker(env, io) : await checkServer(env, Boolean(options.live))}\n`);
    });
}

async function checkServer({ host, port }: Env, isLive: boolean): Promise<string> {
  // A server that listens on every address is asked on the loopback one.
  const address =
    host === '0.0.0.0' || host === '' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  const url = `http://${address}:${port}/${isLive ? 'healthz' : 'readyz'}`;
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
  } catch (error) {
    throw new Failure('unavailable', `${url} does not answer.`, { cause: error });
  }
  const text = (await response.text()).slice(0, 500);
  if (!response.ok) throw new Failure('unavailable', `${url} answers ${response.status}: ${text}`);
  return `${url} answers ${response.status}`;
}

/** A worker has no port; its Temporal server knows who asked it for work lately. */
async function checkWorker(env: Env, io: Io): Promise<string> {
  const [{ connectTemporal, temporalTarget }, { TASK_QUEUE }] = await Promise.all([
    import('../../runtime/connection.js'),
    import('../../workflows/names.js'),
  ]);
  const connection = await connectTemporal(temporalTarget(env), createLog(env, io.err), { waitMs: ANSWER_MS });
  try {
    const { pollers } = await connection.native.workflowService.describeTaskQueue({
      namespace: connection.namespace,
      taskQueue: { name: TASK_QUEUE },
      taskQueueType: 1,
    });
    const mine = pollers?.find((poller) => poller.identity?.endsWith(`@${hostname()}`));
    if (!mine) throw new Failure('unavailable', `No worker of ${hostname()} asks ${connection.address} for work.`);
    return `worker ${mine.identity} asks ${connection.address} for work`;
  } finally {
    await connection.close();
  }
}
