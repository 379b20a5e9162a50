import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { main } from '../../cli/index.js';
import { loadCodebook } from '../../config/codebook.js';
import type { CodebookData } from '../../core/codebook/data.js';
import { INVENTED } from '../coder/support.js';

/** A configuration folder about the three invented islands, and a second codebook folder in which towing is seizing, too. */
export interface IslandConfig {
  dir: string;
  configDir: string;
  laterDir: string;
  later: CodebookData;
  remove(): void;
}

export function makeIslandConfig(): IslandConfig {
  const dir = mkdtempSync(join(tmpdir(), 'axiswatch-islands-'));
  const configDir = join(dir, 'config');
  const laterDir = join(dir, 'later');
  cpSync(INVENTED, join(configDir, 'codebook'), { recursive: true });
  writeFileSync(
    join(configDir, 'sources.yaml'),
    `sources:
  - { id: gazette, name: Island Gazette, bloc: western, language: en, feeds: [{ id: gazette-feed, url: "http://127.0.0.1:9/rss", every: 24h }] }
`,
  );
  writeFileSync(join(configDir, 'rules.yaml'), 'rules: []\n');
  cpSync(INVENTED, laterDir, { recursive: true });
  const file = join(laterDir, 'codebook.yaml');
  const text = readFileSync(file, 'utf8')
    .replace('"~seize"', '"~seize", "~tow"')
    .replace('en_verbs: [sign, share]', 'en_verbs: [sign]');
  writeFileSync(file, text);
  return {
    dir,
    configDir,
    laterDir,
    later: loadCodebook(laterDir).data,
    remove: () => rmSync(dir, { recursive: true }),
  };
}

/** One command line in this process; what it printed and its exit code. */
export async function runCommand(
  argv: string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const sink = (name: 'out' | 'err') =>
    new Writable({
      write(chunk, _encoding, done) {
        said[name] += String(chunk);
        done();
      },
    });
  const code = await main(argv, { out: sink('out'), err: sink('err'), env });
  return { code, ...said };
}
