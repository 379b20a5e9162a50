import { copyFileSync, existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { formatDuration } from '../config/duration.js';
import { makeDirectory } from '../config/make-directory.js';
import type { SourceConfig } from '../config/types.js';

const RULES = fileURLToPath(new URL('./rules.yaml', import.meta.url));

/**
 * Writes `sources.yaml` of the demo's configuration folder, so that every command finds the demo's feeds as it would find
 * real ones, and rules that fit so thin a world. Rules and channels that somebody put beside it stay.
 */
export function writeDemoConfig(directory: string, sources: readonly SourceConfig[]): void {
  const content = {
    sources: sources.map(({ id, name, country, language, bloc, family, timezone, feeds }) => ({
      id,
      name,
      country,
      language,
      bloc,
      family,
      timezone,
      feeds: feeds.map((feed) => ({
        id: feed.id,
        url: feed.url,
        kind: feed.kind,
        every: formatDuration(feed.everySeconds),
      })),
    })),
  };
  makeDirectory(directory);
  const file = join(directory, 'sources.yaml');
  const text = `# The outlets of the demo world, written anew at each start of the demo.\n${stringify(content)}`;
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
  const rules = join(directory, 'rules.yaml');
  if (!existsSync(rules)) copyFileSync(RULES, rules);
}
