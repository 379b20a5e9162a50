import { startEmbeddedTemporal } from '../../../runtime/embedded-temporal.js';

// A program of its own for tests that kill it: starts the Temporal server of the directory, says so, and stays until it is told to stop.
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const server = await startEmbeddedTemporal({
  cliPath: process.argv[2]!,
  dataDir: process.argv[3]!,
  port: 0,
  namespace: 'default',
  log: quiet,
});
process.stdout.write(`${JSON.stringify({ address: server.address, pid: server.pid })}\n`);
process.stdin.resume().once('end', () => void server.stop().then(() => process.exit(0)));
