import type { Codebook } from '../core/codebook/codebook.js';
import type { Sql } from './client.js';

/**
 * Keeps what a codebook version says, once, so that an observation coded with it can be explained after the folder has changed.
 * One round trip; nothing is written when the version is known.
 */
export async function recordCodebook(sql: Sql, codebook: Codebook, now: Date): Promise<void> {
  await sql`
    insert into codebooks (version, content, recorded_at)
    select ${codebook.version}, ${sql.json(JSON.parse(JSON.stringify(codebook)))}, ${now}
    where not exists (select from codebooks where version = ${codebook.version})
    on conflict do nothing`;
}
