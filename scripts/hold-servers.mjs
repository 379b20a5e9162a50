// Starts the embedded Postgres and Temporal in the folder given, prints where they are as shell assignments, and stops them when
// its input ends. For scripts that try out the roles against "external" servers.
import { once } from 'node:events';
import { register } from 'tsx/esm/api';

register();
const { readEnv } = await import('../config/env.ts');
const { startEmbeddedPostgres } = await import('../runtime/embedded-postgres.ts');
const { startEmbeddedTemporal } = await import('../runtime/embedded-temporal.ts');
const { findTemporalCli } = await import('../runtime/find-temporal.ts');
const { createLog } = await import('../runtime/log.ts');

const dataDir = process.argv[2];
const log = createLog({ logLevel: 'info' }, process.stderr);
const cliPath = await findTemporalCli(readEnv(process.env), log);
const postgres = await startEmbeddedPostgres({ dataDir, port: 0, log });
const temporal = await startEmbeddedTemporal({ cliPath, dataDir, port: 0, namespace: 'axiswatch', log });
console.log(
  `DATABASE_URL=${postgres.url} TEMPORAL_ADDRESS=${temporal.address} TEMPORAL_NAMESPACE=${temporal.namespace}`,
);
await once(process.stdin.resume(), 'end');
await temporal.stop();
await postgres.stop();
