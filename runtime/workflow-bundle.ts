import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { Log } from '../activities/deps.js';
import { makeDirectory } from '../config/make-directory.js';

const WORKFLOWS = fileURLToPath(new URL('../workflows', import.meta.url));
const NAME = /^workflows-[0-9a-f]{16}\.js$/;

/**
 * The file with the bundled workflow code, made when the cache has none for these sources and this SDK (2 to 3 s), found
 * otherwise (milliseconds). Bundles of other sources are removed.
 */
export async function findWorkflowBundle(cacheDir: string, log: Log): Promise<string> {
  const file = join(cacheDir, `workflows-${hashSources()}.js`);
  if (existsSync(file)) return file;
  log.info({ file }, 'bundling the workflows');
  const { code } = await bundleWorkflowCode({ workflowsPath: join(WORKFLOWS, 'index.ts'), logger: quiet(log) });
  makeDirectory(cacheDir);
  // Two workers may start at once: each writes its own file, and the last rename wins with equal content.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, code);
  renameSync(draft, file);
  for (const name of readdirSync(cacheDir))
    if (NAME.test(name) && join(cacheDir, name) !== file) rmSync(join(cacheDir, name), { force: true });
  return file;
}

/** Only `workflows/` itself is ever bundled (it imports types elsewhere), with the SDK in its exact version. */
function hashSources(): string {
  const hash = createHash('sha256').update(sdkVersion());
  const names = readdirSync(WORKFLOWS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  for (const name of names.sort()) hash.update(name).update(readFileSync(join(WORKFLOWS, name)));
  return hash.digest('hex').slice(0, 16);
}

function sdkVersion(): string {
  const require = createRequire(import.meta.url);
  return (require('@temporalio/worker/package.json') as { version: string }).version;
}

/** The bundler reports sizes and times; its warnings matter. */
function quiet(log: Log) {
  const drop = () => undefined;
  const warn = (message: string) => log.warn({}, message);
  return { log: drop, trace: drop, debug: drop, info: drop, warn, error: warn };
}
