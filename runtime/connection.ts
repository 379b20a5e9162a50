import { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, type NativeConnectionOptions } from '@temporalio/worker';
import type { Log } from '../activities/deps.js';
import type { Env } from '../config/env.js';
import { Failure } from '../core/errors.js';

const RETRY_MS = 1_000;
const DEFAULT_WAIT_MS = 60_000;

export interface TemporalTarget {
  address: string;
  namespace: string;
  /** TLS, API key and headers, as the environment and the profile say. */
  options: NativeConnectionOptions;
}

/** One connection to a Temporal server, for the worker and for clients alike. */
export interface TemporalConnection {
  address: string;
  namespace: string;
  native: NativeConnection;
  client: Client;
  /** Milliseconds-cheap question whether the server answers now. */
  isServing(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Where Temporal is: the embedded server when its address is given, else what `TEMPORAL_*`, the profile and the configuration
 * file say, read by Temporal's own loader. Throws {@link Failure} `invalid-config` for a profile or file that cannot be used.
 */
export function temporalTarget(env: Env, embedded?: { address: string; namespace: string }): TemporalTarget {
  if (embedded) return { ...embedded, options: { address: embedded.address } };
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: definedVars(env.vars) });
    return {
      address: connectionOptions.address ?? 'localhost:7233',
      namespace: namespace ?? 'default',
      options: connectionOptions,
    };
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new Failure(
      'invalid-config',
      `The Temporal settings cannot be used: ${what}. See TEMPORAL_PROFILE and TEMPORAL_CONFIG_FILE.`,
      {
        cause: error,
      },
    );
  }
}

/**
 * Connects, trying again every second for `waitMs` while the server is on its way up; the SDK itself does not retry.
 * Throws {@link Failure} `unavailable` with one sentence when it stays away, and at once when it refuses our credentials or lacks
 * the namespace.
 */
export async function connectTemporal(
  target: TemporalTarget,
  log: Log,
  { waitMs = DEFAULT_WAIT_MS, signal }: { waitMs?: number; signal?: AbortSignal } = {},
): Promise<TemporalConnection> {
  const native = await untilConnected(target, log, waitMs, signal);
  const client = new Client({ connection: native, namespace: target.namespace });
  try {
    await native.workflowService.describeNamespace({ namespace: target.namespace });
  } catch (error) {
    await native.close();
    const sentence = /not found|notfound/i.test(messageOf(error))
      ? `The Temporal server at ${target.address} has no namespace '${target.namespace}': create it there, or set TEMPORAL_NAMESPACE.`
      : `The Temporal server at ${target.address} refuses to describe namespace '${target.namespace}': ${messageOf(error)}.`;
    throw new Failure('unavailable', sentence, { cause: error });
  }
  return {
    address: target.address,
    namespace: target.namespace,
    native,
    client,
    isServing: () => isServing(native),
    close: () => native.close(),
  };
}

async function untilConnected(
  target: TemporalTarget,
  log: Log,
  waitMs: number,
  signal?: AbortSignal,
): Promise<NativeConnection> {
  const deadline = Date.now() + waitMs;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await NativeConnection.connect(target.options);
    } catch (error) {
      const message = messageOf(error);
      const isRefused = /unauthenticated|permission ?denied|certificate|invalid url/i.test(message);
      if (isRefused || Date.now() >= deadline)
        throw new Failure(
          'unavailable',
          isRefused
            ? `The Temporal server at ${target.address} refuses the connection: ${message}. Check TEMPORAL_API_KEY and the TEMPORAL_TLS settings.`
            : `No Temporal server answers at ${target.address} (tried for ${Math.round(waitMs / 1000)} s): start one, or set TEMPORAL_ADDRESS.`,
          { cause: error },
        );
      if (attempt === 1) log.info({ address: target.address }, 'waiting for the Temporal server');
      await pause(Math.min(RETRY_MS, Math.max(0, deadline - Date.now())), signal);
    }
  }
}

async function isServing(native: NativeConnection): Promise<boolean> {
  try {
    await native.withDeadline(Date.now() + 2_000, () => native.workflowService.getSystemInfo({}));
    return true;
  } catch {
    return false; // every error means the same to the asker: not now
  }
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** The loader takes strings only. */
function definedVars(vars: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(vars).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
