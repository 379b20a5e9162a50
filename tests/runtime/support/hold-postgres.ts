import { startEmbeddedPostgres } from '../../../runtime/embedded-postgres.js';
import { createLog } from '../../../runtime/log.js';

// A program of its own for tests that kill it: starts the embedded server of the directory, says so, and stays until it is told to stop.
const server = await startEmbeddedPostgres({
  dataDir: process.argv[2]!,
  port: 0,
  log: createLog({ logLevel: 'info' }, process.stderr),
  what: 'the held server',
});
process.stdout.write(`${JSON.stringify({ url: server.url, pid: server.pid })}\n`);
process.stdin.resume().once('end', () => void server.stop().then(() => process.exit(0)));
