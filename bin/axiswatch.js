#!/usr/bin/env node
// The command runs straight from the TypeScript sources: `npx axiswatch` works right after `npm ci`, with no build to forget.
import process from 'node:process';
import { register } from 'tsx/esm/api';

process.env.TZ = 'UTC'; // every date without a zone is read in its source's zone or UTC, never in the machine's
// npm and npx put a shell between themselves and us and signal only that shell: a stopped `npx axiswatch up` would leave us running.
if (process.env.npm_command) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 200).unref();
}

register();
const { main } = await import('../cli/index.ts');
process.exitCode = await main(process.argv.slice(2));
