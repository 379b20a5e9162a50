import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { readEnv } from '../../config/env.js';
import { startEmbeddedTemporal } from '../../runtime/embedded-temporal.js';
import { findTemporalCli } from '../../runtime/find-temporal.js';
import { createLog } from '../../runtime/log.js';
import { findWorkflowBundle } from '../../runtime/workflow-bundle.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** One Temporal server for the run; test files take task queues of their own. */
    temporalAddress: string;
    temporalNamespace: string;
    /** Its program, for tests that start servers of their own. */
    temporalCliPath: string;
    /** The workflow code, bundled once. */
    workflowBundlePath: string;
  }
}

const NAMESPACE = 'default';

/** One real Temporal server for the whole run, found or made as `axiswatch up` does it; without one the run fails. */
export default async function startTemporal(project: TestProject): Promise<() => Promise<void>> {
  const env = readEnv(process.env);
  // Finding may mean downloading or building: say so while it lasts.
  const log = createLog({ logLevel: 'info' }, process.stderr);
  const quiet = createLog({ logLevel: 'error' }, process.stderr);
  const cliPath = await findTemporalCli(env, log);
  const dataDir = mkdtempSync(join(tmpdir(), 'axiswatch-test-temporal-'));
  const server = await startEmbeddedTemporal({ cliPath, dataDir, port: 0, namespace: NAMESPACE, log: quiet });
  project.provide('temporalAddress', server.address);
  project.provide('temporalNamespace', NAMESPACE);
  project.provide('temporalCliPath', cliPath);
  project.provide('workflowBundlePath', await findWorkflowBundle(join(dataDir, 'bundle'), quiet));
  return async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
